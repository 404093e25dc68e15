package provisioning

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/osac-project/terraform-provider-osac/internal/osac"
)

// identity names the hub's place, on a controller with the given install uuid: the same templates of the same
// organization there, or the setting place. Two hubs with the same identity are the same place.
func (h *Hub) identity(controllerUUID string) string {
	if h.settings.Place != "" {
		return controllerUUID + "/" + url.PathEscape(h.settings.Place)
	}
	parts := []string{controllerUUID}
	for _, part := range []string{h.settings.Organization, h.settings.CreateTemplate, h.settings.DeleteTemplate} {
		parts = append(parts, url.PathEscape(part))
	}
	return strings.Join(parts, "/")
}

// Identity returns the hub's identity. The first call takes a request.
func (h *Hub) Identity(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	installation, err := h.installation(ctx)
	if err != nil {
		return "", err
	}
	return h.identity(installation.UUID), nil
}

// SamePlace reports whether the hub is the recorded place. A state of an older release names only its controller, or
// nothing.
func (h *Hub) SamePlace(ctx context.Context, recordedIdentity, controllerUUID string) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	installation, err := h.installation(ctx)
	if err != nil {
		return false, err
	}
	return (controllerUUID == "" || installation.UUID == controllerUUID) && h.accepts(recordedIdentity, installation.UUID), nil
}

// accepts reports whether a recorded identity may be this hub's. The setting place also confirms that an identity
// recorded without it is the same place, for instance after templates were renamed.
func (h *Hub) accepts(recorded, controllerUUID string) bool {
	if recorded == "" || recorded == h.identity(controllerUUID) {
		return true
	}
	return h.settings.Place != "" && strings.HasPrefix(recorded, controllerUUID+"/") && !namesPlace(recorded)
}

// namesPlace reports whether an identity was made of the setting place.
func namesPlace(identity string) bool { return strings.Count(identity, "/") == 1 }

// SharedPlaces returns the pairs of hubs that are one place according to their settings, and whose extra vars differ.
// The extra vars may then distinguish two places, which the setting place must confirm.
func SharedPlaces(settings []HubSettings) [][2]string {
	var pairs [][2]string
	for i, a := range settings {
		for _, b := range settings[i+1:] {
			if a.sharesTemplates(b) && a.Place == b.Place && !bytes.Equal(osac.CanonicalOrNil(a.ExtraVars), osac.CanonicalOrNil(b.ExtraVars)) {
				pairs = append(pairs, [2]string{a.Key, b.Key})
			}
		}
	}
	return pairs
}

// sharesTemplates reports whether two hubs launch the same templates, according to their settings.
func (s HubSettings) sharesTemplates(other HubSettings) bool {
	return strings.TrimRight(s.Controller.URL, "/") == strings.TrimRight(other.Controller.URL, "/") &&
		s.Organization == other.Organization && s.CreateTemplate == other.CreateTemplate && s.DeleteTemplate == other.DeleteTemplate
}

// besideNoPlace reports whether a hub with the setting place shares its templates with a hub that has none: jobs
// without a place belong to the latter.
func besideNoPlace(placed HubSettings, all []HubSettings) bool {
	return placed.Place != "" && slices.ContainsFunc(all, func(other HubSettings) bool {
		return other.Place == "" && other.sharesTemplates(placed)
	})
}

// describePlace returns an identity in words.
func describePlace(identity string) string {
	parts := strings.Split(identity, "/")
	for i, part := range parts {
		if plain, err := url.PathUnescape(part); err == nil {
			parts[i] = plain
		}
	}
	switch len(parts) {
	case 2:
		return fmt.Sprintf("place %s on controller %s", strconv.Quote(parts[1]), parts[0])
	case 4:
		organization := "any organization"
		if parts[1] != "" {
			organization = "organization " + strconv.Quote(parts[1])
		}
		return fmt.Sprintf("templates %s and %s of %s on controller %s", strconv.Quote(parts[2]), strconv.Quote(parts[3]), organization, parts[0])
	default:
		return strconv.Quote(identity)
	}
}

// checkPlace refuses to work on an object that is on another place according to its state: this place's templates work
// on other machines.
func (h *Hub) checkPlace(id, recorded, controllerUUID string) error {
	if h.accepts(recorded, controllerUUID) {
		return nil
	}
	return &Error{
		Reason: ReasonOtherPlace, Instance: id,
		What: fmt.Sprintf("Instance %s lives on %s. Hub %s is now %s. Nothing was done.",
			id, describePlace(recorded), strconv.Quote(h.settings.Key), describePlace(h.identity(controllerUUID))),
		Next: "Give the hub the organization and the templates back that the instance was made with. " +
			"If only their names have changed, and they run the same machines, say so by the hub's setting place, any text. " +
			"For another place, add another hub to the provider's hubs: an instance never moves between places.",
	}
}
