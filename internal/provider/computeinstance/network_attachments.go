package computeinstance

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/listplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/osac-project/terraform-provider-osac/internal/provider/tfvalue"
)

var _ validator.List = distinctSubnets{}

// distinctSubnets accepts lists that name no subnet twice.
type distinctSubnets struct{}

// Description says what is accepted.
func (distinctSubnets) Description(context.Context) string {
	return "each subnet_ref must be given once"
}

// MarkdownDescription says what is accepted.
func (v distinctSubnets) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateList checks a value, as far as it is known.
func (distinctSubnets) ValidateList(ctx context.Context, req validator.ListRequest, resp *validator.ListResponse) {
	subnets, diags := subnetsOf(ctx, req.ConfigValue)
	resp.Diagnostics.Append(diags...)
	seen := map[string]bool{}
	for i, subnet := range subnets {
		if subnet.IsUnknown() || subnet.IsNull() {
			continue
		}
		if seen[subnet.ValueString()] {
			resp.Diagnostics.AddAttributeError(req.Path.AtListIndex(i).AtName("subnet_ref"), "Subnet given twice",
				fmt.Sprintf("Subnet %q is in the list already. Security groups of one attachment go in one security_group_refs.", subnet.ValueString()))
		}
		seen[subnet.ValueString()] = true
	}
}

// replaceOnOtherSubnets replaces the machine if and only if the sequence of subnets changes; security groups are
// changed in place.
func replaceOnOtherSubnets() planmodifier.List {
	const description = "Other subnets, or another order of them, replace the instance; other security groups don't."
	return listplanmodifier.RequiresReplaceIf(
		func(ctx context.Context, req planmodifier.ListRequest, resp *listplanmodifier.RequiresReplaceIfFuncResponse) {
			before, diags := subnetsOf(ctx, req.StateValue)
			resp.Diagnostics.Append(diags...)
			after, diags := subnetsOf(ctx, req.PlanValue)
			resp.Diagnostics.Append(diags...)
			resp.RequiresReplace = req.PlanValue.IsUnknown() || !slices.Equal(before, after)
		}, description, description)
}

// replaceOnOtherElements replaces the machine if the elements change; null and an empty list are the same.
func replaceOnOtherElements() planmodifier.List {
	const description = "Any change of the list replaces the instance."
	return listplanmodifier.RequiresReplaceIf(
		func(_ context.Context, req planmodifier.ListRequest, resp *listplanmodifier.RequiresReplaceIfFuncResponse) {
			resp.RequiresReplace = req.PlanValue.IsUnknown() ||
				len(req.PlanValue.Elements()) > 0 || len(req.StateValue.Elements()) > 0
		}, description, description)
}

// warnFurtherNetworks warns of a new machine's attachments that OSAC's own playbook does not make.
func warnFurtherNetworks(attachments types.List) diag.Diagnostics {
	if len(attachments.Elements()) < 2 {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(path.Root("network_attachments").AtListIndex(1), "More than one network",
		"OSAC's own playbook gives the machine one interface, that of the first attachment, and OSAC's API accepts one attachment only since September 2026. "+
			"The security groups of all of them apply. Leave the others out, unless the template runs a playbook of the site that attaches them.")}
}

// subnetsOf lists the subnets of network attachments, some of which may be unknown.
func subnetsOf(ctx context.Context, attachments types.List) ([]types.String, diag.Diagnostics) {
	var diags diag.Diagnostics
	var subnets []types.String
	for _, element := range attachments.Elements() {
		attachment, ok := element.(types.Object)
		if !ok || attachment.IsUnknown() || attachment.IsNull() {
			subnets = append(subnets, types.StringUnknown())
			continue
		}
		model, read := tfvalue.Object[networkAttachmentModel](ctx, attachment)
		diags.Append(read...)
		if model != nil {
			subnets = append(subnets, model.SubnetRef)
		}
	}
	return subnets, diags
}
