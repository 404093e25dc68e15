package provider

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/osac-project/terraform-provider-osac/internal/provider/computeinstance"
	"github.com/osac-project/terraform-provider-osac/internal/provider/planclaim"
)

const instanceType = "osac_compute_instance"

// TestMain keeps the settings of whoever runs the tests out of them.
func TestMain(m *testing.M) {
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		if slices.Contains([]string{"OSAC", "AAP", "CONTROLLER", "TFC", "TF"}, strings.SplitN(name, "_", 2)[0]) {
			_ = os.Unsetenv(name)
		}
	}
	os.Exit(m.Run())
}

// server is the provider as Terraform talks to it.
type server struct {
	tfprotov6.ProviderServer
	provider tftypes.Object
	instance tftypes.Object
	schema   schema.Schema
}

func newServer(t *testing.T) *server {
	t.Helper()
	protocol := NewServer("test", nil)()
	schemas, err := protocol.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	noErrors(t, schemas.Diagnostics)
	provider, ok := schemas.Provider.ValueType().(tftypes.Object)
	if !ok {
		t.Fatal("the provider block is no object")
	}
	instance, ok := schemas.ResourceSchemas[instanceType].ValueType().(tftypes.Object)
	if !ok {
		t.Fatal("the resource is no object")
	}
	return &server{ProviderServer: protocol, provider: provider, instance: instance, schema: instanceSchema(t)}
}

func instanceSchema(t *testing.T) schema.Schema {
	t.Helper()
	var resp resource.SchemaResponse
	(&computeinstance.Resource{}).Schema(t.Context(), resource.SchemaRequest{}, &resp)
	return resp.Schema
}

// configured returns a server with a provider block; by default one whose token isn't known yet, so that nothing is
// sent to anybody.
func (s *server) configured(t *testing.T, attributes map[string]tftypes.Value) *server {
	t.Helper()
	if attributes == nil {
		attributes = map[string]tftypes.Value{
			"url":   tftypes.NewValue(tftypes.String, "https://aap.example.com"),
			"token": tftypes.NewValue(tftypes.String, tftypes.UnknownValue),
		}
	}
	resp, err := s.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{
		TerraformVersion: "1.11.4", Config: dynamic(t, s.provider, objectOf(s.provider, attributes)),
	})
	if err != nil {
		t.Fatal(err)
	}
	noErrors(t, resp.Diagnostics)
	return s
}

// validate returns the errors that a resource's configuration meets.
func (s *server) validate(t *testing.T, attributes map[string]tftypes.Value) []*tfprotov6.Diagnostic {
	t.Helper()
	resp, err := s.ValidateResourceConfig(t.Context(), &tfprotov6.ValidateResourceConfigRequest{
		TypeName: instanceType, Config: dynamic(t, s.instance, objectOf(s.instance, attributes)),
		ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{WriteOnlyAttributesAllowed: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	return resp.Diagnostics
}

// planned is what a plan says.
type planned struct {
	values      map[string]tftypes.Value
	raw         tftypes.Value
	replace     []string
	diagnostics []*tfprotov6.Diagnostic
}

// plan plans a configuration, by itself; a nil state plans a creation.
func (s *server) plan(t *testing.T, config map[string]tftypes.Value, state *tftypes.Value) planned {
	t.Helper()
	if own, ok := s.ProviderServer.(*served); ok && own.provider.hubs.Load() != nil {
		own.provider.hubs.Load().Claims = planclaim.New()
	}
	prior := tftypes.NewValue(s.instance, nil)
	if state != nil {
		prior = *state
	}
	configValue := objectOf(s.instance, config)
	resp, err := s.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName:         instanceType,
		PriorState:       dynamic(t, s.instance, prior),
		ProposedNewState: dynamic(t, s.instance, s.proposed(t, configValue, prior)),
		Config:           dynamic(t, s.instance, configValue),
	})
	if err != nil {
		t.Fatal(err)
	}
	result := planned{diagnostics: resp.Diagnostics}
	for _, path := range resp.RequiresReplace {
		result.replace = append(result.replace, strings.Trim(strings.TrimPrefix(path.String(), "AttributeName"), `()"`))
	}
	slices.Sort(result.replace)
	result.raw, err = resp.PlannedState.Unmarshal(s.instance)
	if err != nil {
		t.Fatal(err)
	}
	result.values = attributesOf(t, result.raw)
	return result
}

// proposed is what Terraform proposes: the configuration, with computed attributes from state where it says nothing.
func (s *server) proposed(t *testing.T, config, prior tftypes.Value) tftypes.Value {
	t.Helper()
	values := attributesOf(t, config)
	if prior.IsNull() {
		return config
	}
	before := attributesOf(t, prior)
	for name, value := range values {
		if value.IsNull() && s.schema.Attributes[name].IsComputed() {
			values[name] = before[name]
		}
	}
	return tftypes.NewValue(s.instance, values)
}

// state makes a state of a model.
func (s *server) state(t *testing.T, model computeinstance.Model) *tftypes.Value {
	t.Helper()
	state := tfsdk.State{Schema: s.schema, Raw: tftypes.NewValue(s.instance, nil)}
	if diags := state.Set(t.Context(), &model); diags.HasError() {
		t.Fatal(diags)
	}
	return &state.Raw
}

// hubs makes the provider block's hubs.
func (s *server) hubs(t *testing.T, entries map[string]map[string]tftypes.Value) tftypes.Value {
	t.Helper()
	typ, isMap := s.provider.AttributeTypes["hubs"].(tftypes.Map)
	entry, isObject := typ.ElementType.(tftypes.Object)
	if !isMap || !isObject {
		t.Fatal("hubs is no map of objects")
	}
	values := map[string]tftypes.Value{}
	for key, attributes := range entries {
		values[key] = objectOf(entry, attributes)
	}
	return tftypes.NewValue(typ, values)
}

// objectOf makes an object whose other attributes are null.
func objectOf(typ tftypes.Object, attributes map[string]tftypes.Value) tftypes.Value {
	values := map[string]tftypes.Value{}
	for name, attributeType := range typ.AttributeTypes {
		values[name] = tftypes.NewValue(attributeType, nil)
	}
	maps.Copy(values, attributes)
	return tftypes.NewValue(typ, values)
}

func attributesOf(t *testing.T, value tftypes.Value) map[string]tftypes.Value {
	t.Helper()
	values := map[string]tftypes.Value{}
	if value.IsNull() {
		return values
	}
	if err := value.As(&values); err != nil {
		t.Fatal(err)
	}
	return values
}

func dynamic(t *testing.T, typ tftypes.Type, value tftypes.Value) *tfprotov6.DynamicValue {
	t.Helper()
	converted, err := tfprotov6.NewDynamicValue(typ, value)
	if err != nil {
		t.Fatal(err)
	}
	return &converted
}

func text(value string) tftypes.Value  { return tftypes.NewValue(tftypes.String, value) }
func number(value int64) tftypes.Value { return tftypes.NewValue(tftypes.Number, value) }
func texts(entries map[string]string) tftypes.Value {
	values := map[string]tftypes.Value{}
	for key, value := range entries {
		values[key] = text(value)
	}
	return tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, values)
}

