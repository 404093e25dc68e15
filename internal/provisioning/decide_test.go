package provisioning

import (
	"testing"
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
		jobs      []testJob
		takeOver  bool
		owner     string
		deletedBy int64
		gaveWayTo int64
		want      decided
	}{
		"nothing there":               {want: decided{step: stepStart}},
		"active job of the same":      {owner: "me", jobs: []testJob{{id: 7, verb: Provision, status: running, owner: "me"}}, want: decided{step: stepAdopt, job: 7}},
		"the same without owner":      {jobs: []testJob{{id: 7, verb: Provision, status: running}}, want: decided{step: stepRefuse, reason: ReasonAlreadyExists}},
		"active job of other inputs":  {owner: "me", jobs: []testJob{{id: 7, verb: Provision, status: pending, instance: halted(), owner: "me"}}, want: decided{step: stepFollowFirst, job: 7}},
		"active job of another owner": {owner: "me", jobs: []testJob{{id: 7, verb: Provision, status: running, owner: "them"}}, want: decided{step: stepRefuse, reason: ReasonAlreadyExists}},
		"the same, taken over":        {owner: "me", takeOver: true, jobs: []testJob{{id: 7, verb: Provision, status: running, owner: "them"}}, want: decided{step: stepFollowFirst, job: 7}},
		"active delete":               {jobs: []testJob{{id: 7, verb: Deprovision, status: running}}, want: decided{step: stepFollowFirst, job: 7}},
		"the elder of two active":     {owner: "me", jobs: []testJob{{id: 7, verb: Provision, status: running, owner: "me"}, {id: 8, verb: Provision, status: pending, owner: "me"}}, want: decided{step: stepAdopt, job: 7}},
		"finished, the same owner":    {owner: "me", jobs: []testJob{{id: 7, verb: Provision, status: successful, owner: "me"}}, want: decided{step: stepStart, replaces: 7}},
		"finished, other inputs":      {owner: "me", jobs: []testJob{{id: 7, verb: Provision, status: successful, owner: "me", instance: halted()}}, want: decided{step: stepStart, replaces: 7}},
		"finished, gave way to it":    {owner: "me", gaveWayTo: 7, jobs: []testJob{{id: 7, verb: Provision, status: successful, owner: "me"}, {id: 8, verb: Provision, status: canceled, owner: "me"}}, want: decided{step: stepDone, job: 7}},
		"finished, no owner":          {jobs: []testJob{{id: 7, verb: Provision, status: successful}}, want: decided{step: stepRefuse, reason: ReasonAlreadyExists}},
		"finished, another owner":     {owner: "me", jobs: []testJob{{id: 7, verb: Provision, status: successful, owner: "them"}}, want: decided{step: stepRefuse, reason: ReasonAlreadyExists}},
		"finished, made by hand":      {owner: "me", jobs: []testJob{{id: 7, verb: Provision, status: successful, byHand: true}}, want: decided{step: stepRefuse, reason: ReasonAlreadyExists}},
		"finished, taken over":        {owner: "me", jobs: []testJob{{id: 7, verb: Provision, status: successful, owner: "them"}}, takeOver: true, want: decided{step: stepStart, replaces: 7}},
		"live, a change failed since": {jobs: []testJob{{id: 7, verb: Provision, status: successful}, {id: 8, verb: Provision, status: failed}}, want: decided{step: stepRefuse, reason: ReasonAlreadyExists}},
		"failed before":               {jobs: []testJob{{id: 7, verb: Provision, status: failed}}, want: decided{step: stepStart}},
		"cancelled before":            {jobs: []testJob{{id: 7, verb: Provision, status: canceled}}, want: decided{step: stepStart}},
		"deleted since":               {jobs: []testJob{{id: 7, verb: Provision, status: successful}, {id: 8, verb: Deprovision, status: successful}}, want: decided{step: stepStart}},
		"delete failed":               {jobs: []testJob{{id: 7, verb: Provision, status: successful}, {id: 8, verb: Deprovision, status: failed}}, want: decided{step: stepRefuse, reason: ReasonAlreadyExists}},
		"deleted by this process, whose job was purged": {
			jobs: []testJob{{id: 7, verb: Provision, status: successful}}, deletedBy: 8, want: decided{step: stepStart},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			situation := provisionCase{
				id: "ns/vm", desired: testInstance(), takeOver: test.takeOver, owner: test.owner, deletedBy: test.deletedBy, gaveWayTo: test.gaveWayTo,
			}
			test.want.check(t, situation.decide(runsOf(t, test.jobs...)))
		})
	}
}

