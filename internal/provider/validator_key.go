package provider

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

var _ validator.String = publicKey{}

// publicKey refuses private keys, which are easily taken for the public ones beside them. It never repeats the value.
type publicKey struct{}

// Description says what is accepted.
func (publicKey) Description(context.Context) string { return "value must be a public key" }

// MarkdownDescription says what is accepted.
func (v publicKey) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString checks a value.
func (publicKey) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	text := req.ConfigValue.ValueString()
	if strings.Contains(text, "-----BEGIN") && strings.Contains(text, "PRIVATE KEY-----") {
		resp.Diagnostics.AddAttributeError(req.Path, "A private key",
			req.Path.String()+" is a private key. It would be sent to the controller, which keeps the variables of its jobs in clear. "+
				"Give the public key, which is usually in the file of the same name that ends in .pub.")
	}
}
