package transport

import (
	"errors"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// TestWhatWaitingCannotMend sends requests that no wait can help. Each fails at once until the server was reached;
// afterwards, the same failure is an outage.
func TestWhatWaitingCannotMend(t *testing.T) {
	t.Parallel()
	noName := &net.DNSError{Err: "no such host", Name: "aap", IsNotFound: true}
	for name, test := range map[string]struct {
		met    step
		url    string
		header http.Header
		want   error
		// passes is set if the trouble passes once the server was reached.
		passes bool
	}{
		"name":        {met: step{err: &net.OpError{Op: "dial", Err: noName}}, want: ErrUnknownHost, passes: true},
		"proxy":       {met: step{err: &net.OpError{Op: "proxyconnect", Err: syscall.ECONNREFUSED}}, want: ErrProxy, passes: true},
		"proxy name":  {met: step{err: &net.OpError{Op: "proxyconnect", Err: noName}}, want: ErrProxy, passes: true},
		"port":        {url: "https://aap:99999/x/", want: ErrUnsendable},
		"port 0":      {url: "https://aap:0/x/", want: ErrUnsendable},
		"line break":  {header: http.Header{"Authorization": {"Bearer s3cret\n"}}, want: ErrUnsendable},
		"control":     {header: http.Header{"Authorization": {"Bearer s3\x01cret"}}, want: ErrUnsendable},
		"no such URL": {url: "https://aap/%zz", want: ErrUnsendable},
	} {
		for _, method := range []string{"GET", "POST"} {
			for _, reached := range []bool{false, true} {
				synctest.Test(t, func(t *testing.T) {
					steps := []step{{status: 200}, test.met, test.met, {status: 200}}
					if !reached {
						steps = steps[1:3]
					}
					c := newTestClient(t, Settings{RoundTripper: &script{steps: steps}})
					if reached {
						if _, err := c.Do(t.Context(), Request{Method: "GET", URL: "https://aap/x/"}); err != nil {
							t.Fatal(err)
						}
					}
					url := test.url
					if url == "" {
						url = "https://aap/x/"
					}
					began := time.Now()
					_, err := c.Do(deadline(t, time.Hour), Request{Method: method, URL: url, Header: test.header})
					if reached && test.passes {
						if err != nil {
							t.Errorf("%s, %s: an outage is not waited for: %v", name, method, err)
						}
						return
					}
					if !errors.Is(err, test.want) || !Unconnectable(err) || errors.Is(err, ErrOutcomeUnknown) || time.Since(began) != 0 {
						t.Errorf("%s, %s: after %s: %v", name, method, time.Since(began), err)
					}
					if err == nil || strings.Contains(err.Error(), "s3cret") || !strings.Contains(err.Error(), url) {
						t.Errorf("%s, %s: %v", name, method, err)
					}
				})
			}
		}
	}
}

func TestCleanToken(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "", "abc": "abc", "abc\n": "abc", " abc\r\n": "abc", "\ufeffabc": "abc", "\ufeff abc\n": "abc",
		"a\u0001b": "!", "a b": "!", "a\nb": "!", "tök": "!", "abc\x7f": "!",
	} {
		got, err := CleanToken(text)
		if want == "!" {
			if err == nil || strings.Contains(err.Error(), "a\u0001b") {
				t.Errorf("%q: %q, %v", text, got, err)
			}
		} else if got != want || err != nil {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
}

func TestRequestTimeoutHasALeast(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newTestClient(t, Settings{RequestTimeout: 1, RoundTripper: &script{steps: []step{{hang: true}}}})
		began := time.Now()
		_, err := c.Do(t.Context(), Request{Method: "POST", URL: "https://aap/x/"})
		if took := time.Since(began); took != MinRequestTimeout || err == nil {
			t.Errorf("took %s: %v", took, err)
		}
	})
}

// TestClockOffset uses a server whose clock is off, and reports whole seconds only.
func TestClockOffset(t *testing.T) {
	t.Parallel()
	for _, off := range []time.Duration{0, 3*time.Hour + 400*time.Millisecond, -90*time.Second - 300*time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			off, age := off, ""
			c := newTestClient(t, Settings{RoundTripper: roundTripFunc(func(*http.Request) (*http.Response, error) {
				time.Sleep(40 * time.Millisecond)
				header := http.Header{"Date": {time.Now().Add(off).UTC().Format(http.TimeFormat)}}
				if age != "" {
					header.Set("Age", age)
				}
				time.Sleep(40 * time.Millisecond)
				return &http.Response{StatusCode: http.StatusOK, Header: header, Body: http.NoBody}, nil
			})})
			ask := func(times int) {
				for range times {
					if _, err := c.Do(t.Context(), Request{Method: "GET", URL: "https://aap/x/"}); err != nil {
						t.Fatal(err)
					}
					time.Sleep(730 * time.Millisecond)
				}
			}
			if got := c.ClockOffset(); got != 0 {
				t.Errorf("%s is known before an answer", got)
			}
			ask(1)
			if got := c.ClockOffset(); (got - off).Abs() > 600*time.Millisecond {
				t.Errorf("after one answer: %s, want %s", got, off)
			}
			ask(40)
			if got := c.ClockOffset(); (got - off).Abs() > 60*time.Millisecond {
				t.Errorf("after many answers: %s, want %s", got, off)
			}
			off, age = off-time.Hour, "3600" // as a cache answers
			before := c.ClockOffset()
			ask(3)
			if got := c.ClockOffset(); got != before {
				t.Errorf("a cached answer changes it to %s", got)
			}
			age = "" // and now it is really set back
			ask(1)
			if got := c.ClockOffset(); (got - off).Abs() > 600*time.Millisecond {
				t.Errorf("after the clock was set: %s, want %s", got, off)
			}
		})
	}
}

func TestDescribe(t *testing.T) {
	t.Parallel()
	hide := func(text string) string { return strings.ReplaceAll(text, "s3cret", "(hidden)") }
	for name, test := range map[string]struct{ kind, body, want string }{
		"nothing":          {"", " \n", "no body"},
		"text":             {"text/plain", "upstream request timeout", `text "upstream request timeout"`},
		"secret":           {"text/plain", "bad s3cret\n\x1b[31mred", `text "bad (hidden) red"`},
		"long":             {"text/plain", strings.Repeat("x", 1000), `text "` + strings.Repeat("x", maxQuote) + `…"`},
		"JSON":             {"application/json", `{"a":1}`, "other JSON"},
		"page":             {"text/html", "<html><head><title> Request\nRejected &amp; more</title>", `an HTML page "Request Rejected & more"`},
		"page by its text": {"", "<!doctype html><TITLE lang=en>x</TITLE>", `an HTML page "x"`},
		"router": {
			"text/html", "<html><body><div><h1>Application is <i>not</i> available</h1><p>more</p></div></body></html>",
			`an HTML page "Application is not available"`,
		},
		"page without": {"text/html", "<html><title></title><p>hello", "an HTML page"},
	} {
		r := &Response{Header: http.Header{"Content-Type": {test.kind}}, Body: []byte(test.body)}
		if got := r.Describe(hide); got != test.want {
			t.Errorf("%s: %s", name, got)
		}
	}
}
