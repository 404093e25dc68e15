package eda

import (
	"encoding/base64"
	"net/http"
	"strings"
	"time"
)

// Credential is an event stream's requirement for posts.
type Credential struct {
	// Name is the credential's name at the API; empty: c- and the stream's name.
	Name string
	// Type is token, basic or hmac.
	Type string
	// Token is compared with the header, with or without Bearer.
	Token              string
	Username, Password string
	// Secret, HashAlgorithm, SignatureEncoding (hex or base64) and SignaturePrefix make the signature.
	Secret, HashAlgorithm, SignatureEncoding, SignaturePrefix string
	// Header is http_header_key; empty: Authorization, or X-Hub-Signature-256 for hmac.
	Header string
}

// TokenCredential requires a token in Authorization.
func TokenCredential(token string) Credential { return Credential{Type: "token", Token: token} }

// BasicCredential requires a name and a password.
func BasicCredential(username, password string) Credential {
	return Credential{Type: "basic", Username: username, Password: password}
}

// HMACCredential requires X-Hub-Signature-256: sha256=<hex>, as recorded (eda 21).
func HMACCredential(secret string) Credential {
	return Credential{Type: "hmac", Secret: secret, SignaturePrefix: "sha256="}
}

func (c Credential) withDefaults() Credential {
	setDefault(&c.Type, "token")
	if c.Type == "hmac" {
		setDefault(&c.Header, "X-Hub-Signature-256")
		setDefault(&c.HashAlgorithm, "sha256")
		setDefault(&c.SignatureEncoding, "hex")
	}
	setDefault(&c.Header, "Authorization")
	return c
}

// verify says what is wrong with a post; it returns an empty text if nothing is.
func (c Credential) verify(r *http.Request, body []byte) string {
	given := r.Header.Get(c.Header)
	switch c.Type {
	case "hmac":
		if hashes(c.HashAlgorithm) == nil ||
			!sameSignature(given, c.SignaturePrefix+sign(c.HashAlgorithm, c.SignatureEncoding, c.Secret, body)) {
			return "Signature mismatch, check your payload and secret"
		}
	case "basic":
		given = afterScheme(given, "Basic")
		if given != base64.StdEncoding.EncodeToString([]byte(c.Username+":"+c.Password)) {
			return "Credential mismatch"
		}
	default:
		if afterScheme(given, "Bearer") != c.Token {
			return "Token mismatch, check your token"
		}
	}
	return ""
}

// afterScheme removes a scheme if it is there; the bare value is accepted as well (eda 22).
func afterScheme(value, scheme string) string {
	if strings.HasPrefix(value, scheme) {
		_, value, _ = strings.Cut(value, scheme+" ")
		value, _, _ = strings.Cut(value, scheme+" ")
	}
	return value
}

// credential is a credential at the API.
type credential struct {
	id, typeID     int64
	name           string
	inputs         object
	made, modified time.Time
}

// secretInputs are shown as $encrypted$.
var secretInputs = []string{"token", "password", "secret", "oauth_token"}

// credentialKinds are the types of credentials by their ids (eda 21).
var credentialKinds = map[int64][3]string{
	4: {"Red Hat Ansible Automation Platform", "controller", "cloud"},
	6: {"HMAC Event Stream", "event_stream", "hmac"},
	7: {"Basic Event Stream", "event_stream", "basic"},
	8: {"Token Event Stream", "event_stream", "token"},
}

// record returns a Credential's inputs in the API's form.
func (c Credential) record() (int64, object) {
	header := member{"http_header_key", c.Header}
	switch c.Type {
	case "hmac":
		return 6, object{
			{"auth_type", "hmac"},
			{"hash_algorithm", c.HashAlgorithm},
			header,
			{"secret", c.Secret},
			{"signature_encoding", c.SignatureEncoding},
			{"signature_prefix", c.SignaturePrefix},
		}
	case "basic":
		return 7, object{{"auth_type", "basic"}, header, {"password", c.Password}, {"username", c.Username}}
	}
	return 8, object{{"auth_type", "token"}, header, {"token", c.Token}}
}

// verifier makes a Credential from inputs.
func (c *credential) verifier() Credential {
	return Credential{
		Type: c.inputs.text("auth_type"), Token: c.inputs.text("token"), Username: c.inputs.text("username"),
		Password: c.inputs.text("password"), Secret: c.inputs.text("secret"), HashAlgorithm: c.inputs.text("hash_algorithm"),
		SignatureEncoding: c.inputs.text("signature_encoding"), SignaturePrefix: c.inputs.text("signature_prefix"),
		Header: c.inputs.text("http_header_key"),
	}.withDefaults()
}

func (c *credential) shown() object {
	inputs := object{}
	for _, m := range c.inputs {
		for _, secret := range secretInputs {
			if m.key == secret {
				m.value = "$encrypted$"
			}
		}
		inputs = append(inputs, m)
	}
	return inputs
}

func (c *credential) render(owner object) object {
	kind := credentialKinds[c.typeID]
	return object{
		{"id", c.id},
		{"name", c.name},
		{"description", ""},
		{"managed", false},
		{"inputs", c.shown()},
		{"credential_type", object{{"id", c.typeID}, {"name", kind[0]}, {"namespace", kind[1]}, {"kind", kind[2]}}},
		{"organization", organization()},
		{"references", nil},
		{"created_at", stamp(c.made)},
		{"modified_at", stamp(c.modified)},
		{"created_by", owner},
		{"modified_by", owner},
	}
}
