package provisioning

import (
	"errors"
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/jobs/jobstest"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
)

func TestRestartsThatCannotBeDoneAreRefused(t *testing.T) {
	t.Parallel()
	now := jobstest.Timestamp(t, "2026-11-23T12:00:00Z")
	spec := jobstest.OperatorSpec()
	for moment, refused := range map[string]bool{
		"2026-11-23T11:00:00Z": false, "2026-11-23T12:01:00Z": false, "2026-11-23T12:01:01Z": true, "2026-11-24T00:00:00Z": true,
	} {
		spec.RestartRequestedAt = jobstest.Timestamp(t, moment)
		if err := CheckRestart(spec, now.Time); (err != nil) != refused {
			t.Errorf("restart at %s: %v", moment, err)
		}
	}
	spec.RestartRequestedAt, spec.RunStrategy = now, osac.RunHalted
	var cause *Error
	if err := CheckRestart(spec, now.Time); !errors.As(err, &cause) || cause.Reason != ReasonRestart {
		t.Errorf("restart of a halted instance: %v", err)
	}
	spec.RestartRequestedAt = nil
	if err := CheckRestart(spec, now.Add(time.Hour)); err != nil {
		t.Errorf("no restart: %v", err)
	}
}