// nested makes a value of an attribute's type from plain Go: maps for objects, slices for lists and sets.
func nested(t *testing.T, typ tftypes.Type, value any) tftypes.Value {
	t.Helper()
	switch typ := typ.(type) {
	case tftypes.Object:
		fields, ok := value.(map[string]any)
		if !ok {
			return tftypes.NewValue(typ, value)
		}
		values := map[string]tftypes.Value{}
		for name, field := range typ.AttributeTypes {
			values[name] = nested(t, field, fields[name])
		}
		return tftypes.NewValue(typ, values)
	case tftypes.List:
		return tftypes.NewValue(typ, nestedElements(t, typ.ElementType, value))
	case tftypes.Set:
		return tftypes.NewValue(typ, nestedElements(t, typ.ElementType, value))
	default:
		return tftypes.NewValue(typ, value)
	}
}

func nestedElements(t *testing.T, typ tftypes.Type, value any) any {
	t.Helper()
	elements, ok := value.([]any)
	if !ok {
		return value
	}
	values := []tftypes.Value{}
	for _, element := range elements {
		values = append(values, nested(t, typ, element))
	}
	return values
}

func noErrors(t *testing.T, diagnostics []*tfprotov6.Diagnostic) {
	t.Helper()
	for _, d := range diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			t.Fatalf("%s: %s (%s)", d.Summary, d.Detail, d.Attribute)
		}
	}
}

// wantError expects exactly one error, at an attribute, that mentions something.
func wantError(t *testing.T, diagnostics []*tfprotov6.Diagnostic, attribute, mentions string) {
	t.Helper()
	var errors []string
	for _, d := range diagnostics {
		if d.Severity != tfprotov6.DiagnosticSeverityError {
			continue
		}
		at := strings.NewReplacer(`AttributeName("`, "", `ElementKeyString("`, "", `ElementKeyInt(`, "", `")`, "", `)`, "").Replace(d.Attribute.String())
		errors = append(errors, at+" | "+d.Summary+" | "+d.Detail)
	}
	if len(errors) != 1 || !strings.HasPrefix(errors[0], attribute+" | ") || !strings.Contains(errors[0], mentions) {
		t.Errorf("want one error at %s that mentions %q, got %q", attribute, mentions, errors)
	}
}

// destroyRequest asks for the plan of a destroy.
func destroyRequest(t *testing.T, s *server, state tftypes.Value) *tfprotov6.PlanResourceChangeRequest {
	t.Helper()
	gone := dynamic(t, s.instance, tftypes.NewValue(s.instance, nil))
	return &tfprotov6.PlanResourceChangeRequest{
		TypeName: instanceType, PriorState: dynamic(t, s.instance, state), ProposedNewState: gone, Config: gone,
	}
}
