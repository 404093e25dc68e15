package provisioning

import (
	"testing"
	"time"
)

// A state whose instance was deleted without its knowledge does not hold what another owner has made under its name.
func TestRefreshOfAnothersLife(t *testing.T) {
	atSite(t, func(site *testSite) {
		record := site.created() // owner ""
		site.sandbox.LaunchByHand(deleteTemplate, site.sandbox.Jobs()[0].ExtraVars, "admin")
		other := site.newHub(func(s *HubSettings) { s.Owner = "other" })
		if _, err := other.Apply(site.Context(), ApplyRequest{Desired: testInstance(), Timeout: time.Hour}); err != nil {
			t.Fatal(err)
		}
		if result := site.refresh(record); result.Record != nil {
			t.Errorf("the record still holds %+v", result.Record.Jobs)
		}
	})
}

// Without its own owner's making it anew, a machine that was made anew is another one: nothing of the first one's counts.
func TestRefreshOfItsOwnSecondLife(t *testing.T) {
	atSite(t, func(site *testSite) {
		record := site.created()
		restart := NewTimestamp(time.Now().Add(-time.Second))
		record.LastRestartedAt = &restart
		vars := site.sandbox.Jobs()[0].ExtraVars
		for _, template := range []string{deleteTemplate, createTemplate} {
			site.sandbox.LaunchByHand(template, vars, "admin")
			time.Sleep(2 * time.Minute)
		}
		refreshed := site.refresh(record).Record
		if refreshed == nil || len(refreshed.Jobs) != 1 || refreshed.Jobs[0].ID != "3" || refreshed.LastRestartedAt != nil {
			t.Errorf("%+v", refreshed)
		}
	})
}
