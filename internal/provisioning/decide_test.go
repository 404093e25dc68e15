package provisioning

import (
	"testing"

	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/jobs/jobstest"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
)

// decided is what a test expects: the step, and the job or the reason that it is about.
type decided struct {
	step   step
	job    int64
	reason Reason
	// replaces is the job of the finished machine that a new life is begun on.
	replaces int64
}

func (d decided) check(t *testing.T, got decision) {
	t.Helper()
	if got.step != d.step {
		t.Fatalf("step %d, want %d (%v)", got.step, d.step, got.err)
	}
	if d.job != 0 && (got.run == nil || got.run.ID != d.job) {
		t.Errorf("it is about %+v, want job %d", got.run, d.job)
	}
	if (got.replaces == nil) != (d.replaces == 0) || d.replaces != 0 && got.replaces.ID != d.replaces {
		t.Errorf("it replaces %+v, want job %d", got.replaces, d.replaces)
	}
	if d.reason != 0 && got.err.Reason != d.reason {
		t.Errorf("refused with reason %d, want %d: %v", got.err.Reason, d.reason, got.err)
	}
}

func TestDecideCreate(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		jobs      []jobstest.Job
		takeOver  bool
		owner     string
		deletedBy int64
		gaveWayTo int64
		want      decided
	}{
		"nothing there":               {want: decided{step: stepStart}},
		"active job of the same":      {owner: "me", jobs: []jobstest.Job{{ID: 7, Verb: osac.Provision, Status: jobstest.Running, Owner: "me"}}, want: decided{step: stepAdopt, job: 7}},
		"the same without owner":      {jobs: []jobstest.Job{{ID: 7, Verb: osac.Provision, Status: jobstest.Running}}, want: decided{step: stepRefuse, reason: ReasonAlreadyExists}},
		"active job of other inputs":  {owner: "me", jobs: []jobstest.Job{{ID: 7, Verb: osac.Provision, Status: jobstest.Pending, Instance: jobstest.Halted(), Owner: "me"}}, want: decided{step: stepFollowFirst, job: 7}},
		"active job of another owner": {owner: "me", jobs: []jobstest.Job{{ID: 7, Verb: osac.Provision, Status: jobstest.Running, Owner: "them"}}, want: decided{step: stepRefuse, reason: ReasonAlreadyExists}},
		"the same, taken over":        {owner: "me", takeOver: true, jobs: []jobstest.Job{{ID: 7, Verb: osac.Provision, Status: jobstest.Running, Owner: "them"}}, want: decided{step: stepFollowFirst, job: 7}},
		"active delete":               {jobs: []jobstest.Job{{ID: 7, Verb: osac.Deprovision, Status: jobstest.Running}}, want: decided{step: stepFollowFirst, job: 7}},
		"the elder of two active":     {owner: "me", jobs: []jobstest.Job{{ID: 7, Verb: osac.Provision, Status: jobstest.Running, Owner: "me"}, {ID: 8, Verb: osac.Provision, Status: jobstest.Pending, Owner: "me"}}, want: decided{step: stepAdopt, job: 7}},
		"finished, the same owner":    {owner: "me", jobs: []jobstest.Job{{ID: 7, Verb: osac.Provision, Status: jobstest.Successful, Owner: "me"}}, want: decided{step: stepStart, replaces: 7}},
		"finished, other inputs":      {owner: "me", jobs: []jobstest.Job{{ID: 7, Verb: osac.Provision, Status: jobstest.Successful, Owner: "me", Instance: jobstest.Halted()}}, want: decided{step: stepStart, replaces: 7}},
		"finished, gave way to it":    {owner: "me", gaveWayTo: 7, jobs: []jobstest.Job{{ID: 7, Verb: osac.Provision, Status: jobstest.Successful, Owner: "me"}, {ID: 8, Verb: osac.Provision, Status: jobstest.Canceled, Owner: "me"}}, want: decided{step: stepDone, job: 7}},
		"finished, no owner":          {jobs: []jobstest.Job{{ID: 7, Verb: osac.Provision, Status: jobstest.Successful}}, want: decided{step: stepRefuse, reason: ReasonAlreadyExists}},
		"finished, another owner":     {owner: "me", jobs: []jobstest.Job{{ID: 7, Verb: osac.Provision, Status: jobstest.Successful, Owner: "them"}}, want: decided{step: stepRefuse, reason: ReasonAlreadyExists}},
		"finished, made by hand":      {owner: "me", jobs: []jobstest.Job{{ID: 7, Verb: osac.Provision, Status: jobstest.Successful, ByHand: true}}, want: decided{step: stepRefuse, reason: ReasonAlreadyExists}},
		"finished, taken over":        {owner: "me", jobs: []jobstest.Job{{ID: 7, Verb: osac.Provision, Status: jobstest.Successful, Owner: "them"}}, takeOver: true, want: decided{step: stepStart, replaces: 7}},
		"live, a change failed since": {jobs: []jobstest.Job{{ID: 7, Verb: osac.Provision, Status: jobstest.Successful}, {ID: 8, Verb: osac.Provision, Status: jobstest.Failed}}, want: decided{step: stepRefuse, reason: ReasonAlreadyExists}},
		"failed before":               {jobs: []jobstest.Job{{ID: 7, Verb: osac.Provision, Status: jobstest.Failed}}, want: decided{step: stepStart}},
		"cancelled before":            {jobs: []jobstest.Job{{ID: 7, Verb: osac.Provision, Status: jobstest.Canceled}}, want: decided{step: stepStart}},
		"deleted since":               {jobs: []jobstest.Job{{ID: 7, Verb: osac.Provision, Status: jobstest.Successful}, {ID: 8, Verb: osac.Deprovision, Status: jobstest.Successful}}, want: decided{step: stepStart}},
		"delete failed":               {jobs: []jobstest.Job{{ID: 7, Verb: osac.Provision, Status: jobstest.Successful}, {ID: 8, Verb: osac.Deprovision, Status: jobstest.Failed}}, want: decided{step: stepRefuse, reason: ReasonAlreadyExists}},
		"deleted by this process, whose job was purged": {
			jobs: []jobstest.Job{{ID: 7, Verb: osac.Provision, Status: jobstest.Successful}}, deletedBy: 8, want: decided{step: stepStart},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			situation := provisionCase{
				id: "ns/vm", desired: jobstest.Instance(), takeOver: test.takeOver, owner: test.owner, deletedBy: test.deletedBy, gaveWayTo: test.gaveWayTo,
			}
			test.want.check(t, situation.decide(jobstest.RunsOf(t, test.jobs...)))
		})
	}
}

