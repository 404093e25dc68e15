package eda

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// agent is ansible-rulebook's user agent (eda 01).
const agent = "Python/3.11 aiohttp/3.14.5"

// controller is ansible-rulebook's client of the controller.
type controller struct {
	client   http.Client
	host     *url.URL
	prefix   string // of the API, below host: api/v2/, or v2/ where the host has a path of its own (AAP 2.5's gateway)
	attempts int
	auth     func() string
	log      func(logger, level, format string, arguments ...any)
}

// controllerError is a request that failed for good. Rule audit shows its text as status_message (eda 12).
type controllerError struct{ text string }

func (e controllerError) Error() string { return e.text }

func newController(o Options, auth func() string, log func(string, string, string, ...any)) (*controller, error) {
	host, err := url.Parse(o.ControllerURL)
	if err != nil {
		return nil, err
	}
	prefix := "api/v2/"
	if host.Path != "" && host.Path != "/" {
		prefix = "v2/"
	}
	if !strings.HasSuffix(host.Path, "/") {
		host.Path += "/"
	}
	return &controller{
		client: http.Client{Transport: o.Controller, Timeout: 5 * time.Minute}, // aiohttp's limit
		host:   host, prefix: prefix, attempts: o.RetryAttempts, auth: auth, log: log,
	}, nil
}

// resolve returns the URL of a path from the API, or of one below its prefix.
func (c *controller) resolve(path string) string {
	reference, err := url.Parse(path)
	if err != nil {
		return path
	}
	return c.host.ResolveReference(reference).String()
}

// get requests a page, and retries while the controller is not available: after 4, 8, 16 and 32 s (eda 05).
func (c *controller) get(ctx context.Context, path string) (object, error) {
	return c.persist(ctx, http.MethodGet, path, nil, func(status int) bool {
		return status == http.StatusTooManyRequests || status >= http.StatusInternalServerError
	})
}

// post retries as well, but only after answers that mean that nothing was done.
func (c *controller) post(ctx context.Context, path string, body any) (object, error) {
	return c.persist(ctx, http.MethodPost, path, body, func(status int) bool {
		return status == http.StatusTooManyRequests || status == http.StatusBadGateway || status == http.StatusServiceUnavailable
	})
}

func (c *controller) persist(ctx context.Context, method, path string, body any, unavailable func(int) bool) (object, error) {
	const runner = "job_template_runner"
	delay := 4 * time.Second
	for attempt := 1; ; attempt++ {
		status, answer, err := c.ask(ctx, method, c.resolve(path), body)
		if err == nil {
			if attempt > 1 {
				c.log(runner, "WARNING", "Controller connection restored")
			}
			return answer, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		again := status != 0 && unavailable(status) || errors.Is(err, syscall.ECONNREFUSED)
		if again && attempt < c.attempts {
			if err := pause(ctx, delay); err != nil {
				return nil, err
			}
			delay *= 2
			continue
		}
		failed := controllerError{err.Error()}
		if status == 0 {
			failed.text = c.unreachable(err)
		}
		if again {
			c.log(runner, "WARNING", "Controller unavailable (%s), retries exhausted", failed)
		}
		c.log(runner, "ERROR", "Error connecting to controller: %s", failed)
		if answer != nil {
			c.log(runner, "ERROR", "Error: %s", pythonText(answer))
		}
		return nil, failed
	}
}

func (c *controller) unreachable(err error) string {
	tls := "False"
	if c.host.Scheme == "https" {
		tls = "default"
	}
	if errors.Is(err, syscall.ECONNREFUSED) {
		return fmt.Sprintf("Cannot connect to host %s ssl:%s [Connect call failed ('%s', %s)]",
			c.host.Host, tls, c.host.Hostname(), c.host.Port())
	}
	return err.Error()
}

// ask sends one request. The status is 0 if there was no answer; the body may be set alongside an error.
func (c *controller) ask(ctx context.Context, method, target string, body any) (int, object, error) {
	var content io.Reader
	if body != nil {
		content = bytes.NewReader(pythonJSON(body))
	}
	request, err := http.NewRequestWithContext(ctx, method, target, content)
	if err != nil {
		return 0, nil, err
	}
	request.Header.Set("Accept", "*/*")
	request.Header.Set("Accept-Encoding", "gzip, deflate")
	request.Header.Set("User-Agent", agent)
	if authorization := c.auth(); authorization != "" {
		request.Header.Set("Authorization", authorization)
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := c.client.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = response.Body.Close() }() // it is read
	text, err := readAnswer(response)
	if err != nil {
		return 0, nil, err
	}
	parsed, err := parseJSON(text)
	answer, _ := parsed.(object)
	if response.StatusCode >= http.StatusBadRequest {
		return response.StatusCode, answer, fmt.Errorf("%d, message='%s', url='%s'",
			response.StatusCode, http.StatusText(response.StatusCode), target)
	}
	if err != nil {
		return response.StatusCode, nil, fmt.Errorf("the controller did not answer JSON: %w", err)
	}
	return response.StatusCode, answer, nil
}

func readAnswer(response *http.Response) ([]byte, error) {
	var body io.Reader = response.Body
	if response.Header.Get("Content-Encoding") == "gzip" {
		unzipped, err := gzip.NewReader(body)
		if err != nil {
			return nil, err
		}
		body = unzipped
	}
	return io.ReadAll(io.LimitReader(body, 64<<20))
}

// escape writes a query's value as aiohttp does, which leaves commas alone: id__in=1,2.
func escape(value string) string {
	return strings.ReplaceAll(url.QueryEscape(value), "%2C", ",")
}

// pause waits, unless the context ends first.
func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
