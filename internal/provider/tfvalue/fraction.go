package tfvalue

import (
	"fmt"
	"math/big"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// FractionsIn returns an error for each number in a value that is not whole, or larger than the provider accepts.
func FractionsIn(value tftypes.Value) []*tfprotov6.Diagnostic {
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

// fraction returns the number if a value is a number that the provider can't accept.
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
