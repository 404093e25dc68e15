package hubs

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/osac-project/terraform-provider-osac/internal/eda"
	"github.com/osac-project/terraform-provider-osac/internal/provider/tfvalue"
	"github.com/osac-project/terraform-provider-osac/internal/provider/validate"
	"github.com/osac-project/terraform-provider-osac/internal/provisioning"
	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

// edaModel is the attribute eda of a hub.
type edaModel struct {
	CreateURL              types.String         `tfsdk:"create_url"`
	DeleteURL              types.String         `tfsdk:"delete_url"`
	EventStreamURL         types.String         `tfsdk:"event_stream_url"`
	Token                  types.String         `tfsdk:"token"`
	Username               types.String         `tfsdk:"username"`
	Password               types.String         `tfsdk:"password"`
	HMAC                   types.Object         `tfsdk:"hmac"`
	CACertificate          types.String         `tfsdk:"ca_certificate"`
	ClientCertificate      types.String         `tfsdk:"client_certificate"`
	ClientKey              types.String         `tfsdk:"client_key"`
	InsecureSkipVerify     types.Bool           `tfsdk:"insecure_skip_verify"`
	RequestTimeout         timetypes.GoDuration `tfsdk:"request_timeout"`
	StartTimeout           timetypes.GoDuration `tfsdk:"start_timeout"`
	MinimumRequestInterval timetypes.GoDuration `tfsdk:"minimum_request_interval"`
	API                    types.Object         `tfsdk:"api"`
}

type hmacModel struct {
	Secret    types.String `tfsdk:"secret"`
	Header    types.String `tfsdk:"header"`
	Algorithm types.String `tfsdk:"algorithm"`
	Format    types.String `tfsdk:"format"`
	Prefix    types.String `tfsdk:"prefix"`
}

type edaAPIModel struct {
	URL      types.String `tfsdk:"url"`
	Token    types.String `tfsdk:"token"`
	Username types.String `tfsdk:"username"`
	Password types.String `tfsdk:"password"`
}

// defaultEventTimeout is how long OSAC's operator waited for a webhook's answer (internal/sandbox/FACTS.md F80).
const defaultEventTimeout = 10 * time.Second

// edaConfig turns a hub's attribute eda into settings.
type edaConfig struct {
	*hubConfig
	model edaModel
	hmac  *hmacModel
	api   *edaAPIModel
	// userAgent is sent with every request. logger gets the lines about them once the secrets are known.
	userAgent string
	logger    *slog.Logger
}

// eda reads the attribute eda; it returns nil unless events start the runs. The environment alone may set the default
// hub's events, as it set the operator's.
func (c *hubConfig) eda(ctx context.Context, userAgent string) *edaConfig {
	model, diags := tfvalue.Object[edaModel](ctx, c.model.EDA)
	c.diags.Append(diags...)
	if model == nil {
		if c.env(envCreateWebhook) == "" && c.env(envDeleteWebhook) == "" {
			return nil
		}
		model = &edaModel{}
	}
	e := &edaConfig{hubConfig: c, model: *model, userAgent: userAgent}
	var read diag.Diagnostics
	e.hmac, read = tfvalue.Object[hmacModel](ctx, model.HMAC)
	c.diags.Append(read...)
	e.api, read = tfvalue.Object[edaAPIModel](ctx, model.API)
	c.diags.Append(read...)
	return e
}

// secrets are the texts that no log may have.
func (e *edaConfig) secrets() []string {
	all := []string{tfvalue.Trimmed(e.model.Token), tfvalue.Trimmed(e.model.Password)}
	if key := tfvalue.Trimmed(e.model.ClientKey); strings.Contains(key, "-----BEGIN") { // else it is the path of a file
		all = append(all, key)
	}
	if e.hmac != nil {
		all = append(all, tfvalue.Trimmed(e.hmac.Secret))
	}
	if e.api != nil {
		all = append(all, tfvalue.Trimmed(e.api.Token), tfvalue.Trimmed(e.api.Password))
	}
	return all
}

func (e *edaConfig) attribute(name string) path.Path {
	return e.hubConfig.attribute("eda." + name)
}

// backend returns the backend that posts events.
func (e *edaConfig) backend(logger *slog.Logger) func(*provisioning.Hub) provisioning.Backend {
	e.logger = logger
	settings := provisioning.EventSettings{
		MinimumInterval: e.duration(e.model.MinimumRequestInterval.StringValue, "eda.minimum_request_interval", envMinimumRequestInterval),
	}
	e.checkHeaders("eda.", e.model.Token, e.model.Username, e.model.Password)
	if !e.model.EventStreamURL.IsNull() {
		stream := e.source(eda.NewEventStream, "event_stream_url", setting{value: tfvalue.Trimmed(e.model.EventStreamURL)})
		settings.Create, settings.Delete = stream, stream
	} else {
		settings.Create = e.source(eda.NewWebhook, "create_url", e.env.of(e.model.CreateURL, envCreateWebhook))
		settings.Delete = e.source(eda.NewWebhook, "delete_url", e.env.of(e.model.DeleteURL, envDeleteWebhook))
	}
	if e.api != nil {
		if audit := e.ruleAudit(); audit != nil {
			settings.Audit = audit
		}
	}
	return provisioning.NewEventDriven(settings)
}

