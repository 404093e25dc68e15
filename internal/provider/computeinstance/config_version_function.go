package computeinstance

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var _ function.Function = configVersionFunction{}

// configVersionFunction is provider::osac::config_version.
type configVersionFunction struct{}

// NewConfigVersionFunction returns provider::osac::config_version.
func NewConfigVersionFunction() function.Function { return configVersionFunction{} }

// Metadata names the function.
func (configVersionFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "config_version"
}

// Definition describes the function.
func (configVersionFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary:             "The config version of a compute instance's spec",
		MarkdownDescription: "Computes the config version that OSAC and this provider compute of a compute instance's spec: FNV-1a 64 of its JSON, as 16 hex digits. It is what `desired_config_version` shows, and jobs carry in `status.desiredConfigVersion`. Attributes that are not part of the spec do not count.",
		Parameters: []function.Parameter{function.DynamicParameter{
			Name: "spec", MarkdownDescription: instanceArgument,
		}},
		Return: function.StringReturn{},
	}
}

// Run computes the version.
func (configVersionFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var argument types.Dynamic
	resp.Error = req.Arguments.Get(ctx, &argument)
	if resp.Error != nil {
		return
	}
	model, err := instanceOf(ctx, argument)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(0, err.Error())
		return
	}
	spec, diags := model.spec(ctx)
	if resp.Error = function.FuncErrorFromDiags(ctx, diags); resp.Error == nil {
		resp.Error = resp.Result.Set(ctx, spec.ConfigVersion())
	}
}
