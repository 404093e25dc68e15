package provider

import (
	"context"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// providersFault is what the framework says of a configuration that it can't read, such as of a number that is not whole. All
// numbers of the schemas are.
const providersFault = "This is always an error in the provider"

// ValidateProviderConfig checks a provider block.
func (s *served) ValidateProviderConfig(ctx context.Context, req *tfprotov6.ValidateProviderConfigRequest) (*tfprotov6.ValidateProviderConfigResponse, error) {
	resp, err := s.frameworkServer.ValidateProviderConfig(ctx, req)
	if err == nil {
		resp.Diagnostics = s.explained(ctx, resp.Diagnostics, req.Config, func(all *tfprotov6.GetProviderSchemaResponse) *tfprotov6.Schema { return all.Provider })
	}
	return resp, err
}

// validateResource checks the configuration of a resource.
func (s *served) validateResource(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	resp, err := s.frameworkServer.ValidateResourceConfig(ctx, req)
	if err == nil {
		resp.Diagnostics = s.explained(ctx, resp.Diagnostics, req.Config, func(all *tfprotov6.GetProviderSchemaResponse) *tfprotov6.Schema {
			return all.ResourceSchemas[req.TypeName]
		})
	}
	return resp, err
}

// explained says in place of the framework which numbers are not whole.
func (s *served) explained(
	ctx context.Context, said []*tfprotov6.Diagnostic, config *tfprotov6.DynamicValue, of func(*tfprotov6.GetProviderSchemaResponse) *tfprotov6.Schema,
) []*tfprotov6.Diagnostic {
	if !slices.ContainsFunc(said, func(d *tfprotov6.Diagnostic) bool { return strings.Contains(d.Detail, providersFault) }) {
		return said
	}
	all, err := s.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil || of(all) == nil {
		return said
	}
	value, err := config.Unmarshal(of(all).ValueType())
	if err != nil {
		return said
	}
	if fractions := fractionsIn(value); len(fractions) > 0 {
		return fractions
	}
	return said
}

// fractionsIn returns an error for each number in a value that is not whole, or larger than any that the provider takes.
func fractionsIn(value tftypes.Value) []*tfprotov6.Diagnostic {
	var found []*tfprotov6.Diagnostic
	_ = tftypes.Walk(value, func(at *tftypes.AttributePath, each tftypes.Value) (bool, error) { // the function returns no error
		if number, ok := fraction(each); ok {
			said := diag.NewErrorDiagnostic("Not a whole number", fmt.Sprintf("%s must be a whole number of at most 19 digits, and is %s.", stepsText(at), number.Text('g', 20)))
			found = append(found, &tfprotov6.Diagnostic{Severity: tfprotov6.DiagnosticSeverityError, Summary: said.Summary(), Detail: said.Detail(), Attribute: at})
		}
		return true, nil
	})
	return found
}

// fraction returns a number that the provider can't take, if a value is one.
func fraction(value tftypes.Value) (*big.Float, bool) {
	if !value.Type().Is(tftypes.Number) || value.IsNull() || !value.IsKnown() {
		return nil, false
	}
	number := new(big.Float)
	if value.As(&number) != nil {
		return nil, false
	}
	_, accuracy := number.Int64()
	return number, accuracy != big.Exact
}

// stepsText writes a path as Terraform's language does.
func stepsText(at *tftypes.AttributePath) string {
	var text strings.Builder
	for i, step := range at.Steps() {
		switch step := step.(type) {
		case tftypes.AttributeName:
			if i > 0 {
				text.WriteByte('.')
			}
			text.WriteString(string(step))
		case tftypes.ElementKeyString:
			fmt.Fprintf(&text, "[%q]", string(step))
		case tftypes.ElementKeyInt:
			fmt.Fprintf(&text, "[%d]", int64(step))
		}
	}
	return text.String()
}
