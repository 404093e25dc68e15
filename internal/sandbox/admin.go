package sandbox

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// serveAdmin serves what real AAP does not have: the page, and the sandbox's own API. They ask for no credentials.
func (s *Sandbox) serveAdmin(w http.ResponseWriter, r *http.Request) {
	switch path := strings.TrimSuffix(r.URL.Path, "/"); {
	case path == "" || path == "/sandbox":
		s.serveOverview(w)
	case strings.HasPrefix(path, "/sandbox/api/"):
		s.serveAdminAPI(w, r, strings.TrimPrefix(path, "/sandbox/api/"))
	default:
		http.NotFound(w, r)
	}
}

// serveAdminAPI dispatches by "METHOD name".
func (s *Sandbox) serveAdminAPI(w http.ResponseWriter, r *http.Request, name string) {
	kind, id, _ := strings.Cut(name, "/")
	number, _ := strconv.ParseInt(id, 10, 64)
	switch r.Method + " " + kind {
	case "GET overview":
		writeJSON(w, s.overview())
	case "GET instances":
		writeJSON(w, s.Instances())
	case "GET jobs":
		writeJSON(w, s.Jobs())
	case "GET answers":
		writeJSON(w, cannedAnswers())
	case "GET conditions":
		writeJSON(w, s.Conditions())
	case "GET requests":
		writeJSON(w, s.Requests())
	case "DELETE requests":
		s.ClearRequests()
	case "DELETE faults":
		s.ClearFaults()
	case "DELETE jobs":
		if number == 0 {
			s.PurgeAll()
		} else {
			s.Purge(number)
		}
	case "POST behaviors", "POST faults", "POST templates", "POST launches", "POST cancels", "POST down", "POST up",
		"POST conditions":
		s.postAdmin(w, r, kind)
	default:
		http.NotFound(w, r)
	}
}

// adminPost is the body of all POSTs: each uses some of its fields.
type adminPost struct {
	Template  string          `json:"template"`
	Next      []Behavior      `json:"next"`
	Always    *Behavior       `json:"always"`
	Fault     *Fault          `json:"fault"`
	New       *Template       `json:"new"`
	ExtraVars json.RawMessage `json:"extra_vars"`
	User      string          `json:"user"`
	Job       int64           `json:"job"`
	Seconds   float64         `json:"seconds"`
	// Conditions replace all present conditions.
	Conditions *Conditions `json:"conditions"`
}

func (s *Sandbox) postAdmin(w http.ResponseWriter, r *http.Request, kind string) {
	var post adminPost
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, bodyLimit))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&post); err != nil && r.ContentLength != 0 {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	switch kind {
	case "behaviors":
		if post.Always != nil {
			s.Behave(post.Template, *post.Always)
		}
		s.BehaveNext(post.Template, post.Next...)
	case "faults":
		s.postFault(w, post.Fault)
	case "templates":
		if post.New != nil {
			writeJSON(w, map[string]int64{"id": s.AddTemplate(*post.New)})
		}
	case "launches":
		setDefault(&post.User, s.options.Username)
		writeJSON(w, map[string]int64{"job": s.LaunchByHand(post.Template, string(post.ExtraVars), post.User)})
	case "cancels":
		s.CancelByHand(post.Job)
	case "conditions":
		if post.Conditions != nil {
			s.SetConditions(*post.Conditions)
		}
	case "down":
		s.Down(time.Duration(post.Seconds * float64(time.Second)))
	case "up":
		s.Up()
	}
}

func (s *Sandbox) postFault(w http.ResponseWriter, f *Fault) {
	switch {
	case f == nil:
	case !f.Answer.known():
		http.Error(w, "unknown answer; GET /sandbox/api/answers lists them", http.StatusBadRequest)
	default:
		s.Fault(*f)
	}
}

func writeJSON(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	_ = encoder.Encode(value) // the client may be gone
}