// checkHeaders reports credentials that can't be sent.
func (e *edaConfig) checkHeaders(prefix string, token, username, password types.String) {
	e.checkHeader(prefix+"token", validate.CheckToken, setting{value: tfvalue.Trimmed(token)})
	e.checkHeader(prefix+"username", validate.CheckUsername, setting{value: tfvalue.Trimmed(username)})
	e.checkHeader(prefix+"password", validate.CheckPassword, setting{value: tfvalue.Trimmed(password)})
}

func (e *edaConfig) source(newSource func(eda.Settings) (*eda.Source, error), attribute string, url setting) provisioning.EventSource {
	if !url.isSet() {
		e.diags.AddAttributeError(e.attribute(attribute), "Where events go is not set", fmt.Sprintf(
			"Hub %q starts runs by events, but eda.%s is not set. Set create_url and delete_url to the two endpoints of a rulebook's webhook, or event_stream_url to the URL of an event stream.",
			e.key, attribute))
		return nil
	}
	if !e.checkURL("eda."+attribute, url) {
		return nil
	}
	e.plainHTTP("eda."+attribute, url)
	source, err := newSource(eda.Settings{URL: url.value, Authentication: e.authentication(), Transport: e.transport()})
	if err != nil {
		e.diags.AddAttributeError(e.attribute(attribute), "Events can't be sent", fmt.Sprintf(
			"What eda of hub %q says of %s, from %s, can't be used: %s.", e.key, attribute, url.source("eda."+attribute), err))
	}
	return source
}

func (e *edaConfig) authentication() eda.Authentication {
	authentication := eda.Authentication{
		Token: tfvalue.Trimmed(e.model.Token), Username: tfvalue.Trimmed(e.model.Username), Password: tfvalue.Trimmed(e.model.Password),
	}
	if e.hmac != nil {
		authentication.HMAC = &eda.HMAC{
			Secret: tfvalue.Trimmed(e.hmac.Secret), Header: tfvalue.Trimmed(e.hmac.Header), Algorithm: tfvalue.Trimmed(e.hmac.Algorithm),
			Format: tfvalue.Trimmed(e.hmac.Format), Prefix: e.hmac.Prefix.ValueStringPointer(),
		}
	}
	return authentication
}

func (e *edaConfig) transport() transport.Settings {
	timeout := e.durationOf(validate.LeastRequestTimeout, e.model.RequestTimeout.StringValue, "eda.request_timeout")
	if timeout == 0 {
		timeout = defaultEventTimeout
	}
	return transport.Settings{
		CACertificate:      e.certificates(e.model.CACertificate, e.attribute("ca_certificate"), "eda.ca_certificate"),
		ClientCertificate:  e.pem(e.model.ClientCertificate, e.attribute("client_certificate"), "eda.client_certificate"),
		ClientKey:          e.pem(e.model.ClientKey, e.attribute("client_key"), "eda.client_key"),
		InsecureSkipVerify: e.model.InsecureSkipVerify.ValueBool(),
		RequestTimeout:     timeout,
		UserAgent:          e.userAgent,
		Logger:             e.logger,
	}
}

// ruleAudit returns the EDA server's API. It is usually AAP's, so the hub's own TLS settings apply to it.
func (e *edaConfig) ruleAudit() *eda.API {
	address := setting{value: tfvalue.Trimmed(e.api.URL)}
	if !e.checkURL("eda.api.url", address) {
		return nil
	}
	e.plainHTTP("eda.api.url", address)
	e.checkHeaders("eda.api.", e.api.Token, e.api.Username, e.api.Password)
	api, err := eda.NewAPI(eda.APISettings{
		URL: address.value, Token: tfvalue.Trimmed(e.api.Token),
		Username: tfvalue.Trimmed(e.api.Username), Password: tfvalue.Trimmed(e.api.Password),
		Transport: transport.Settings{
			CACertificate: e.caCertificate(), InsecureSkipVerify: e.insecureSkipVerify(),
			UserAgent: e.userAgent, Logger: e.logger,
		},
	})
	if err != nil {
		e.diags.AddAttributeError(e.attribute("api"), "The EDA server's API can't be used", fmt.Sprintf("eda.api of hub %q can't be used: %s.", e.key, err))
		return nil
	}
	return api
}
