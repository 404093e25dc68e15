package eda

import (
	"net/http"
	"strings"
	"testing"
)

// TestHMACVectors compares signatures with those of Python's hmac and hashlib, which webhooks and EDA servers verify
// with: hmac.new("schlüssel-7".encode(), b'{"metadata": {"name": "vm-x"}}', algorithm).
func TestHMACVectors(t *testing.T) {
	t.Parallel()
	const body = `{"metadata": {"name": "vm-x"}}`
	for _, v := range []struct{ algorithm, hex, base64 string }{
		{"sha1", "ed82bf3f8fb10971e7c4b35ff5d498e005e34830", "7YK/P4+xCXHnxLNf9dSY4AXjSDA="},
		{"sha224", "5f4dd22c4152e1b118b5f520fe93050ea82e5b8714448e3eda16d7ff", "X03SLEFS4bEYtfUg/pMFDqguW4cURI4+2hbX/w=="},
		{"sha256", "f5eef962199c11dfdfbc890b3f567fcd41d11d0722658a7bf891e9e4ee8907f2", "9e75YhmcEd/fvIkLP1Z/zUHRHQciZYp7+JHp5O6JB/I="},
		{
			"sha384", "0ddb0609083a163211ff23db9ce83a7565bae2a539eb501cf06e0dea920032ccd04f2ab9bc2a7ce5683d181e637a8ffb",
			"DdsGCQg6FjIR/yPbnOg6dWW64qU561Ac8G4N6pIAMszQTyq5vCp85Wg9GB5jeo/7",
		},
		{
			"sha512", "a2d7ff18a2139c9bf72dd6b2917225f84e3ae264de7a994caae5e135dfc279ca96bf146b4d76aae95d4b35e27a49db70805c5c8bef04c41d449d9589929d2938",
			"otf/GKITnJv3LdaykXIl+E464mTeeplMquXhNd/CecqWvxRrTXaq6V1LNeJ6SdtwgFxci+8ExB1EnZWJkp0pOA==",
		},
		{"sha3_256", "55f4494ff3065bba73cdcb112c4a68008a1d603a8293f454456d88d21aa9290f", "VfRJT/MGW7pzzcsRLEpoAIodYDqCk/RURW2I0hqpKQ8="},
		{
			"sha3_384", "35e98e3ef115f43a4163237c0d6210d84c8f59f020803550affdefd610ddc63841cf81dca8fbc573de271a275275b978",
			"NemOPvEV9DpBYyN8DWIQ2EyPWfAggDVQr/3v1hDdxjhBz4HcqPvFc94nGidSdbl4",
		},
		{
			"sha3_512", "ba1b94435effa13be3af90e9411b7e80999e593598202b9485ab8560ccb9e99b54ea6b890101b67cfc41be715c82b1a166f65abc27ca17dfec3b09e4242cb41c",
			"uhuUQ17/oTvjr5DpQRt+gJmeWTWYICuUhauFYMy56ZtU6muJAQG2fPxBvnFcgrGhZvZavCfKF9/sOwnkJCy0HA==",
		},
	} {
		for format, want := range map[string]string{"hex": v.hex, "base64": v.base64} {
			header := http.Header{}
			how := Authentication{HMAC: &HMAC{Secret: "schlüssel-7", Algorithm: v.algorithm, Format: format, Header: "X-Signature"}}
			if _, err := how.clean(); err != nil {
				t.Fatal(err)
			}
			if _, err := how.sign(header, []byte(body)); err != nil {
				t.Fatal(err)
			}
			if got := header.Get("X-Signature"); got != v.algorithm+"="+want {
				t.Errorf("%s in %s: %s", v.algorithm, format, got)
			}
		}
	}
	// A key longer than a block is hashed first.
	long := &HMAC{Secret: strings.Repeat("k", 200)}
	if got, err := long.signature([]byte(body)); err != nil || got != "2cfd2632e184b33b097c00b491faad8ddddaab486c46e615d6f1140049a50958" {
		t.Errorf("long key: %s, %v", got, err)
	}
}

func TestHMACDefaults(t *testing.T) {
	t.Parallel()
	header, none := http.Header{}, ""
	if _, err := (Authentication{HMAC: &HMAC{Secret: "schlüssel-7"}}).sign(header, []byte(`{"metadata": {"name": "vm-x"}}`)); err != nil {
		t.Fatal(err)
	}
	const signature = "f5eef962199c11dfdfbc890b3f567fcd41d11d0722658a7bf891e9e4ee8907f2"
	if got := header.Get("X-Hub-Signature-256"); got != "sha256="+signature {
		t.Errorf("by default: %s", got)
	}
	if _, err := (Authentication{HMAC: &HMAC{Secret: "schlüssel-7", Prefix: &none}}).sign(header, []byte(`{"metadata": {"name": "vm-x"}}`)); err != nil {
		t.Fatal(err)
	}
	if got := header.Get("X-Hub-Signature-256"); got != signature {
		t.Errorf("without a prefix: %s", got)
	}
}

func TestAuthenticationIsChecked(t *testing.T) {
	t.Parallel()
	broken := "a\nb"
	for want, how := range map[string]Authentication{
		"":                 {},
		"only one way":     {Token: "hidden-token", HMAC: &HMAC{Secret: "hidden-secret"}},
		"may be set":       {Token: "hidden-token", Username: "eve", Password: "hidden-password"},
		"without a user":   {Password: "hidden-password"},
		"colon":            {Username: "a:b", Password: "hidden-password"},
		"line break":       {Token: "hidden\ntoken"},
		"secret is empty":  {HMAC: &HMAC{}},
		"one of sha1":      {HMAC: &HMAC{Secret: "hidden-secret", Algorithm: "md4"}},
		"hex or base64":    {HMAC: &HMAC{Secret: "hidden-secret", Format: "octal"}},
		"name of a header": {HMAC: &HMAC{Secret: "hidden-secret", Header: "X Signature"}},
		"something else":   {HMAC: &HMAC{Secret: "hidden-secret", Header: "content-type"}},
		"no header can":    {HMAC: &HMAC{Secret: "hidden-secret", Prefix: &broken}},
	} {
		_, err := NewWebhook(Settings{URL: webhookAddress, Authentication: how})
		switch {
		case want == "" && err != nil, want != "" && err == nil:
			t.Errorf("%+v: %v", how, err)
		case err != nil && (!strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hidden")):
			t.Errorf("%q is missing, or a secret is there, in: %v", want, err)
		}
	}
}
