package computeinstance

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/provider/diagnose"
	"github.com/osac-project/terraform-provider-osac/internal/provisioning"
)

// hubOfRecord returns the hub of an instance in state. It returns nil alongside an error. While reading, it also
// returns nil, without an error, if the hub's settings aren't known yet. A key that is gone may have been renamed: then
// the hub is the one whose controller runs the instance.
func (r *Resource) hubOfRecord(
	ctx context.Context, key string, record jobs.Record, o diagnose.Operation,
) (*provisioning.Hub, diag.Diagnostics) {
	configured, exists := r.hubs.Find(key)
	switch {
	case configured.Usable():
		return configured.Hub, nil
	case exists && o == diagnose.Read:
		return nil, nil
	case exists:
		return r.hubs.Use(key, o)
	}
	return r.hubByController(ctx, key, record, o)
}

// hubByController finds the hub whose controller runs an instance, if the key of the instance's own hub is gone.
func (r *Resource) hubByController(
	ctx context.Context, key string, record jobs.Record, o diagnose.Operation,
) (*provisioning.Hub, diag.Diagnostics) {
	var silent []string
	for _, other := range slices.Sorted(maps.Keys(r.hubs.ByKey)) {
		candidate := r.hubs.ByKey[other]
		switch {
		case record.ControllerUUID == "":
			continue
		case !candidate.Usable() && o == diagnose.Read:
			return nil, nil
		case !candidate.Usable():
			silent = append(silent, fmt.Sprintf("%q (its settings are not known yet)", other))
			continue
		}
		same, err := candidate.Hub.SamePlace(ctx, record.HubIdentity, record.ControllerUUID)
		if err != nil {
			silent = append(silent, fmt.Sprintf("%q (%s)", other, err))
		} else if same {
			return candidate.Hub, nil
		}
	}
	return nil, diag.Diagnostics{hubGone(r.hubs.Missing(key), provisioning.InstanceID(key, record.Key), silent)}
}

// hubGone says what to do about an instance whose hub is no longer configured. silent are hubs that may be the same
// under another name, but could not be asked.
func hubGone(missing, instance string, silent []string) diag.Diagnostic {
	others := "none of the others leads to its controller"
	if len(silent) > 0 {
		others = "whether it has only another name now is not known, since these could not be asked: " + strings.Join(silent, "; ")
	}
	return diag.NewAttributeErrorDiagnostic(path.Root("hub"), "The instance's hub is gone", diagnose.Printable(fmt.Sprintf(
		"%s Instance %s was made there, and %s. Restore the hub's settings; "+
			"or, to forget the instance and leave the machine as it is, remove the resource with:\n\n"+
			"removed {\n  from = <address of the resource>\n  lifecycle {\n    destroy = false\n  }\n}",
		missing, instance, others)))
}
