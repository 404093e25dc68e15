package sandbox

import (
	"maps"
	"slices"
	"time"
)

// order describes a new job.
type order struct {
	template   *template
	user       *user
	extraVars  string
	launchType string
	limit      string
	tags       string
	labels     []*label
	behavior   Behavior
	explicit   bool
	parent     *job
	node       *node
}

// newJob makes a job and plans its life. The activity stream has the job at once (L7).
func (s *Sandbox) newJob(o order, now time.Time) *job {
	j := &job{
		id: s.nextJob, kind: o.template.kind, template: o.template, name: o.template.Name,
		organization: o.template.organization, created: now, modified: now, createdBy: o.user,
		launchType: o.launchType, extraVars: o.extraVars, limit: o.limit, tags: o.tags, labels: o.labels,
		behavior: o.behavior, explicit: o.explicit, parent: o.parent, node: o.node,
	}
	s.nextJob++
	j.random = derive(s.options.InstallUUID, text(j.id))
	variables, _ := parseVariables(j.extraVars)
	j.target = readTarget(variables)
	if s.runsAsProcess(j) {
		j.behavior = Behavior{} // the playbook decides
	} else if !j.explicit && len(o.template.Nodes) == 0 {
		j.behavior = simulated(j, variables)
	}
	j.life.eventsDelay = usual(j.behavior.EventDelay, time.Second)
	j.artifacts = document{}
	if !s.runsAsProcess(j) {
		j.artifacts = j.makeArtifacts()
	}
	s.newNodes(j)
	s.insert(j)
	if !s.conditions.ActivityStreamOff {
		j.entry = &activity{id: int64(len(s.activity)) + 1, timestamp: now, actor: o.user, job: j}
		s.activity = append(s.activity, j.entry)
	}
	s.start(j, now)
	s.wake()
	return j
}

// insert keeps the lists of jobs in the order of ids: after SetNextJobID, ids may come out of order.
func (s *Sandbox) insert(j *job) {
	byID := func(a *job, id int64) int { return int(a.id - id) }
	for _, list := range []*[]*job{&s.jobs, &j.template.jobs} {
		if last := len(*list); last == 0 || (*list)[last-1].id < j.id {
			*list = append(*list, j)
			continue
		}
		at, _ := slices.BinarySearchFunc(*list, j.id, byID)
		*list = slices.Insert(*list, at, j)
	}
	s.byID[j.id] = j
	s.ledger = append(s.ledger, j)
	s.index(j)
}

// start plans the job, or lets it wait for other jobs of its template.
func (s *Sandbox) start(j *job, now time.Time) {
	t := j.template
	if t.AllowSimultaneous {
		s.plan(j, now)
		return
	}
	t.queue = append(t.queue, j)
	s.release(t, now)
	if t.queue[0] == j {
		s.plan(j, now)
	}
}

// LaunchByHand launches the template as the user does in AAP's own pages; the extra vars are a JSON object. It returns
// the job's id, or 0 if there is no such template or user.
func (s *Sandbox) LaunchByHand(template, extraVars, user string) int64 {
	defer s.change()()
	now := s.now()
	t, u := s.anyTemplate(template), s.userNamed(user)
	variables, err := parseVariables(extraVars)
	if t == nil || u == nil || err != nil {
		return 0
	}
	behavior, explicit := t.takeBehavior()
	return s.newJob(order{
		template: t, user: u, extraVars: pythonStyle().dump(t.merge(variables)), launchType: "manual",
		behavior: behavior, explicit: explicit,
	}, now).id
}

// Relaunch runs a job again, as the user, with the same extra vars. It returns the new job's id, or 0.
func (s *Sandbox) Relaunch(jobID int64, user string) int64 {
	defer s.change()()
	now := s.now()
	old, u := s.byID[jobID], s.userNamed(user)
	if old == nil || u == nil || old.absentTemplate() {
		return 0
	}
	return s.relaunch(old, u, now).id
}

func (s *Sandbox) relaunch(old *job, u *user, now time.Time) *job {
	behavior, explicit := old.template.takeBehavior()
	return s.newJob(order{
		template: old.template, user: u, extraVars: old.extraVars, launchType: "relaunch", limit: old.limit,
		tags: old.tags, labels: old.labels, behavior: behavior, explicit: explicit,
	}, now)
}

// SetNextJobID sets the id of the next job: a restored database counts from an older number again.
func (s *Sandbox) SetNextJobID(id int64) {
	defer s.change()()
	s.nextJob = id
}

// NextJobID returns the id of the next job.
func (s *Sandbox) NextJobID() int64 {
	defer s.change()()
	return s.nextJob
}

// SetExtraVars gives a job other extra vars, as if its id had been another job's in a restored database.
func (s *Sandbox) SetExtraVars(jobID int64, extraVars string) {
	defer s.change()()
	j := s.byID[jobID]
	variables, err := parseVariables(extraVars)
	if j == nil || err != nil {
		return
	}
	j.extraVars = pythonStyle().dump(variables)
	j.target = readTarget(variables)
	s.index(j)
}

// merge puts the launch's variables over the template's own.
func (t *template) merge(variables document) document {
	own, _ := parseVariables(t.ExtraVars)
	merged := own
	for _, m := range variables {
		merged = merged.with(m.key, m.value)
	}
	if merged == nil {
		merged = document{}
	}
	return merged
}

// makeArtifacts are the set_stats that a successful job will have.
func (j *job) makeArtifacts() document {
	if j.kind != KindJob || j.behavior.NoHosts || j.behavior.outcome() != statusSuccessful {
		return document{}
	}
	if j.behavior.Artifacts != nil {
		result := document{}
		for _, key := range slices.Sorted(maps.Keys(j.behavior.Artifacts)) {
			result = append(result, member{key, fromGo(j.behavior.Artifacts[key])})
		}
		return result
	}
	if j.verb() == "create" && j.target.name != "" {
		return document{{"ip_address", j.target.address()}}
	}
	return document{}
}
