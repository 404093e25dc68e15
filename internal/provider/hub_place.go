package provider

import (
	"context"

	"github.com/osac-project/terraform-provider-osac/internal/provisioning"
)

// place is where objects live. Two keys of hubs with the same identity are one place.
type place struct {
	hub string
	// identity is the hub's identity; empty while it isn't known.
	identity string
}

// is reports whether two places are known to be the same.
func (p place) is(other place) bool {
	return p.hub == other.hub || p.identity != "" && p.identity == other.identity
}

// placed is a hub that knows its identity.
type placed interface {
	// Identity returns the hub's identity, which may be asked of its controller.
	Identity(ctx context.Context) (string, error)
	// SamePlace reports whether an object with that identity and controller on record lives on the hub. Either may be
	// empty, in states of older releases.
	SamePlace(ctx context.Context, identity, controllerUUID string) (bool, error)
}

// placeOf returns the place of a hub by its key. The identity is empty if the hub can't be asked.
func (c *configuredHubs) placeOf(ctx context.Context, key string) place {
	configured, _ := c.find(key)
	if !configured.usable() {
		return place{hub: key}
	}
	identity, err := asPlaced(configured.hub).Identity(ctx)
	if err != nil {
		identity = "" // what the hub is asked for next tells the error
	}
	return place{hub: key, identity: identity}
}

func asPlaced(hub *provisioning.Hub) placed {
	if knows, ok := any(hub).(placed); ok {
		return knows
	}
	return byController{hub}
}

// byController takes the controller for the whole of a hub's identity.
type byController struct{ hub *provisioning.Hub }

// Identity returns none: what the hub's templates are is not known here.
func (byController) Identity(context.Context) (string, error) { return "", nil }

// SamePlace compares the controllers.
func (b byController) SamePlace(ctx context.Context, _, controllerUUID string) (bool, error) {
	return b.hub.Runs(ctx, controllerUUID)
}
