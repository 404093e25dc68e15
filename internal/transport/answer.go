package transport

import (
	"bytes"
	"encoding/json"
	"html"
	"net/http"
	"regexp"
	"strings"
)

// maxQuote bounds, in bytes, what is quoted of a body that is not the API's: enough for what gateways say.
const maxQuote = 160

// title is that of an HTML page; heading is what stands in its place where there is none.
var (
	title   = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title>`)
	heading = regexp.MustCompile(`(?is)<h1[^>]*>(.*?)</h1>`)
	tags    = regexp.MustCompile(`(?s)<[^>]*>`)
)

// IsPage reports whether a body is an HTML page.
func IsPage(header http.Header, body []byte) bool {
	return strings.HasPrefix(strings.ToLower(header.Get("Content-Type")), "text/html") || bytes.HasPrefix(bytes.TrimSpace(body), []byte("<"))
}

// Describe says what sort of body an answer has, and quotes its first words: a page's title, a text's beginning. What a
// gateway says in an API's place is all that there is to go by. clean takes out what no message may show.
func (r *Response) Describe(clean func(string) string) string {
	body := bytes.TrimSpace(r.Body)
	switch {
	case len(body) == 0:
		return "no body"
	case IsPage(r.Header, body):
		return quoted("an HTML page", titleOf(string(body)), clean)
	case json.Valid(body):
		return "other JSON"
	}
	return quoted("text", string(body), clean)
}

func quoted(what, words string, clean func(string) string) string {
	if words = Cut(clean(OneLine(words)), maxQuote); words != "" {
		return what + " \"" + words + "\""
	}
	return what
}

// titleOf is a page's title. The page that OpenShift's router gives where it has no route says what it is in a heading;
// so do pages without a title.
func titleOf(page string) string {
	for _, part := range []*regexp.Regexp{title, heading} {
		if found := part.FindStringSubmatch(page); found != nil {
			if words := strings.TrimSpace(html.UnescapeString(tags.ReplaceAllString(found[1], " "))); words != "" {
				return words
			}
		}
	}
	return ""
}
