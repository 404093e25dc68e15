package hubs

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/osac-project/terraform-provider-osac/internal/provider/validate"
	"github.com/osac-project/terraform-provider-osac/internal/provisioning"
)

// TestPrecedenceOfVariables has, for each setting, its variables in the order in which they count: each is set together
// with all that come after it, and must win.
func TestPrecedenceOfVariables(t *testing.T) {
	token, basic := map[string]string{"AAP_TOKEN": "t"}, map[string]string{"AAP_USERNAME": "u", "AAP_PASSWORD": "p"}
	for name, test := range map[string]struct {
		variables []string
		// value is that of the n-th variable, and want what the hub is given then.
		value, want func(n int) string
		beside      map[string]string
		get         func(HubModel, map[string]string) string
	}{
		"url": {
			variables: []string{"OSAC_AAP_URL", "AAP_HOSTNAME", "CONTROLLER_HOST"}, beside: token,
			value: func(n int) string { return fmt.Sprintf("https://host%d.example.com", n) },
			get:   func(m HubModel, env map[string]string) string { return read(t, m, env).Controller.URL },
		},
		"token": {
			variables: []string{"OSAC_AAP_TOKEN", "AAP_TOKEN", "CONTROLLER_OAUTH_TOKEN"},
			value:     func(n int) string { return fmt.Sprintf("token%d", n) },
			get:       func(m HubModel, env map[string]string) string { return read(t, m, env).Controller.Token },
		},
		"username": {
			variables: []string{"AAP_USERNAME", "CONTROLLER_USERNAME"}, beside: basic,
			value: func(n int) string { return fmt.Sprintf("user%d", n) },
			get:   func(m HubModel, env map[string]string) string { return read(t, m, env).Controller.Username },
		},
		"password": {
			variables: []string{"AAP_PASSWORD", "CONTROLLER_PASSWORD"}, beside: basic,
			value: func(n int) string { return fmt.Sprintf("password%d", n) },
			get:   func(m HubModel, env map[string]string) string { return read(t, m, env).Controller.Password },
		},
		"insecure_skip_verify": {
			variables: []string{"OSAC_AAP_INSECURE_SKIP_VERIFY", "AAP_INSECURE_SKIP_VERIFY", "CONTROLLER_VERIFY_SSL", "AAP_VALIDATE_CERTS"}, beside: token,
			// Each says the opposite of what the next one says.
			value: func(n int) string { return []string{"yes", "no", "no", "on"}[n] },
			want:  func(n int) string { return []string{"true", "false", "true", "false"}[n] },
			get: func(m HubModel, env map[string]string) string {
				return fmt.Sprint(read(t, m, env).Controller.Transport.InsecureSkipVerify)
			},
		},
		"owner": {
			variables: []string{"OSAC_OWNER", "TFC_WORKSPACE_SLUG", "TF_HTTP_ADDRESS"}, beside: token,
			value: func(n int) string {
				return []string{"me", "organization/workspace", "https://eve:s3cret@gitlab.example.com/api/v4/projects/7/terraform/state/site"}[n]
			},
			want: func(n int) string {
				return []string{"me", "organization/workspace", "gitlab.example.com/api/v4/projects/7/terraform/state/site"}[n]
			},
			get: func(m HubModel, env map[string]string) string { return read(t, m, env).Owner },
		},
	} {
		for first := range test.variables {
			model := HubModel{}
			env := map[string]string{}
			maps.Copy(env, test.beside)
			for n := range test.variables {
				delete(env, test.variables[n])
				if n >= first {
					env[test.variables[n]] = test.value(n) + " \n"
				}
			}
			if env["OSAC_AAP_URL"]+env["AAP_HOSTNAME"]+env["CONTROLLER_HOST"] == "" {
				model.URL = types.StringValue("https://aap.example.com")
			}
			want := test.value
			if test.want != nil {
				want = test.want
			}
			if got := test.get(model, env); got != want(first) {
				t.Errorf("%s from %s: %q, want %q", name, test.variables[first], got, want(first))
			}
		}
	}
}

// read reads the settings of a hub, which must be good.
func read(t *testing.T, model HubModel, env map[string]string) provisioning.HubSettings {
	t.Helper()
	c := defaultHub(model, env)
	settings := c.settings(t.Context(), "")
	if c.diags.HasError() {
		t.Error(c.diags)
	}
	return settings
}

func TestHostsWithoutAScheme(t *testing.T) {
	for variable, want := range map[string]string{"AAP_HOSTNAME": "https://aap.example.com:8443", "CONTROLLER_HOST": "https://aap.example.com:8443"} {
		if got := read(t, HubModel{Token: types.StringValue("t")}, map[string]string{variable: "aap.example.com:8443"}).Controller.URL; got != want {
			t.Errorf("%s: %q", variable, got)
		}
	}
}

