package hubs

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
	"github.com/osac-project/terraform-provider-osac/internal/provider/tfvalue"
	"github.com/osac-project/terraform-provider-osac/internal/provider/validate"
	"github.com/osac-project/terraform-provider-osac/internal/provisioning"
	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

// hubConfig turns a hub's configuration into settings. It collects errors in diags, each at its attribute.
type hubConfig struct {
	key string
	// at is the path of the hub's attributes: the top level, or an entry of hubs.
	at    path.Path
	model HubModel
	// env has the environment variables of a hub's settings, which only the default hub has. process has the variables
	// that name the state.
	env     environment
	process environment
	diags   diag.Diagnostics
	// plain are the URLs without encryption.
	plain []plainURL
}

// credentials are the controller's credentials: a token, or a name and a password.
type credentials struct {
	token, username, password string
}

// settings reads everything. The result is usable only if diags has no error afterwards. All values are known.
func (c *hubConfig) settings(ctx context.Context, userAgent string) provisioning.HubSettings {
	address, access := c.url(), c.credentials()
	secrets := []string{access.token, access.password}
	events := c.eda(ctx, userAgent)
	if events != nil {
		secrets = append(secrets, events.secrets()...)
	}
	logger := slog.New(newLogHandler(secrets...))
	newBackend, startTimeout := c.backend(events, logger)
	c.warnPlainHTTP()
	createTemplate, deleteTemplate := c.templates()
	classes, diags := StorageClasses(ctx, c.model.StorageClasses)
	c.diags.Append(diags...)
	requestTimeout := c.durationOf(validate.LeastRequestTimeout, c.model.RequestTimeout.StringValue, "request_timeout")
	return provisioning.HubSettings{
		Key:  c.key,
		Kind: osac.ComputeInstance,
		Controller: controller.Settings{
			URL:      address,
			Token:    access.token,
			Username: access.username,
			Password: access.password,
			Transport: transport.Settings{
				CACertificate:      c.caCertificate(),
				InsecureSkipVerify: c.insecureSkipVerify(),
				RequestTimeout:     requestTimeout,
				UserAgent:          userAgent,
				Logger:             logger,
			},
			Context:       ctx,
			PollInterval:  c.durationOf(validate.LeastPollInterval, c.model.PollInterval.StringValue, "poll_interval", envPollInterval),
			LaunchTimeout: max(controller.DefaultLaunchTimeout, requestTimeout),
		},
		Organization:   tfvalue.Trimmed(c.model.Organization),
		CreateTemplate: createTemplate,
		DeleteTemplate: deleteTemplate,
		Owner:          c.owner(),
		Place:          tfvalue.Trimmed(c.model.Place),
		PayloadFormat:  c.payloadFormat(),

		TenantNamespace: tfvalue.Trimmed(c.model.TenantNamespace),
		StorageClasses:  classes,
		ExtraVars:       RawJSON(c.model.ExtraVars),
		Secrets:         secrets,
		MaxJobHistory:   c.maxJobHistory(),
		StartTimeout:    startTimeout,
		NewBackend:      newBackend,
		Logger:          logger,
	}
}

// backend returns how runs are started on the hub: by events if eda is set, else by launches of the templates. Another
// way gets a nested attribute of its own, whose model builds its backend. Nothing else asks which backend it is.
func (c *hubConfig) backend(events *edaConfig, logger *slog.Logger) (func(*provisioning.Hub) provisioning.Backend, time.Duration) {
	if events == nil {
		return provisioning.NewDirect, 0
	}
	return events.backend(logger), c.duration(events.model.StartTimeout.StringValue, "eda.start_timeout")
}

// attribute returns the path of a setting, such as eda.token.
func (c *hubConfig) attribute(name string) path.Path {
	at := c.at
	for part := range strings.SplitSeq(name, ".") {
		at = at.AtName(part)
	}
	return at
}

// variables names the environment variables for a message; only the default hub has any.
func (c *hubConfig) variables(names ...string) string {
	if c.key != provisioning.DefaultHub {
		return ""
	}
	return ", or the environment variable " + strings.Join(names, " or ") + ","
}

func (c *hubConfig) url() string {
	url := c.env.of(c.model.URL, urlVariables...)
	if slices.Contains(hostVariables, url.variable) && !strings.Contains(url.value, "://") {
		url.value = "https://" + url.value
	}
	if !url.isSet() {
		c.diags.AddAttributeError(c.attribute("url"), "The automation controller's URL is missing", fmt.Sprintf(
			"Hub %q has no URL. Set url%s to the address of the automation controller (AAP or AWX), such as https://aap.example.com.",
			c.key, c.variables(urlVariables...)))
		return ""
	}
	c.checkURL("url", url)
	c.plainHTTP("url", url)
	return url.value
}

