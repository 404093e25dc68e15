package hubs

import (
	"context"

	"github.com/osac-project/terraform-provider-osac/internal/provider/planclaim"
)

// PlaceOf returns the place of the hub with a key. The identity is empty if the hub can't be asked.
func (c *Configured) PlaceOf(ctx context.Context, key string) planclaim.Place {
	configured, _ := c.Find(key)
	if !configured.Usable() {
		return planclaim.Place{Hub: key}
	}
	identity, err := configured.Hub.Identity(ctx)
	if err != nil {
		identity = "" // what the hub is asked for next tells the error
	}
	return planclaim.Place{Hub: key, Identity: identity}
}