// TestSettingsAreTrimmed reads texts as files and commands give them, with a line break at their end.
func TestSettingsAreTrimmed(t *testing.T) {
	ended := func(text string) types.String { return types.StringValue(" " + text + "\r\n") }
	got := read(t, HubModel{
		URL: ended("https://aap.example.com"), Token: ended("t0ken"), Organization: ended("o"), CreateTemplate: ended("c"), DeleteTemplate: ended("d"),
		Owner: ended("me"), Place: ended("here"),
	}, nil)
	if got.Controller.URL != "https://aap.example.com" || got.Controller.Token != "t0ken" || got.Organization != "o" || got.CreateTemplate != "c" ||
		got.DeleteTemplate != "d" || got.Owner != "me" || got.Place != "here" || !slices.Contains(got.Secrets, "t0ken") {
		t.Errorf("%+v", got)
	}
	got = read(t, HubModel{URL: ended("https://aap.example.com"), Username: ended("u"), Password: ended("p assword")}, nil)
	if got.Controller.Username != "u" || got.Controller.Password != "p assword" {
		t.Errorf("%+v", got.Controller)
	}
}

func TestURLs(t *testing.T) {
	for url, mentions := range map[string]string{
		"https://aap.example.com": "", "http://127.0.0.1:8052/": "", "HTTPS://aap/api/v2/": "", " https://[::1]:8043\n": "", "https://[::1]": "",
		"":                                "empty",
		"aap.example.com":                 "begin with https://",
		"aap.example.com:8443":            "begin with https://",
		"ftp://aap.example.com":           "begin with https://",
		"https://":                        "no host",
		"https://:443":                    "no host",
		"https://aap.example.com:https":   "port",
		"https://aap.example.com:":        "port",
		"https://aap.example.com:65536/":  "port",
		"https://aap.example.com:0":       "port",
		"https://[::1]:x":                 "port",
		"https://me:pass@aap.example.com": "credentials",
		"https://me:pa:ss@aap":            "credentials",
		"https://aap.example.com/#/jobs":  "? or #",
		"https://aap.example.com#":        "? or #",
		"https://aap.example.com/?x":      "? or #",
		"https://aap example.com":         "no URL",
		"https://aap.example.com/%zz":     "no URL",
	} {
		got := validate.CheckURL(url)
		if (got == "") != (mentions == "") || !strings.Contains(got, mentions) || strings.Contains(got, "pass") && strings.Contains(got, "me:") {
			t.Errorf("%q: %q, want something of %q", url, got, mentions)
		}
		if got != "" && !strings.Contains(got, "https://aap.example.com") && !strings.Contains(got, "credentials") && url != "" {
			t.Errorf("%q: %q gives no example", url, got)
		}
	}
}

// TestOwnerOfOtherHubs has the environment name the owner for every hub: it names the state, which all hubs share.
func TestOwnerOfOtherHubs(t *testing.T) {
	east := map[string]tftypes.Value{"url": tfText("https://a"), "token": tfText("t"), "place": tfText("rack 7")}
	west := map[string]tftypes.Value{"url": tfText("https://a"), "token": tfText("t"), "owner": tfText("mine")}
	configured, diags := Configure(t.Context(), block(t, map[string]tftypes.Value{
		"hubs": hubsValue(t, map[string]map[string]tftypes.Value{"east": east, "west": west}),
	}), variables(map[string]string{"TFC_WORKSPACE_SLUG": "organization/site"}), "agent")
	if diags.HasError() {
		t.Fatal(diags)
	}
	for key, want := range map[string]string{"east": "organization/site", "west": "mine"} {
		if got := configured.ByKey[key].Hub.Owner(); got != want {
			t.Errorf("%s: %q", key, got)
		}
	}
}

func TestNamesOfStates(t *testing.T) {
	address := "https://user:s3cret@state.example.com/site"
	plain, one, other := stateName(address), stateName(address+"?key=s3cret-1"), stateName(address+"?key=s3cret-2")
	long := stateName(address + strings.Repeat("/long", 100))
	if plain != "state.example.com/site" || one == plain || one == other || len(long) > maxOwner || long == stateName(address+strings.Repeat("/long", 101)) {
		t.Errorf("%q, %q, %q, %q", plain, one, other, long)
	}
	if all := plain + one + other + long; strings.Contains(all, "s3cret") {
		t.Errorf("credentials show: %s", all)
	}
	for _, address := range []string{"", "state", "://", "/path"} {
		if got := stateName(address); got != "" {
			t.Errorf("%q: %q", address, got)
		}
	}
}

