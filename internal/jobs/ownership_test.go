package jobs_test

import (
	"testing"

	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/jobs/jobstest"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
)

func TestWhoseIsIt(t *testing.T) {
	t.Parallel()
	created := jobstest.Job{ID: 7, Verb: osac.Provision, Status: jobstest.Successful, Owner: "me"}
	deleted := jobstest.Job{ID: 8, Verb: osac.Deprovision, Status: jobstest.Successful, Owner: "me"}
	theirs := jobstest.Job{ID: 9, Verb: osac.Provision, Status: jobstest.Successful, UID: jobstest.OtherUID, Owner: "them"}
	ours := jobstest.Job{ID: 9, Verb: osac.Provision, Status: jobstest.Successful, UID: jobstest.OtherUID, Owner: "me"}
	relaunched := created
	relaunched.ID, relaunched.LaunchType = 9, jobs.LaunchedAgain
	byHand := jobstest.Job{ID: 9, Verb: osac.Provision, Status: jobstest.Successful, ByHand: true, Instance: jobstest.Halted()}
	for name, test := range map[string]struct {
		known []jobstest.Job
		uid   string
		jobs  []jobstest.Job
		want  jobs.Standing
		by    int64
	}{
		"nothing is there":            {known: []jobstest.Job{created}},
		"its own job":                 {known: []jobstest.Job{created}, jobs: []jobstest.Job{created}},
		"deleted":                     {known: []jobstest.Job{created}, jobs: []jobstest.Job{created, deleted}, want: jobs.StandingGone, by: 8},
		"deleted, its own job purged": {known: []jobstest.Job{created}, jobs: []jobstest.Job{deleted}, want: jobs.StandingGone, by: 8},
		"deleted by its own job, all else purged": {known: []jobstest.Job{created, {ID: 8, Verb: osac.Deprovision, Status: jobstest.Running}}, jobs: []jobstest.Job{deleted}, want: jobs.StandingGone, by: 8},
		"a delete failed":                         {known: []jobstest.Job{created}, jobs: []jobstest.Job{created, {ID: 8, Verb: osac.Deprovision, Status: jobstest.Failed}}},
		"a delete before it":                      {known: []jobstest.Job{created}, jobs: []jobstest.Job{{ID: 5, Verb: osac.Provision, Status: jobstest.Successful, UID: jobstest.OtherUID}, {ID: 6, Verb: osac.Deprovision, Status: jobstest.Successful, UID: jobstest.OtherUID}, created}},
		"a delete before its failed create":       {known: []jobstest.Job{{ID: 7, Verb: osac.Provision, Status: jobstest.Failed}}, jobs: []jobstest.Job{{ID: 5, Verb: osac.Provision, Status: jobstest.Successful, ByHand: true}, {ID: 6, Verb: osac.Deprovision, Status: jobstest.Successful, ByHand: true}, {ID: 7, Verb: osac.Provision, Status: jobstest.Failed}}},
		"deleted while its job still runs":        {known: []jobstest.Job{created}, jobs: []jobstest.Job{created, deleted, {ID: 9, Verb: osac.Provision, Status: jobstest.Running}}},
		"deleted, and made by another":            {known: []jobstest.Job{created}, jobs: []jobstest.Job{created, deleted, theirs}, want: jobs.StandingGone, by: 8},
		"deleted, and made by its owner":          {known: []jobstest.Job{created}, jobs: []jobstest.Job{created, deleted, ours}, want: jobs.StandingMovedOn, by: 9},
		"deleted, and made by its owner in vain": {
			known: []jobstest.Job{created}, jobs: []jobstest.Job{created, deleted, {ID: 9, Verb: osac.Provision, Status: jobstest.Failed, UID: jobstest.OtherUID, Owner: "me"}}, want: jobs.StandingGone, by: 8,
		},
		"deleted, and relaunched":               {known: []jobstest.Job{created}, jobs: []jobstest.Job{created, deleted, relaunched}},
		"deleted, and made by hand":             {known: []jobstest.Job{created}, jobs: []jobstest.Job{created, deleted, byHand}},
		"changed by hand":                       {known: []jobstest.Job{created}, jobs: []jobstest.Job{created, byHand}},
		"relaunched":                            {known: []jobstest.Job{created}, jobs: []jobstest.Job{created, relaunched}},
		"taken by another":                      {known: []jobstest.Job{created}, jobs: []jobstest.Job{created, theirs}, want: jobs.StandingTaken, by: 9},
		"taken by the same owner":               {known: []jobstest.Job{created}, jobs: []jobstest.Job{created, ours}, want: jobs.StandingTaken, by: 9},
		"taken, its own job purged":             {known: []jobstest.Job{created}, jobs: []jobstest.Job{theirs}, want: jobs.StandingTaken, by: 9},
		"launched in vain, made by another":     {jobs: []jobstest.Job{theirs}, want: jobs.StandingUnmade, by: 9},
		"launched in vain, nothing is there":    {},
		"another's job gave way":                {known: []jobstest.Job{created}, jobs: []jobstest.Job{created, {ID: 9, Verb: osac.Provision, Status: jobstest.Canceled, UID: jobstest.OtherUID}}},
		"an earlier life's payload by hand":     {known: []jobstest.Job{created}, jobs: []jobstest.Job{{ID: 5, Verb: osac.Provision, Status: jobstest.Successful, UID: jobstest.OtherUID}, {ID: 6, Verb: osac.Deprovision, Status: jobstest.Successful, UID: jobstest.OtherUID}, created, theirs}},
		"a former life's job, relaunched":       {known: []jobstest.Job{created}, jobs: []jobstest.Job{created, {ID: 9, Verb: osac.Provision, Status: jobstest.Successful, UID: jobstest.ThirdUID, LaunchType: jobs.LaunchedAgain}}},
		"taken back":                            {known: []jobstest.Job{{ID: 10, Verb: osac.Provision, Status: jobstest.Successful}}, jobs: []jobstest.Job{created, theirs, {ID: 10, Verb: osac.Provision, Status: jobstest.Successful}}},
		"a state without uid":                   {known: []jobstest.Job{{ID: 7, Verb: osac.Provision, Status: jobstest.Successful, ByHand: true}}, uid: jobstest.ThirdUID, jobs: []jobstest.Job{{ID: 7, Verb: osac.Provision, Status: jobstest.Successful, ByHand: true}}},
		"a state without uid, first update ran": {known: []jobstest.Job{{ID: 7, Verb: osac.Provision, Status: jobstest.Successful, ByHand: true}}, uid: jobstest.ThirdUID, jobs: []jobstest.Job{{ID: 7, Verb: osac.Provision, Status: jobstest.Successful, ByHand: true}, {ID: 8, Verb: osac.Provision, Status: jobstest.Failed, UID: jobstest.ThirdUID}}},
		"a state without uid, taken":            {known: []jobstest.Job{{ID: 7, Verb: osac.Provision, Status: jobstest.Successful, ByHand: true}}, uid: jobstest.ThirdUID, jobs: []jobstest.Job{{ID: 7, Verb: osac.Provision, Status: jobstest.Successful, ByHand: true}, theirs}, want: jobs.StandingTaken, by: 9},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			record := jobstest.RecordAfter(t, test.known...)
			if test.uid != "" {
				record.UID = test.uid
			}
			got := record.Claim("me").Whose(jobstest.RunsOf(t, test.jobs...))
			if got.Standing != test.want || (got.By == nil) != (test.by == 0) || test.by != 0 && got.By.ID != test.by {
				t.Errorf("standing %d by %v, want %d by job %d", got.Standing, got.By, test.want, test.by)
			}
		})
	}
}
