package eda

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"
)

// Stream is an event stream of the EDA server.
type Stream struct {
	Name string
	// UUID is in its URL; empty: random.
	UUID string
	// Credential is its requirement for posts; empty: a token.
	Credential Credential
	// AdditionalDataHeaders go into event.meta.headers: "*", or names separated by commas.
	AdditionalDataHeaders string
	// TestMode keeps the last post instead of forwarding it.
	TestMode bool
	// Unmapped means that no activation listens to the stream: its events are lost (eda 22).
	Unmapped bool
}

type stream struct {
	Stream

	id                                                          int64
	credential                                                  *credential
	created, modified                                           time.Time
	received                                                    int
	receivedAt                                                  time.Time
	testContentType, testContent, testErrorMessage, testHeaders string
}

// streamLimit is Django's DATA_UPLOAD_MAX_MEMORY_SIZE, which is compared with Content-Length.
const streamLimit = 2621440

var streamPath = regexp.MustCompile(`^/api/eda/v1/external_event_stream/([^/]+)/post/?$`)

// problem is an error of the EDA server: {"detail": text}.
type problem struct {
	status int
	detail string
}

func (p *problem) Error() string { return p.detail }

// servePost answers a post to an event stream. The client need not be logged in, and always gets an answer at once:
// behind it is pg_notify, which waits for nobody.
func (s *Server) servePost(w http.ResponseWriter, r *http.Request, path, uuid string, proxied bool) {
	a := answer{status: http.StatusOK, allow: "POST, OPTIONS", vary: "Accept, Accept-Language"}
	switch {
	case !strings.HasSuffix(path, "/"): // Go's client sends it again as GET (eda 22)
		moved(w, r, path+"/")
		return
	case r.Method != http.MethodPost:
		a.refuse(&problem{http.StatusMethodNotAllowed, fmt.Sprintf("Method %q not allowed.", r.Method)})
		a.write(w, r)
		return
	}
	body, _, err := readBody(r, 64<<20)
	if err != nil {
		cut(w)
		return
	}
	st, name := s.findStream(uuid)
	post := s.receive(name, r, body)
	handle := func() error { return s.post(st, post, r, path, body, proxied) }
	status, err := s.disturbed(w, r, handle, func(err error) int {
		a.refuse(err)
		if a.status == http.StatusInternalServerError {
			a.header = map[string]string{"Context": djangoContext(uuid, path)}
		}
		a.write(w, r)
		return a.status
	})
	s.answered(post, status)
	if err != nil {
		cut(w)
	}
}

func (s *Server) findStream(uuid string) (*stream, string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, st := range s.streams {
		if strings.EqualFold(st.UUID, uuid) {
			return st, st.Name
		}
	}
	return nil, uuid
}

// post checks and accepts a post, in the order of the real one: proxy, stream, size, header, credential, body (eda 22,
// 27).
func (s *Server) post(st *stream, post *Post, r *http.Request, path string, body []byte, proxied bool) error {
	switch {
	case s.options.API.RequireTrustedProxy && !proxied:
		return &problem{http.StatusBadRequest, "Invalid request"}
	case st == nil:
		return &problem{http.StatusBadRequest, "bad uuid specified"}
	case r.ContentLength > streamLimit:
		return errUnexpected()
	}
	s.mu.Lock()
	wanted, settings, running := st.credential.verifier(), st.Stream, s.run
	s.mu.Unlock()
	headers := djangoHeaders(r)
	if len(r.Header.Values(wanted.Header)) == 0 {
		missing := &problem{http.StatusBadRequest, wanted.Header + " header is missing"}
		s.noteTest(st, testNote{problem: missing.detail, headers: headers})
		return missing
	}
	headers = masked(headers, wanted.Header)
	if wrong := wanted.verify(r, body); wrong != "" {
		s.count(st)
		s.noteTest(st, testNote{problem: wrong, headers: headers})
		return &problem{http.StatusForbidden, wrong}
	}
	contentType := r.Header.Get("Content-Type")
	value, err := parseStreamBody(contentType, body)
	if errors.Is(err, errNoText) {
		return errUnexpected()
	}
	if err != nil {
		return &problem{http.StatusBadRequest, "Invalid content. Type: " + contentType}
	}
	payload, ok := value.(object)
	if !ok { // a list, text, nothing
		payload = object{{"body", value}}
	}
	s.count(st)
	if settings.TestMode {
		setDefault(&contentType, "unknown")
		s.noteTest(st, testNote{contentType: contentType, content: dumpYAML(value), headers: headers})
		return nil
	}
	if settings.Unmapped {
		running = nil
	}
	meta := object{{"endpoint", path}, {"eda_event_stream_name", settings.Name}, {"headers", chosen(headers, settings.AdditionalDataHeaders)}}
	s.accept(running, post, false, payload, meta, settings.Name, "eda.builtin.pg_listener")
	return nil
}

func errUnexpected() error {
	return &problem{http.StatusInternalServerError, "Unexpected server error; contact your system administrator"}
}

// djangoContext is a header that eda-server adds to an unexpected error (eda 22).
func djangoContext(uuid, path string) string {
	return fmt.Sprintf("{'view': <aap_eda.api.views.external_event_stream.ExternalEventStreamViewSet object at 0x7fda25149e20>, "+
		"'args': (), 'kwargs': {'pk': '%s'}, 'request': <rest_framework.request.Request: POST '%s'>}", uuid, path)
}

// Refused credentials count as well, but not a missing header or a body that can't be read.
func (s *Server) count(st *stream) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st.received++
	st.receivedAt = now()
	s.wake()
}

type testNote struct {
	problem, contentType, content string
	headers                       object
}

func (s *Server) noteTest(st *stream, note testNote) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if st.TestMode {
		st.testErrorMessage, st.testContentType, st.testContent = note.problem, note.contentType, note.content
		st.testHeaders = dumpYAML(note.headers)
	}
}

// djangoHeaders are the headers under Django's names, with the id that the server gives to each request.
func djangoHeaders(r *http.Request) object {
	headers := sentHeaders(r)
	if _, given := headers.get("X-Request-Id"); !given {
		headers = append(headers, member{"X-Request-Id", randomUUID()})
	}
	return headers
}

// masked hides the credential (eda 24).
func masked(headers object, secret string) object {
	result := object{}
	for _, m := range headers {
		if strings.EqualFold(m.key, secret) {
			m.value = "********"
		}
		result = append(result, m)
	}
	return result
}

// chosen are the headers that reach the job: none, unless the stream names them.
func chosen(headers object, names string) object {
	if strings.TrimSpace(names) == "*" {
		return headers
	}
	result := object{}
	for name := range strings.SplitSeq(names, ",") {
		name = strings.TrimSpace(name)
		for _, m := range headers {
			if name != "" && strings.EqualFold(m.key, name) {
				result = append(result, member{name, m.value})
			}
		}
	}
	return result
}
