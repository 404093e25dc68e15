package controller

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/redact"
)

// TestFailuresShowNoSecrets has jobs print their variables in each text that explains a failure. If a text is cut, no
// part of a secret is left at its end or beginning.
func TestFailuresShowNoSecrets(t *testing.T) {
	t.Parallel()
	const secret = `pass"word/of the site`
	quoted, _ := json.Marshal(secret)
	long := strings.Repeat("x", maxMessage-20)
	for name, body := range map[string]string{
		"message":         `{"msg":` + string(quoted) + `}`,
		"object":          `{"msg":{"given":` + string(quoted) + `}}`,
		"at the cut":      `{"msg":"` + long + `pass\"word/of the site and more"}`,
		"standard error":  `{"msg":"non-zero return code","stderr":"mysql -p pass\"word/of the site"}`,
		"item of a loop":  `{"msg":"All items completed","results":[{"failed":true,"msg":` + string(quoted) + `}]}`,
		"standard output": `{"stdout":"it was pass\"word/of the site, pass%22word%2Fof+the+site"}`,
	} {
		f, c, j := failingJob(t, 36, "241")
		f.serve(fmt.Sprintf(eventsLine, 36), reply{body: `{"results":[{"task":"Use pass\"word/of the site","host_name":"h","event_data":{"res":` + body + `}}]}`})
		got := c.FailureOf(within(t, time.Minute), j, redact.Credentials(secret)...)
		if text := fmt.Sprintf("%+v", got); strings.Contains(text, "pass") || got.Message == "" || got.Task != "Use (hidden)" {
			t.Errorf("%s: %s", name, text)
		}
	}
	f, c, j := failingJob(t, 36, "241")
	f.serve(fmt.Sprintf(eventsLine, 36), reply{body: `{"results":[]}`})
	f.serve("GET /api/v2/jobs/36/stdout/?format=txt", reply{body: secret + strings.Repeat("\nfine", maxOutputLines-1) + " " + strings.Repeat("x", maxOutput-5*maxOutputLines-8)})
	if got := c.FailureOf(within(t, time.Minute), j, redact.Credentials(secret)...); strings.Contains(got.Output, "site") || got.Output == "" {
		t.Errorf("output: %q", got.Output)
	}
}
