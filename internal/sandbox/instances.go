package sandbox

import (
	"cmp"
	"slices"
	"time"
)

// Instance is a compute instance that exists according to the successful jobs.
type Instance struct {
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	// Spec is the spec of the newest successful create job, as JSON.
	Spec string `json:"spec"`
	// LastJob is the id of that job, and Since the time when the instance was first made.
	LastJob int64     `json:"last_job"`
	Since   time.Time `json:"since"`
	// Restarts are the values of restartRequestedAt for which the playbook would have restarted the machine.
	Restarts []string `json:"restarts,omitempty"`
}

// Instances returns the instances that exist, by namespace and name. Purging jobs does not change them.
func (s *Sandbox) Instances() []Instance {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	s.advance(now)
	return s.instances(now)
}

func (s *Sandbox) instances(now time.Time) []Instance {
	var done []*job
	for _, j := range s.ledger {
		if j.makesInstance() && j.life.over(now) && j.life.outcome == statusSuccessful {
			done = append(done, j)
		}
	}
	slices.SortStableFunc(done, func(a, b *job) int { return a.life.ended.Compare(b.life.ended) })
	existing := map[[2]string]*Instance{}
	for _, j := range done {
		key := [2]string{j.target.namespace, j.target.name}
		if j.verb() == "delete" {
			delete(existing, key)
			continue
		}
		instance := existing[key]
		if instance == nil {
			instance = &Instance{Namespace: key[0], Name: key[1], Since: j.life.ended}
			existing[key] = instance
		}
		instance.LastJob = j.id
		if j.target.restart != "" && !slices.Contains(instance.Restarts, j.target.restart) {
			instance.Restarts = append(instance.Restarts, j.target.restart)
		}
	}
	return s.describe(existing)
}

// makesInstance reports whether the job makes or deletes an instance. For a workflow, that is the workflow, or else the
// jobs in it whose names say so.
func (j *job) makesInstance() bool {
	return j.target.name != "" && j.verb() != "" && (j.parent == nil || j.parent.verb() == "")
}

// describe adds the specs, which are parsed from the last jobs only.
func (s *Sandbox) describe(existing map[[2]string]*Instance) []Instance {
	result := make([]Instance, 0, len(existing))
	for _, j := range s.ledger {
		instance := existing[[2]string{j.target.namespace, j.target.name}]
		if instance != nil && instance.LastJob == j.id {
			variables, _ := parseVariables(j.extraVars)
			if spec := resourceOf(variables).object("spec"); spec != nil {
				instance.Spec = wireStyle().dump(spec)
			}
		}
	}
	for _, instance := range existing {
		result = append(result, *instance)
	}
	slices.SortFunc(result, func(a, b Instance) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	return result
}
