package provider

import "context"

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
