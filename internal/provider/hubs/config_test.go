package hubs

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"maps"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
	"github.com/osac-project/terraform-provider-osac/internal/provisioning"
)

func variables(set map[string]string) environment {
	return func(name string) string { return set[name] }
}

// defaultHub is a hub configuration at the top of the provider block.
func defaultHub(model HubModel, env map[string]string) *hubConfig {
	return &hubConfig{key: provisioning.DefaultHub, model: model, env: variables(env), process: variables(env)}
}

func access() HubModel {
	return HubModel{URL: types.StringValue("https://aap.example.com"), Token: types.StringValue("t0ken")}
}

func TestSettingsOfAHubWithDefaults(t *testing.T) {
	c := defaultHub(access(), nil)
	got := c.settings(t.Context(), "agent/1")
	if len(c.diags) > 0 {
		t.Fatal(c.diags)
	}
	if got.Key != "default" || got.Controller.URL != "https://aap.example.com" || got.Controller.Token != "t0ken" ||
		got.Controller.Transport.UserAgent != "agent/1" || got.Controller.Transport.InsecureSkipVerify ||
		got.CreateTemplate != "osac-create-compute-instance" || got.DeleteTemplate != "osac-delete-compute-instance" ||
		got.PayloadFormat != osac.FormatBoth || got.MaxJobHistory != 10 || got.NewBackend == nil ||
		c.namespace() != "osac-computeinstance" {
		t.Errorf("got %+v", got)
	}
}

// A small controller takes up to 13 s for a launch: a short request time-out must not make it one whose outcome is unknown.
func TestALaunchHasTimeOfItsOwn(t *testing.T) {
	t.Parallel()
	for request, launch := range map[time.Duration]time.Duration{
		5 * time.Second: controller.DefaultLaunchTimeout, 5 * time.Minute: 5 * time.Minute,
	} {
		model := access()
		model.RequestTimeout = timetypes.NewGoDurationValue(request)
		c := defaultHub(model, nil)
		got := c.settings(t.Context(), "agent/1").Controller
		if len(c.diags) > 0 || got.Transport.RequestTimeout != request || got.LaunchTimeout != launch {
			t.Errorf("request_timeout %s: a launch has %s, want %s: %v", request, got.LaunchTimeout, launch, c.diags)
		}
	}
}

func TestSettingsFromTheEnvironment(t *testing.T) {
	peers := map[string]string{
		"AAP_HOSTNAME": "https://peer.example.com", "AAP_TOKEN": "peer-token", "AAP_INSECURE_SKIP_VERIFY": "true",
	}
	operators := map[string]string{
		"OSAC_AAP_URL": "https://osac.example.com", "OSAC_AAP_TOKEN": "osac-token", "OSAC_AAP_TEMPLATE_PREFIX": "site",
		"OSAC_AAP_DEPROVISION_TEMPLATE": "away", "OSAC_AAP_INSECURE_SKIP_VERIFY": "false", "OSAC_AAP_STATUS_POLL_INTERVAL": "7s",
		"OSAC_MAX_JOB_HISTORY": "3", "OSAC_COMPUTE_INSTANCE_NAMESPACE": "machines",
	}
	c := defaultHub(HubModel{}, peers)
	got := c.settings(t.Context(), "")
	if len(c.diags) > 0 || got.Controller.URL != "https://peer.example.com" || got.Controller.Token != "peer-token" || !got.Controller.Transport.InsecureSkipVerify {
		t.Errorf("from the peer's variables: %+v, %v", got, c.diags)
	}
	both := maps.Clone(peers)
	maps.Copy(both, operators)
	c = defaultHub(HubModel{}, both)
	got = c.settings(t.Context(), "")
	if len(c.diags) > 0 || got.Controller.URL != "https://osac.example.com" || got.Controller.Token != "osac-token" ||
		got.Controller.Transport.InsecureSkipVerify || got.CreateTemplate != "site-create-compute-instance" || got.DeleteTemplate != "away" ||
		got.Controller.PollInterval != 7*time.Second || got.MaxJobHistory != 3 || c.namespace() != "machines" {
		t.Errorf("the operator's variables come first: %+v, %v", got, c.diags)
	}
	c = defaultHub(HubModel{
		URL: types.StringValue("https://here.example.com"), Token: types.StringValue("here"), TemplatePrefix: types.StringValue("mine"),
		DeleteTemplate: types.StringValue("gone"), InsecureSkipVerify: types.BoolValue(true), PollInterval: timetypes.NewGoDurationValue(time.Second),
		MaxJobHistory: types.Int64Value(5), Namespace: types.StringValue("here"),
	}, both)
	got = c.settings(t.Context(), "")
	if len(c.diags) > 0 || got.Controller.URL != "https://here.example.com" || got.Controller.Token != "here" ||
		!got.Controller.Transport.InsecureSkipVerify || got.CreateTemplate != "mine-create-compute-instance" || got.DeleteTemplate != "gone" ||
		got.Controller.PollInterval != time.Second || got.MaxJobHistory != 5 || c.namespace() != "here" {
		t.Errorf("what is configured comes first of all: %+v, %v", got, c.diags)
	}
}

