package provisioning

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// between stands between the provider and the controller, and changes what they say.
type between struct {
	next  http.RoundTripper
	mutex sync.Mutex
	// ask changes a request, answer the body of what comes back; nil changes nothing.
	ask    func(r *http.Request)
	answer func(r *http.Request, body []byte) []byte
	posts  []string
}

func (b *between) RoundTrip(r *http.Request) (*http.Response, error) {
	b.mutex.Lock()
	ask, change := b.ask, b.answer
	if r.Method == http.MethodPost {
		b.posts = append(b.posts, r.URL.Path)
	}
	b.mutex.Unlock()
	if ask != nil {
		r = r.Clone(r.Context())
		ask(r)
	}
	resp, err := b.next.RoundTrip(r)
	if err != nil || change == nil {
		return resp, err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(change(r, body)))
	resp.Header.Del("Content-Length")
	return resp, nil
}

func (b *between) answers(change func(r *http.Request, body []byte) []byte) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.answer = change
}

// rows has every row that a controller gives of a job changed: in lists, by itself, and as the answer to a launch.
func (b *between) rows(change func(r *http.Request, row map[string]any)) {
	b.answers(func(r *http.Request, body []byte) []byte {
		var document map[string]any
		if !strings.Contains(r.URL.Path, "/jobs/") && !strings.HasSuffix(r.URL.Path, "/launch/") || json.Unmarshal(body, &document) != nil {
			return body
		}
		rows := []any{document}
		if list, ok := document["results"].([]any); ok {
			rows = list
		}
		for _, each := range rows {
			if row, ok := each.(map[string]any); ok && row["status"] != nil {
				change(r, row)
			}
		}
		changed, err := json.Marshal(document)
		if err != nil {
			return body
		}
		return changed
	})
}

// lists replaces the answers to lists of jobs.
func (b *between) lists(change func(body []byte) []byte) {
	b.answers(func(r *http.Request, body []byte) []byte {
		if strings.HasSuffix(r.URL.Path, "/jobs/") {
			return change(body)
		}
		return body
	})
}

func (b *between) cancels() int {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	n := 0
	for _, path := range b.posts {
		if strings.HasSuffix(path, "/cancel/") {
			n++
		}
	}
	return n
}

// anothers is a job's payload, as another instance's.
func anothers(extraVars any) string {
	text, _ := extraVars.(string)
	return strings.NewReplacer(`"vm"`, `"other"`, `ns/vm`, `ns/other`).Replace(text)
}

func isList(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/jobs/") }

// shiftTimes moves all times of a row.
func shiftTimes(row map[string]any, off time.Duration) {
	for _, name := range []string{"created", "modified", "started", "finished", "canceled_on"} {
		if text, ok := row[name].(string); ok {
			if at, err := time.Parse(time.RFC3339Nano, text); err == nil {
				row[name] = at.Add(off).Format(time.RFC3339Nano)
			}
		}
	}
}
