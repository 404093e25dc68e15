package validate

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"regexp"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

var _ validator.String = PublicKey{}

// PublicKey accepts public keys as sshd reads them from authorized_keys. It refuses private keys, which people easily
// mistake for the public ones next to them. It never repeats the value.
type PublicKey struct{}

// Description says what is accepted.
func (PublicKey) Description(context.Context) string {
	return "value must be a public key in OpenSSH's form"
}

// MarkdownDescription says what is accepted.
func (v PublicKey) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString checks a value.
func (PublicKey) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	text := req.ConfigValue.ValueString()
	if privateKey.MatchString(text) {
		resp.Diagnostics.AddAttributeError(req.Path, "A private key",
			req.Path.String()+" is a private key. It would be sent to the controller, which keeps the variables of its jobs in clear. "+
				"Give the public key, which is usually in the file of the same name that ends in .pub.")
		return
	}
	if problem := badKeys(text); problem != "" {
		resp.Diagnostics.AddAttributeError(req.Path, "Not a public key", req.Path.String()+": "+problem+". Its value is not shown.")
	}
}

var (
	// privateKey matches the private keys of OpenSSH and of PuTTY.
	privateKey = regexp.MustCompile(`-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----|PuTTY-User-Key-File-`)
	// authorizedKey matches a key and its kind; options may precede it, and a comment may follow.
	authorizedKey = regexp.MustCompile(`(?:^|\s)((?:ssh-(?:rsa|dss|ed25519)|ecdsa-sha2-nistp(?:256|384|521)|sk-(?:ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com)|` +
		`[a-z0-9-]+-cert-v01@openssh\.com)\s+([A-Za-z0-9+/]+={0,2})(?:\s|$)`)
)

// badKeys says what is wrong with a text of keys, one in each line; it returns an empty text if sshd can read all of
// them.
func badKeys(text string) string {
	if problem := MarkedStart(text); problem != "" {
		return problem
	}
	keys := 0
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		found := authorizedKey.FindStringSubmatch(line)
		switch {
		case found == nil && strings.HasSuffix(line, ".pub"):
			return "it is a path: file() reads the key, as in file(\"~/.ssh/id_ed25519.pub\")"
		case found == nil:
			return "it must have OpenSSH's form, such as \"ssh-ed25519 AAAA... me@example.com\", one key a line"
		case !isOfItsKind(found[1], found[2]):
			return "the key is of another kind than it says, or damaged"
		}
		keys++
	}
	if keys == 0 {
		return "it holds no key"
	}
	return ""
}

// isOfItsKind reports whether a key's own data name the same kind.
func isOfItsKind(kind, encoded string) bool {
	key, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(encoded, "="))
	if err != nil {
		return false
	}
	const lengthOfLength = 4
	if len(key) < lengthOfLength+len(kind) {
		return true // a stand-in, as documents have them
	}
	return int64(binary.BigEndian.Uint32(key)) == int64(len(kind)) && string(key[lengthOfLength:lengthOfLength+len(kind)]) == kind
}