// checkURL reports whether a URL can be used. The schema's validators have checked a configured URL, unless it was
// unknown then.
func (c *hubConfig) checkURL(attribute string, url setting) bool {
	problem := validate.CheckURL(url.value)
	if problem != "" {
		c.diags.AddAttributeError(c.attribute(attribute), "The URL is malformed", fmt.Sprintf(
			"The URL of hub %q, from %s, can't be used: %s.", c.key, url.source(attribute), problem))
	}
	return problem == ""
}

// checkHeader reports a credential that can't be sent, without showing it.
func (c *hubConfig) checkHeader(attribute string, check func(string) string, value setting) {
	if problem := check(value.value); problem != "" && value.isSet() {
		c.diags.AddAttributeError(c.attribute(attribute), "A credential can't be sent", fmt.Sprintf(
			"%s of hub %q, from %s, can't be used: %s. Its value is not shown.", attribute, c.key, value.source(attribute), problem))
	}
}

// credentials chooses between a token and a name with a password. The configuration wins over the environment. If both
// are in the environment, the token wins.
func (c *hubConfig) credentials() credentials {
	token := c.env.of(c.model.Token, tokenVariables...)
	username := c.env.of(c.model.Username, usernameVariables...)
	password := c.env.of(c.model.Password, passwordVariables...)
	basicConfigured := !c.model.Username.IsNull() || !c.model.Password.IsNull()
	switch {
	case !c.model.Token.IsNull() && basicConfigured:
		c.diags.AddAttributeError(c.attribute("token"), "Two ways to authenticate", fmt.Sprintf(
			"Hub %q has both a token and a username or password. Set one or the other.", c.key))
		return credentials{}
	case token.isSet() && basicConfigured:
		c.ignored("username and password", token.variable)
		return c.basic(username, password)
	case token.isSet():
		token.value = strings.TrimSpace(token.value) // files end with a line break; the log must know what is sent
		if username.isSet() && password.isSet() {
			c.ignored("the token from "+token.source("token"), username.variable+" and "+password.variable)
		}
		c.checkHeader("token", validate.CheckToken, token)
		return credentials{token: token.value}
	case username.isSet() || password.isSet():
		return c.basic(username, password)
	}
	c.diags.AddAttributeError(c.attribute("token"), "No credentials for the automation controller", fmt.Sprintf(
		"Hub %q has neither a token nor a username and password. Set token%s or set username and password.",
		c.key, c.variables(tokenVariables...)))
	return credentials{}
}

func (c *hubConfig) ignored(used, ignored string) {
	c.diags.AddAttributeWarning(c.attribute("token"), "Two ways to authenticate", fmt.Sprintf(
		"Hub %q uses %s; what %s holds is not used.", c.key, used, ignored))
}

func (c *hubConfig) basic(username, password setting) credentials {
	if !password.isSet() {
		c.diags.AddAttributeError(c.attribute("password"), "The password is missing", fmt.Sprintf(
			"Hub %q has a username but no password. Set password%s to go with it.", c.key, c.variables(passwordVariables...)))
	}
	if !username.isSet() {
		c.diags.AddAttributeError(c.attribute("username"), "The username is missing", fmt.Sprintf(
			"Hub %q has a password but no username. Set username%s to go with it.", c.key, c.variables(usernameVariables...)))
	}
	c.checkHeader("username", validate.CheckUsername, username)
	c.checkHeader("password", validate.CheckPassword, password)
	return credentials{username: username.value, password: password.value}
}

// templates returns the names of the create and of the delete template.
func (c *hubConfig) templates() (string, string) {
	prefix := c.env.of(c.model.TemplatePrefix, envTemplatePrefix)
	if !prefix.isSet() {
		prefix.value = provisioning.DefaultTemplatePrefix
	}
	createTemplate, deleteTemplate := provisioning.TemplateNames(prefix.value, osac.ComputeInstance)
	if explicit := c.env.of(c.model.CreateTemplate, envCreateTemplate); explicit.isSet() {
		createTemplate = explicit.value
	}
	if explicit := c.env.of(c.model.DeleteTemplate, envDeleteTemplate); explicit.isSet() {
		deleteTemplate = explicit.value
	}
	if createTemplate == deleteTemplate {
		c.diags.AddAttributeError(c.attribute("delete_template"), "One template for two purposes", fmt.Sprintf(
			"Hub %q would both create and delete instances by template %q.", c.key, createTemplate))
	}
	return createTemplate, deleteTemplate
}

