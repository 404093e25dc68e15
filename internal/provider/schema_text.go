package provider

import "github.com/hashicorp/terraform-plugin-framework/datasource/schema"

// computedText is a text that the provider finds out.
func computedText(description string) schema.StringAttribute {
	return schema.StringAttribute{MarkdownDescription: description, Computed: true}
}
