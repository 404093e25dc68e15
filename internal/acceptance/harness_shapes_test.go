package acceptance

import (
	"strings"

	client "github.com/osac-project/terraform-provider-osac/internal/controller" //nolint:depguard // its list of requests is what is checked
)

// wantWitnessed checks that all that the provider has asked the site's controller was seen to work on a real one: each
// request's shape is among those that a recording backs.
func (s *Site) wantWitnessed() {
	for _, request := range s.simulated.Requests() {
		target := request.Path
		if request.Query != "" {
			target += "?" + request.Query
		}
		if !strings.HasPrefix(request.Header.Get("User-Agent"), "terraform-provider-osac/") {
			continue
		}
		if recording, ok := client.Witnessed(request.Method, target); !ok || recording == "" {
			s.t.Errorf("%s %s has no recording of a real controller", request.Method, target)
		}
	}
}