// TestSecretsOfAHub wants all credentials among what no message may show, those of EDA as well.
func TestSecretsOfAHub(t *testing.T) {
	typ, ok := edaAttribute().GetType().(types.ObjectType)
	if !ok {
		t.Fatal("eda is no object")
	}
	part := func(name string, given map[string]attr.Value) attr.Value {
		objectType, ok := typ.AttrTypes[name].(types.ObjectType)
		if !ok {
			t.Fatalf("eda.%s is no object", name)
		}
		return partOf(t, objectType, given)
	}
	secret := func(name string) types.String { return types.StringValue("planted-" + name + "\n") }
	webhooks := map[string]attr.Value{"create_url": types.StringValue("https://eda:5000/c"), "delete_url": types.StringValue("https://eda:5000/d")}
	for name, test := range map[string]struct {
		model HubModel
		eda   map[string]attr.Value
		want  []string
	}{
		"token":        {model: HubModel{Token: secret("token")}, want: []string{"token"}},
		"password":     {model: HubModel{Username: types.StringValue("u"), Password: secret("password")}, want: []string{"password"}},
		"eda.token":    {eda: map[string]attr.Value{"token": secret("eda-token")}, want: []string{"eda-token"}},
		"eda.password": {eda: map[string]attr.Value{"username": types.StringValue("u"), "password": secret("eda-password")}, want: []string{"eda-password"}},
		"eda.hmac":     {eda: map[string]attr.Value{"hmac": part("hmac", map[string]attr.Value{"secret": secret("hmac")})}, want: []string{"hmac"}},
		"eda.api, token": {eda: map[string]attr.Value{
			"api": part("api", map[string]attr.Value{"url": types.StringValue("https://eda"), "token": secret("api-token")}),
		}, want: []string{"api-token"}},
		"eda.api, password": {eda: map[string]attr.Value{
			"api": part("api", map[string]attr.Value{"url": types.StringValue("https://eda"), "username": types.StringValue("u"), "password": secret("api-password")}),
		}, want: []string{"api-password"}},
	} {
		t.Run(name, func(t *testing.T) {
			model := test.model
			model.URL = types.StringValue("https://aap.example.com")
			if model.Token.IsNull() && model.Password.IsNull() {
				model.Token = types.StringValue("t0ken")
			}
			if test.eda != nil {
				maps.Copy(test.eda, webhooks)
				model.EDA = edaObject(t, test.eda)
			}
			settings := read(t, model, nil)
			var output bytes.Buffer
			for _, each := range test.want {
				if !slices.Contains(settings.Secrets, "planted-"+each) {
					t.Errorf("%s may show in what playbooks have printed", each)
				}
				settings.Logger.InfoContext(tflogtest.RootLogger(t.Context(), &output), "with planted-"+each, "field", "planted-"+each)
			}
			if logged := output.String(); strings.Contains(logged, "planted") || !strings.Contains(logged, "with ") {
				t.Errorf("the log: %s", logged)
			}
		})
	}
}

func TestVariablesThatCannotBeSent(t *testing.T) {
	for name, test := range map[string]struct{ attribute, value, env, beside string }{
		"token, two lines":         {attribute: "token", value: "planted\nsecret", env: "AAP_TOKEN"},
		"token, control character": {attribute: "token", value: "planted\x01secret", env: "OSAC_AAP_TOKEN"},
		"token, a blank within":    {attribute: "token", value: "planted secret", env: "CONTROLLER_OAUTH_TOKEN"},
		"token, not ASCII":         {attribute: "token", value: "planted\u2026secret", env: "AAP_TOKEN"},
		"password":                 {attribute: "password", value: "planted\nsecret", env: "AAP_PASSWORD", beside: "username"},
		"username, a line":         {attribute: "username", value: "planted\nsecret", env: "AAP_USERNAME", beside: "password"},
		"username, a colon":        {attribute: "username", value: "planted:secret", env: "CONTROLLER_USERNAME", beside: "password"},
	} {
		t.Run(name, func(t *testing.T) {
			attributes := map[string]tftypes.Value{"url": tfText("https://aap.example.com")}
			if test.beside != "" {
				attributes[test.beside] = tfText("x")
			}
			_, diags := Configure(t.Context(), block(t, attributes), variables(map[string]string{test.env: test.value}), "agent")
			if got := errorPaths(diags); !slices.Equal(got, []string{test.attribute}) {
				t.Errorf("errors at %v: %v", got, diags)
			}
			if shown := fmt.Sprint(diags); strings.Contains(shown, "planted") || strings.Contains(shown, "secret") {
				t.Errorf("the value is shown: %s", shown)
			}
		})
	}
}

func TestShortPollIntervalsOfTheEnvironmentAreRefused(t *testing.T) {
	for value, problem := range map[string]bool{"10ms": true, "100ms": false} {
		c := defaultHub(access(), map[string]string{"OSAC_AAP_STATUS_POLL_INTERVAL": value})
		if c.settings(t.Context(), ""); c.diags.HasError() != problem {
			t.Errorf("%s: %v", value, c.diags)
		}
	}
}
