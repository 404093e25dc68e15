package provisioning

import "testing"

func TestWhoseIsIt(t *testing.T) {
	t.Parallel()
	created := testJob{id: 7, verb: Provision, status: successful, owner: "me"}
	deleted := testJob{id: 8, verb: Deprovision, status: successful, owner: "me"}
	theirs := testJob{id: 9, verb: Provision, status: successful, uid: otherUID, owner: "them"}
	ours := testJob{id: 9, verb: Provision, status: successful, uid: otherUID, owner: "me"}
	relaunched := created
	relaunched.id, relaunched.launchType = 9, launchedAgain
	byHand := testJob{id: 9, verb: Provision, status: successful, byHand: true, instance: halted()}
	for name, test := range map[string]struct {
		known []testJob
		uid   string
		jobs  []testJob
		want  standing
		by    int64
	}{
		"nothing is there":            {known: []testJob{created}},
		"its own job":                 {known: []testJob{created}, jobs: []testJob{created}},
		"deleted":                     {known: []testJob{created}, jobs: []testJob{created, deleted}, want: standingGone, by: 8},
		"deleted, its own job purged": {known: []testJob{created}, jobs: []testJob{deleted}, want: standingGone, by: 8},
		"deleted by its own job, all else purged": {known: []testJob{created, {id: 8, verb: Deprovision, status: running}}, jobs: []testJob{deleted}, want: standingGone, by: 8},
		"a delete failed":                         {known: []testJob{created}, jobs: []testJob{created, {id: 8, verb: Deprovision, status: failed}}},
		"a delete before it":                      {known: []testJob{created}, jobs: []testJob{{id: 5, verb: Provision, status: successful, uid: otherUID}, {id: 6, verb: Deprovision, status: successful, uid: otherUID}, created}},
		"a delete before its failed create":       {known: []testJob{{id: 7, verb: Provision, status: failed}}, jobs: []testJob{{id: 5, verb: Provision, status: successful, byHand: true}, {id: 6, verb: Deprovision, status: successful, byHand: true}, {id: 7, verb: Provision, status: failed}}},
		"deleted while its job still runs":        {known: []testJob{created}, jobs: []testJob{created, deleted, {id: 9, verb: Provision, status: running}}},
		"deleted, and made by another":            {known: []testJob{created}, jobs: []testJob{created, deleted, theirs}, want: standingGone, by: 8},
		"deleted, and made by its owner":          {known: []testJob{created}, jobs: []testJob{created, deleted, ours}, want: standingMovedOn, by: 9},
		"deleted, and made by its owner in vain": {
			known: []testJob{created}, jobs: []testJob{created, deleted, {id: 9, verb: Provision, status: failed, uid: otherUID, owner: "me"}}, want: standingGone, by: 8,
		},
		"deleted, and relaunched":               {known: []testJob{created}, jobs: []testJob{created, deleted, relaunched}},
		"deleted, and made by hand":             {known: []testJob{created}, jobs: []testJob{created, deleted, byHand}},
		"changed by hand":                       {known: []testJob{created}, jobs: []testJob{created, byHand}},
		"relaunched":                            {known: []testJob{created}, jobs: []testJob{created, relaunched}},
		"taken by another":                      {known: []testJob{created}, jobs: []testJob{created, theirs}, want: standingTaken, by: 9},
		"taken by the same owner":               {known: []testJob{created}, jobs: []testJob{created, ours}, want: standingTaken, by: 9},
		"taken, its own job purged":             {known: []testJob{created}, jobs: []testJob{theirs}, want: standingTaken, by: 9},
		"launched in vain, made by another":     {jobs: []testJob{theirs}, want: standingUnmade, by: 9},
		"launched in vain, nothing is there":    {},
		"another's job gave way":                {known: []testJob{created}, jobs: []testJob{created, {id: 9, verb: Provision, status: canceled, uid: otherUID}}},
		"an earlier life's payload by hand":     {known: []testJob{created}, jobs: []testJob{{id: 5, verb: Provision, status: successful, uid: otherUID}, {id: 6, verb: Deprovision, status: successful, uid: otherUID}, created, theirs}},
		"a former life's job, relaunched":       {known: []testJob{created}, jobs: []testJob{created, {id: 9, verb: Provision, status: successful, uid: thirdUID, launchType: launchedAgain}}},
		"taken back":                            {known: []testJob{{id: 10, verb: Provision, status: successful}}, jobs: []testJob{created, theirs, {id: 10, verb: Provision, status: successful}}},
		"a state without uid":                   {known: []testJob{{id: 7, verb: Provision, status: successful, byHand: true}}, uid: thirdUID, jobs: []testJob{{id: 7, verb: Provision, status: successful, byHand: true}}},
		"a state without uid, first update ran": {known: []testJob{{id: 7, verb: Provision, status: successful, byHand: true}}, uid: thirdUID, jobs: []testJob{{id: 7, verb: Provision, status: successful, byHand: true}, {id: 8, verb: Provision, status: failed, uid: thirdUID}}},
		"a state without uid, taken":            {known: []testJob{{id: 7, verb: Provision, status: successful, byHand: true}}, uid: thirdUID, jobs: []testJob{{id: 7, verb: Provision, status: successful, byHand: true}, theirs}, want: standingTaken, by: 9},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			record := recordAfter(t, test.known...)
			if test.uid != "" {
				record.UID = test.uid
			}
			got := record.claim("me").whose(runsOf(t, test.jobs...))
			if got.standing != test.want || (got.by == nil) != (test.by == 0) || test.by != 0 && got.by.ID != test.by {
				t.Errorf("standing %d by %v, want %d by job %d", got.standing, got.by, test.want, test.by)
			}
		})
	}
}
