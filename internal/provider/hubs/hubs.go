package hubs

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/osac-project/terraform-provider-osac/internal/provider/diagnose"
	"github.com/osac-project/terraform-provider-osac/internal/provider/planclaim"
	"github.com/osac-project/terraform-provider-osac/internal/provider/tfvalue"
	"github.com/osac-project/terraform-provider-osac/internal/provisioning"
)

// Configured is the provider's data for its resources: the hubs of the provider block.
type Configured struct {
	ByKey map[string]Hub
	// open is set while hubs itself is unknown: any key may turn out to exist.
	open bool
	// ownerMissed is set once a plan has warned of a hub without an owner.
	ownerMissed atomic.Bool
	// namespaceMissed is set once a plan has warned of a hub without a namespace.
	namespaceMissed atomic.Bool
	// Claims say what the plan's addresses do with the hubs' objects.
	Claims *planclaim.Claims
}

// Hub is a hub of the provider block. Settings may be unknown while Terraform plans, if they come from resources that
// don't exist yet (internal/sandbox/FACTS.md F49). Such a hub exists, but can't be used.
type Hub struct {
	// Hub is nil while settings are unknown.
	Hub *provisioning.Hub
	// Namespace is the namespace of instances that name none; unknown while the settings are.
	Namespace types.String
	// Tenant is the tenant of instances that name none; null if the hub has none either, and unknown while the settings
	// are.
	Tenant types.String
	// assumesNamespace is set if nothing says which namespace instances and tenants are in.
	assumesNamespace bool
}

// Usable reports whether the hub's settings are known, so that it can be used.
func (h Hub) Usable() bool { return h.Hub != nil }

// Find returns the hub with a key.
func (c *Configured) Find(key string) (Hub, bool) {
	if hub, ok := c.ByKey[key]; ok {
		return hub, true
	}
	return Hub{Namespace: types.StringUnknown(), Tenant: types.StringUnknown()}, c.open
}

// WarnNoOwner warns of a hub without an owner, once for each plan and not for each instance.
func (c *Configured) WarnNoOwner(hub *provisioning.Hub) diag.Diagnostics {
	if hub.Owner() != "" || c.ownerMissed.Swap(true) {
		return nil
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic("Instances without an owner", fmt.Sprintf(
		"Hub %q has no owner. If this state is lost, or an apply ends before Terraform has saved it, the machines that were made are known by nothing as this configuration's: "+
			"the next apply refuses to go on with them until they are imported. Set owner in the provider block, or OSAC_OWNER, to a text that names this state and no other. "+
			"In HCP Terraform (TFC_WORKSPACE_SLUG) and with Terraform's http backend (TF_HTTP_ADDRESS) it is set by itself.", hub.Key()))}
}

// WarnNoNamespace warns, once for each plan, of a namespace that nothing sets, if OSAC's own playbook looks for the
// tenant in it.
func (c *Configured) WarnNoNamespace(ctx context.Context, target Hub) diag.Diagnostics {
	if !target.assumesNamespace || !target.Hub.RunsStockPlaybook(ctx) || c.namespaceMissed.Swap(true) {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(path.Root("namespace"), "A namespace that nothing sets", fmt.Sprintf(
		"Neither the instance nor hub %q has a namespace, so that it is %q, which OSAC's operator takes where nothing is set. OSAC's charts keep instances and tenants in the namespace "+
			"that they are installed into, such as osac, and its playbook finds no tenant elsewhere. Set namespace in the provider block, or OSAC_COMPUTE_INSTANCE_NAMESPACE, whichever it is.",
		target.Hub.Key(), provisioning.DefaultNamespace))}
}

// Use returns the hub with a key for an operation that can't do without. The hub must exist and be usable by now.
func (c *Configured) Use(key string, o diagnose.Operation) (*provisioning.Hub, diag.Diagnostics) {
	var diags diag.Diagnostics
	configured, exists := c.Find(key)
	switch {
	case !exists:
		diags.AddAttributeError(path.Root("hub"), "Unknown hub", c.Missing(key))
	case !configured.Usable():
		diags.AddAttributeError(path.Root("hub"), "The hub's settings are not known yet", fmt.Sprintf(
			"Could not %s: settings of hub %q in the provider block depend on values that are not known yet. Apply what they come from first, for instance with -target.", o, key))
	}
	return configured.Hub, diags
}