func TestCredentials(t *testing.T) {
	set := types.StringValue
	for name, test := range map[string]struct {
		model HubModel
		env   map[string]string
		want  credentials
		// problem is where there is an error; warns reports whether there is a warning.
		problem string
		warns   bool
	}{
		"token":              {model: HubModel{Token: set("t")}, want: credentials{token: "t"}},
		"basic":              {model: HubModel{Username: set("u"), Password: set("p")}, want: credentials{username: "u", password: "p"}},
		"both configured":    {model: HubModel{Token: set("t"), Username: set("u"), Password: set("p")}, problem: "token"},
		"token and user":     {model: HubModel{Token: set("t"), Username: set("u")}, problem: "token"},
		"token, basic env":   {model: HubModel{Token: set("t")}, env: map[string]string{"AAP_USERNAME": "u", "AAP_PASSWORD": "p"}, want: credentials{token: "t"}, warns: true},
		"basic, token env":   {model: HubModel{Username: set("u"), Password: set("p")}, env: map[string]string{"AAP_TOKEN": "t"}, want: credentials{username: "u", password: "p"}, warns: true},
		"both env":           {env: map[string]string{"AAP_TOKEN": "t", "AAP_USERNAME": "u", "AAP_PASSWORD": "p"}, want: credentials{token: "t"}, warns: true},
		"user, password env": {model: HubModel{Username: set("u")}, env: map[string]string{"AAP_PASSWORD": "p"}, want: credentials{username: "u", password: "p"}},
		"user alone":         {model: HubModel{Username: set("u")}, want: credentials{username: "u"}, problem: "password"},
		"password alone":     {model: HubModel{Password: set("p")}, want: credentials{password: "p"}, problem: "username"},
		"nothing":            {problem: "token"},
	} {
		t.Run(name, func(t *testing.T) {
			c := defaultHub(test.model, test.env)
			if got := c.credentials(); got != test.want {
				t.Errorf("want %+v, got %+v", test.want, got)
			}
			if got := errorPaths(c.diags); test.problem == "" && len(got) > 0 || test.problem != "" && !slices.Equal(got, []string{test.problem}) {
				t.Errorf("errors at %v: %v", got, c.diags)
			}
			if warned := c.diags.WarningsCount() > 0; warned != test.warns {
				t.Errorf("warnings: %v", c.diags)
			}
		})
	}
}

