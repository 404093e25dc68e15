package provider

import (
	"context"
	"fmt"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

var _ validator.String = matching{}

// matching accepts texts of a grammar that are no longer than most bytes. Its error shows a text in quotes and cut, whatever
// characters it has.
type matching struct {
	pattern *regexp.Regexp
	most    int
	must    string
}

// maxShown bounds how much of a refused text an error shows.
const maxShown = 80

// Description says what is accepted.
func (v matching) Description(context.Context) string { return "value " + v.must }

// MarkdownDescription says what is accepted.
func (v matching) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString checks a value.
func (v matching) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	text := req.ConfigValue.ValueString()
	switch {
	case markedStart(text) != "":
		resp.Diagnostics.AddAttributeError(req.Path, "An invalid value", fmt.Sprintf("%s can't be used: %s.", req.Path, markedStart(text)))
	case len(text) > v.most:
		resp.Diagnostics.AddAttributeError(req.Path, "An invalid value", fmt.Sprintf(
			"%s has at most %d bytes, and has %d here: %q.", req.Path, v.most, len(text), transport.Cut(text, maxShown)))
	case !v.pattern.MatchString(text):
		resp.Diagnostics.AddAttributeError(req.Path, "An invalid value", fmt.Sprintf(
			"%s %s, and is %q.", req.Path, v.must, transport.Cut(text, maxShown)))
	}
}

var (
	labelPattern    = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`)
	hubKeyPattern   = regexp.MustCompile(`^[a-zA-Z0-9]([a-zA-Z0-9._-]*[a-zA-Z0-9])?$`)
	templatePattern = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9._]*$`)
	tierPattern     = regexp.MustCompile(`^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$`)
	familyPattern   = regexp.MustCompile(`^[a-zA-Z0-9]([a-zA-Z0-9._-]*[a-zA-Z0-9])?$`)
)

// labelValidators accept an RFC 1123 label, as Kubernetes wants for names and namespaces.
func labelValidators() []validator.String {
	return []validator.String{matching{labelPattern, 63, "must be an RFC 1123 label: lower-case letters, digits and '-', beginning and ending with a letter or digit"}}
}

// hubKeyValidators accept the name of a hub: it is part of an instance's id, so it has no slash.
func hubKeyValidators() []validator.String {
	return []validator.String{matching{hubKeyPattern, 63, "must consist of letters, digits, '.', '_' and '-', beginning and ending with a letter or digit"}}
}

// templateIDValidators accept a role's fully qualified name, as the CRD does.
func templateIDValidators() []validator.String {
	return []validator.String{matching{templatePattern, maxReference, "must be the fully qualified name of an Ansible role, such as osac.templates.ocp_virt_vm: letters, digits, '_' and '.', beginning with a letter or '_'"}}
}

// tierValidators accept a storage tier, as the CRD does.
func tierValidators() []validator.String {
	return []validator.String{matching{tierPattern, 63, "must consist of lower-case letters, digits, '.', '_' and '-', beginning and ending with a letter or digit"}}
}

// familyValidators accept a guest's family: templates of a site may know more than the stock one.
func familyValidators() []validator.String {
	return []validator.String{matching{familyPattern, 63, "must be one word, such as linux or windows"}}
}
