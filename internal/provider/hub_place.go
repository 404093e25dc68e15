package provider

import "context"

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

// placeOf returns the place of a hub by its key. The identity is empty if the hub can't be asked.
func (c *configuredHubs) placeOf(ctx context.Context, key string) place {
	configured, _ := c.find(key)
	if !configured.usable() {
		return place{hub: key}
	}
	identity, err := configured.hub.Identity(ctx)
	if err != nil {
		identity = "" // what the hub is asked for next tells the error
	}
	return place{hub: key, identity: identity}
}