func TestDecideUpdate(t *testing.T) {
	t.Parallel()
	moment := jobstest.Timestamp(t, "2026-11-23T12:30:00Z")
	created := jobstest.Job{ID: 7, Verb: osac.Provision, Status: jobstest.Successful}
	for name, test := range map[string]struct {
		desired *osac.Instance
		known   []jobstest.Job
		jobs    []jobstest.Job
		restart bool
		owner   string
		want    decided
	}{
		"launched in vain, made by another":   {jobs: []jobstest.Job{{ID: 9, Verb: osac.Provision, Status: jobstest.Successful, UID: jobstest.OtherUID, Owner: "them"}}, owner: "me", want: decided{step: stepRefuse, reason: ReasonAlreadyExists}},
		"launched in vain, of the same owner": {jobs: []jobstest.Job{{ID: 9, Verb: osac.Provision, Status: jobstest.Successful, UID: jobstest.OtherUID, Owner: "me"}}, owner: "me", want: decided{step: stepStart, replaces: 9}},
		"changed":                             {desired: jobstest.Halted(), known: []jobstest.Job{created}, jobs: []jobstest.Job{created}, want: decided{step: stepStart}},
		"done meanwhile":                      {desired: jobstest.Halted(), known: []jobstest.Job{created}, jobs: []jobstest.Job{created, {ID: 8, Verb: osac.Provision, Status: jobstest.Successful, Instance: jobstest.Halted()}}, want: decided{step: stepDone, job: 8}},
		"under way":                           {desired: jobstest.Halted(), known: []jobstest.Job{created}, jobs: []jobstest.Job{created, {ID: 8, Verb: osac.Provision, Status: jobstest.Running, Instance: jobstest.Halted()}}, want: decided{step: stepAdopt, job: 8}},
		"under way for somebody else":         {desired: jobstest.Halted(), known: []jobstest.Job{created}, jobs: []jobstest.Job{created, {ID: 8, Verb: osac.Provision, Status: jobstest.Running, Instance: jobstest.Halted(), Owner: "them"}}, want: decided{step: stepAdopt, job: 8}},
		"another change under way":            {known: []jobstest.Job{created}, jobs: []jobstest.Job{created, {ID: 8, Verb: osac.Provision, Status: jobstest.Running, Instance: jobstest.Halted()}}, want: decided{step: stepFollowFirst, job: 8}},
		"there, back, there":                  {known: []jobstest.Job{created}, jobs: []jobstest.Job{created, {ID: 8, Verb: osac.Provision, Status: jobstest.Successful, Instance: jobstest.Halted()}}, want: decided{step: stepStart}},
		"newer job purged":                    {known: []jobstest.Job{created, {ID: 8, Verb: osac.Provision, Status: jobstest.Successful, Instance: jobstest.Halted()}}, jobs: []jobstest.Job{created}, want: decided{step: stepStart}},
		"failed before":                       {known: []jobstest.Job{created}, jobs: []jobstest.Job{{ID: 8, Verb: osac.Provision, Status: jobstest.Failed}, created}, want: decided{step: stepStart}},
		"being deleted":                       {known: []jobstest.Job{created}, jobs: []jobstest.Job{created, {ID: 8, Verb: osac.Deprovision, Status: jobstest.Running}}, want: decided{step: stepFollowFirst, job: 8}},
		"destroyed by somebody":               {known: []jobstest.Job{created}, jobs: []jobstest.Job{created, {ID: 8, Verb: osac.Deprovision, Status: jobstest.Successful}}, want: decided{step: stepRefuse, reason: ReasonDestroyed}},
		"own delete, interrupted":             {known: []jobstest.Job{created, {ID: 8, Verb: osac.Deprovision, Status: jobstest.Running}}, jobs: []jobstest.Job{created, {ID: 8, Verb: osac.Deprovision, Status: jobstest.Successful}}, want: decided{step: stepStart}},
		"delete failed":                       {known: []jobstest.Job{created, {ID: 8, Verb: osac.Deprovision, Status: jobstest.Failed}}, jobs: []jobstest.Job{created, {ID: 8, Verb: osac.Deprovision, Status: jobstest.Failed}}, want: decided{step: stepStart}},
		"all purged":                          {known: []jobstest.Job{created}, want: decided{step: stepStart}},
		"restart, same inputs":                {desired: jobstest.Restarted(moment), known: []jobstest.Job{created}, jobs: []jobstest.Job{created}, restart: true, want: decided{step: stepStart}},
		"restart under way":                   {desired: jobstest.Restarted(moment), known: []jobstest.Job{created}, jobs: []jobstest.Job{created, {ID: 8, Verb: osac.Provision, Status: jobstest.Running, Instance: jobstest.Restarted(moment)}}, restart: true, want: decided{step: stepAdopt, job: 8}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			situation := provisionCase{
				id: "ns/vm", desired: jobstest.Instance(), update: true, restartDue: test.restart, owner: test.owner,
				known: jobstest.RecordAfter(t, test.known...),
			}
			if test.desired != nil {
				situation.desired = *test.desired
			}
			test.want.check(t, situation.decide(jobstest.RunsOf(t, test.jobs...)))
		})
	}
}

