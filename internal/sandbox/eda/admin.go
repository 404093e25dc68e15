package eda

import (
	"encoding/json"
	"net/http"
)

// adminPost is the body of the POSTs under /sandbox/api/eda/: each uses some of it.
type adminPost struct {
	Post     *PostFault  `json:"post"`
	Event    *EventFault `json:"event"`
	Rule     string      `json:"rule"`
	Disabled bool        `json:"disabled"`
	Kill     bool        `json:"kill"`
	Token    string      `json:"token"`
}

// serveAdmin serves what a real EDA does not have; nobody is asked who they are.
func (s *Server) serveAdmin(w http.ResponseWriter, r *http.Request, name string) {
	var post adminPost
	if r.Method == http.MethodPost && r.ContentLength != 0 {
		decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, webhookLimit))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&post); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
	}
	switch r.Method + " " + name {
	case "GET requests":
		show(w, s.Requests())
	case "DELETE requests":
		s.ClearRequests()
	case "GET events":
		show(w, s.Events())
	case "GET log":
		show(w, s.Log())
	case "POST faults":
		if post.Post != nil {
			s.FaultPosts(*post.Post)
		}
		if post.Event != nil {
			s.FaultEvents(*post.Event)
		}
	case "DELETE faults":
		s.ClearFaults()
	case "POST rules":
		s.DisableRule(post.Rule, post.Disabled)
	case "POST token":
		s.SetToken(post.Token)
	case "POST stop":
		s.Stop(post.Kill)
	case "POST start":
		s.Start()
	default:
		http.NotFound(w, r)
	}
}

func show(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	_ = encoder.Encode(value) // the client may be gone
}
