package sandbox

import (
	"context"
	"time"
)

// Job is a snapshot of a job. Times are zero while there are none.
type Job struct {
	ID         int64     `json:"id"`
	Kind       Kind      `json:"kind"`
	Template   string    `json:"template"`
	TemplateID int64     `json:"template_id"`
	Status     string    `json:"status"`
	ExtraVars  string    `json:"extra_vars"`
	Created    time.Time `json:"created"`
	Started    time.Time `json:"started"`
	Finished   time.Time `json:"finished"`
	CanceledOn time.Time `json:"canceled_on"`
	LaunchType string    `json:"launch_type"`
	CreatedBy  string    `json:"created_by"`
	// Workflow is the id of the workflow job that started it, or 0.
	Workflow int64 `json:"workflow,omitempty"`
	// Namespace and Name are those of the job's compute instance.
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name,omitempty"`
	// Noticed is when the first answer was ready that showed the job as ended: nobody can have known earlier.
	Noticed time.Time `json:"noticed"`
	// Purged says that the API no longer has the job. Only AllJobs returns such jobs.
	Purged bool `json:"purged,omitempty"`
}

// Active reports whether the job has not ended.
func (j Job) Active() bool { return j.Finished.IsZero() }

// Jobs returns all jobs that exist, by id.
func (s *Sandbox) Jobs() []Job {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	s.advance(now)
	return snapshots(s.jobs, now)
}

// AllJobs returns all jobs that were ever made, including purged ones, in the order of their creation.
func (s *Sandbox) AllJobs() []Job {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	s.advance(now)
	return snapshots(s.ledger, now)
}

func snapshots(jobs []*job, now time.Time) []Job {
	result := make([]Job, len(jobs))
	for i, j := range jobs {
		result[i] = j.snapshot(now)
	}
	return result
}

func (j *job) snapshot(now time.Time) Job {
	shot := Job{
		ID: j.id, Kind: j.kind, Template: j.name, Status: j.status(now), ExtraVars: j.extraVars, Created: j.created,
		Started: j.shownStart(now), Finished: until(j.life.ended, now), CanceledOn: j.life.canceledOn,
		LaunchType: j.launchType, CreatedBy: j.createdBy.name, Namespace: j.target.namespace, Name: j.target.name,
		Purged: j.deleted, Noticed: j.noticed,
	}
	if j.template != nil {
		shot.TemplateID = j.template.id
	}
	if j.parent != nil {
		shot.Workflow = j.parent.id
	}
	return shot
}

// lookAgain is how often a wait checks whether a job's status has changed with time.
const lookAgain = 5 * time.Millisecond

// WaitForJob waits until a job meets the condition and returns it, or until the context ends.
func (s *Sandbox) WaitForJob(ctx context.Context, condition func(Job) bool) (Job, error) {
	var found Job
	err := s.wait(ctx, func() bool {
		for _, j := range s.Jobs() {
			if condition(j) {
				found = j
				return true
			}
		}
		return false
	})
	return found, err
}

// WaitForRequest waits until the log has a request that meets the condition, and returns it. A request is logged when
// it arrives, before it is answered; its field Answered says which.
func (s *Sandbox) WaitForRequest(ctx context.Context, condition func(Request) bool) (Request, error) {
	var found Request
	err := s.wait(ctx, func() bool {
		for _, r := range s.Requests() {
			if condition(r) {
				found = r
				return true
			}
		}
		return false
	})
	return found, err
}

func (s *Sandbox) wait(ctx context.Context, done func() bool) error {
	for {
		s.mu.Lock()
		changed := s.changed
		s.mu.Unlock()
		if done() {
			return nil
		}
		timer := time.NewTimer(lookAgain)
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-changed:
			timer.Stop()
		case <-timer.C:
		}
	}
}