func TestDecideUpdate(t *testing.T) {
	t.Parallel()
	moment := timestamp(t, "2026-11-23T12:30:00Z")
	created := testJob{id: 7, verb: Provision, status: successful}
	for name, test := range map[string]struct {
		desired *Instance
		known   []testJob
		jobs    []testJob
		restart bool
		owner   string
		want    decided
	}{
		"launched in vain, made by another":   {jobs: []testJob{{id: 9, verb: Provision, status: successful, uid: otherUID, owner: "them"}}, owner: "me", want: decided{step: stepRefuse, reason: ReasonAlreadyExists}},
		"launched in vain, of the same owner": {jobs: []testJob{{id: 9, verb: Provision, status: successful, uid: otherUID, owner: "me"}}, owner: "me", want: decided{step: stepStart, replaces: 9}},
		"changed":                             {desired: halted(), known: []testJob{created}, jobs: []testJob{created}, want: decided{step: stepStart}},
		"done meanwhile":                      {desired: halted(), known: []testJob{created}, jobs: []testJob{created, {id: 8, verb: Provision, status: successful, instance: halted()}}, want: decided{step: stepDone, job: 8}},
		"under way":                           {desired: halted(), known: []testJob{created}, jobs: []testJob{created, {id: 8, verb: Provision, status: running, instance: halted()}}, want: decided{step: stepAdopt, job: 8}},
		"under way for somebody else":         {desired: halted(), known: []testJob{created}, jobs: []testJob{created, {id: 8, verb: Provision, status: running, instance: halted(), owner: "them"}}, want: decided{step: stepAdopt, job: 8}},
		"another change under way":            {known: []testJob{created}, jobs: []testJob{created, {id: 8, verb: Provision, status: running, instance: halted()}}, want: decided{step: stepFollowFirst, job: 8}},
		"there, back, there":                  {known: []testJob{created}, jobs: []testJob{created, {id: 8, verb: Provision, status: successful, instance: halted()}}, want: decided{step: stepStart}},
		"newer job purged":                    {known: []testJob{created, {id: 8, verb: Provision, status: successful, instance: halted()}}, jobs: []testJob{created}, want: decided{step: stepStart}},
		"failed before":                       {known: []testJob{created}, jobs: []testJob{{id: 8, verb: Provision, status: failed}, created}, want: decided{step: stepStart}},
		"being deleted":                       {known: []testJob{created}, jobs: []testJob{created, {id: 8, verb: Deprovision, status: running}}, want: decided{step: stepFollowFirst, job: 8}},
		"destroyed by somebody":               {known: []testJob{created}, jobs: []testJob{created, {id: 8, verb: Deprovision, status: successful}}, want: decided{step: stepRefuse, reason: ReasonDestroyed}},
		"own delete, interrupted":             {known: []testJob{created, {id: 8, verb: Deprovision, status: running}}, jobs: []testJob{created, {id: 8, verb: Deprovision, status: successful}}, want: decided{step: stepStart}},
		"delete failed":                       {known: []testJob{created, {id: 8, verb: Deprovision, status: failed}}, jobs: []testJob{created, {id: 8, verb: Deprovision, status: failed}}, want: decided{step: stepStart}},
		"all purged":                          {known: []testJob{created}, want: decided{step: stepStart}},
		"restart, same inputs":                {desired: restarted(moment), known: []testJob{created}, jobs: []testJob{created}, restart: true, want: decided{step: stepStart}},
		"restart under way":                   {desired: restarted(moment), known: []testJob{created}, jobs: []testJob{created, {id: 8, verb: Provision, status: running, instance: restarted(moment)}}, restart: true, want: decided{step: stepAdopt, job: 8}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			situation := provisionCase{
				id: "ns/vm", desired: testInstance(), update: true, restartDue: test.restart, owner: test.owner,
				known: recordAfter(t, test.known...),
			}
			if test.desired != nil {
				situation.desired = *test.desired
			}
			test.want.check(t, situation.decide(runsOf(t, test.jobs...)))
		})
	}
}

