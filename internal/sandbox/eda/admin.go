package eda

import (
	"encoding/json"
	"net/http"
)

// adminPost is the body of all POSTs under /sandbox/api/eda/: each uses some of its fields.
type adminPost struct {
	Post     *PostFault  `json:"post"`
	Event    *EventFault `json:"event"`
	Rule     string      `json:"rule"`
	Disabled bool        `json:"disabled"`
	Kill     bool        `json:"kill"`
	Token    string      `json:"token"`
}

// serveAdmin serves what a real EDA does not have. It asks for no credentials.
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
	switch r.Method {
	case http.MethodGet:
		s.showAdmin(w, r, name)
		return
	case http.MethodDelete:
		switch name {
		case "requests":
			s.ClearRequests()
			return
		case "faults":
			s.ClearFaults()
			return
		}
	case http.MethodPost:
		if s.change(name, post) {
			return
		}
	}
	http.NotFound(w, r)
}

func (s *Server) showAdmin(w http.ResponseWriter, r *http.Request, name string) {
	switch name {
	case "requests":
		show(w, s.Requests())
	case "events":
		show(w, s.Events())
	case "log":
		show(w, s.Log())
	default:
		http.NotFound(w, r)
	}
}

// change carries out a post; it returns false if there is no such change.
func (s *Server) change(name string, post adminPost) bool {
	switch name {
	case "faults":
		if post.Post != nil {
			s.FaultPosts(*post.Post)
		}
		if post.Event != nil {
			s.FaultEvents(*post.Event)
		}
	case "rules":
		s.DisableRule(post.Rule, post.Disabled)
	case "token":
		s.SetToken(post.Token)
	case "stop":
		s.Stop(post.Kill)
	case "start":
		s.Start()
	default:
		return false
	}
	return true
}

func show(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	_ = encoder.Encode(value) // the client may be gone
}
