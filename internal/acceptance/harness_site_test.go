package acceptance

import (
	"crypto/rand"
	"fmt"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
	simulated "github.com/osac-project/terraform-provider-osac/internal/sandbox/eda"
)

const (
	createTemplate = "osac-create-compute-instance"
	deleteTemplate = "osac-delete-compute-instance"
	// address is that of the instance in testdata/instance.tf.
	address = "osac_compute_instance.this"
	// namespace is that of instances that name none.
	namespace = "acceptance"
)

// quick is the length of jobs whose course is not what the test is about. Waits are real here, so they are as short as the
// test allows.
const quick = 300 * time.Millisecond

// lasting is that of jobs that are to be still active when Terraform has ended on a signal, and has started once more.
// Where the machine is busy with other things, that takes long: OSAC_ACC_SLOWNESS=4 makes such jobs four times as long.
var lasting = slowed(8 * time.Second)

// slowed is a time on a machine that is so many times slower.
func slowed(length time.Duration) time.Duration {
	factor, err := strconv.Atoi(os.Getenv("OSAC_ACC_SLOWNESS"))
	if err != nil || factor < 1 {
		return length
	}
	return length * time.Duration(factor)
}

// Site is a controller with what a test needs to judge by it: by default a sandbox of the test's own.
type Site struct {
	t *testing.T
	// simulated is nil where OSAC_ACC_URL names a real controller.
	simulated *sandbox.Sandbox
	// eda is nil where runs are not started by events; events are then null.
	eda     *simulated.Server
	events  vars
	witness witness
	url     string
	token   string
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
	site := &Site{t: t}
	if url := os.Getenv("OSAC_ACC_URL"); url != "" {
		site.url, site.token = url, os.Getenv("OSAC_ACC_TOKEN")
		site.witness = &apiWitness{url: url, token: site.token, since: time.Now()}
	} else {
		site.startSimulated(changes)
	}
	site.hide(site.token, nowhere)
	if strings.HasPrefix(t.Name(), onEDA) && site.simulated != nil {
		site.startEDA()
	}
	t.Cleanup(site.neverTwoJobsAtOnce)
	return site
}

// StartSimulated is StartSandbox for tests that need a sandbox of their own: they inject faults, or count what others
// would disturb. At a real controller they are skipped, before anything is done there.
func StartSimulated(t *testing.T, changes ...func(*sandbox.Options)) *Site {
	t.Helper()
	site := StartSandbox(t, changes...)
	site.faults()
	return site
}

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
	s.url, s.token, s.password = server.URL, options.Token, options.Password
	s.hide(s.password, nowhere)
	s.witness = &sandboxWitness{s.simulated}
}

// faults returns the sandbox, for tests that inject faults; at a real controller they are skipped.
func (s *Site) faults() *sandbox.Sandbox {
	s.t.Helper()
	if s.simulated == nil {
		s.t.Skip("needs the sandbox's faults")
	}
	return s.simulated
}

// creating and deleting are attributes of an instance whose jobs last that long: the sandbox reads it from the template
// parameters, and so do the example playbooks at a real controller.
func creating(length time.Duration) vars { return simulating("seconds", length) }
func deleting(length time.Duration) vars { return simulating("delete_seconds", length) }

func simulating(key string, length time.Duration) vars {
	return vars{"template_parameters": fmt.Sprintf(`{"simulate":{%q:%g}}`, key, length.Seconds())}
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
	for _, job := range s.simulated.AllJobs() {
		s.t.Logf("job %d %s: %s, created %s, finished %s", job.ID, job.Template, job.Status, clock(job.Created), clock(job.Finished))
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
