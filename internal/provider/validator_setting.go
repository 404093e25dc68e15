package provider

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

var (
	_ validator.String = controllerURL{}
	_ validator.String = positiveDuration{}
)

// controllerURL accepts the address of a controller.
type controllerURL struct{}

// Description says what is accepted.
func (controllerURL) Description(context.Context) string { return "value must be an http or https URL" }

// MarkdownDescription says what is accepted.
func (v controllerURL) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString checks a value.
func (controllerURL) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if problem := checkControllerURL(req.ConfigValue.ValueString()); problem != "" {
		resp.Diagnostics.AddAttributeError(req.Path, "The automation controller's URL is malformed",
			fmt.Sprintf("%s can't be used: %s.", req.Path, problem))
	}
}

// checkControllerURL says what is wrong with a URL; nothing, if it can be used.
func checkControllerURL(text string) string {
	parsed, err := url.Parse(text)
	switch {
	case text == "":
		return "it is empty"
	case err != nil:
		// The parser's error repeats the URL, which may hold a password.
		return "it is no URL"
	case parsed.Scheme != "http" && parsed.Scheme != "https":
		return "it must begin with https:// (or http://)"
	case parsed.Hostname() == "":
		return "it names no host"
	case parsed.User != nil:
		return "it must not hold credentials: they go in token, or in username and password"
	case parsed.RawQuery != "" || parsed.Fragment != "":
		return "it must end with the path"
	default:
		return ""
	}
}

// positiveDuration accepts durations above zero. That the text is a duration at all is the type's to check.
type positiveDuration struct{}

// Description says what is accepted.
func (positiveDuration) Description(context.Context) string { return "value must be above zero" }

// MarkdownDescription says what is accepted.
func (v positiveDuration) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString checks a value.
func (positiveDuration) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if value, err := time.ParseDuration(req.ConfigValue.ValueString()); err == nil && value <= 0 {
		resp.Diagnostics.AddAttributeError(req.Path, "Not a positive duration", fmt.Sprintf("%s must be above zero.", req.Path))
	}
}