func TestDecideDestroy(t *testing.T) {
	t.Parallel()
	created := jobstest.Job{ID: 7, Verb: osac.Provision, Status: jobstest.Successful}
	for name, test := range map[string]struct {
		jobs  []jobstest.Job
		known []jobstest.Job
		ended map[int64]bool
		want  decided
	}{
		"never provisioned":            {want: decided{step: stepStart}},
		"provisioned":                  {jobs: []jobstest.Job{created}, known: []jobstest.Job{created}, want: decided{step: stepStart}},
		"all purged":                   {known: []jobstest.Job{created}, want: decided{step: stepStart}},
		"provisioning":                 {jobs: []jobstest.Job{{ID: 7, Verb: osac.Provision, Status: jobstest.Running}}, want: decided{step: stepCancelFirst, job: 7}},
		"known to be over by its 405":  {jobs: []jobstest.Job{{ID: 7, Verb: osac.Provision, Status: jobstest.Running}}, ended: map[int64]bool{7: true}, want: decided{step: stepStart}},
		"delete under way":             {jobs: []jobstest.Job{created, {ID: 8, Verb: osac.Deprovision, Status: jobstest.Pending}}, want: decided{step: stepAdopt, job: 8}},
		"delete failed":                {jobs: []jobstest.Job{created, {ID: 8, Verb: osac.Deprovision, Status: jobstest.Failed}}, want: decided{step: stepStart}},
		"interrupted delete succeeded": {jobs: []jobstest.Job{created, {ID: 8, Verb: osac.Deprovision, Status: jobstest.Successful}}, known: []jobstest.Job{created, {ID: 8, Verb: osac.Deprovision, Status: jobstest.Running}}, want: decided{step: stepDone, job: 8}},
		"delete of an earlier life":    {jobs: []jobstest.Job{{ID: 6, Verb: osac.Deprovision, Status: jobstest.Successful}}, known: []jobstest.Job{created}, want: decided{step: stepStart}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.want.check(t, deletion{id: "ns/vm", known: jobstest.RecordAfter(t, test.known...), ended: test.ended}.decide(jobstest.RunsOf(t, test.jobs...)))
		})
	}
}

