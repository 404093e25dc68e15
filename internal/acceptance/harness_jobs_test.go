package acceptance

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// job is a job of the controller's, as a witness reports it.
type job struct {
	id                int64
	template          string
	status            string
	created, finished time.Time
	extraVars         string
	// purged tells that the controller has dropped the job, possibly before its end.
	purged bool
}

// witness reports the jobs of the two templates, oldest first.
type witness interface {
	jobs(t *testing.T) []job
}

func (j job) over() bool { return !j.finished.IsZero() || j.purged }

func (j job) verb() string {
	for _, verb := range []string{"create", "delete"} {
		if strings.HasSuffix(j.template, "-"+verb+"-compute-instance") {
			return verb
		}
	}
	return j.template
}

// payload is what a job was given.
type payload struct {
	OSACJobVars struct {
		Resource       computeInstance  `json:"resource"`
		StorageClasses []map[string]any `json:"tenant_storage_classes"`
	} `json:"osac_job_vars"`
	AnsibleEDA struct {
		Event struct {
			Payload        computeInstance  `json:"payload"`
			StorageClasses []map[string]any `json:"tenant_storage_classes"`
		} `json:"event"`
	} `json:"ansible_eda"`
}

// computeInstance is the ComputeInstance in a payload.
type computeInstance struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Metadata   struct {
		Name        string            `json:"name"`
		Namespace   string            `json:"namespace"`
		Labels      map[string]string `json:"labels"`
		Annotations map[string]string `json:"annotations"`
	} `json:"metadata"`
	Spec   map[string]any `json:"spec"`
	Status struct {
		DesiredConfigVersion string            `json:"desiredConfigVersion"`
		LastRestartedAt      string            `json:"lastRestartedAt"`
		TenantReference      map[string]string `json:"tenantReference"`
	} `json:"status"`
}

// resource returns the ComputeInstance that the job was given.
func (j job) resource(t *testing.T) computeInstance {
	t.Helper()
	return decode[payload](t, j.extraVars).OSACJobVars.Resource
}

// vars returns the job's extra vars as they are.
func (j job) vars(t *testing.T) map[string]any {
	t.Helper()
	return decode[map[string]any](t, j.extraVars)
}

func decode[T any](t *testing.T, document string) T {
	t.Helper()
	var value T
	if err := json.Unmarshal([]byte(document), &value); err != nil {
		t.Fatalf("%v in %s", err, document)
	}
	return value
}

// jobsOf returns the jobs of an instance, oldest first.
func (s *Site) jobsOf(name string) []job {
	s.t.Helper()
	return slices.DeleteFunc(s.witness.jobs(s.t), func(j job) bool {
		var vars payload
		return json.Unmarshal([]byte(j.extraVars), &vars) != nil || vars.OSACJobVars.Resource.Metadata.Name != name
	})
}

// wantLaunches checks which templates were launched for the instance in all its life: "create" and "delete".
func (s *Site) wantLaunches(name string, want ...string) []job {
	s.t.Helper()
	jobs := s.jobsOf(name)
	var got []string
	for _, each := range jobs {
		got = append(got, each.verb())
	}
	if !slices.Equal(got, want) {
		s.t.Fatalf("launched for %s: %v, want %v", name, got, want)
	}
	return jobs
}

// pause is the time between two looks at the controller.
func (s *Site) pause() time.Duration {
	if s.simulated == nil {
		return time.Second
	}
	return 10 * time.Millisecond
}

// await waits until the controller's jobs of the instance fulfil a condition.
func (s *Site) await(name, what string, fulfilled func(jobs []job) bool) []job {
	s.t.Helper()
	ticker := time.NewTicker(s.pause())
	defer ticker.Stop()
	deadline := time.After(patience)
	for {
		jobs := s.jobsOf(name)
		if fulfilled(jobs) {
			return jobs
		}
		select {
		case <-ticker.C:
		case <-deadline:
			s.t.Fatalf("waited in vain until %s; the jobs are %+v", what, jobs)
		}
	}
}

// awaitStatus waits until the newest of so many jobs of the instance has one of the statuses, and returns it.
func (s *Site) awaitStatus(name string, count int, statuses ...string) job {
	s.t.Helper()
	jobs := s.await(name, "the job has a status", func(jobs []job) bool {
		return len(jobs) >= count && slices.Contains(statuses, jobs[count-1].status)
	})
	return jobs[count-1]
}

// awaitEnd waits until all jobs of the instance are over.
func (s *Site) awaitEnd(name string) []job {
	s.t.Helper()
	return s.await(name, "its jobs are over", func(jobs []job) bool {
		return !slices.ContainsFunc(jobs, func(j job) bool { return !j.over() })
	})
}

// neverTwoJobsAtOnce checks the second promise over the whole test: no two jobs of an instance overlapped. At a real
// controller, nobody else's instances are looked at.
func (s *Site) neverTwoJobsAtOnce() {
	byInstance := map[string][]job{}
	for _, each := range s.witness.jobs(s.t) {
		if s.simulated == nil && !s.isOwn(each) {
			continue
		}
		var given payload
		if json.Unmarshal([]byte(each.extraVars), &given) == nil {
			metadata := given.OSACJobVars.Resource.Metadata
			byInstance[metadata.Namespace+"/"+metadata.Name] = append(byInstance[metadata.Namespace+"/"+metadata.Name], each)
		}
	}
	for name, jobs := range byInstance {
		for i := 1; i < len(jobs); i++ {
			before, after := jobs[i-1], jobs[i]
			if !before.over() || !before.purged && overlap(before, after) > s.settling {
				s.t.Errorf("job %d of %s was launched at %s, before job %d had ended (%s)",
					after.id, name, clock(after.created), before.id, clock(before.finished))
			}
		}
	}
}

// overlap is how long two jobs were there at once; the second is the later one.
func overlap(before, after job) time.Duration {
	end := before.finished
	if after.over() && !after.purged && after.finished.Before(end) {
		end = after.finished
	}
	return max(0, end.Sub(after.created))
}

// text is a job's number as Terraform shows it.
func text(id int64) string { return strconv.FormatInt(id, 10) }
