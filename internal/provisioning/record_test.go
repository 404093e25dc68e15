package provisioning

import (
	"testing"
)

func TestUpdateFromTheHubsJobs(t *testing.T) {
	t.Parallel()
	created := testJob{id: 7, verb: Provision, status: successful}
	unchanged, other := testInstance().Spec.ConfigVersion(), halted().Spec.ConfigVersion()
	moment := timestamp(t, "2026-11-23T12:30:00Z")
	for name, test := range map[string]struct {
		known      []testJob
		jobs       []testJob
		reconciled string
		phase      Phase
		needsRun   bool
	}{
		"nothing new":                       {[]testJob{created}, []testJob{created}, unchanged, PhaseRunning, false},
		"all purged":                        {[]testJob{created}, nil, unchanged, PhaseRunning, false},
		"interrupted run has succeeded":     {[]testJob{{id: 7, verb: Provision, status: running}}, []testJob{created}, unchanged, PhaseRunning, false},
		"interrupted run has failed":        {[]testJob{{id: 7, verb: Provision, status: running}}, []testJob{{id: 7, verb: Provision, status: failed}}, "", PhaseFailed, true},
		"interrupted run goes on":           {[]testJob{{id: 7, verb: Provision, status: pending}}, []testJob{{id: 7, verb: Provision, status: running}}, "", PhaseStarting, true},
		"changed by hand":                   {[]testJob{created}, []testJob{created, {id: 8, verb: Provision, status: successful, instance: halted(), byHand: true}}, other, PhaseRunning, true},
		"run again by hand":                 {[]testJob{created}, []testJob{created, {id: 8, verb: Provision, status: successful}}, unchanged, PhaseRunning, false},
		"restarted by hand":                 {[]testJob{created}, []testJob{created, {id: 8, verb: Provision, status: successful, instance: restarted(moment)}}, unchanged, PhaseRunning, false},
		"delete failed":                     {[]testJob{created}, []testJob{created, {id: 8, verb: Deprovision, status: failed}}, "", PhaseFailed, true},
		"delete under way":                  {[]testJob{created}, []testJob{created, {id: 8, verb: Deprovision, status: running}}, "", PhaseDeleting, true},
		"newest purged":                     {[]testJob{created, {id: 8, verb: Provision, status: successful}}, []testJob{{id: 7, verb: Provision, status: failed}}, unchanged, PhaseRunning, false},
		"cancelled while another succeeded": {[]testJob{created}, []testJob{{id: 7, verb: Provision, status: successful, takes: 5}, {id: 8, verb: Provision, status: canceled}}, unchanged, PhaseRunning, false},
		"cancelled after another succeeded": {[]testJob{created}, []testJob{created, {id: 9, verb: Provision, status: canceled}}, "", PhaseFailed, true},
		"older life, created over delete":   {[]testJob{created}, []testJob{{id: 5, verb: Provision, status: successful, instance: halted()}, {id: 6, verb: Deprovision, status: successful}, created}, unchanged, PhaseRunning, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			record := recordAfter(t, test.known...)
			record.rebuild(record.claim("").whose(runsOf(t, test.jobs...)).life)
			if record.ReconciledConfigVersion != test.reconciled {
				t.Errorf("reconciled %q, want %q", record.ReconciledConfigVersion, test.reconciled)
			}
			if record.Phase != test.phase {
				t.Errorf("phase %s, want %s", record.Phase, test.phase)
			}
			if got := record.NeedsRun(testInstance(), nil); got != test.needsRun {
				t.Errorf("needs a run: %v, want %v", got, test.needsRun)
			}
		})
	}
}

func TestARestartIsDueOnce(t *testing.T) {
	t.Parallel()
	record := recordAfter(t, testJob{id: 7, verb: Provision, status: successful}) // created at 12:07
	record.UID = derivedUID("uuid", computeInstanceKind, record.Key, "7")
	for name, test := range map[string]struct {
		requested, last *Timestamp
		due             bool
	}{
		"none":                     {nil, nil, false},
		"after the creation":       {timestamp(t, "2026-11-23T12:30:00Z"), nil, true},
		"before the creation":      {timestamp(t, "2026-11-23T12:00:00Z"), nil, false},
		"later than the last":      {timestamp(t, "2026-11-23T12:30:00Z"), timestamp(t, "2026-11-23T12:20:00Z"), true},
		"the last":                 {timestamp(t, "2026-11-23T12:30:00Z"), timestamp(t, "2026-11-23T12:30:00Z"), false},
		"earlier than the last":    {timestamp(t, "2026-11-23T12:30:00Z"), timestamp(t, "2026-11-23T12:40:00Z"), false},
		"the last, in other words": {timestamp(t, "2026-11-23T13:30:00+01:00"), timestamp(t, "2026-11-23T12:30:00Z"), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked := record
			asked.LastRestartedAt = test.last
			if got := asked.NeedsRun(*restarted(test.requested), nil); got != test.due {
				t.Errorf("needs a run: %v, want %v", got, test.due)
			}
		})
	}
}
