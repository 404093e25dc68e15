package tfvalue

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// A function's parameter of an object type requires every attribute. So that people can leave attributes out, the
// functions take any argument, and convert it here to the form of a schema.

// Conformed returns an argument in the form of a type; missing attributes are null.
func Conformed(ctx context.Context, argument types.Dynamic, wanted tftypes.Type) (tftypes.Value, error) {
	value, err := argument.UnderlyingValue().ToTerraformValue(ctx)
	if err != nil {
		return tftypes.Value{}, err
	}
	return Conform(value, wanted, "")
}

// Conform converts a value to a type as Terraform converts a resource's configuration: missing attributes are null, and
// tuples become lists. at is the value's path, for errors.
func Conform(value tftypes.Value, wanted tftypes.Type, at string) (tftypes.Value, error) {
	if value.IsNull() {
		return tftypes.NewValue(wanted, nil), nil
	}
	switch wanted := wanted.(type) {
	case tftypes.Object:
		return conformObject(value, wanted, at)
	case tftypes.Map:
		return conformMap(value, wanted, at)
	case tftypes.List:
		return conformElements(value, wanted, wanted.ElementType, at)
	case tftypes.Set:
		return conformElements(value, wanted, wanted.ElementType, at)
	}
	if number, ok := fraction(value); ok && wanted.Is(tftypes.Number) {
		return tftypes.Value{}, fmt.Errorf("the attribute %s must be a whole number, and is %s", at, number.Text('g', 20))
	}
	if value.Type().Is(wanted) {
		return value, nil
	}
	return tftypes.Value{}, mismatch(value, wanted, at)
}

func conformObject(value tftypes.Value, wanted tftypes.Object, at string) (tftypes.Value, error) {
	var given map[string]tftypes.Value
	if err := value.As(&given); err != nil {
		return tftypes.Value{}, mismatch(value, wanted, at)
	}
	converted := make(map[string]tftypes.Value, len(wanted.AttributeTypes))
	for name, attribute := range wanted.AttributeTypes {
		converted[name] = tftypes.NewValue(attribute, nil)
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		attribute, exists := wanted.AttributeTypes[name]
		if !exists {
			return tftypes.Value{}, fmt.Errorf("there is no attribute %s; there are %s", inside(at, name),
				strings.Join(slices.Sorted(maps.Keys(wanted.AttributeTypes)), ", "))
		}
		var err error
		if converted[name], err = Conform(given[name], attribute, inside(at, name)); err != nil {
			return tftypes.Value{}, err
		}
	}
	return tftypes.NewValue(wanted, converted), nil
}

func conformMap(value tftypes.Value, wanted tftypes.Map, at string) (tftypes.Value, error) {
	var given map[string]tftypes.Value
	if err := value.As(&given); err != nil {
		return tftypes.Value{}, mismatch(value, wanted, at)
	}
	converted := make(map[string]tftypes.Value, len(given))
	for name, element := range given {
		if element.IsNull() {
			return tftypes.Value{}, nullAt(inside(at, name))
		}
		var err error
		if converted[name], err = Conform(element, wanted.ElementType, inside(at, name)); err != nil {
			return tftypes.Value{}, err
		}
	}
	return tftypes.NewValue(wanted, converted), nil
}

func conformElements(value tftypes.Value, wanted, element tftypes.Type, at string) (tftypes.Value, error) {
	var given []tftypes.Value
	if err := value.As(&given); err != nil {
		return tftypes.Value{}, mismatch(value, wanted, at)
	}
	converted := make([]tftypes.Value, len(given))
	for i, each := range given {
		if each.IsNull() {
			return tftypes.Value{}, nullAt(fmt.Sprintf("%s[%d]", at, i))
		}
		var err error
		if converted[i], err = Conform(each, element, fmt.Sprintf("%s[%d]", at, i)); err != nil {
			return tftypes.Value{}, err
		}
	}
	return tftypes.NewValue(wanted, converted), nil
}

func nullAt(at string) error {
	return fmt.Errorf("the null value at %s means nothing: leave the element out", at)
}

func inside(at, name string) string {
	if at == "" {
		return name
	}
	return at + "." + name
}

// mismatch never repeats the value, which may be secret.
func mismatch(value tftypes.Value, wanted tftypes.Type, at string) error {
	what := "the argument"
	if at != "" {
		what = "the attribute " + at
	}
	return fmt.Errorf("%s must be %s, and is %s", what, typeName(wanted), typeName(value.Type()))
}

func typeName(typ tftypes.Type) string {
	switch typ.(type) {
	case tftypes.Object:
		return "an object"
	case tftypes.Map:
		return "a map"
	case tftypes.List, tftypes.Set, tftypes.Tuple:
		return "a list"
	}
	switch {
	case typ.Is(tftypes.String):
		return "a string"
	case typ.Is(tftypes.Number):
		return "a number"
	default:
		return "a boolean"
	}
}
