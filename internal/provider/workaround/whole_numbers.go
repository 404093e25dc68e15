package workaround

import (
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// providersFault is in what the framework says of a configuration that it can't convert.
const providersFault = "This is always an error in the provider"

// Blamed is a configuration for which the framework may blame the provider, while its user has made the mistake.
type Blamed struct {
	Config *tfprotov6.DynamicValue
	// Schema returns the configuration's schema, whose numbers must all be whole ones; nil if it can't be had.
	Schema func() *tfprotov6.Schema
	// Fractions returns a diagnostic for each number of a value that is not whole.
	Fractions func(tftypes.Value) []*tfprotov6.Diagnostic
}

// Explain replaces what the framework says by a diagnostic for each number that is not whole, if the framework blames
// the provider and there are such numbers.
//
// Works around: terraform-plugin-framework@v1.19.0 internal/fwschemadata Data.ValueAtPath, which asks the user to report
// a fraction that types/basetypes Int64Type.ValueFromTerraform refuses to the provider's developers, while the user has
// written 1.5.
//
// Without it: no CPU time, but a user who is told of a bug in the provider.
//
// Can go when: the framework says at the attribute that the number is not whole.
func (b Blamed) Explain(said []*tfprotov6.Diagnostic) []*tfprotov6.Diagnostic {
	if !slices.ContainsFunc(said, func(d *tfprotov6.Diagnostic) bool { return strings.Contains(d.Detail, providersFault) }) {
		return said
	}
	described := b.Schema()
	if described == nil {
		return said
	}
	value, err := b.Config.Unmarshal(described.ValueType())
	if err != nil {
		return said
	}
	if fractions := b.Fractions(value); len(fractions) > 0 {
		return fractions
	}
	return said
}
