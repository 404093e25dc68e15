package validate

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/osac-project/terraform-provider-osac/internal/provider/tfvalue"
)

var (
	_ validator.String = WebURL{}
	_ validator.String = DurationAtLeast{}
	_ validator.String = NotBlank{}
	_ validator.String = HeaderText{}
)

// WebURL accepts the address of a controller, of a webhook or of an event stream.
type WebURL struct{}

// Description says what is accepted.
func (WebURL) Description(context.Context) string { return "value must be an http or https URL" }

// MarkdownDescription says what is accepted.
func (v WebURL) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString checks a value.
func (WebURL) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if problem := CheckURL(req.ConfigValue.ValueString()); problem != "" {
		resp.Diagnostics.AddAttributeError(req.Path, "The URL is malformed", fmt.Sprintf("%s can't be used: %s.", req.Path, problem))
	}
}

// CheckURL says what is wrong with a URL; it returns an empty text if nothing is. It repeats no part of the URL, which
// may hold a password.
func CheckURL(text string) string {
	const example = "as in https://aap.example.com"
	text = strings.TrimSpace(text)
	if text == "" {
		return "it is empty"
	}
	if problem := MarkedStart(text); problem != "" {
		return problem
	}
	scheme, rest, found := strings.Cut(text, "://")
	if !found {
		return "it must begin with https:// (or http://), " + example
	}
	parsed, err := url.Parse(text)
	switch {
	case !strings.EqualFold(scheme, "http") && !strings.EqualFold(scheme, "https"):
		return "it must begin with https:// (or http://), " + example
	case strings.Contains(authority(rest), "@"):
		return "it must not hold credentials: they go in token, or in username and password"
	case badPort(authority(rest)):
		return "what stands behind the host's colon must be the number of a port, from 1 to 65535, as in https://aap.example.com:8443"
	case err != nil:
		return "it is no URL: it must have no blanks, and only characters that a URL may have, " + example
	case parsed.Hostname() == "":
		return "it names no host, " + example
	case strings.ContainsAny(rest, "?#"):
		return "it must end with the path: take off what begins with ? or #, " + example
	default:
		return ""
	}
}

// authority returns the part of a URL between the scheme and the path.
func authority(rest string) string {
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		return rest[:end]
	}
	return rest
}

// badPort reports whether a host ends with a colon without a port.
func badPort(host string) bool {
	colon := strings.LastIndexByte(host, ':')
	if colon < strings.LastIndexByte(host, ']') || colon < 0 {
		return false // none, or a colon within an IPv6 address
	}
	port, err := strconv.ParseUint(host[colon+1:], 10, 16)
	return err != nil || port == 0
}

// The minima of these settings: below them, a controller is busy with answers only, and no request succeeds.
const (
	LeastPollInterval   = 100 * time.Millisecond
	LeastRequestTimeout = time.Second
)

// DurationAtLeast accepts positive durations from a minimum on. The attribute's type checks that the text is a
// duration.
type DurationAtLeast struct{ Least time.Duration }

// Description says what is accepted.
func (v DurationAtLeast) Description(context.Context) string {
	if v.Least > 0 {
		return "value must be at least " + v.Least.String()
	}
	return "value must be above zero"
}

// MarkdownDescription says what is accepted.
func (v DurationAtLeast) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString checks a value.
func (v DurationAtLeast) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if value, err := time.ParseDuration(req.ConfigValue.ValueString()); err == nil && (value <= 0 || value < v.Least) {
		resp.Diagnostics.AddAttributeError(req.Path, "The duration is too short", fmt.Sprintf("%s: %s.", req.Path, v.Description(ctx)))
	}
}

// NotBlank accepts texts that are more than white space.
type NotBlank struct{}

// Description says what is accepted.
func (NotBlank) Description(context.Context) string {
	return "value must hold more than white space"
}

// MarkdownDescription says what is accepted.
func (v NotBlank) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString checks a value.
func (NotBlank) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if problem := MarkedStart(tfvalue.Trimmed(req.ConfigValue)); problem != "" {
		resp.Diagnostics.AddAttributeError(req.Path, "A setting that can't be used", fmt.Sprintf("%s can't be used: %s. Its value is not shown.", req.Path, problem))
	}
	if !req.ConfigValue.IsNull() && !req.ConfigValue.IsUnknown() && tfvalue.Trimmed(req.ConfigValue) == "" {
		resp.Diagnostics.AddAttributeError(req.Path, "An empty setting", fmt.Sprintf(
			"%s is set, but holds nothing, or white space only. Leave it out, or set it to null, where it is not to be used.", req.Path))
	}
}

// HeaderText accepts credentials that can be sent. It never repeats them.
type HeaderText struct{ Check func(string) string }

// Description says what is accepted.
func (HeaderText) Description(context.Context) string {
	return "value must hold characters that a request's header can carry"
}

// MarkdownDescription says what is accepted.
func (v HeaderText) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString checks a value.
func (v HeaderText) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if problem := v.Check(tfvalue.Trimmed(req.ConfigValue)); problem != "" && MarkedStart(tfvalue.Trimmed(req.ConfigValue)) == "" { // NotBlank says that
		resp.Diagnostics.AddAttributeError(req.Path, "A credential can't be sent", fmt.Sprintf(
			"%s can't be used: %s. Its value is not shown.", req.Path, problem))
	}
}

// CheckToken says what is wrong with a bearer token, which is one word of printable ASCII.
func CheckToken(text string) string {
	if problem := MarkedStart(text); problem != "" {
		return problem
	}
	if strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "a token is one word of ASCII letters, digits and punctuation, but within this are white space, control characters or " +
			"others, as where more than the token was copied, or a file of another encoding was read"
	}
	return ""
}

// CheckUsername says what is wrong with a name for basic authentication.
func CheckUsername(text string) string {
	if strings.Contains(text, ":") {
		return "it holds a colon, which basic authentication can't send within a name"
	}
	return CheckPassword(text)
}

// CheckPassword says what is wrong with a password for basic authentication.
func CheckPassword(text string) string {
	if problem := MarkedStart(text); problem != "" {
		return problem
	}
	if strings.ContainsFunc(text, unicode.IsControl) {
		return "it holds a line break, a tab or another control character, which no header can carry"
	}
	return ""
}
