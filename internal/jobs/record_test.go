package jobs_test

import (
	"testing"

	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/jobs/jobstest"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
)

func TestUpdateFromTheHubsJobs(t *testing.T) {
	t.Parallel()
	created := jobstest.Job{ID: 7, Verb: osac.Provision, Status: jobstest.Successful}
	unchanged, other := jobstest.Instance().Spec.ConfigVersion(), jobstest.Halted().Spec.ConfigVersion()
	moment := jobstest.Timestamp(t, "2026-11-23T12:30:00Z")
	for name, test := range map[string]struct {
		known      []jobstest.Job
		jobs       []jobstest.Job
		reconciled string
		phase      jobs.Phase
		needsRun   bool
	}{
		"nothing new":                       {[]jobstest.Job{created}, []jobstest.Job{created}, unchanged, jobs.PhaseRunning, false},
		"all purged":                        {[]jobstest.Job{created}, nil, unchanged, jobs.PhaseRunning, false},
		"interrupted run has succeeded":     {[]jobstest.Job{{ID: 7, Verb: osac.Provision, Status: jobstest.Running}}, []jobstest.Job{created}, unchanged, jobs.PhaseRunning, false},
		"interrupted run has failed":        {[]jobstest.Job{{ID: 7, Verb: osac.Provision, Status: jobstest.Running}}, []jobstest.Job{{ID: 7, Verb: osac.Provision, Status: jobstest.Failed}}, "", jobs.PhaseFailed, true},
		"interrupted run goes on":           {[]jobstest.Job{{ID: 7, Verb: osac.Provision, Status: jobstest.Pending}}, []jobstest.Job{{ID: 7, Verb: osac.Provision, Status: jobstest.Running}}, "", jobs.PhaseStarting, true},
		"changed by hand":                   {[]jobstest.Job{created}, []jobstest.Job{created, {ID: 8, Verb: osac.Provision, Status: jobstest.Successful, Instance: jobstest.Halted(), ByHand: true}}, other, jobs.PhaseRunning, true},
		"run again by hand":                 {[]jobstest.Job{created}, []jobstest.Job{created, {ID: 8, Verb: osac.Provision, Status: jobstest.Successful}}, unchanged, jobs.PhaseRunning, false},
		"restarted by hand":                 {[]jobstest.Job{created}, []jobstest.Job{created, {ID: 8, Verb: osac.Provision, Status: jobstest.Successful, Instance: jobstest.Restarted(moment)}}, unchanged, jobs.PhaseRunning, false},
		"delete failed":                     {[]jobstest.Job{created}, []jobstest.Job{created, {ID: 8, Verb: osac.Deprovision, Status: jobstest.Failed}}, "", jobs.PhaseFailed, true},
		"delete under way":                  {[]jobstest.Job{created}, []jobstest.Job{created, {ID: 8, Verb: osac.Deprovision, Status: jobstest.Running}}, "", jobs.PhaseDeleting, true},
		"newest purged":                     {[]jobstest.Job{created, {ID: 8, Verb: osac.Provision, Status: jobstest.Successful}}, []jobstest.Job{{ID: 7, Verb: osac.Provision, Status: jobstest.Failed}}, unchanged, jobs.PhaseRunning, false},
		"cancelled while another succeeded": {[]jobstest.Job{created}, []jobstest.Job{{ID: 7, Verb: osac.Provision, Status: jobstest.Successful, Takes: 5}, {ID: 8, Verb: osac.Provision, Status: jobstest.Canceled}}, unchanged, jobs.PhaseRunning, false},
		"cancelled after another succeeded": {[]jobstest.Job{created}, []jobstest.Job{created, {ID: 9, Verb: osac.Provision, Status: jobstest.Canceled}}, "", jobs.PhaseFailed, true},
		"older life, created over delete":   {[]jobstest.Job{created}, []jobstest.Job{{ID: 5, Verb: osac.Provision, Status: jobstest.Successful, Instance: jobstest.Halted()}, {ID: 6, Verb: osac.Deprovision, Status: jobstest.Successful}, created}, unchanged, jobs.PhaseRunning, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			record := jobstest.RecordAfter(t, test.known...)
			record.Rebuild(record.Claim("").Whose(jobstest.RunsOf(t, test.jobs...)).Life)
			if record.ReconciledConfigVersion != test.reconciled {
				t.Errorf("reconciled %q, want %q", record.ReconciledConfigVersion, test.reconciled)
			}
			if record.Phase != test.phase {
				t.Errorf("phase %s, want %s", record.Phase, test.phase)
			}
			if got := record.NeedsRun(jobstest.Instance(), nil); got != test.needsRun {
				t.Errorf("needs a run: %v, want %v", got, test.needsRun)
			}
		})
	}
}

func TestARestartIsDueOnce(t *testing.T) {
	t.Parallel()
	record := jobstest.RecordAfter(t, jobstest.Job{ID: 7, Verb: osac.Provision, Status: jobstest.Successful}) // created at 12:07
	record.UID = osac.DerivedUID("uuid", osac.ComputeInstance.Name, record.Key, "7")
	for name, test := range map[string]struct {
		requested, last *osac.Timestamp
		due             bool
	}{
		"none":                     {nil, nil, false},
		"after the creation":       {jobstest.Timestamp(t, "2026-11-23T12:30:00Z"), nil, true},
		"before the creation":      {jobstest.Timestamp(t, "2026-11-23T12:00:00Z"), nil, false},
		"later than the last":      {jobstest.Timestamp(t, "2026-11-23T12:30:00Z"), jobstest.Timestamp(t, "2026-11-23T12:20:00Z"), true},
		"the last":                 {jobstest.Timestamp(t, "2026-11-23T12:30:00Z"), jobstest.Timestamp(t, "2026-11-23T12:30:00Z"), false},
		"earlier than the last":    {jobstest.Timestamp(t, "2026-11-23T12:30:00Z"), jobstest.Timestamp(t, "2026-11-23T12:40:00Z"), false},
		"the last, in other words": {jobstest.Timestamp(t, "2026-11-23T13:30:00+01:00"), jobstest.Timestamp(t, "2026-11-23T12:30:00Z"), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked := record
			asked.LastRestartedAt = test.last
			if got := asked.NeedsRun(*jobstest.Restarted(test.requested), nil); got != test.due {
				t.Errorf("needs a run: %v, want %v", got, test.due)
			}
		})
	}
}
