package provisioning

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
)

// TestAdviceIsAboutWhatWasRefused gives advice about roles for refusals that are about roles, and for no other.
func TestAdviceIsAboutWhatWasRefused(t *testing.T) {
	for cause, mentions := range map[error]string{
		controller.ErrForbidden:    "role Execute",
		controller.ErrScope:        "scope Write",
		controller.ErrDenied:       "No role mends this",
		controller.ErrUnauthorized: "check the hub's token",
		controller.ErrUnavailable:  "",
	} {
		got := remedy(fmt.Errorf("looking: %w", cause))
		if !strings.Contains(got, mentions) || (got == "") != (mentions == "") {
			t.Errorf("%v: %q does not say %q", cause, got, mentions)
		}
		if about := strings.Contains(got, "role Execute"); about != errors.Is(cause, controller.ErrForbidden) {
			t.Errorf("%v: %q", cause, got)
		}
	}
}
