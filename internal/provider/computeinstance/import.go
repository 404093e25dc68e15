package computeinstance

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"

	"github.com/osac-project/terraform-provider-osac/internal/osac"
	"github.com/osac-project/terraform-provider-osac/internal/provider/diagnose"
	"github.com/osac-project/terraform-provider-osac/internal/provider/validate"
	"github.com/osac-project/terraform-provider-osac/internal/provisioning"
)

// IdentitySchema describes an instance's identity.
func (r *Resource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"hub": identityschema.StringAttribute{
			Description:       "The hub that runs the instance. Default `default`.",
			OptionalForImport: true,
		},
		"namespace": identityschema.StringAttribute{
			Description:       "Namespace of the instance on the hub. Default: the hub's `namespace`.",
			OptionalForImport: true,
		},
		"name": identityschema.StringAttribute{
			Description:       "Name of the instance.",
			RequiredForImport: true,
		},
	}}
}

// importTarget is the instance to import. An empty namespace means the hub's.
type importTarget struct {
	hub string
	key osac.Key
}

// ImportState reads an instance from its newest successful job. It sets all attributes, since Read does not change
// configured ones.
func (r *Resource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	target, diags := parseImport(ctx, req)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	hub, diags := r.hubs.Use(target.hub, diagnose.Import)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if target.key.Namespace == "" {
		configured, _ := r.hubs.Find(target.hub)
		target.key.Namespace = configured.Namespace.ValueString()
	}
	result, err := hub.Import(ctx, target.key)
	diagnose.AppendWarnings(&resp.Diagnostics, result.Warnings)
	if err != nil {
		resp.Diagnostics.Append(diagnose.Error(diagnose.Import, err, false))
		return
	}
	state, diags := NewModel(ctx, target.hub, *result.Record)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identity())...)
}

// parseImport reads the id or the identity of an import.
func parseImport(ctx context.Context, req resource.ImportStateRequest) (importTarget, diag.Diagnostics) {
	var diags diag.Diagnostics
	if req.ID != "" {
		target, err := parseImportID(req.ID)
		if err != nil {
			diags.AddError("The import id can't be read", err.Error())
		}
		return target, diags
	}
	var identity computeInstanceIdentity
	diags.Append(req.Identity.Get(ctx, &identity)...)
	target := importTarget{
		hub: identity.Hub.ValueString(),
		key: osac.Key{Namespace: identity.Namespace.ValueString(), Name: identity.Name.ValueString()},
	}
	if target.hub == "" {
		target.hub = provisioning.DefaultHub
	}
	return target, diags
}

// parseImportID reads "namespace/name" or "hub/namespace/name".
func parseImportID(id string) (importTarget, error) {
	parts := strings.Split(id, "/")
	if len(parts) == 2 {
		parts = append([]string{provisioning.DefaultHub}, parts...)
	}
	if len(parts) != 3 || !validate.HubKeyPattern.MatchString(parts[0]) || !validate.LabelPattern.MatchString(parts[1]) || !validate.LabelPattern.MatchString(parts[2]) {
		return importTarget{}, fmt.Errorf("%q must have the form namespace/name, or hub/namespace/name for another hub than \"default\": "+
			"the namespace and the name are RFC 1123 labels, in lower case", id)
	}
	return importTarget{hub: parts[0], key: osac.Key{Namespace: parts[1], Name: parts[2]}}, nil
}
