package controller

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

// TestAnswersOfAGatewayAreQuoted answers a launch and a search as AAP's gateway and the proxies around it do. The error
// has the status and the first words of the body, whatever its form.
func TestAnswersOfAGatewayAreQuoted(t *testing.T) {
	t.Parallel()
	for _, canned := range sandbox.Answers() {
		synctest.Test(t, func(t *testing.T) {
			s := sandbox.New(sandbox.Options{Gateway: sandbox.AAP27})
			c, err := New(Settings{URL: "https://aap.example.com", Token: s.Token(), Transport: transport.Settings{RoundTripper: s.RoundTripper()}})
			if err != nil {
				t.Fatal(err)
			}
			all, err := c.Templates(t.Context(), "", createTemplate)
			if err != nil {
				t.Fatal(err)
			}
			s.Fault(sandbox.Fault{Answer: canned.Name})
			_, launched := c.Launch(within(t, time.Minute), all[createTemplate], nil)
			_, found := c.Find(within(t, 20*time.Second), Search{TemplateNames: []string{createTemplate}})
			for what, err := range map[string]error{"launch": launched, "search": found} {
				if err == nil {
					t.Errorf("%s, %s: no error", canned.Name, what)
					continue
				}
				for _, part := range []string{": " + strconv.Itoa(canned.Status), wordsOf(canned.Body)} {
					if !strings.Contains(err.Error(), part) {
						t.Errorf("%s, %s: %q is missing in %v", canned.Name, what, part, err)
					}
				}
			}
		})
	}
}

// wordsOf returns the words that an error quotes of a body: a page's title, JSON's message, a text.
func wordsOf(body string) string {
	if body == "" {
		return "no body"
	}
	if _, rest, page := strings.Cut(body, "<title>"); page {
		title, _, _ := strings.Cut(rest, "<")
		return `an HTML page "` + title
	}
	var detail map[string]string
	if json.Unmarshal([]byte(body), &detail) == nil {
		return detail["detail"] + detail["details"]
	}
	return `text "` + body
}
