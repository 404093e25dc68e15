package provider

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/osac-project/terraform-provider-osac/internal/provisioning"
)

// hubOfRecord returns the hub of an instance in state. A hub whose settings aren't known yet is not usable, which is
// no error while reading. A key that is gone may have been renamed: then the hub is the one whose controller runs the
// instance.
func (r *computeInstanceResource) hubOfRecord(
	ctx context.Context, key string, record provisioning.Record, o operation,
) (hub *provisioning.Hub, usable bool, diags diag.Diagnostics) {
	configured, exists := r.hubs.find(key)
	switch {
	case configured.usable():
		return configured.hub, true, nil
	case exists && o == operationRead:
		return nil, false, nil
	case exists:
		_, diags = r.usableHub(key, o)
		return nil, false, diags
	}
	for _, other := range slices.Sorted(maps.Keys(r.hubs.byKey)) {
		candidate := r.hubs.byKey[other]
		if !candidate.usable() || record.ControllerUUID == "" {
			continue
		}
		if same, err := sameController(ctx, candidate.hub, record); err == nil && same {
			return candidate.hub, true, nil
		}
	}
	diags.AddAttributeError(path.Root("hub"), "The instance's hub is gone", fmt.Sprintf(
		"%s Instance %s was made there, and none of the others leads to its controller. Restore the hub's settings; "+
			"or, to forget the instance and leave the machine as it is, remove the resource with:\n\n"+
			"removed {\n  from = <address of the resource>\n  lifecycle {\n    destroy = false\n  }\n}",
		r.hubs.missing(key), provisioning.InstanceID(key, record.Key)))
	return nil, false, diags
}

// errUndecided is returned where a hub doesn't answer.
var errUndecided = errors.New("the hub did not answer, so whether it leads to the instance's controller is not known")

// sameController tells whether a hub leads to the controller that runs the instance on record.
func sameController(ctx context.Context, hub *provisioning.Hub, record provisioning.Record) (bool, error) {
	// Without jobs on record, the only warning of a refresh is that the hub could not be reached.
	result, err := hub.Refresh(ctx, provisioning.Record{
		Instance:       provisioning.Instance{Key: record.Key},
		ControllerUUID: record.ControllerUUID,
	})
	var failure *provisioning.Error
	switch {
	case errors.As(err, &failure) && failure.Reason == provisioning.ReasonOtherController:
		return false, nil
	case err != nil:
		return false, err
	case len(result.Warnings) > 0:
		return false, errUndecided
	}
	return true, nil
}
