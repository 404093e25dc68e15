package redact

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"math/rand/v2"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// encoders write a text as the programs do that print it. Each takes random numbers for the parts that may differ.
var encoders = []func(text string, random *rand.Rand) string{
	func(text string, _ *rand.Rand) string { return within(asJSON(text)) },
	func(text string, _ *rand.Rand) string { return within(strconv.QuoteToASCII(text)) },
	func(text string, _ *rand.Rand) string { return asJSON(asJSON(text)) },
	func(text string, _ *rand.Rand) string {
		object, _ := json.Marshal(map[string]any{"msg": "it was " + text + " there", "rc": 1})
		return string(object)
	},
	func(text string, _ *rand.Rand) string { return strings.ReplaceAll(text, `'`, `'"'"'`) },
	func(text string, _ *rand.Rand) string { return strings.ReplaceAll(text, `'`, `'\''`) },
	func(text string, _ *rand.Rand) string { return strings.ReplaceAll(text, `'`, `''`) },
	func(text string, _ *rand.Rand) string { return strings.ReplaceAll(text, `"`, `""`) },
	func(text string, _ *rand.Rand) string { return html.EscapeString(text) },
	func(text string, _ *rand.Rand) string { return url.QueryEscape(text) },
	func(text string, _ *rand.Rand) string { return url.PathEscape(text) },
	func(text string, random *rand.Rand) string {
		return eachByte(text, []string{"%%%02x", "%%%02X"}[random.IntN(2)])
	},
	func(text string, random *rand.Rand) string {
		return eachByte(text, []string{`\x%02x`, `\%03o`}[random.IntN(2)])
	},
	func(text string, random *rand.Rand) string {
		return eachByte(text, []string{"%02x", "%02X"}[random.IntN(2)])
	},
	func(text string, random *rand.Rand) string {
		encoding := []*base64.Encoding{base64.StdEncoding, base64.URLEncoding, base64.RawStdEncoding, base64.RawURLEncoding}[random.IntN(4)]
		return encoding.EncodeToString([]byte("pre "[:random.IntN(5)] + text))
	},
	broken,
}

func eachByte(text, format string) string {
	var all strings.Builder
	for _, c := range []byte(text) {
		fmt.Fprintf(&all, format, c)
	}
	return all.String()
}

// broken breaks a text into lines at any character, as terminals and logs do.
func broken(text string, random *rand.Rand) string {
	var all strings.Builder
	indent := "\n" + strings.Repeat(" ", random.IntN(4))
	width := 20 + random.IntN(60)
	for i, r := range []rune(text) {
		if i > 0 && i%width == 0 {
			all.WriteString(indent)
		}
		all.WriteRune(r)
	}
	return all.String()
}

// secretOf makes a secret that no text holds by chance, with characters in it that everything quotes and escapes.
func secretOf(text string, random *rand.Rand) string {
	sum := sha256.Sum256([]byte(text))
	secret := []rune(hex.EncodeToString(sum[:8+random.IntN(8)]))
	for range random.IntN(6) {
		special := []rune(`'"\&<>%+/= =;üß€😀` + "\n")
		at := 1 + random.IntN(len(secret)-1)
		secret = append(secret[:at], append([]rune{special[random.IntN(len(special))]}, secret[at:]...)...)
	}
	return string(secret)
}

// FuzzRedact writes a secret in any composition of encodings within any text. The whole secret must go, and nothing
// else. A text without the secret must stay unchanged.
func FuzzRedact(f *testing.F) {
	for i, seed := range []string{
		"plain", "fatal: [h]: FAILED! => {\"msg\": \"\\u00fc\"}", "%41%25 &amp;amp; \\\\\\\"", "YWRtaW46cGFzcw== deadbeef 68:65:6c:6c:6f", "'\\''\n\n  broken\\\n lines=\n", "", "ü😀\xff\x00",
	} {
		f.Add(seed, uint64(i))
	}
	f.Fuzz(func(t *testing.T, text string, seed uint64) {
		if len(text) <= 4<<10 && utf8.ValidString(text) {
			composed(t, text, seed)
		}
	})
}

// TestCompositions does the same for some thousand compositions.
func TestCompositions(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3000) {
		composed(t, "TASK [Create] ***\nfatal: [h]: FAILED! => {\"msg\": \"a\\\\b %41 &quot; YWRtaW4=\"}", seed)
	}
}

func composed(t *testing.T, text string, seed uint64) {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 1))
	secret := secretOf(text, random)
	r := New(Credentials(secret))
	if got := r.Hide(text); got != text {
		t.Fatalf("%q without the secret %q becomes %q", text, secret, got)
	}
	form := secret
	var used []int
	for range random.IntN(4) {
		n := random.IntN(len(encoders))
		used = append(used, n)
		form = encoders[n](form, random)
	}
	got := r.Hide(text + "\n: " + form + " :\n" + text)
	rest := strings.TrimSuffix(strings.TrimPrefix(got, text+"\n: "), " :\n"+text)
	if !strings.Contains(rest, hidden) || strings.Contains(rest, form) {
		t.Fatalf("the secret %q as %q (%v) shows: %q", secret, form, used, rest)
	}
	left, right, _ := strings.Cut(rest, hidden)
	if !strings.HasPrefix(form, left) || !strings.HasSuffix(form, right) {
		t.Errorf("%q (%v) becomes %q: more than the secret is changed", form, used, rest)
	}
	for _, part := range strings.FieldsFunc(secret, func(r rune) bool { return r > 'z' || !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if len(part) >= 6 && strings.Contains(rest, part) {
			t.Errorf("%q (%v): a part of the secret shows: %q", form, used, rest)
		}
	}
}
