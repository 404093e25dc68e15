package acceptance

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

// between stands before the sandbox and changes what it is asked and what it answers.
type between struct {
	handler http.Handler
	// ask changes a request, answer the body of what comes back; nil changes nothing. instead may answer in their place.
	ask     func(r *http.Request)
	answer  func(r *http.Request, body []byte) []byte
	instead func(w http.ResponseWriter, r *http.Request) bool
	// off lets everything through unchanged.
	off atomic.Bool
}

// through has the site reached by way of something that is not to be trusted.
func (s *Site) through(b *between) *between {
	s.t.Helper()
	b.handler = s.faults()
	server := httptest.NewServer(b)
	s.t.Cleanup(server.Close)
	s.url = server.URL
	return b
}

func (b *between) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if b.off.Load() {
		b.handler.ServeHTTP(w, r)
		return
	}
	if b.instead != nil && b.instead(w, r) {
		return
	}
	if b.ask != nil {
		b.ask(r)
	}
	recorded := httptest.NewRecorder()
	b.handler.ServeHTTP(recorded, r)
	body := recorded.Body.Bytes()
	if b.answer != nil {
		body = b.answer(r, body)
	}
	for name, values := range recorded.Header() {
		if name != "Content-Length" {
			w.Header()[name] = values
		}
	}
	w.WriteHeader(recorded.Code)
	_, _ = w.Write(body) // the client may be gone
}

// hostileSites are what a user may meet at a controller that is not what it should be.
var hostileSites = map[string]struct {
	// outcome says what has to come of it.
	outcome string
	run     func(t *testing.T)
}{
	"terminal escapes":                {"none of them is in Terraform's output, in its log or in state", hostileEscapes},
	"an endless answer":               {"a bounded part is read; an error names the URL and what to do; nothing is launched", hostileEndless},
	"another instance's job":          {"it is not taken for the own one, and not cancelled; the run is done once more", hostileOtherJob},
	"a restored database":             {"an instance that was deleted under a lower number is seen to be gone, and made anew once", hostileRestored},
	"lists that turn in circles":      {"an error names the URL; nothing is launched, state is as it was", hostileCircle},
	"next pages that point elsewhere": {"no one else is asked; the instance lives as usual", hostileNext},
}

func TestAccHostile_sites(t *testing.T) {
	t.Parallel()
	for name, test := range hostileSites {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.run(t)
			if t.Failed() {
				t.Logf("want: %s", test.outcome)
			}
		})
	}
}

// steering is text that clears a terminal, makes a link, turns the direction of writing and colours.
const steering = "\x1b[2J\x1b]8;;https://evil.example\x07\u202e\u009b31m"

// hostileEscapes fails jobs with such text wherever a controller can put some.
func hostileEscapes(t *testing.T) {
	site := StartSimulated(t)
	encoded, err := json.Marshal(steering)
	if err != nil {
		t.Fatal(err)
	}
	inJSON := strings.Trim(string(encoded), `"`)
	site.through(&between{answer: func(_ *http.Request, body []byte) []byte {
		return bytes.ReplaceAll(body, []byte(`"username":"admin"`), []byte(`"username":"admin`+inJSON+`"`))
	}})
	site.faults().BehaveNext(createTemplate,
		sandbox.Behavior{Outcome: "failed", Task: "task" + steering, Host: "host" + steering, Message: "message" + steering + "\r\nof two lines"},
		sandbox.Behavior{Outcome: "failed", Explanation: "explanation" + steering},
		sandbox.Behavior{Outcome: "failed", Stdout: "ERROR! output" + steering + "\r\n"},
		sandbox.Behavior{Outcome: "canceled", Explanation: "cancelled" + steering})
	w, name := site.instance(nil)
	w.env("TF_LOG=TRACE")
	w.tryApply().want(1).says("of two lines")
	w.run("untaint", address).want(0)
	for _, says := range []string{"explanation", "output", "cancelled"} {
		w.tryApply().want(1).says(says)
	}
	w.apply()
	site.wantLaunches(name, "create", "create", "create", "create", "create")
	entries, err := os.ReadDir(w.directory)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if entry.IsDir() {
			continue
		}
		content, err := os.ReadFile(filepath.Join(w.directory, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		signs := []string{"\x1b", "\u202e", "\u009b"}
		if strings.HasPrefix(entry.Name(), "terraform.tfstate") {
			// Elsewhere a job's output has them, as Ansible writes JSON: in letters, which do no harm.
			signs = append(signs, `\u001b`, `\u202e`, "evil.example")
		}
		for _, steers := range signs {
			if at := bytes.Index(content, []byte(steers)); at >= 0 {
				t.Errorf("%s holds %q: %q", entry.Name(), steers, content[max(0, at-200):min(len(content), at+100)])
			}
		}
	}
}

// hostileEndless lets lists of jobs have no end.
func hostileEndless(t *testing.T) {
	site := StartSimulated(t)
	var sent atomic.Int64
	b := site.through(&between{instead: func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/jobs/") {
			return false
		}
		w.Header().Set("Content-Type", "application/json")
		n, _ := io.Copy(w, blanks{})
		sent.Add(n)
		return true
	}})
	w, name := site.instance(nil)
	w.tryApply().want(1).says("the answer is too large", site.url+"/api", "look at what this URL gives", "Terraform has recorded nothing")
	w.wantGone()
	if most := int64(4 * 72 << 20); sent.Load() > most {
		t.Errorf("%d bytes were taken", sent.Load())
	}
	b.off.Store(true)
	site.wantLaunches(name)
	w.apply()
	site.wantLaunches(name, "create")
}

