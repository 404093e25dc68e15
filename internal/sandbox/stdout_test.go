package sandbox

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestStdout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(Options{})
		c.box.BehaveNext("osac-create-compute-instance", Behavior{Outcome: "failed", Stdout: "one\n\x1b[0;31mERROR! two\x1b[0m\nthree\n"},
			Behavior{Outcome: "failed", Stdout: strings.Repeat("x", outputLimit)})
		c.launch(t, "osac-create-compute-instance", "a")
		c.launch(t, "osac-create-compute-instance", "b")
		time.Sleep(time.Minute)
		stdout := func(query, accept string) reply {
			return c.ask(t, "GET", "/api/v2/jobs/"+query, "", "Accept", accept)
		}
		expect(t, "txt", stdout("1/stdout/?format=txt", "*/*").text, "one\nERROR! two\nthree\n")
		expect(t, "ansi", stdout("1/stdout/?format=ansi", "*/*").text, "one\n\x1b[0;31mERROR! two\x1b[0m\nthree\n")
		expect(t, "txt as JSON", stdout("1/stdout/?format=txt", "application/json").status, 406)
		expect(t, "range", stdout("1/stdout/?format=json&start_line=1&end_line=2", "application/json").text,
			`{"range":{"start":1,"end":2,"absolute_end":3},"content":"\u001b[0;31mERROR! two\u001b[0m\n"}`)
		download := stdout("1/stdout/?format=txt_download", "*/*")
		expect(t, "download", download.header.Get("Content-Disposition"), `attachment; filename="job_1.txt"`)
		expect(t, "missing as text", stdout("9/stdout/?format=txt", "text/plain").text,
			"{'detail': ErrorDetail(string='No Job matches the given query.', code='not_found')}")
		expect(t, "missing as JSON", stdout("9/stdout/?format=json", "application/json").text, `{"detail":"No Job matches the given query."}`)
		if large := stdout("2/stdout/?format=txt", "text/plain").text; !strings.HasPrefix(large, "Standard Output too large to display (1048577 bytes)") {
			t.Errorf("large: %.100s", large)
		}
		if event := c.get(t, "jobs/2/job_events/").results()[0]["stdout"]; len(event.(string)) > 1100 { //nolint:forcetypeassert,errcheck // a test
			t.Error("a long event is not cut")
		}
		expect(t, "no failed event", c.get(t, "jobs/1/job_events/?failed=true").str("count"), "0")
	})
}