func TestDecideDestroy(t *testing.T) {
	t.Parallel()
	created := testJob{id: 7, verb: Provision, status: successful}
	for name, test := range map[string]struct {
		jobs  []testJob
		known []testJob
		ended map[int64]bool
		want  decided
	}{
		"never provisioned":            {want: decided{step: stepStart}},
		"provisioned":                  {jobs: []testJob{created}, known: []testJob{created}, want: decided{step: stepStart}},
		"all purged":                   {known: []testJob{created}, want: decided{step: stepStart}},
		"provisioning":                 {jobs: []testJob{{id: 7, verb: Provision, status: running}}, want: decided{step: stepCancelFirst, job: 7}},
		"known to be over by its 405":  {jobs: []testJob{{id: 7, verb: Provision, status: running}}, ended: map[int64]bool{7: true}, want: decided{step: stepStart}},
		"delete under way":             {jobs: []testJob{created, {id: 8, verb: Deprovision, status: pending}}, want: decided{step: stepAdopt, job: 8}},
		"delete failed":                {jobs: []testJob{created, {id: 8, verb: Deprovision, status: failed}}, want: decided{step: stepStart}},
		"interrupted delete succeeded": {jobs: []testJob{created, {id: 8, verb: Deprovision, status: successful}}, known: []testJob{created, {id: 8, verb: Deprovision, status: running}}, want: decided{step: stepDone, job: 8}},
		"delete of an earlier life":    {jobs: []testJob{{id: 6, verb: Deprovision, status: successful}}, known: []testJob{created}, want: decided{step: stepStart}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.want.check(t, deletion{id: "ns/vm", known: recordAfter(t, test.known...), ended: test.ended}.decide(runsOf(t, test.jobs...)))
		})
	}
}

func TestTheLowerOfTwoTwinsWinsAndADeleteBeatsAProvision(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		own   testJob
		other testJob
		gives bool
	}{
		"younger provision":          {testJob{id: 8, verb: Provision, status: running}, testJob{id: 7, verb: Provision, status: running}, true},
		"elder provision":            {testJob{id: 7, verb: Provision, status: running}, testJob{id: 8, verb: Provision, status: running}, false},
		"elder provision has ended":  {testJob{id: 8, verb: Provision, status: running}, testJob{id: 7, verb: Provision, status: failed}, false},
		"provision against delete":   {testJob{id: 7, verb: Provision, status: running}, testJob{id: 8, verb: Deprovision, status: pending}, true},
		"delete against provision":   {testJob{id: 8, verb: Deprovision, status: running}, testJob{id: 7, verb: Provision, status: running}, false},
		"younger of two deletes":     {testJob{id: 8, verb: Deprovision, status: running}, testJob{id: 7, verb: Deprovision, status: running}, true},
		"provision after the delete": {testJob{id: 8, verb: Provision, status: running}, testJob{id: 7, verb: Deprovision, status: successful}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			jobs := runsOf(t, test.own, test.other)
			own := *jobs.newest(func(r run) bool { return r.ID == test.own.id })
			if got := twinOf(own, jobs) != nil; got != test.gives {
				t.Errorf("gives way: %v, want %v", got, test.gives)
			}
		})
	}
}
