package transport

import (
	"bytes"
	"encoding/json"
	"html"
	"net/http"
	"regexp"
	"strings"
)

// maxQuote bounds, in bytes, the quotation of a body that is not the API's: enough for gateways' messages.
const maxQuote = 160

// title matches an HTML page's title; heading matches its heading, for pages without a title.
var (
	title   = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title>`)
	heading = regexp.MustCompile(`(?is)<h1[^>]*>(.*?)</h1>`)
	tags    = regexp.MustCompile(`(?s)<[^>]*>`)
)

// IsPage reports whether a body is an HTML page.
func IsPage(header http.Header, body []byte) bool {
	return strings.HasPrefix(strings.ToLower(header.Get("Content-Type")), "text/html") || bytes.HasPrefix(bytes.TrimSpace(body), []byte("<"))
}

// Describe names an answer's sort of body, and quotes its first words: a page's title, a text's beginning. If a gateway
// answers in the API's place, these words are the only clue. clean removes texts that no message may show.
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

// titleOf returns a page's title. OpenShift's router names a missing route in a heading only, and so do other pages
// without a title.
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
