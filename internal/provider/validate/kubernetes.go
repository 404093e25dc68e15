package validate

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/osac-project/terraform-provider-osac/internal/osac"
)

// The forms that Kubernetes and KubeVirt accept. With any other, a job would fail minutes later, with a message about
// an object that is not in the configuration.
const (
	MaxLabelText     = 63
	maxSubdomain     = 253
	MaxReference     = 1 << 10
	maxAnnotations   = 256 << 10
	MaxInt32         = 1<<31 - 1
	subdomainGrammar = `[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*`
)

var (
	subdomainPattern = regexp.MustCompile(`^` + subdomainGrammar + `$`)
	labelTextPattern = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$`)
	groupPattern     = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$`)
	selectorPattern  = regexp.MustCompile(`^[0-9A-Fa-f]{4}:[0-9A-Fa-f]{4}$`)
	resourcePattern  = regexp.MustCompile(`^` + subdomainGrammar + `/[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$`)
	imagePattern     = regexp.MustCompile(`^(([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*|\[[0-9A-Fa-f:]+\])(:[0-9]+)?/)?` +
		`[a-z0-9]+(([._]|__|-+)[a-z0-9]+)*(/[a-z0-9]+(([._]|__|-+)[a-z0-9]+)*)*` +
		`(:\w[\w.-]{0,127})?(@[A-Za-z][A-Za-z0-9]*([-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9A-Fa-f]{32,})?$`)
)

// SubdomainValidators accept the name of an object, such as a Secret, a Tenant or a StorageClass.
func SubdomainValidators() []validator.String {
	return []validator.String{Matching{subdomainPattern, maxSubdomain, "must be the name of a Kubernetes object: lower-case letters, digits, '-' and '.', beginning and ending with a letter or digit"}}
}

// GroupValidators accept the name of a security group, which OSAC uses as a label's key.
func GroupValidators() []validator.String {
	return []validator.String{Matching{groupPattern, MaxLabelText, "must be the name of a security group: lower-case letters, digits, '-' and '.', beginning and ending with a letter or digit"}}
}

// ImageValidators accept an image's reference, as container tools do.
func ImageValidators() []validator.String {
	return []validator.String{Matching{imagePattern, MaxReference, "must be the reference of an image in a registry, such as quay.io/containerdisks/fedora:latest, without blanks and without a scheme such as docker://"}}
}

// SelectorValidators accept the vendor and device of a PCI device.
func SelectorValidators() []validator.String {
	return []validator.String{Matching{selectorPattern, MaxReference, "must be vendor and device of a PCI device, four hexadecimal digits each, such as 10DE:20B0"}}
}

// ResourceNameValidators accept the name of an extended resource.
func ResourceNameValidators() []validator.String {
	return []validator.String{Matching{resourcePattern, MaxReference, "must be the name of a resource with its domain, such as nvidia.com/A100"}}
}

var _ validator.Map = MetadataEntries{}

// MetadataEntries accepts the labels or annotations that Kubernetes accepts.
type MetadataEntries struct{ Labels bool }

// Description says what is accepted.
func (MetadataEntries) Description(context.Context) string {
	return "keys and values must be what Kubernetes accepts"
}

// MarkdownDescription says what is accepted.
func (v MetadataEntries) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateMap checks a value, as far as it is known.
func (v MetadataEntries) ValidateMap(_ context.Context, req validator.MapRequest, resp *validator.MapResponse) {
	elements, size := req.ConfigValue.Elements(), 0
	for _, key := range slices.Sorted(maps.Keys(elements)) {
		if problem := badKey(key, v.Labels); problem != "" {
			resp.Diagnostics.AddAttributeError(req.Path.AtMapKey(key), "A key that Kubernetes refuses", fmt.Sprintf("%q in %s: %s.", key, req.Path, problem))
			continue
		}
		text, ok := elements[key].(types.String)
		if !ok || text.IsNull() || text.IsUnknown() {
			continue
		}
		size += len(key) + len(text.ValueString())
		if problem := v.badValue(key, text.ValueString()); problem != "" {
			resp.Diagnostics.AddAttributeError(req.Path.AtMapKey(key), "A value that Kubernetes refuses", fmt.Sprintf(
				"%s: %s. Other texts may stand in annotations.", req.Path.AtMapKey(key), problem))
		}
	}
	if size > maxAnnotations {
		resp.Diagnostics.AddAttributeError(req.Path, "Too much text", fmt.Sprintf("%s has %d bytes, and Kubernetes takes %d.", req.Path, size, maxAnnotations))
	}
}

// badValue says what is wrong with a value. An annotation may be any text, except for the machine's namespace.
func (v MetadataEntries) badValue(key, value string) string {
	switch {
	case v.Labels && value != "" && (len(value) > MaxLabelText || !labelTextPattern.MatchString(value)):
		return "a label's value has at most 63 letters, digits, '-', '_' and '.', and begins and ends with a letter or digit"
	case !v.Labels && key == osac.AnnotationSubnetTarget && (len(value) > MaxLabelText || !LabelPattern.MatchString(value)):
		return "the namespace in which the machine lives must be an RFC 1123 label: lower-case letters, digits and '-'"
	}
	return ""
}

// badKey says what is wrong with the key of a label or an annotation. Kubernetes ignores the case of its domain.
func badKey(key string, label bool) string {
	domain, name, found := strings.Cut(key, "/")
	if !found {
		domain, name = "", key
	}
	if !label {
		domain = strings.ToLower(domain)
	}
	switch {
	case found && (len(domain) > maxSubdomain || !subdomainPattern.MatchString(domain)):
		return "what stands before the slash must be a domain such as example.com, in lower case"
	case len(name) > MaxLabelText || !labelTextPattern.MatchString(name):
		return "a key has at most 63 letters, digits, '-', '_' and '.', begins and ends with a letter or digit, and may have a domain and a slash before it"
	}
	return ""
}
