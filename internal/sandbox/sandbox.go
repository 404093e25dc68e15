package sandbox

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Options says which sandbox New makes. The zero value is a plain AWX with the templates of the prefix "osac".
type Options struct {
	// Prefix is the prefix of the seeded templates <prefix>-create-compute-instance and
	// <prefix>-delete-compute-instance.
	Prefix string
	// Gateway is the release of AAP: AAP25, AAP26 or AAP27, whose gateway has the controller under /api/controller/v2/.
	// Empty: a plain AWX, under /api/v2/.
	Gateway string
	// NoBasicAuth turns off the gateway's setting "Gateway basic auth enabled".
	NoBasicAuth bool
	// ComponentPing lets AAP 2.7's controller answer /api/v2/ping/ at its own host; everything else there is 401.
	ComponentPing bool
	// Token, Username and Password are the superuser's. An empty token means a random one; the other defaults are admin
	// and password.
	Token, Username, Password string
	// InstallUUID identifies this controller; empty: random.
	InstallUUID string
	// JobDuration is how long a job takes unless a Behavior says otherwise; zero: 3 s.
	JobDuration time.Duration
	// SchedulerTick is the time from the end of one job to the start of the next one in a queue; zero: 1 s. A loaded AWX
	// took 5 to 16 s (L17).
	SchedulerTick time.Duration
	// BlockedNotice is how long a job is blocked before its job_explanation says so; zero: 30 s (841).
	BlockedNotice time.Duration
	// Playbooks runs jobs as processes of ansible-playbook; Close ends them.
	Playbooks Playbooks
	// Conditions are the controller's first conditions.
	Conditions Conditions
	// Bare leaves out the seeded organization, users' templates and so on, except for the superuser.
	Bare bool
}

func (o Options) withDefaults() Options {
	setDefault(&o.Prefix, "osac")
	setDefault(&o.Username, "admin")
	setDefault(&o.Password, "password")
	if o.Token == "" {
		o.Token = randomHex(15)
	}
	if o.InstallUUID == "" {
		o.InstallUUID = randomUUID()
	}
	setDefault(&o.JobDuration, 3*time.Second)
	setDefault(&o.SchedulerTick, time.Second)
	setDefault(&o.BlockedNotice, 30*time.Second)
	return o
}

func setDefault[T comparable](value *T, usually T) {
	var zero T
	if *value == zero {
		*value = usually
	}
}

// Sandbox is a simulated controller. It is an http.Handler, and all its methods are safe for concurrent use.
type Sandbox struct {
	options       Options
	platform      *platform // nil: a plain AWX
	version       string    // of the AWX that it is like
	routes        *routeTree
	gatewayRoutes *routeTree
	schemas       *schemas
	backed        map[[2]string]backing // see keyTable
	runner        *runner               // nil: jobs are simulated

	mu            sync.Mutex
	closed        bool
	prefix        string            // of the API's paths in the answer that is being made: /api/v2/
	eda           http.RoundTripper // behind the gateway; nil: not installed
	changed       chan struct{}     // closed and replaced whenever a request is logged or a job is made
	created       time.Time
	users         []*user
	tokens        []*token
	byToken       map[string]*token
	sessions      map[string]*user // of logins, by their cookie
	organizations []*organization
	templates     []*template // by id
	labels        []*label
	inventories   []*inventory // that were made
	activity      []*activity
	jobs          []*job // that exist, by id
	byID          map[int64]*job
	mentions      map[string][]*job // see index
	ledger        []*job            // all jobs ever, for Instances
	agenda        agenda
	appointments  int
	nextJob       int64
	nextTemplate  int64
	nodeIDs       int64
	tokenIDs      int64
	inventoryIDs  int64
	conditions    Conditions
	faults        []*Fault
	down          bool
	downUntil     time.Time
	requests      []*Request
}

// New returns a sandbox with an organization, an inventory, a project and the two templates.
func New(options Options) *Sandbox {
	now := time.Now().UTC().Truncate(time.Microsecond)
	s := &Sandbox{
		options: options.withDefaults(), platform: platformOf(options.Gateway), version: usualVersion, changed: make(chan struct{}), created: now,
		byToken: map[string]*token{}, sessions: map[string]*user{}, byID: map[int64]*job{}, mentions: map[string][]*job{}, nextJob: 1, nextTemplate: 9,
	}
	s.prefix, s.conditions = s.APIPath(), options.Conditions
	s.routes, s.gatewayRoutes = newRouteTree(allViews()), newRouteTree(gatewayViews())
	s.schemas, s.backed = newSchemas(), keyTable()
	s.runner = newRunner(s.options.Playbooks)
	s.AddUser(s.options.Username, s.options.Password, s.options.Token, true, nil)
	s.users[0].email = s.options.Username + "@localhost" // as recorded (003); others have none (1056)
	if s.options.Bare {
		return s
	}
	s.organizations = []*organization{
		{id: 1, name: "Default", created: now}, {id: 2, name: "osac", created: now},
	}
	playbook := ".yml" // as recorded
	if s.runner != nil {
		playbook = "-compute-instance.yml" // as in examples/playbooks
	}
	for _, verb := range []string{"create", "delete"} {
		s.AddTemplate(Template{
			Name: s.options.Prefix + "-" + verb + "-compute-instance", Playbook: verb + playbook, AsksVariables: true,
			AllowSimultaneous: true,
		})
	}
	return s
}

// Token returns the superuser's token.
func (s *Sandbox) Token() string { return s.options.Token }

// InstallUUID returns the install_uuid that ping answers.
func (s *Sandbox) InstallUUID() string { return s.options.InstallUUID }

// APIPath returns the path of the API's root: /api/v2/ or /api/controller/v2/.
func (s *Sandbox) APIPath() string {
	if s.platform != nil {
		return "/api/controller/v2/"
	}
	return plainPath
}

// plainPath is the API's root at a controller's own host.
const plainPath = "/api/v2/"

// now is the time of a request: AWX keeps microseconds.
func (s *Sandbox) now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// wake lets all waits for a job or a request check again.
func (s *Sandbox) wake() {
	close(s.changed)
	s.changed = make(chan struct{})
}

func randomHex(bytes int) string {
	buffer := make([]byte, bytes)
	_, _ = rand.Read(buffer) // never fails
	return hex.EncodeToString(buffer)
}

func randomUUID() string {
	digits := randomHex(16)
	return fmt.Sprintf("%s-%s-4%s-a%s-%s", digits[:8], digits[8:12], digits[13:16], digits[17:20], digits[20:32])
}

// derive computes a number from words: values that look random in an answer are the same each time.
func derive(words ...string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(strings.Join(words, "\x00"))) // never fails
	return h.Sum64()
}

// deriveUUID computes a UUID from words.
func deriveUUID(words ...string) string {
	a, b := derive(words...), derive(append(slices.Clone(words), "more")...)
	digits := fmt.Sprintf("%016x%016x", a, b)
	return fmt.Sprintf("%s-%s-4%s-a%s-%s", digits[:8], digits[8:12], digits[13:16], digits[17:20], digits[20:32])
}

func text(id int64) string { return strconv.FormatInt(id, 10) }

// url returns a path of the API: url("jobs", 16, "cancel") is /api/v2/jobs/16/cancel/.
func (s *Sandbox) url(parts ...any) string {
	var path strings.Builder
	path.WriteString(s.prefix)
	for _, part := range parts {
		switch p := part.(type) {
		case string:
			path.WriteString(p)
		case int64:
			path.WriteString(text(p))
		}
		path.WriteByte('/')
	}
	return path.String()
}
