package provisioning

import (
	"errors"
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/jobs/jobstest"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

// A state whose instance was deleted without its knowledge does not hold what another owner has made under its name.
func TestRefreshOfAnothersLife(t *testing.T) {
	atSite(t, func(site *testSite) {
		record := site.created() // owner ""
		site.sandbox.LaunchByHand(deleteTemplate, site.sandbox.Jobs()[0].ExtraVars, "admin")
		other := site.newHub(func(s *HubSettings) { s.Owner = "other" })
		if _, err := other.Apply(site.Context(), ApplyRequest{Desired: jobstest.Instance(), Timeout: time.Hour}); err != nil {
			t.Fatal(err)
		}
		if result := site.refresh(record); result.Record != nil {
			t.Errorf("the record still holds %+v", result.Record.LastJob)
		}
	})
}

// Without its own owner's making it anew, a machine that was made anew is another one: nothing of the first one's counts.
func TestRefreshOfItsOwnSecondLife(t *testing.T) {
	atSite(t, func(site *testSite) {
		record := site.created()
		restart := osac.NewTimestamp(time.Now().Add(-time.Second))
		record.LastRestartedAt = &restart
		vars := site.sandbox.Jobs()[0].ExtraVars
		for _, template := range []string{deleteTemplate, createTemplate} {
			site.sandbox.LaunchByHand(template, vars, "admin")
			time.Sleep(2 * time.Minute)
		}
		refreshed := site.refresh(record).Record
		if refreshed == nil || refreshed.LastJob == nil || refreshed.LastJob.ID != "3" || refreshed.LastRestartedAt != nil {
			t.Errorf("%+v", refreshed)
		}
	})
}

// A launch that is held up, here by a controller that is down, may come after another's create has begun and ended.
func TestACreateThatIsHeldUpGivesWayToOneThatWasFaster(t *testing.T) {
	atBusySite(t, func(site *testSite) {
		site.sandbox.Behave(createTemplate, sandbox.Behavior{Duration: time.Second})
		site.sandbox.Fault(sandbox.Fault{Path: "launch", Times: 1, Status: 503, Header: map[string][]string{"Retry-After": {"20"}}})
		time.AfterFunc(10*time.Second, func() {
			other := site.newHub(func(s *HubSettings) { s.Owner = "other" })
			if _, err := other.Apply(site.Context(), ApplyRequest{Desired: jobstest.Instance(), Timeout: time.Hour}); err != nil {
				t.Error(err)
			}
			site.sandbox.Behave(createTemplate, sandbox.Behavior{})
		})
		result, err := site.create(site.Context())
		if failure, ok := errors.AsType[*Error](err); !ok || failure.Reason != ReasonAlreadyExists || result.Record != nil {
			t.Errorf("%v, %+v", err, result.Record)
		}
	})
}
