package computeinstance

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var _ function.Function = parseComputeInstanceIDFunction{}

// parseComputeInstanceIDFunction is provider::osac::parse_compute_instance_id.
type parseComputeInstanceIDFunction struct{}

// NewParseIDFunction returns provider::osac::parse_compute_instance_id.
func NewParseIDFunction() function.Function { return parseComputeInstanceIDFunction{} }

// Metadata names the function.
func (parseComputeInstanceIDFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "parse_compute_instance_id"
}

// Definition describes the function.
func (parseComputeInstanceIDFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary:             "The parts of a compute instance's id",
		MarkdownDescription: "Takes the id of an `osac_compute_instance` apart: returns an object with `hub`, `namespace` and `name`. The hub is `default` where the id names none.",
		Parameters: []function.Parameter{function.StringParameter{
			Name:                "id",
			MarkdownDescription: "The id: `namespace/name`, or `hub/namespace/name`.",
		}},
		Return: function.ObjectReturn{AttributeTypes: idPartsType},
	}
}

var idPartsType = map[string]attr.Type{"hub": types.StringType, "namespace": types.StringType, "name": types.StringType}

// Run splits an id.
func (parseComputeInstanceIDFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var id string
	resp.Error = req.Arguments.Get(ctx, &id)
	if resp.Error != nil {
		return
	}
	target, err := parseImportID(id)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(0, err.Error())
		return
	}
	resp.Error = resp.Result.Set(ctx, computeInstanceIdentity{
		Hub: types.StringValue(target.hub), Namespace: types.StringValue(target.key.Namespace), Name: types.StringValue(target.key.Name),
	})
}