func TestTheLowerOfTwoTwinsWinsAndADeleteBeatsAProvision(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		own   jobstest.Job
		other jobstest.Job
		gives bool
	}{
		"younger provision":          {jobstest.Job{ID: 8, Verb: osac.Provision, Status: jobstest.Running}, jobstest.Job{ID: 7, Verb: osac.Provision, Status: jobstest.Running}, true},
		"elder provision":            {jobstest.Job{ID: 7, Verb: osac.Provision, Status: jobstest.Running}, jobstest.Job{ID: 8, Verb: osac.Provision, Status: jobstest.Running}, false},
		"elder provision has ended":  {jobstest.Job{ID: 8, Verb: osac.Provision, Status: jobstest.Running}, jobstest.Job{ID: 7, Verb: osac.Provision, Status: jobstest.Failed}, false},
		"provision against delete":   {jobstest.Job{ID: 7, Verb: osac.Provision, Status: jobstest.Running}, jobstest.Job{ID: 8, Verb: osac.Deprovision, Status: jobstest.Pending}, true},
		"delete against provision":   {jobstest.Job{ID: 8, Verb: osac.Deprovision, Status: jobstest.Running}, jobstest.Job{ID: 7, Verb: osac.Provision, Status: jobstest.Running}, false},
		"younger of two deletes":     {jobstest.Job{ID: 8, Verb: osac.Deprovision, Status: jobstest.Running}, jobstest.Job{ID: 7, Verb: osac.Deprovision, Status: jobstest.Running}, true},
		"provision after the delete": {jobstest.Job{ID: 8, Verb: osac.Provision, Status: jobstest.Running}, jobstest.Job{ID: 7, Verb: osac.Deprovision, Status: jobstest.Successful}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			history := jobstest.RunsOf(t, test.own, test.other)
			own := *history.Newest(func(r jobs.Run) bool { return r.ID == test.own.ID })
			if got := twinOf(own, history) != nil; got != test.gives {
				t.Errorf("gives way: %v, want %v", got, test.gives)
			}
		})
	}
}