func TestBadSettingsPointAtTheirAttributes(t *testing.T) {
	with := func(change func(*HubModel)) HubModel {
		model := access()
		change(&model)
		return model
	}
	noCertificate := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(noCertificate, []byte("-----BEGIN NOTHING-----\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		model               HubModel
		env                 map[string]string
		attribute, mentions string
	}{
		"no URL":           {HubModel{Token: types.StringValue("t")}, nil, "url", "OSAC_AAP_URL or AAP_HOSTNAME or CONTROLLER_HOST"},
		"URL":              {HubModel{Token: types.StringValue("t")}, map[string]string{"OSAC_AAP_URL": "aap"}, "url", "OSAC_AAP_URL"},
		"poll interval":    {access(), map[string]string{"OSAC_AAP_STATUS_POLL_INTERVAL": "often"}, "poll_interval", "OSAC_AAP_STATUS_POLL_INTERVAL"},
		"history":          {access(), map[string]string{"OSAC_MAX_JOB_HISTORY": "0"}, "max_job_history", "OSAC_MAX_JOB_HISTORY"},
		"skip verify":      {access(), map[string]string{"AAP_INSECURE_SKIP_VERIFY": "maybe"}, "insecure_skip_verify", "maybe"},
		"CA file missing":  {with(func(m *HubModel) { m.CACertificate = types.StringValue("/does/not/exist.pem") }), nil, "ca_certificate", "no such file"},
		"CA file no PEM":   {with(func(m *HubModel) { m.CACertificate = types.StringValue(noCertificate) }), nil, "ca_certificate", "no certificate in PEM form"},
		"one template":     {with(func(m *HubModel) { m.CreateTemplate, m.DeleteTemplate = types.StringValue("x"), types.StringValue("x") }), nil, "delete_template", "both create and delete"},
		"negative timeout": {with(func(m *HubModel) { m.RequestTimeout = timetypes.NewGoDurationValue(-time.Second) }), nil, "request_timeout", "positive"},
	} {
		t.Run(name, func(t *testing.T) {
			c := defaultHub(test.model, test.env)
			c.settings(t.Context(), "")
			if got := errorPaths(c.diags); !slices.Equal(got, []string{test.attribute}) || !strings.Contains(c.diags[0].Detail(), test.mentions) {
				t.Errorf("want an error at %s that mentions %q, got %v", test.attribute, test.mentions, c.diags)
			}
		})
	}
}

func TestCACertificateIsTextOrAFile(t *testing.T) {
	certificate := certificatePEM(t)
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, []byte(certificate), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, given := range []string{certificate, file} {
		model := access()
		model.CACertificate = types.StringValue(given)
		c := defaultHub(model, nil)
		if got := c.caCertificate(); got != certificate || len(c.diags) > 0 {
			t.Errorf("got %q, %v", got, c.diags)
		}
	}
}

func certificatePEM(t *testing.T) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

// block is a provider block as Configure gets it.
func block(t *testing.T, attributes map[string]tftypes.Value) Model {
	t.Helper()
	described := Schema()
	typ, ok := described.Type().TerraformType(t.Context()).(tftypes.Object)
	if !ok {
		t.Fatal("the provider block is no object")
	}
	var model Model
	config := tfsdk.Config{Schema: described, Raw: tfObject(typ, attributes)}
	if diags := config.Get(t.Context(), &model); diags.HasError() {
		t.Fatal(diags)
	}
	return model
}

func hubsValue(t *testing.T, entries map[string]map[string]tftypes.Value) tftypes.Value {
	t.Helper()
	described := schema.Schema{Attributes: hubAttributes()}
	typ, ok := described.Type().TerraformType(t.Context()).(tftypes.Object)
	if !ok {
		t.Fatal("a hub is no object")
	}
	values := map[string]tftypes.Value{}
	for key, attributes := range entries {
		values[key] = tfObject(typ, attributes)
	}
	return tftypes.NewValue(tftypes.Map{ElementType: typ}, values)
}

func TestHubsOfAProviderBlock(t *testing.T) {
	reachable := map[string]tftypes.Value{"url": tfText("https://a"), "token": tfText("t")}
	unknownToken := map[string]tftypes.Value{"url": tfText("https://a"), "token": tftypes.NewValue(tftypes.String, tftypes.UnknownValue)}
	east := func(attributes map[string]tftypes.Value) tftypes.Value {
		return hubsValue(t, map[string]map[string]tftypes.Value{"east": attributes})
	}
	for name, test := range map[string]struct {
		block map[string]tftypes.Value
		env   map[string]string
		// usable and pending are the keys of hubs; problem is where there is an error.
		usable, pending []string
		problem         string
	}{
		"top level alone":      {block: reachable, usable: []string{"default"}},
		"nothing":              {problem: "url"},
		"environment alone":    {env: map[string]string{"OSAC_AAP_URL": "https://a", "OSAC_AAP_TOKEN": "t"}, usable: []string{"default"}},
		"hubs alone":           {block: map[string]tftypes.Value{"hubs": east(reachable)}, usable: []string{"east"}},
		"hubs and environment": {block: map[string]tftypes.Value{"hubs": east(reachable)}, env: map[string]string{"OSAC_AAP_URL": "https://a", "OSAC_AAP_TOKEN": "t"}, usable: []string{"default", "east"}},
		"hubs see no variables": {
			block: map[string]tftypes.Value{"hubs": east(map[string]tftypes.Value{"token": tfText("t")})},
			env:   map[string]string{"OSAC_AAP_URL": "https://a", "OSAC_AAP_TOKEN": "t"}, problem: `hubs["east"].url`,
		},
		"both":               {block: map[string]tftypes.Value{"url": tfText("https://b"), "token": tfText("t"), "hubs": east(reachable)}, usable: []string{"default", "east"}},
		"default among hubs": {block: map[string]tftypes.Value{"hubs": hubsValue(t, map[string]map[string]tftypes.Value{"default": reachable})}, usable: []string{"default"}},
		"default twice": {
			block:   map[string]tftypes.Value{"token": tfText("t"), "hubs": hubsValue(t, map[string]map[string]tftypes.Value{"default": reachable})},
			problem: `hubs["default"]`,
		},
		"token unknown": {block: unknownToken, pending: []string{"default"}},
		"hubs, one unknown": {
			block:  map[string]tftypes.Value{"url": tfText("https://b"), "token": tfText("t"), "hubs": east(unknownToken)},
			usable: []string{"default"}, pending: []string{"east"},
		},
		"no URL for a hub": {block: map[string]tftypes.Value{"hubs": east(map[string]tftypes.Value{"token": tfText("t")})}, problem: `hubs["east"].url`},
	} {
		t.Run(name, func(t *testing.T) {
			configured, diags := Configure(t.Context(), block(t, test.block), variables(test.env), "agent")
			if test.problem != "" {
				if !slices.Contains(errorPaths(diags), test.problem) {
					t.Errorf("want an error at %s, got %v", test.problem, diags)
				}
				return
			}
			if diags.HasError() {
				t.Fatal(diags)
			}
			var usable, pending []string
			for _, key := range slices.Sorted(maps.Keys(configured.ByKey)) {
				if configured.ByKey[key].Usable() {
					usable = append(usable, key)
				} else {
					pending = append(pending, key)
				}
			}
			if !slices.Equal(usable, test.usable) || !slices.Equal(pending, test.pending) {
				t.Errorf("usable %v, pending %v", usable, pending)
			}
		})
	}
}

func TestAnUnknownHubEntryIsPending(t *testing.T) {
	typ, ok := Schema().Attributes["hubs"].GetType().TerraformType(t.Context()).(tftypes.Map)
	if !ok {
		t.Fatal("hubs is no map")
	}
	configured, diags := Configure(t.Context(), block(t, map[string]tftypes.Value{
		"hubs": tftypes.NewValue(typ, map[string]tftypes.Value{"east": tftypes.NewValue(typ.ElementType, tftypes.UnknownValue)}),
	}), noEnvironment, "agent")
	if diags.HasError() {
		t.Fatal(diags)
	}
	if east, exists := configured.Find("east"); !exists || east.Usable() {
		t.Errorf("got %+v, %t", east, exists)
	}
	if _, exists := configured.Find("west"); exists {
		t.Error("a hub that isn't configured exists")
	}
}

func TestMissingHubsAreNamed(t *testing.T) {
	configured := &Configured{ByKey: map[string]Hub{"east": {}, "west": {}}}
	if got := configured.Missing("north"); !strings.Contains(got, `"east", "west"`) {
		t.Error(got)
	}
}

func errorPaths(diags diag.Diagnostics) []string {
	var paths []string
	for _, each := range diags.Errors() {
		if at, ok := each.(diag.DiagnosticWithPath); ok {
			paths = append(paths, at.Path().String())
		} else {
			paths = append(paths, "")
		}
	}
	return paths
}

func TestPlainHTTPIsWarnedOfOnce(t *testing.T) {
	for name, test := range map[string]struct {
		url   string
		eda   map[string]attr.Value
		env   map[string]string
		at    string
		names []string
	}{
		"encrypted":          {url: "https://aap.example.com"},
		"loopback":           {url: "http://127.0.0.1:8043"},
		"loopback IPv6":      {url: "http://[::1]:8043"},
		"localhost":          {url: "http://localhost:8043"},
		"controller":         {url: "http://aap.example.com", at: "url", names: []string{"url (to aap.example.com)"}},
		"private":            {url: "http://10.0.0.1", at: "url", names: []string{"url (to 10.0.0.1)"}},
		"by the environment": {env: map[string]string{"OSAC_AAP_URL": "http://aap"}, at: "url", names: []string{"the environment variable OSAC_AAP_URL (to aap)"}},
		"webhooks": {
			url: "https://aap", at: "eda.create_url", names: []string{"eda.create_url (to eda:5000)", "eda.delete_url (to eda:5000)"},
			eda: map[string]attr.Value{"create_url": types.StringValue("http://eda:5000/c"), "delete_url": types.StringValue("http://eda:5000/d")},
		},
		"all": {
			url: "http://aap", at: "url", names: []string{"url (to aap)", "eda.event_stream_url (to eda)", "eda.api.url (to eda)"},
			eda: map[string]attr.Value{
				"event_stream_url": types.StringValue("http://eda/api/eda/v1/external_event_stream/3f0e4a6c-9a53-4b2e-8d0a-0a5f6c1f9f11/post/"),
				"api": types.ObjectValueMust(map[string]attr.Type{
					"url": types.StringType, "token": types.StringType, "username": types.StringType, "password": types.StringType,
				}, map[string]attr.Value{
					"url": types.StringValue("http://eda"), "token": types.StringValue("t0ken"), "username": types.StringNull(), "password": types.StringNull(),
				}),
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			model := access()
			model.URL = types.StringNull()
			if test.url != "" {
				model.URL = types.StringValue(test.url)
			}
			if test.eda != nil {
				model.EDA = edaObject(t, test.eda)
			}
			c := defaultHub(model, test.env)
			c.settings(t.Context(), "")
			if test.at == "" {
				if len(c.diags) > 0 {
					t.Error(c.diags)
				}
				return
			}
			if len(c.diags) != 1 || c.diags.WarningsCount() != 1 {
				t.Fatalf("diagnostics are %v", c.diags)
			}
			if at, ok := c.diags[0].(diag.DiagnosticWithPath); !ok || at.Path().String() != test.at {
				t.Errorf("it is at %v", c.diags[0])
			}
			for _, want := range test.names {
				if !strings.Contains(c.diags[0].Detail(), want) {
					t.Errorf("%q lacks %q", c.diags[0].Detail(), want)
				}
			}
		})
	}
}

// tfText and tfObject make values as Terraform sends them; attributes that are not given are null.
func tfText(value string) tftypes.Value { return tftypes.NewValue(tftypes.String, value) }

func tfObject(typ tftypes.Object, given map[string]tftypes.Value) tftypes.Value {
	values := map[string]tftypes.Value{}
	for name, attributeType := range typ.AttributeTypes {
		values[name] = tftypes.NewValue(attributeType, nil)
	}
	maps.Copy(values, given)
	return tftypes.NewValue(typ, values)
}
