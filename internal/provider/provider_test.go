package provider

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/osac-project/terraform-provider-osac/internal/provider/computeinstance"
	"github.com/osac-project/terraform-provider-osac/internal/provider/hubs"
)

func TestSchemasAreValid(t *testing.T) {
	var block provider.SchemaResponse
	New("test")().Schema(t.Context(), provider.SchemaRequest{}, &block)
	if diags := block.Schema.ValidateImplementation(t.Context()); diags.HasError() {
		t.Error(diags)
	}
	if diags := instanceSchema(t).ValidateImplementation(t.Context()); diags.HasError() {
		t.Error(diags)
	}
	var identity resource.IdentitySchemaResponse
	(&computeinstance.Resource{}).IdentitySchema(t.Context(), resource.IdentitySchemaRequest{}, &identity)
	if diags := identity.IdentitySchema.ValidateImplementation(t.Context()); diags.HasError() {
		t.Error(diags)
	}
}

func TestEveryAttributeIsDescribed(t *testing.T) {
	for name, attribute := range instanceSchema(t).Attributes {
		if attribute.GetMarkdownDescription() == "" {
			t.Errorf("%s has no description", name)
		}
	}
	for name, attribute := range hubs.Schema().Attributes {
		if attribute.GetMarkdownDescription() == "" {
			t.Errorf("provider: %s has no description", name)
		}
	}
}

func TestProviderBlockIsValidated(t *testing.T) {
	s := newServer(t)
	for name, test := range map[string]struct {
		attributes          map[string]tftypes.Value
		attribute, mentions string
	}{
		"URL without scheme":     {map[string]tftypes.Value{"url": text("aap.example.com")}, "url", "https://"},
		"URL with credentials":   {map[string]tftypes.Value{"url": text("https://me:secret@aap.example.com")}, "url", "must not hold credentials"},
		"URL with a query":       {map[string]tftypes.Value{"url": text("https://aap.example.com/?x=1")}, "url", "path"},
		"duration":               {map[string]tftypes.Value{"request_timeout": text("soon")}, "request_timeout", "soon"},
		"duration of nothing":    {map[string]tftypes.Value{"poll_interval": text("0s")}, "poll_interval", "at least 100ms"},
		"payload format":         {map[string]tftypes.Value{"payload_format": text("xml")}, "payload_format", "osac_job_vars"},
		"namespace":              {map[string]tftypes.Value{"namespace": text("Not_A_Label")}, "namespace", "RFC 1123"},
		"extra vars, a list":     {map[string]tftypes.Value{"extra_vars": text("[1]")}, "extra_vars", "a list"},
		"extra vars, reaching":   {map[string]tftypes.Value{"extra_vars": text(`{"osac_job_vars":{"resource":{}}}`)}, "extra_vars", "osac_job_vars.resource"},
		"storage tier":           {map[string]tftypes.Value{"storage_classes": nested(t, s.provider.AttributeTypes["storage_classes"], []any{map[string]any{"name": "a", "tier": "A B"}})}, "storage_classes.0.tier", "lower-case"},
		"name of a hub, a slash": {map[string]tftypes.Value{"hubs": tftypes.NewValue(s.provider.AttributeTypes["hubs"], map[string]tftypes.Value{"a/b": objectOf(hubType(t, s), nil)})}, "hubs.a/b", "letters"},
		"a hub of nothing":       {map[string]tftypes.Value{"hubs": tftypes.NewValue(s.provider.AttributeTypes["hubs"], map[string]tftypes.Value{"east": tftypes.NewValue(hubType(t, s), nil)})}, "hubs.east", "null"},
	} {
		t.Run(name, func(t *testing.T) {
			resp, err := s.ValidateProviderConfig(t.Context(), &tfprotov6.ValidateProviderConfigRequest{
				Config: dynamic(t, s.provider, objectOf(s.provider, test.attributes)),
			})
			if err != nil {
				t.Fatal(err)
			}
			wantError(t, resp.Diagnostics, test.attribute, test.mentions)
		})
	}
}

func hubType(t *testing.T, s *server) tftypes.Object {
	t.Helper()
	configured, ok := s.provider.AttributeTypes["hubs"].(tftypes.Map)
	if !ok {
		t.Fatal("hubs is no map")
	}
	hub, ok := configured.ElementType.(tftypes.Object)
	if !ok {
		t.Fatal("a hub is no object")
	}
	return hub
}

// TestCredentialsThatCannotBeSent wants an error at the attribute, by the schema's validators and where the value comes
// from elsewhere, that does not show the value.
func TestCredentialsThatCannotBeSent(t *testing.T) {
	s := newServer(t)
	for name, test := range map[string]struct {
		attribute, value string
		beside           map[string]tftypes.Value
	}{
		"token, two lines":         {attribute: "token", value: "planted\nsecret"},
		"token, control character": {attribute: "token", value: "planted\x01secret"},
		"token, a blank within":    {attribute: "token", value: "planted secret"},
		"token, not ASCII":         {attribute: "token", value: "planted\u2026secret"},
		"password":                 {attribute: "password", value: "planted\nsecret", beside: map[string]tftypes.Value{"username": text("u")}},
		"username, a line":         {attribute: "username", value: "planted\nsecret", beside: map[string]tftypes.Value{"password": text("p")}},
		"username, a colon":        {attribute: "username", value: "planted:secret", beside: map[string]tftypes.Value{"password": text("p")}},
	} {
		t.Run(name, func(t *testing.T) {
			attributes := map[string]tftypes.Value{"url": text("https://aap.example.com"), test.attribute: text(test.value)}
			maps.Copy(attributes, test.beside)
			resp, err := s.ValidateProviderConfig(t.Context(), &tfprotov6.ValidateProviderConfigRequest{Config: dynamic(t, s.provider, objectOf(s.provider, attributes))})
			if err != nil {
				t.Fatal(err)
			}
			wantError(t, resp.Diagnostics, test.attribute, "can't be used")
			shown := fmt.Sprint(resp.Diagnostics[0].Summary, resp.Diagnostics[0].Detail)
			if strings.Contains(shown, "planted") || strings.Contains(shown, "secret") {
				t.Errorf("the value is shown: %s", shown)
			}
		})
	}
}

func TestShortDurationsAreRefused(t *testing.T) {
	s := newServer(t)
	for attribute, tooShort := range map[string][]string{"poll_interval": {"1ns", "10ms", "99ms", "-1s"}, "request_timeout": {"1ns", "999ms"}} {
		for _, value := range tooShort {
			resp, err := s.ValidateProviderConfig(t.Context(), &tfprotov6.ValidateProviderConfigRequest{
				Config: dynamic(t, s.provider, objectOf(s.provider, map[string]tftypes.Value{attribute: text(value)})),
			})
			if err != nil {
				t.Fatal(err)
			}
			wantError(t, resp.Diagnostics, attribute, "at least")
		}
	}
}

// TestOwnersThatAreMissing wants one warning for all the instances of a plan.
func TestOwnersThatAreMissing(t *testing.T) {
	stage := newStage(t)
	for owner, want := range map[string]int{"": 1, "me": 0} {
		access := stage.access()
		if owner != "" {
			access["owner"] = text(owner)
		}
		stage.restart(t, access)
		warnings := 0
		for range 3 {
			for _, each := range stage.plan(t, smallest(nil), nil).diagnostics {
				if each.Severity == tfprotov6.DiagnosticSeverityWarning && strings.Contains(each.Detail, "OSAC_OWNER") {
					warnings++
				}
			}
		}
		if warnings != want {
			t.Errorf("owner %q: %d warnings", owner, warnings)
		}
	}
}
