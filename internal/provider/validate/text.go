package validate

import (
	"context"
	"fmt"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

var _ validator.String = Matching{}

// Matching accepts texts that match a grammar and have at most so many bytes. Its error shows the text in quotes and
// cut, whatever characters it has.
type Matching struct {
	Pattern *regexp.Regexp
	Most    int
	Must    string
}

// maxShown bounds how much of a refused text an error shows.
const maxShown = 80

// Description says what is accepted.
func (v Matching) Description(context.Context) string { return "value " + v.Must }

// MarkdownDescription says what is accepted.
func (v Matching) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString checks a value.
func (v Matching) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	text := req.ConfigValue.ValueString()
	switch {
	case MarkedStart(text) != "":
		resp.Diagnostics.AddAttributeError(req.Path, "An invalid value", fmt.Sprintf("%s can't be used: %s.", req.Path, MarkedStart(text)))
	case len(text) > v.Most:
		resp.Diagnostics.AddAttributeError(req.Path, "An invalid value", fmt.Sprintf(
			"%s has at most %d bytes, and has %d here: %q.", req.Path, v.Most, len(text), transport.Cut(text, maxShown)))
	case !v.Pattern.MatchString(text):
		resp.Diagnostics.AddAttributeError(req.Path, "An invalid value", fmt.Sprintf(
			"%s %s, and is %q.", req.Path, v.Must, transport.Cut(text, maxShown)))
	}
}

// The forms of names.
var (
	LabelPattern    = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`)
	HubKeyPattern   = regexp.MustCompile(`^[a-zA-Z0-9]([a-zA-Z0-9._-]*[a-zA-Z0-9])?$`)
	templatePattern = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9._]*$`)
	tierPattern     = regexp.MustCompile(`^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$`)
	familyPattern   = regexp.MustCompile(`^[a-zA-Z0-9]([a-zA-Z0-9._-]*[a-zA-Z0-9])?$`)
)

// LabelValidators accept an RFC 1123 label, which Kubernetes requires for names and namespaces.
func LabelValidators() []validator.String {
	return []validator.String{Matching{LabelPattern, 63, "must be an RFC 1123 label: lower-case letters, digits and '-', beginning and ending with a letter or digit"}}
}

// HubKeyValidators accept the name of a hub: it is part of an instance's id, so it has no slash.
func HubKeyValidators() []validator.String {
	return []validator.String{Matching{HubKeyPattern, 63, "must consist of letters, digits, '.', '_' and '-', beginning and ending with a letter or digit"}}
}

// TemplateIDValidators accept a role's fully qualified name, as the CRD does.
func TemplateIDValidators() []validator.String {
	return []validator.String{Matching{templatePattern, MaxReference, "must be the fully qualified name of an Ansible role, such as osac.templates.ocp_virt_vm: letters, digits, '_' and '.', beginning with a letter or '_'"}}
}

// TierValidators accept a storage tier, as the CRD does.
func TierValidators() []validator.String {
	return []validator.String{Matching{tierPattern, 63, "must consist of lower-case letters, digits, '.', '_' and '-', beginning and ending with a letter or digit"}}
}

// FamilyValidators accept a guest's family: a site's templates may know more families than OSAC's own.
func FamilyValidators() []validator.String {
	return []validator.String{Matching{familyPattern, 63, "must be one word, such as linux or windows"}}
}
