package tfvalue

import "github.com/hashicorp/terraform-plugin-framework/datasource/schema"

// ComputedText is a text that the provider computes.
func ComputedText(description string) schema.StringAttribute {
	return schema.StringAttribute{MarkdownDescription: description, Computed: true}
}
