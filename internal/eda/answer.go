package eda

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

// messageOf returns an error body's message: a webhook's text (eda 04), or an EDA server's {"detail": …} (eda 20, 22).
// A page has none.
func messageOf(answer *transport.Response) string {
	body := bytes.TrimSpace(answer.Body)
	if isPage(answer) || len(body) == 0 {
		return ""
	}
	if body[0] != '{' && body[0] != '[' {
		// "401: Missing authorization token" (eda 04): the error has the status anyway.
		return strings.TrimPrefix(string(body), strconv.Itoa(answer.Status)+": ")
	}
	var object map[string]json.RawMessage
	if json.Unmarshal(body, &object) != nil {
		return ""
	}
	for _, name := range []string{"detail", "error", "message"} {
		var text string
		if json.Unmarshal(object[name], &text) == nil && strings.TrimSpace(text) != "" {
			return text
		}
	}
	return ""
}

// isPage reports whether an answer is an HTML page.
func isPage(answer *transport.Response) bool { return transport.IsPage(answer.Header, answer.Body) }

// describe names an answer's sort of body, for messages: a page's title is the only clue.
func (q question) describe(answer *transport.Response) string {
	switch {
	case len(bytes.TrimSpace(answer.Body)) == 0:
		return ""
	case !isPage(answer) && json.Valid(answer.Body):
		return "JSON without a message"
	}
	return answer.Describe(q.clean)
}
