package provider

import (
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

var (
	labelPattern    = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`)
	hubKeyPattern   = regexp.MustCompile(`^[a-zA-Z0-9]([a-zA-Z0-9._-]*[a-zA-Z0-9])?$`)
	templatePattern = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9._]*$`)
	tierPattern     = regexp.MustCompile(`^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$`)
	familyPattern   = regexp.MustCompile(`^[a-zA-Z0-9]([a-zA-Z0-9._-]*[a-zA-Z0-9])?$`)
)

// labelValidators accept an RFC 1123 label, as Kubernetes wants for names and namespaces.
func labelValidators() []validator.String {
	return []validator.String{
		stringvalidator.LengthAtMost(63),
		stringvalidator.RegexMatches(labelPattern,
			"must be an RFC 1123 label: lower-case letters, digits and '-', beginning and ending with a letter or digit"),
	}
}

// hubKeyValidators accept the name of a hub: it is part of an instance's id, so it has no slash.
func hubKeyValidators() []validator.String {
	return []validator.String{
		stringvalidator.LengthAtMost(63),
		stringvalidator.RegexMatches(hubKeyPattern,
			"must consist of letters, digits, '.', '_' and '-', beginning and ending with a letter or digit"),
	}
}

// templateIDValidators accept a role's fully qualified name, as the CRD does.
func templateIDValidators() []validator.String {
	return []validator.String{stringvalidator.RegexMatches(templatePattern,
		"must be the fully qualified name of an Ansible role, such as osac.templates.ocp_virt_vm: letters, digits, '_' and '.', beginning with a letter or '_'")}
}

// tierValidators accept a storage tier, as the CRD does.
func tierValidators() []validator.String {
	return []validator.String{
		stringvalidator.LengthAtMost(63),
		stringvalidator.RegexMatches(tierPattern,
			"must consist of lower-case letters, digits, '.', '_' and '-', beginning and ending with a letter or digit"),
	}
}

// familyValidators accept a guest's family: templates of a site may know more than the stock one.
func familyValidators() []validator.String {
	return []validator.String{
		stringvalidator.LengthAtMost(63),
		stringvalidator.RegexMatches(familyPattern, "must be one word, such as linux or windows"),
	}
}
