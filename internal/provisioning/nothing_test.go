package provisioning

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

func warnsOfNothing(result Result) bool {
	return slices.ContainsFunc(result.Warnings, func(w jobs.Warning) bool { return w.Summary == "A job did nothing" })
}

// A playbook that meets no host is a success to AAP (recording 828), and nothing was done.
func TestAJobThatRanNothingIsTold(t *testing.T) {
	for name, eventDelay := range map[string]time.Duration{"counts at once": -1, "counts later": 3 * time.Second} {
		t.Run(name, func(t *testing.T) {
			atSite(t, func(site *testSite) {
				nothing := sandbox.Behavior{NoHosts: true, Duration: 4 * time.Second, EventDelay: eventDelay}
				site.sandbox.BehaveNext(createTemplate, nothing)
				made, err := site.create(site.Context())
				if err != nil || !warnsOfNothing(made) {
					site.Fatalf("create: %v, warnings %v", err, made.Warnings)
				}
				site.hub = site.newHub()
				site.sandbox.BehaveNext(deleteTemplate, nothing)
				deleted, err := site.destroy(site.Context(), *made.Record)
				if err != nil || !warnsOfNothing(deleted) {
					site.Errorf("destroy: %v, warnings %v", err, deleted.Warnings)
				}
			})
		})
	}
}

func TestAJobThatRanSomethingIsNotAskedFor(t *testing.T) {
	for name, job := range map[string]struct {
		behavior sandbox.Behavior
		asked    int
	}{
		"with outputs":   {sandbox.Behavior{Duration: 4 * time.Second, EventDelay: -1}, 0},
		"long":           {sandbox.Behavior{Artifacts: map[string]any{}, EventDelay: -1}, 0},
		"short":          {sandbox.Behavior{Artifacts: map[string]any{}, Duration: 4 * time.Second, EventDelay: -1}, 1},
		"without counts": {sandbox.Behavior{Artifacts: map[string]any{}, Duration: 4 * time.Second, EventDelay: time.Hour}, 6},
	} {
		t.Run(name, func(t *testing.T) {
			atSite(t, func(site *testSite) {
				site.sandbox.BehaveNext(createTemplate, job.behavior)
				made, err := site.create(site.Context())
				if err != nil || warnsOfNothing(made) {
					site.Errorf("%v, warnings %v", err, made.Warnings)
				}
				asked := 0
				for _, request := range site.sandbox.Requests() {
					if request.Route == "job" && request.Method == http.MethodGet {
						asked++
					}
				}
				if asked != job.asked {
					site.Errorf("the job was asked for %d times, want %d", asked, job.asked)
				}
			})
		})
	}
}