// namespace returns the namespace of instances that name none.
func (c *hubConfig) namespace() string {
	if namespace := c.env.of(c.model.Namespace, envNamespace); namespace.isSet() {
		if len(namespace.value) > validate.MaxLabelText || !validate.LabelPattern.MatchString(namespace.value) {
			c.invalid("namespace", namespace, "it is no RFC 1123 label of up to 63 characters")
		}
		return namespace.value
	}
	return provisioning.DefaultNamespace
}

func (c *hubConfig) payloadFormat() osac.PayloadFormat {
	if c.model.PayloadFormat.IsNull() {
		return osac.FormatBoth
	}
	return osac.PayloadFormat(c.model.PayloadFormat.ValueString())
}

// caCertificate returns the certificates to trust in addition to the system's, in PEM form.
func (c *hubConfig) caCertificate() string {
	return c.certificates(c.model.CACertificate, c.attribute("ca_certificate"), "ca_certificate")
}

// certificates returns PEM text with certificates.
func (c *hubConfig) certificates(configured types.String, at path.Path, attribute string) string {
	text := c.pem(configured, at, attribute)
	if text != "" && !x509.NewCertPool().AppendCertsFromPEM([]byte(text)) {
		c.diags.AddAttributeError(at, "A certificate or key can't be read", fmt.Sprintf(
			"%s of hub %q holds no certificate in PEM form (-----BEGIN CERTIFICATE-----).", attribute, c.key))
	}
	return text
}

// pem returns PEM text. It reads a file if the setting isn't such text itself.
func (c *hubConfig) pem(configured types.String, at path.Path, attribute string) string {
	text := tfvalue.Trimmed(configured)
	if text == "" || strings.Contains(text, "-----BEGIN") {
		return configured.ValueString()
	}
	content, err := os.ReadFile(text) //nolint:gosec // the user's own choice of a file
	if err != nil {
		c.diags.AddAttributeError(at, "A certificate or key can't be read", fmt.Sprintf(
			"%s of hub %q is neither PEM text nor the path of a file that can be read: %s.", attribute, c.key, err))
		return ""
	}
	if problem := validate.MarkedStart(string(content)); problem != "" {
		c.diags.AddAttributeError(at, "A certificate or key can't be read", fmt.Sprintf("%s of hub %q, which is read from %s, can't be used: %s.", attribute, c.key, text, problem))
		return ""
	}
	return string(content)
}

func (c *hubConfig) insecureSkipVerify() bool {
	if !c.model.InsecureSkipVerify.IsNull() {
		return c.model.InsecureSkipVerify.ValueBool()
	}
	skip := c.env.of(types.StringNull(), skipVerifyVariables...)
	if !skip.isSet() {
		return false
	}
	value, ok := truth(skip.value)
	if !ok {
		c.invalid("insecure_skip_verify", skip, "it is neither true nor false")
		return false
	}
	return value != slices.Contains(verifyVariables, skip.variable)
}

// duration reads a positive duration; zero if none is set.
func (c *hubConfig) duration(configured types.String, attribute string, variables ...string) time.Duration {
	return c.durationOf(time.Nanosecond, configured, attribute, variables...)
}

// durationOf reads a duration that has a least value; zero if none is set.
func (c *hubConfig) durationOf(least time.Duration, configured types.String, attribute string, variables ...string) time.Duration {
	text := c.env.of(configured, variables...)
	if !text.isSet() {
		return 0
	}
	value, err := time.ParseDuration(text.value)
	switch {
	case err != nil || value <= 0:
		c.invalid(attribute, text, "it is no positive duration such as 30s")
	case value < least:
		c.invalid(attribute, text, "the least is "+least.String())
	}
	return value
}

func (c *hubConfig) maxJobHistory() int {
	if !c.model.MaxJobHistory.IsNull() {
		return int(c.model.MaxJobHistory.ValueInt64())
	}
	limit := c.env.of(types.StringNull(), envMaxJobHistory)
	if !limit.isSet() {
		return provisioning.DefaultMaxJobHistory
	}
	value, err := strconv.Atoi(limit.value)
	if err != nil || value < 1 {
		c.invalid("max_job_history", limit, "it is no number of at least 1")
	}
	return value
}

func (c *hubConfig) invalid(attribute string, value setting, problem string) {
	c.diags.AddAttributeError(c.attribute(attribute), "A setting of the hub can't be used", fmt.Sprintf(
		"%s of hub %q, from %s, is %q, but %s.", attribute, c.key, value.source(attribute), value.value, problem))
}

// isKnown reports whether all of the hub's settings are known.
func (c *hubConfig) isKnown(ctx context.Context) bool { return tfvalue.Known(ctx, c.model.values()...) }

// RawJSON returns a JSON text in the domain's form; null gives nil.
func RawJSON(text interface {
	attr.Value
	ValueString() string
},
) json.RawMessage {
	if text.IsNull() {
		return nil
	}
	return json.RawMessage(text.ValueString())
}
