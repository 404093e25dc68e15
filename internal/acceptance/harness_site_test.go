package acceptance

import (
	"crypto/rand"
	"encoding/json"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
	simulated "github.com/osac-project/terraform-provider-osac/internal/sandbox/eda"
)

const (
	// createTemplate and deleteTemplate are what every controller has; a test may have a pair of its own (Site.own).
	createTemplate = usualPrefix + "-create-compute-instance"
	deleteTemplate = usualPrefix + "-delete-compute-instance"
	usualPrefix    = "osac"
	// address is that of the instance in testdata/instance.tf.
	address = "osac_compute_instance.this"
	// namespace is that of instances that name none.
	namespace = "acceptance"
)

// quick is the length of jobs whose course is not what the test is about. Waits are real here, so they are as short as the
// test allows.
const quick = 300 * time.Millisecond

// Site is a controller with what a test needs to judge by it: by default a sandbox of the test's own.
type Site struct {
	t *testing.T
	// simulated is nil where OSAC_ACC_URL names a real controller.
	simulated *sandbox.Sandbox
	// eda is nil where runs are not started by events; events are then null.
	eda      *simulated.Server
	events   vars
	witness  witness
	operator operator
	url      string
	token    string
	// prefix begins the names of the templates; workflows tells that they are of workflows.
	prefix    string
	workflows bool
	// password is the superuser's, at a sandbox.
	password string
	secrets  []secret
	// instances are the names that the test uses; at a real controller, nobody else's jobs are looked at.
	instances []string
	// settling is how long two jobs of an instance may overlap: not at all, but where two runs race.
	settling time.Duration
}

// StartSandbox starts a sandbox for the test, or takes the real controller that the environment names. At the test's
// end it is checked that no two jobs of an instance overlapped, and that no secret shows anywhere.
func StartSandbox(t *testing.T, changes ...func(*sandbox.Options)) *Site {
	t.Helper()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("acceptance tests want TF_ACC=1; make test sets it")
	}
	site := &Site{t: t, prefix: usualPrefix}
	if url := os.Getenv("OSAC_ACC_URL"); url != "" {
		site.startReal(url, os.Getenv("OSAC_ACC_TOKEN"), os.Getenv("OSAC_ACC_ADMIN_TOKEN"))
	} else {
		site.startSimulated(changes)
	}
	site.hide(site.token, nowhere)
	if strings.HasPrefix(t.Name(), onEDA) {
		site.startEDA()
	}
	t.Cleanup(site.neverTwoJobsAtOnce)
	return site
}

// StartAdministered is StartSandbox for tests in which an administrator does something at the controller, too. At a real
// one that takes an administrator's token.
func StartAdministered(t *testing.T, changes ...func(*sandbox.Options)) *Site {
	t.Helper()
	if onController() && os.Getenv("OSAC_ACC_ADMIN_TOKEN") == "" {
		t.Skip("an administrator has a hand in it: set OSAC_ACC_ADMIN_TOKEN")
	}
	return StartSandbox(t, changes...)
}

// StartSimulated is StartSandbox for tests that need a sandbox of their own. At a real controller they are skipped, before
// anything is done there; needsSandbox says why.
func StartSimulated(t *testing.T, changes ...func(*sandbox.Options)) *Site {
	t.Helper()
	if onController() {
		t.Skip(whySandbox(t.Name()))
	}
	return StartSandbox(t, changes...)
}

// onController reports whether the environment names a real controller.
func onController() bool { return os.Getenv("TF_ACC") != "" && os.Getenv("OSAC_ACC_URL") != "" }

func (s *Site) startSimulated(changes []func(*sandbox.Options)) {
	options := sandbox.Options{JobDuration: quick, Token: "token-" + rand.Text(), Password: "password-" + rand.Text(), SchedulerTick: quick}
	for _, change := range changes {
		change(&options)
	}
	s.simulated = sandbox.New(options)
	server := httptest.NewServer(s.simulated)
	s.t.Cleanup(server.Close)
	s.t.Cleanup(s.simulated.Close)
	s.t.Cleanup(s.tellAfterFailure)
	s.t.Cleanup(s.wantWitnessed)
	s.url, s.token, s.password = server.URL, options.Token, options.Password
	s.hide(s.password, nowhere)
	s.witness, s.operator = &sandboxWitness{s.simulated}, &sandboxOperator{s}
}

// faults returns the sandbox, for tests that inject faults.
func (s *Site) faults() *sandbox.Sandbox {
	s.t.Helper()
	if s.simulated == nil {
		s.t.Fatal("a test that injects faults has to begin with StartSimulated")
	}
	return s.simulated
}

// template is the name of a verb's template, create or delete.
func (s *Site) template(verb string) string { return s.prefix + "-" + verb + "-compute-instance" }

// reason is why jobs fail.
const reason = "the quota is exceeded"

// creating, deleting and doomed are attributes of an instance whose jobs last that long, or whose creation fails: the sandbox reads it
// from the template parameters, and so do the example playbooks at a real controller.
func creating(length time.Duration) vars { return simulating(vars{"seconds": length.Seconds()}) }

func deleting(length time.Duration) vars { return simulating(vars{"delete_seconds": length.Seconds()}) }
func doomed() vars                       { return simulating(vars{"fail": reason}) }

func simulating(course vars) vars {
	encoded, err := json.Marshal(vars{"simulate": course})
	if err != nil {
		panic(err) // it is numbers and texts
	}
	return vars{"template_parameters": string(encoded)}
}

// wantReason checks that an error says why a doomed job has failed. A reason that came by simulate is hidden: extra vars
// may be secret.
func (r result) wantReason() result {
	r.t.Helper()
	return r.says("failed", "Fail if asked", "localhost", reason)
}

// newName makes up an instance's name that nobody has used before.
func (s *Site) newName() string {
	name := "vm-" + strings.ToLower(rand.Text()[:10])
	s.instances = append(s.instances, name)
	return name
}

// tellAfterFailure shows what the controller saw, if the test has failed.
func (s *Site) tellAfterFailure() {
	if !s.t.Failed() {
		return
	}
	for _, job := range s.witness.jobs(s.t) {
		s.t.Logf("job %d %s: %s, created %s, finished %s", job.id, job.template, job.status, clock(job.created), clock(job.finished))
	}
	if s.simulated == nil {
		return
	}
	for _, request := range s.simulated.Requests() {
		s.t.Logf("%s %d %-6s %s %s", clock(request.Time), request.Status, request.Method, request.Path, request.Query)
	}
}

func clock(at time.Time) string {
	if at.IsZero() {
		return "-"
	}
	return at.Local().Format("15:04:05.000")
}