// blanks is a body without an end.
type blanks struct{}

func (blanks) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// hostileOtherJob gives the number of the job that is followed to another instance's job.
func hostileOtherJob(t *testing.T) {
	site := StartSimulated(t)
	site.faults().BehaveNext(createTemplate, sandbox.Behavior{Duration: time.Hour})
	w, name := site.instance(nil)
	c := w.start(applyWith()...)
	first := site.awaitStatus(name, 1, "running")
	other := site.newName()
	site.faults().SetExtraVars(first.id, strings.ReplaceAll(first.extraVars, name, other))
	c.wait().want(0).says("was purged before its end")
	site.wantActive(other, 1)
	own := site.wantLaunches(name, "create")[0]
	if last := w.inState().wantTainted(false).wantReconciled(true).lastJob(); last.id != text(own.id) {
		t.Errorf("%+v", last)
	}
	if got := site.countRequests("POST", "cancel"); got > 0 {
		t.Errorf("%d cancels were sent", got)
	}
	w.wantNoWork()
}

// hostileRestored deletes an instance at a controller whose database counts from lower numbers again.
func hostileRestored(t *testing.T) {
	site := StartSimulated(t)
	site.faults().SetNextJobID(500)
	w, name := site.instance(nil)
	w.apply()
	known := site.wantLaunches(name, "create")[0]
	site.faults().PurgeAll()
	site.faults().SetNextJobID(7)
	w.wantNoWork()
	// Clearly later: ids and times may be out of step by a second.
	site.faults().SeedJobs(slices.Values([]sandbox.Seed{{
		ID: 7, Template: deleteTemplate, ExtraVars: known.extraVars, Created: known.created.Add(2 * time.Second), Length: 300 * time.Millisecond,
	}}))
	site.awaitEnd(name)
	w.wantPlan("create")
	w.apply()
	site.wantLaunches(name, "create", "delete", "create")
	w.wantNoWork()
	w.destroy()
	site.wantLaunches(name, "create", "delete", "create", "delete")
}

// hostileCircle lets each further page of a list be the first one again.
func hostileCircle(t *testing.T) {
	site := StartSimulated(t)
	w, name := site.instance(nil)
	w.apply()
	for range 401 { // two pages and more
		site.faults().LaunchByHand(createTemplate, `{"osac_job_vars":{"resource":{"metadata":{"namespace":"acceptance","name":"crowd"},"spec":{}}}}`, "admin")
	}
	site.settling = time.Hour // what was launched by hand runs side by side
	b := site.through(&between{ask: func(r *http.Request) {
		q := r.URL.Query()
		q.Del("id__lt")
		r.URL.RawQuery = q.Encode()
		r.RequestURI = r.URL.RequestURI()
	}})
	w.set(site.connection())
	w.run("plan", "-no-color").want(1).says("gives others again", "Terraform's state is as it was before", site.url+"/api")
	w.change(vars{"run_strategy": "Halted"})
	w.tryApply().want(1)
	site.wantLaunches(name, "create")
	b.off.Store(true)
	w.apply()
	site.wantLaunches(name, "create", "create")
}

// hostileNext has every list go on at another host.
func hostileNext(t *testing.T) {
	site := StartSimulated(t)
	var asked atomic.Int64
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	t.Cleanup(elsewhere.Close)
	site.through(&between{answer: func(_ *http.Request, body []byte) []byte {
		return bytes.ReplaceAll(body, []byte(`"next":null`), []byte(`"next":"`+elsewhere.URL+`/api/v2/jobs/?page=2"`))
	}})
	w, name := site.instance(nil)
	w.apply()
	w.wantNoWork()
	w.destroy()
	site.wantLaunches(name, "create", "delete")
	if asked.Load() > 0 {
		t.Errorf("another host was asked %d times", asked.Load())
	}
}
