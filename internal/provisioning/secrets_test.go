package provisioning

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/jobs/jobstest"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

// TestFailuresHideWhatTheHubKnows has a playbook print the hub's credentials, those of EDA among them, and what the job was
// given: the error shows none of it, nor does what is read of the job later. Everyday words stay.
func TestFailuresHideWhatTheHubKnows(t *testing.T) {
	t.Parallel()
	atSite(t, func(site *testSite) {
		const printed = "refused: planted-eda \\\"planted-hub planted\\u002downer pin 4711 in production"
		site.settings = append(site.settings, func(s *HubSettings) {
			s.Secrets = []string{"planted-eda"}
			s.ExtraVars = json.RawMessage(`{"site":{"key":"planted-hub","region":"production"}}`)
		})
		site.hub = site.newHub()
		desired := jobstest.Instance()
		desired.ExtraVars = json.RawMessage(`{"key":"planted-owner"}`)
		jobstest.Change(&desired, func(s *osac.ComputeInstanceSpec) { s.TemplateParameters = `{"pin":"4711","region":"production"}` })
		site.sandbox.Behave(createTemplate, sandbox.Behavior{Outcome: "failed", Task: "Log in", Message: printed})
		_, err := site.hub.Apply(site.Context(), ApplyRequest{Desired: desired, Timeout: time.Hour})
		wantReason(t, err, ReasonJobFailed, "refused: (hidden)", "pin (hidden) in production")
		report, _, reportErr := site.newHub().Job(site.Context(), 1)
		if reportErr != nil {
			t.Fatal(reportErr)
		}
		if shown := err.Error() + report.Output + report.Message; strings.Contains(shown, "planted") || strings.Contains(shown, "4711") {
			t.Errorf("a secret shows: %s", shown)
		}
	})
}