// Missing says, in a sentence, that there is no hub with that key, and which hubs there are.
func (c *Configured) Missing(key string) string {
	keys := slices.Sorted(maps.Keys(c.ByKey))
	for i := range keys {
		keys[i] = strconv.Quote(keys[i])
	}
	if key == provisioning.DefaultHub {
		return fmt.Sprintf("The provider block has no hub \"default\": it sets nothing but hubs. Its hubs are %s.", strings.Join(keys, ", "))
	}
	return fmt.Sprintf("The provider block has no hub %q. Its hubs are %s.", key, strings.Join(keys, ", "))
}

// Configure makes the hubs of a provider block. An unknown value is no error; its hub can't be used yet.
func Configure(ctx context.Context, config Model, env environment, userAgent string) (*Configured, diag.Diagnostics) {
	configs, diags := hubConfigs(ctx, config, env)
	if diags.HasError() {
		return nil, diags
	}
	configured := &Configured{ByKey: map[string]Hub{}, open: config.Hubs.IsUnknown(), Claims: planclaim.New()}
	var settings []provisioning.HubSettings
	for _, each := range configs {
		if !each.isKnown(ctx) {
			configured.ByKey[each.key] = Hub{Namespace: types.StringUnknown(), Tenant: types.StringUnknown()}
			continue
		}
		settings = append(settings, each.settings(ctx, userAgent))
		configured.ByKey[each.key] = Hub{
			Namespace: types.StringValue(each.namespace()), Tenant: tfvalue.TextOrNull(tfvalue.Trimmed(each.model.Tenant)),
			assumesNamespace: !each.env.of(each.model.Namespace, envNamespace).isSet() && each.model.TenantNamespace.IsNull(),
		}
		diags.Append(each.diags...)
	}
	if diags.HasError() {
		return nil, diags
	}
	for _, pair := range provisioning.SharedPlaces(settings) {
		diags.AddWarning("Two hubs are one place", fmt.Sprintf(
			"Hubs %q and %q launch the same templates of the same controller, with other extra_vars. The provider takes them for one place: an instance of one name exists there once. "+
				"If the extra_vars lead to different clusters, give each of the two hubs a place of its own, any text: jobs then carry it, and are told apart by it.", pair[0], pair[1]))
	}
	made, err := provisioning.NewHubs(settings...)
	if err != nil {
		diags.Append(diagnose.Error(diagnose.Configure, err, false))
		return nil, diags
	}
	for key, hub := range made {
		entry := configured.ByKey[key]
		entry.Hub = hub
		configured.ByKey[key] = entry
	}
	return configured, diags
}

// hubConfigs lists the hubs of a provider block, the default first. The block's own settings and the environment make
// the default. There is no default if the block has only entries of hubs.
func hubConfigs(ctx context.Context, config Model, env environment) ([]*hubConfig, diag.Diagnostics) {
	var diags diag.Diagnostics
	var configs []*hubConfig
	entries := map[string]types.Object{}
	if !config.Hubs.IsNull() && !config.Hubs.IsUnknown() {
		diags.Append(config.Hubs.ElementsAs(ctx, &entries, false)...)
	}
	_, defaultIsEntry := entries[provisioning.DefaultHub]
	switch {
	case defaultIsEntry && !config.isEmpty():
		diags.AddAttributeError(path.Root("hubs").AtMapKey(provisioning.DefaultHub), "Two hubs are called \"default\"",
			"The settings at the top of the provider block are those of the hub \"default\", and hubs has one of that name as well. Remove the one or the other.")
	case defaultIsEntry:
	case !config.isEmpty(), config.Hubs.IsNull(), len(entries) == 0 && !config.Hubs.IsUnknown(), env.of(types.StringNull(), urlVariables...).isSet():
		configs = append(configs, &hubConfig{key: provisioning.DefaultHub, at: path.Empty(), model: config.HubModel, env: env, process: env})
	}
	for _, key := range slices.Sorted(maps.Keys(entries)) {
		entry := &hubConfig{key: key, at: path.Root("hubs").AtMapKey(key), env: noEnvironment, process: env}
		if key == provisioning.DefaultHub {
			entry.env = env
		}
		configs = append(configs, entry)
		if entries[key].IsUnknown() {
			entry.model.URL = types.StringUnknown()
			continue
		}
		diags.Append(entries[key].As(ctx, &entry.model, basetypes.ObjectAsOptions{})...)
	}
	return configs, diags
}
