package sandbox

import (
	"slices"
	"time"
)

// Kind is the kind of a job, in the words of the API's `type`.
type Kind string

// The kinds of jobs. They share one sequence of ids (recordings 450, 451).
const (
	KindJob         Kind = "job"
	KindWorkflowJob Kind = "workflow_job"
)

// templateType is the `type` of the templates whose jobs have this kind.
func (k Kind) templateType() string { return string(k) + "_template" }

// Role is a right on one template.
type Role string

// The roles of a template: each includes those before it.
const (
	RoleRead    Role = "read"
	RoleExecute Role = "execute"
	RoleAdmin   Role = "admin"
)

func (r Role) includes(other Role) bool {
	order := []Role{RoleRead, RoleExecute, RoleAdmin}
	return slices.Index(order, r) >= slices.Index(order, other)
}

// organization is AWX's organization, as far as jobs need it.
type organization struct {
	id      int64
	name    string
	created time.Time
}

// user is an account of the controller.
type user struct {
	id                 int64
	name, password     string
	email              string
	superuser          bool
	created, lastLogin time.Time
	roles              map[*template]Role
	provider           string // of the external authentication that the user logs in by
}

// can reports whether the user has the role on the template. Only the superuser has roles on jobs of a removed
// template.
func (u *user) can(role Role, t *template) bool {
	if u.superuser {
		return true
	}
	has, given := u.roles[t]
	return given && t != nil && !t.removed && has.includes(role)
}

// sees reports whether the user may read the job.
func (u *user) sees(j *job) bool { return u.superuser || u.can(RoleRead, j.template) }

// token is an OAuth token of a user.
type token struct {
	id      int64
	text    string
	user    *user
	scope   string
	created time.Time
	note    string
	// expires is zero for tokens that live long enough.
	expires time.Time
	// component says that a controller in AAP made it, and not the gateway.
	component bool
}

// label is AWX's label: a name in an organization.
type label struct {
	id           int64
	name         string
	organization *organization
	created      time.Time
	createdBy    *user
}

// template is a job template or a workflow job template.
type template struct {
	Template
	id           int64
	kind         Kind
	organization *organization
	created      time.Time
	modified     time.Time
	createdBy    *user
	removed      bool

	behavior Behavior   // of every launch
	explicit bool       // behavior was set
	next     []Behavior // of the next launches, one each

	jobs  []*job // those that exist, by id
	queue []*job // unfinished ones, where only one may run at a time
	// lastDeleted is the newest deleted job. If it was the last one, the template's last_job is absent, although older
	// jobs remain, and its status stays (recording 624).
	lastDeleted *job
}

// takeBehavior returns the behavior for the next launch, and whether a test set it for this launch.
func (t *template) takeBehavior() (Behavior, bool) {
	if len(t.next) > 0 {
		behavior := t.next[0]
		t.next = t.next[1:]
		return behavior, true
	}
	return t.behavior, false
}

// activity is one entry of the activity stream: the creation of a job.
type activity struct {
	id        int64
	timestamp time.Time
	actor     *user
	job       *job // kept after the job was deleted; job.deleted tells
}

// job is a job or a workflow job.
type job struct {
	id           int64
	kind         Kind
	template     *template
	name         string
	organization *organization
	created      time.Time
	modified     time.Time
	createdBy    *user
	launchType   string
	extraVars    string // rendered as AWX stores it
	limit        string
	tags         string
	labels       []*label
	artifacts    document
	behavior     Behavior
	explicit     bool
	life         life
	process      *process // what runs it, once it has started; nil: the job is simulated
	parent       *job     // the workflow job that started it
	node         *node
	nodes        []*node // a workflow job's
	entry        *activity
	deleted      bool
	target       target
	random       uint64 // decides work unit ids and the like
	// noticed is when the first answer that showed the job as ended was made.
	noticed time.Time
}

// node is one node of a workflow job.
type node struct {
	id         int64
	identifier string
	template   *template
	job        *job
	doNotRun   bool
	created    time.Time
	modified   time.Time
}

// absentTemplate reports whether the job's template is gone.
func (j *job) absentTemplate() bool { return j.template == nil || j.template.removed }
