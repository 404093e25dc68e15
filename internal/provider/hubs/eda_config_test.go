package hubs

import (
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/osac-project/terraform-provider-osac/internal/osac"
	"github.com/osac-project/terraform-provider-osac/internal/provisioning"
)

// edaObject is a value of the attribute eda; what isn't given is null.
func edaObject(t *testing.T, given map[string]attr.Value) types.Object {
	t.Helper()
	objectType, ok := edaAttribute().GetType().(types.ObjectType)
	if !ok {
		t.Fatal("eda is no object")
	}
	return partOf(t, objectType, given)
}

func partOf(t *testing.T, objectType types.ObjectType, given map[string]attr.Value) types.Object {
	t.Helper()
	values := map[string]attr.Value{}
	for name, attribute := range objectType.AttrTypes {
		null, err := attribute.ValueFromTerraform(t.Context(), nullOf(t, attribute))
		if err != nil {
			t.Fatal(err)
		}
		values[name] = null
		if value, set := given[name]; set {
			values[name] = value
		}
	}
	return types.ObjectValueMust(objectType.AttrTypes, values)
}

// eventHub reads the settings of a hub whose runs are started by events.
func eventHub(t *testing.T, given map[string]attr.Value, env map[string]string) (*hubConfig, provisioning.HubSettings) {
	t.Helper()
	model := access()
	if given != nil {
		model.EDA = edaObject(t, given)
	}
	c := defaultHub(model, env)
	return c, c.settings(t.Context(), "agent/1")
}

func TestEventsByWebhook(t *testing.T) {
	webhooks := map[string]attr.Value{
		"create_url": types.StringValue("https://eda.example.com:5000/create-compute-instance"),
		"delete_url": types.StringValue("https://eda.example.com:5000/delete-compute-instance"),
	}
	c, settings := eventHub(t, webhooks, nil)
	if len(c.diags) > 0 || settings.StartTimeout != 0 {
		t.Fatalf("%+v, %v", settings, c.diags)
	}
	// The backend is one that checks inputs: events can't carry write-only variables.
	configured, err := provisioning.NewHubs(settings)
	if err != nil {
		t.Fatal(err)
	}
	_, err = configured["default"].Check(t.Context(), osac.Instance{WriteOnlyExtraVars: []byte(`{}`)})
	if err == nil {
		t.Error("the hub does not start its runs by events")
	}
}

func TestEventsByTheEnvironment(t *testing.T) {
	env := map[string]string{
		"OSAC_COMPUTE_INSTANCE_PROVISION_WEBHOOK":   "https://eda:5000/create-compute-instance",
		"OSAC_COMPUTE_INSTANCE_DEPROVISION_WEBHOOK": "https://eda:5000/delete-compute-instance",
		"OSAC_MINIMUM_REQUEST_INTERVAL":             "10m",
	}
	c, _ := eventHub(t, nil, env)
	if len(c.diags) > 0 {
		t.Fatal(c.diags)
	}
	if c.eda(t.Context(), "") == nil {
		t.Error("the operator's variables do not make runs start by events")
	}
	delete(env, "OSAC_COMPUTE_INSTANCE_DEPROVISION_WEBHOOK")
	if c, _ = eventHub(t, nil, env); !c.diags.HasError() || !strings.Contains(c.diags[0].Detail(), "delete_url") {
		t.Errorf("one webhook alone: %v", c.diags)
	}
}

func TestEventSettingsThatCannotBeUsed(t *testing.T) {
	create := types.StringValue("https://eda:5000/create-compute-instance")
	for name, test := range map[string]struct {
		given map[string]attr.Value
		at    string
	}{
		"no URL":             {map[string]attr.Value{}, "eda.create_url"},
		"one URL":            {map[string]attr.Value{"create_url": create}, "eda.delete_url"},
		"slash at the end":   {map[string]attr.Value{"create_url": types.StringValue("https://eda:5000/create/"), "delete_url": create}, "eda.create_url"},
		"stream, no slash":   {map[string]attr.Value{"event_stream_url": types.StringValue("https://aap/eda/post")}, "eda.event_stream_url"},
		"two ways to log in": {map[string]attr.Value{"create_url": create, "delete_url": create, "token": types.StringValue("t"), "username": types.StringValue("u"), "password": types.StringValue("p")}, "eda.create_url"},
		"no certificate":     {map[string]attr.Value{"create_url": create, "delete_url": create, "ca_certificate": types.StringValue("/nowhere.pem")}, "eda.ca_certificate"},
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := eventHub(t, test.given, nil)
			places := errorPaths(c.diags)
			if !c.diags.HasError() || !slices.Contains(places, test.at) {
				t.Errorf("errors at %v, want one at %s: %v", places, test.at, c.diags)
			}
		})
	}
}

func TestEventDurations(t *testing.T) {
	model := access()
	model.EDA = edaObject(t, map[string]attr.Value{
		"create_url": types.StringValue("https://eda:5000/c"), "delete_url": types.StringValue("https://eda:5000/d"),
	})
	c := defaultHub(model, map[string]string{"OSAC_MINIMUM_REQUEST_INTERVAL": "soon"})
	events := c.eda(t.Context(), "")
	events.backend(slog.New(slog.DiscardHandler))
	if places := errorPaths(c.diags); len(places) != 1 || places[0] != "eda.minimum_request_interval" {
		t.Errorf("errors at %v", places)
	}
	if timeout := events.transport().RequestTimeout; timeout != 10*time.Second {
		t.Errorf("an event may take %s", timeout)
	}
}

func TestSecretsOfEventsAreMasked(t *testing.T) {
	c := defaultHub(access(), nil)
	hmacType, _ := edaAttribute().GetType().(types.ObjectType).AttrTypes["hmac"].(types.ObjectType)
	c.model.EDA = edaObject(t, map[string]attr.Value{
		"token": types.StringValue("planted-token"),
		"hmac":  partOf(t, hmacType, map[string]attr.Value{"secret": types.StringValue("planted-secret")}),
	})
	secrets := c.eda(t.Context(), "").secrets()
	for _, secret := range []string{"planted-token", "planted-secret"} {
		if !slices.Contains(secrets, secret) {
			t.Errorf("%s would show in the log", secret)
		}
	}
}

// nullOf is the null of a type.
func nullOf(t *testing.T, of attr.Type) tftypes.Value {
	t.Helper()
	return tftypes.NewValue(of.TerraformType(t.Context()), nil)
}
