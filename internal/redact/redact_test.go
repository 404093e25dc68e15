package redact

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// odd is a secret that everything that quotes writes differently.
const odd = `it's "p\ss"/ü+1 <&> %41 😀`

func asJSON(text string) string {
	encoded, _ := json.Marshal(text)
	return string(encoded)
}

func within(quoted string) string { return quoted[1 : len(quoted)-1] }

// TestEncodings writes secrets as the programs do that print them. The whole encoding must go, except for quotes around
// it.
func TestEncodings(t *testing.T) {
	t.Parallel()
	ascii := strconv.QuoteToASCII(odd)
	wrapped := func(text string, width int, by string) string {
		var all []string
		for len(text) > width {
			all, text = append(all, text[:width]), text[width:]
		}
		return strings.Join(append(all, text), by)
	}
	offset := func(before string, encoding *base64.Encoding) string {
		return encoding.EncodeToString([]byte(before + odd + "tail"))
	}
	for name, form := range map[string]string{
		"as it is":                    odd,
		"in one line":                 strings.Join(strings.Fields(odd), " "),
		"shell, single quotes":        `it'"'"'s "p\ss"/ü+1 <&> %41 😀`,
		"shell, backslash":            `it'\''s "p\ss"/ü+1 <&> %41 😀`,
		"shell, double quotes":        `it's \"p\\ss\"/ü+1 <&> %41 😀`,
		"shell, printf %q":            `it\'s\ \"p\\ss\"/ü+1\ \<\&\>\ %41\ 😀`,
		"shell, $''":                  `it\'s "p\\ss"/\303\274+1 <&> %41 \360\237\230\200`,
		"Python, repr":                `it\'s "p\\ss"/ü+1 <&> %41 😀`,
		"Python, ascii":               `it\'s "p\\ss"/\xfc+1 <&> %41 \U0001f600`,
		"Python, bytes":               `it\'s "p\\ss"/\xc3\xbc+1 <&> %41 \xf0\x9f\x98\x80`,
		"YAML, single quotes":         `it''s "p\ss"/ü+1 <&> %41 😀`,
		"YAML, double quotes":         `it's \"p\\ss\"\/ü+1 <&> %41 \U0001F600`,
		"YAML, folded":                "it's\n    \"p\\ss\"/ü+1\n    <&> %41\n    😀",
		"YAML, continued":             "it's \\\"p\\\\s\\\n      s\\\"/ü+1\\\n      \\ <&> %41 😀",
		"CSV":                         `it's ""p\ss""/ü+1 <&> %41 😀`,
		"JSON":                        within(asJSON(odd)),
		"JSON, ASCII":                 within(ascii),
		"JSON in JSON":                within(asJSON(asJSON(odd))),
		"JSON in JSON in JSON":        within(asJSON(asJSON(asJSON(odd)))),
		"JSON, ASCII, thrice":         within(asJSON(asJSON(ascii))),
		"HTML":                        html.EscapeString(odd),
		"HTML, twice":                 html.EscapeString(html.EscapeString(odd)),
		"HTML, numbers":               "it&#39;s&nbsp;&#x22;p\\ss&quot;/&uuml;+1 &lt;&amp;&gt; &#37;41 &#x1F600;",
		"form":                        url.QueryEscape(odd),
		"path":                        url.PathEscape(odd),
		"percent, twice":              url.QueryEscape(url.PathEscape(odd)),
		"percent, lower case":         strings.ToLower(url.QueryEscape("it")) + "%27s+%22p%5css%22%2f%c3%bc%2b1+%3c%26%3e+%2541+%f0%9f%98%80",
		"JavaScript's escape":         "it%27s%20%22p%5Css%22/%FC+1%20%3C%26%3E%20%2541%20%uD83D%uDE00",
		"hex":                         hex.EncodeToString([]byte(odd)),
		"hex, upper case":             strings.ToUpper(hex.EncodeToString([]byte(odd))),
		"hex, colons":                 wrapped(hex.EncodeToString([]byte(odd)), 2, ":"),
		"hex, groups":                 wrapped(hex.EncodeToString([]byte(odd)), 4, " "),
		"hex, lines":                  wrapped(hex.EncodeToString([]byte(odd)), 15, "\n"),
		"base64":                      base64.StdEncoding.EncodeToString([]byte(odd)),
		"base64, no padding":          base64.RawStdEncoding.EncodeToString([]byte(odd)),
		"base64, of a URL":            base64.URLEncoding.EncodeToString([]byte(odd)),
		"base64, twice":               base64.StdEncoding.EncodeToString([]byte(base64.StdEncoding.EncodeToString([]byte(odd)))),
		"base64, lines":               wrapped(base64.StdEncoding.EncodeToString([]byte(odd)), 7, "\n"),
		"base64, lines of 24":         wrapped(base64.StdEncoding.EncodeToString([]byte(odd)), 24, " "),
		"base64, indented":            wrapped(base64.StdEncoding.EncodeToString([]byte(odd)), 11, "\n    "),
		"base64, lines in JSON":       wrapped(base64.StdEncoding.EncodeToString([]byte(odd)), 9, `\n`),
		"base64 of JSON":              base64.StdEncoding.EncodeToString([]byte(asJSON(odd))),
		"base64 in a form":            url.QueryEscape(base64.StdEncoding.EncodeToString([]byte(odd))),
		"hex of base64":               hex.EncodeToString([]byte(base64.StdEncoding.EncodeToString([]byte(odd)))),
		"percent of base64 of hex":    url.QueryEscape(base64.StdEncoding.EncodeToString([]byte(hex.EncodeToString([]byte(odd))))),
		"broken lines":                wrapped(odd, 5, "\n"),
		"broken lines, indented":      "it's \"p\\\n        ss\"/ü+\n        1 <&> %4\n        1 😀",
		"broken lines of JSON":        "it's \\\n\"p\\\\ss\\\"/\\u00\n  fc+1 \\u003c\\u0026\\u00\n  3e %41 😀",
		"soft line breaks":            "it's \"p\\s=\ns\"/ü+1 <&> %41 😀",
		"upper-case escapes":          `it\u0027s \u0022p\u005Css\u0022/\u00FC+1 \u003C&\u003E %41 \uD83D\uDE00`,
		"beginning within base64 (1)": offset("1", base64.StdEncoding),
		"beginning within base64 (2)": offset("12", base64.StdEncoding),
		"beginning within base64 (3)": offset("123", base64.RawURLEncoding),
	} {
		r := New(Credentials(odd))
		got := r.Hide("before " + form + " after")
		rest := strings.TrimSuffix(strings.TrimPrefix(got, "before "), " after")
		if len(strings.Trim(rest, `"\`)) > len(hidden)+10 || !strings.Contains(rest, hidden) || !strings.HasPrefix(got, "before ") || !strings.HasSuffix(got, " after") {
			t.Errorf("%s: %q becomes %q", name, form, got)
		}
	}
}

// TestOffsets wants each byte of a secret removed from base64, wherever the secret begins, and the rest kept.
func TestOffsets(t *testing.T) {
	t.Parallel()
	const secret = "k3Qz-81vXb-secret"
	r := New(Credentials(secret))
	for before := range 7 {
		for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding, base64.RawStdEncoding} {
			text := "data: " + encoding.EncodeToString([]byte("prefix0123"[:before]+secret+"suffix"))
			got := r.Hide(text)
			left, right, ok := strings.Cut(got, hidden)
			if !ok || !strings.HasPrefix(text, left) || !strings.HasSuffix(text, right) || len(text)-len(left)-len(right) > (len(secret)*4+2)/3+2 {
				t.Errorf("%d bytes before: %q becomes %q", before, text, got)
			}
		}
	}
}

func TestWhatIsHidden(t *testing.T) {
	t.Parallel()
	value := func(text string) []Secret { return Values(json.RawMessage(`{"value":` + asJSON(text) + `}`)) }
	for _, test := range []struct {
		secrets []Secret
		text    string
		want    string
	}{
		{Credentials("secret", "tiny", "abc"), "a secret, tiny, abc, secrets, tinyness", "a (hidden), (hidden), abc, secrets, tinyness"},
		{Credentials("secret", "secret-longer", "two\nlines"), "a secret-longer secret, two lines", "a (hidden) (hidden), (hidden)"},
		{Credentials("running1"), "it is running1x", "it is (hidden)x"},
		{Credentials("admin"), "user admin of Administration\\nadmin", "user (hidden) of Administration\\n(hidden)"},
		{Credentials("  padded-secret\n"), "it was padded-secret.", "it was (hidden)."},
		{Credentials("", " ", `"'\`), `nothing "'\ of it`, `nothing "'\ of it`},
		{Credentials("ünder-cover"), `C:\\u00fcnder-cover`, `C:(hidden)`},
		{value("running"), "the machine is running", "the machine is running"},
		{value("Always"), "runStrategy: Always", "runStrategy: Always"},
		{value("true"), "true", "true"},
		{value("blue-horse"), "with blue-horse", "with (hidden)"},
		{value("kube-system"), "in kube-system", "in kube-system"},
		{value("ReadWriteMany"), "access mode ReadWriteMany", "access mode ReadWriteMany"},
		{value("osac-computeinstance"), "namespace osac-computeinstance not found", "namespace osac-computeinstance not found"},
		{value("8192000"), "8192000 bytes", "8192000 bytes"},
		{value("10.128.14.201"), "10.128.14.201 is unreachable", "10.128.14.201 is unreachable"},
		{value("2001:db8::/32"), "2001:db8::/32 is taken", "2001:db8::/32 is taken"},
		{value("4111111111111111"), "card 4111111111111111", "card (hidden)"},
		{value("correcthorsebattery"), "correcthorsebattery", "(hidden)"},
		{value("hunter2"), "with hunter2.", "with (hidden)."},
		{value("hunter2"), "ghunter25", "ghunter25"},
		{Values(json.RawMessage(`{"admin_password":"running"}`)), "the machine is running", "the machine is (hidden)"},
		{Values(json.RawMessage(`{"secrets":{"a":[{"b":"running"}]}}`)), "the machine is running", "the machine is (hidden)"},
		{Values(json.RawMessage(`{"pin":1234}`)), "1234 or 12345", "(hidden) or 12345"},
		{Values(json.RawMessage(`{"secret_name":"running"}`)), "the machine is running", "the machine is running"},
		{Values(json.RawMessage(`{"a":"{\"token\":\"running\"}"}`)), "the machine is running", "the machine is (hidden)"},
		{NamedValues(json.RawMessage(`{"image":"quay.io/org/image:1","password":"running"}`)), "quay.io/org/image:1 is running", "quay.io/org/image:1 is (hidden)"},
		{Credentials("-----BEGIN KEY-----\nMIIEvQIBADANBgkq\nhkiG9w0BAQEFAASC\n-----END KEY-----\n"), "-----BEGIN KEY----- hkiG9w0BAQEFAASC MIIEvQIBADANBgkq", "-----BEGIN KEY----- (hidden) (hidden)"},
	} {
		if got := New(test.secrets).Hide(test.text); got != test.want {
			t.Errorf("%q becomes %q, not %q", test.text, got, test.want)
		}
	}
	if got := (*Redactor)(nil).Hide("as it is"); got != "as it is" {
		t.Errorf("without secrets: %q", got)
	}
}

func TestValues(t *testing.T) {
	t.Parallel()
	var got []string
	for _, each := range Values(json.RawMessage(`{"a":["one",2,{"b":"three"}],"c":null,"d":true,"e":"{\"f\":\"four\"}"}`)) {
		got = append(got, each.text)
	}
	slices.Sort(got)
	if !slices.Equal(got, []string{"2", "four", "one", "three", `{"f":"four"}`}) {
		t.Errorf("values: %q", got)
	}
	if got := Values(json.RawMessage(`{`)); got != nil {
		t.Errorf("values of what is no JSON: %q", got)
	}
	if printed := fmt.Sprintf("%v %s", Credentials("planted"), Credentials("planted")); strings.Contains(printed, "planted") {
		t.Errorf("a secret prints as %s", printed)
	}
}

// TestPlainTextStays wants a text without a secret to stay unchanged, however encoded it looks.
func TestPlainTextStays(t *testing.T) {
	t.Parallel()
	r := New(Credentials("k3Qz81vXbsecret", odd), Values(json.RawMessage(`{"a":"site-value-7","b":"another_one 9"}`)))
	for _, text := range []string{
		"fatal: [localhost]: FAILED! => {\"changed\": false, \"msg\": \"non-zero return code\", \"stderr_lines\": [\"a\\tb\"]}",
		"YWRtaW46YWRtaW4= %41%42 &quot;&amp;&#39; \\u00fc\\\\ deadbeefdeadbeef k3Qz81v Xbsecret site value 7",
		strings.Repeat(`\`, 5000), strings.Repeat("%25", 2000), strings.Repeat("&amp;", 1000), strings.Repeat("A", 5000), strings.Repeat("k3Qz81vXbsecre ", 300),
	} {
		if got := r.Hide(text); got != text {
			t.Errorf("%.100q becomes %.100q", text, got)
		}
	}
}
