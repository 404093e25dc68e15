package provisioning

import (
	"strings"
	"testing"

	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

// TestEveryEndRepeatsTheLastFailure lets each request that an operation may have to wait for fail until its time is up: by
// an answer with words of its own, by words of a gateway, and by none. What the user is told repeats them.
func TestEveryEndRepeatsTheLastFailure(t *testing.T) {
	t.Parallel()
	for name, wait := range hubWaits() {
		if wait.fault.Path == "" {
			continue // the job goes on for too long, and nothing fails
		}
		for failure, spoilt := range map[string]struct {
			fault sandbox.Fault
			says  []string
		}{
			"503":     {sandbox.Fault{Status: 503, Body: `{"detail":"down for maintenance"}`}, []string{"503", "down for maintenance"}},
			"gateway": {sandbox.Fault{Answer: sandbox.AnswerTimeout}, []string{"504", "upstream request timeout"}},
			"silence": {sandbox.Fault{Hang: true}, []string{"no answer within"}},
		} {
			if name == "reason of a failure" && failure == "silence" {
				continue // a reason is read for as long as an attempt has: nothing has failed before
			}
			t.Run(name+" "+failure, func(t *testing.T) {
				t.Parallel()
				atBusySite(t, func(site *testSite) {
					var record jobs.Record
					if wait.before != nil {
						record = wait.before(site)
					}
					fault := spoilt.fault
					fault.Path, fault.Skip = wait.fault.Path, wait.fault.Skip
					site.sandbox.Fault(fault)
					result, err := wait.run(site.Context(), site, record)
					var said strings.Builder
					if err != nil {
						said.WriteString(err.Error())
					}
					for _, warning := range result.Warnings {
						said.WriteString(warning.Detail)
					}
					for _, words := range spoilt.says {
						if !strings.Contains(said.String(), words) {
							t.Errorf("it does not say %q: %s", words, &said)
						}
					}
				})
			})
		}
	}
}
