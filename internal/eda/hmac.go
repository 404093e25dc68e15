package eda

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // an algorithm that webhooks may be set to, chosen by the user
	"crypto/sha256"
	"crypto/sha3"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// The defaults of HMAC, which are ansible.eda.webhook's (hmac_header, hmac_algo, hmac_format).
const (
	DefaultHMACHeader    = "X-Hub-Signature-256"
	DefaultHMACAlgorithm = "sha256"
	DefaultHMACFormat    = "hex"
)

// HMAC says how the body is signed. All fields but the secret have defaults.
type HMAC struct {
	Secret string
	// Header is the name of the header that carries the signature.
	Header string
	// Algorithm is its name in Python's hashlib, as in the rulebook: sha256, sha512, sha1, sha3_256, …
	Algorithm string
	// Format is hex or base64.
	Format string
	// Prefix comes before the signature; nil means the algorithm's name and "=". A webhook accepts the signature with
	// this prefix and without it (eda 04). An event stream's credential names its own prefix, which may be empty (eda
	// 21).
	Prefix *string
}

// algorithms are the hashes by their names in Python's hashlib.
var algorithms = map[string]func() hash.Hash{
	"sha1":     sha1.New,
	"sha224":   sha256.New224,
	"sha256":   sha256.New,
	"sha384":   sha512.New384,
	"sha512":   sha512.New,
	"sha3_256": func() hash.Hash { return sha3.New256() },
	"sha3_384": func() hash.Hash { return sha3.New384() },
	"sha3_512": func() hash.Hash { return sha3.New512() },
}

func (h *HMAC) header() string    { return or(h.Header, DefaultHMACHeader) }
func (h *HMAC) algorithm() string { return strings.ToLower(or(h.Algorithm, DefaultHMACAlgorithm)) }
func (h *HMAC) format() string    { return strings.ToLower(or(h.Format, DefaultHMACFormat)) }

func (h *HMAC) prefix() string {
	if h.Prefix != nil {
		return *h.Prefix
	}
	return h.algorithm() + "="
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

func (h *HMAC) check() error {
	if h.Secret == "" {
		return errors.New("the HMAC secret is empty")
	}
	if _, known := algorithms[h.algorithm()]; !known {
		return fmt.Errorf("the HMAC algorithm must be one of %s", strings.Join(slices.Sorted(maps.Keys(algorithms)), ", "))
	}
	if format := h.format(); format != "hex" && format != "base64" {
		return errors.New("the HMAC format must be hex or base64")
	}
	if !validHeaderName(h.header()) {
		return errors.New("the HMAC header is not the name of a header")
	}
	switch http.CanonicalHeaderKey(h.header()) {
	case "Content-Type", "Content-Length", "Transfer-Encoding", "Connection", "Host", "User-Agent", "Accept":
		return fmt.Errorf("the HMAC header can't be %s, which says something else", h.header())
	}
	if strings.ContainsFunc(h.prefix(), func(r rune) bool { return r < ' ' || r > '~' }) {
		return errors.New("the HMAC prefix holds characters that no header can")
	}
	return nil
}

// validHeaderName reports whether a text is a token of RFC 9110.
func validHeaderName(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
		return !letter && !strings.ContainsRune("!#$%&'*+-.^_`|~", r)
	})
}

// signature returns the body's signature, without its prefix. The secret's bytes are its UTF-8, as in the webhook's
// source.
func (h *HMAC) signature(body []byte) (string, error) {
	newHash, known := algorithms[h.algorithm()]
	if !known {
		return "", fmt.Errorf("the HMAC algorithm %s is not known", h.algorithm())
	}
	mac := hmac.New(newHash, []byte(h.Secret))
	_, _ = mac.Write(body)
	if h.format() == "base64" {
		return base64.StdEncoding.EncodeToString(mac.Sum(nil)), nil
	}
	return hex.EncodeToString(mac.Sum(nil)), nil
}
