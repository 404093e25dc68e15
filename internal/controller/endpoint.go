package controller

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

// Installation is a controller's identity, as the controller reports it.
type Installation struct {
	// UUID is the install_uuid, which outlives upgrades and names the controller's database.
	UUID    string
	Version string
	// Gateway is the version of the AAP whose gateway is in front of the controller, e.g. "2.7"; empty if there is no
	// gateway, or none that reports its version.
	Gateway string
	// APIRoot is the absolute address of the API, with a slash at its end.
	APIRoot string
}

// The places of a controller's API: behind AAP's gateway since 2.5, or at the controller itself. Plain AWX answers the
// first with a page (recording 017).
const (
	gatewayPath = "/api/controller/v2"
	awxPath     = "/api/v2"
)

var apiPaths = []string{gatewayPath, awxPath}

// Installation finds the API's root and asks the controller for its identity. The client keeps the answer; callers at
// the same time share the request. A failure is not kept. Connection errors and 5xx are retried until ctx ends. If no
// address answers as a controller does, the error matches ErrNotController.
func (c *Client) Installation(ctx context.Context) (Installation, error) {
	if known := c.knownInstallation(); known != nil {
		return *known, nil
	}
	found, ended, err := c.discoveries.do(ctx, "", func(ctx context.Context, note func(error)) (Installation, error) {
		if known := c.knownInstallation(); known != nil {
			return *known, nil // another call has ended between the look above and this one's beginning
		}
		found, err := c.discover(ctx, note)
		if err == nil {
			c.mu.Lock()
			c.installation = &found
			c.mu.Unlock()
		}
		return found, err
	})
	if !ended {
		return Installation{}, c.left(ctx, "looking for the controller's API", err)
	}
	return found, err
}

// Known returns the controller's identity if it is known already, or nil. It sends nothing.
func (c *Client) Known() *Installation { return c.knownInstallation() }

func (c *Client) knownInstallation() *Installation {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.installation
}

// Ping asks the controller for its identity again, even if it is known already.
func (c *Client) Ping(ctx context.Context) (Installation, error) {
	known := c.knownInstallation()
	if known == nil {
		return c.discover(ctx, func(error) {})
	}
	found, err := c.ping(ctx, known.APIRoot, false)
	found.Gateway = known.Gateway
	return found, err
}

// discover tries all possible places of the API, round after round during an outage.
func (c *Client) discover(ctx context.Context, note func(error)) (Installation, error) {
	for round := 0; ; round++ {
		found, outage, err := c.discoverOnce(ctx)
		if outage == nil {
			return found, err
		}
		note(outage)
		if err := pause(ctx, discoveryWait(round, outage.RetryAfter)); err != nil {
			return Installation{}, c.left(ctx, "looking for the controller's API", outage)
		}
	}
}

// discoverOnce tries each place once. The second result is set if another round may succeed.
func (c *Client) discoverOnce(ctx context.Context) (Installation, *Error, error) {
	var refusals []string
	var outage, denied *Error
	for _, root := range c.candidates() {
		found, err := c.ping(ctx, root, true)
		if err == nil {
			found.Gateway = c.gatewayOf(ctx, found)
			return found, nil, nil
		}
		failed, ok := errors.AsType[*Error](err)
		switch {
		case ctx.Err() != nil:
			return Installation{}, nil, c.left(ctx, "looking for the controller's API", err)
		case !ok, transport.Unconnectable(err):
			return Installation{}, nil, err
		case errors.Is(err, ErrUnavailable) && failed.Status == 0:
			return Installation{}, failed, nil // The host itself does not answer: another path won't help.
		case Passing(err):
			outage = failed
		case failed.Status == http.StatusUnauthorized, failed.Status == http.StatusForbidden:
			denied = failed
		}
		refusals = append(refusals, failed.Error())
	}
	if outage != nil {
		return Installation{}, outage, nil
	}
	return Installation{}, nil, c.noController(ctx, denied, refusals)
}

func discoveryWait(round int, asked time.Duration) time.Duration {
	wait := min(500*time.Millisecond<<min(round, 6), 10*time.Second)
	return max(asked, wait-rand.N(wait/4)) //nolint:gosec // spreads requests, protects nothing
}

// candidates are the API's possible addresses; the one that the configured URL names comes first.
func (c *Client) candidates() []string {
	path := strings.TrimRight(c.base.Path, "/")
	prefix := path
	var ordered []string
	for _, suffix := range []string{"/api/controller/v2", "/api/controller", "/api/v2", "/api"} {
		if cutPath, ok := strings.CutSuffix(path, suffix); ok {
			prefix = cutPath
			if suffix == "/api/v2" {
				ordered = append(ordered, suffix)
			}
			break
		}
	}
	for _, known := range apiPaths {
		if len(ordered) == 0 || ordered[0] != known {
			ordered = append(ordered, known)
		}
	}
	roots := make([]string, len(ordered))
	for i, api := range ordered {
		roots[i] = c.base.Scheme + "://" + c.base.Host + prefix + api + "/"
	}
	return roots
}

// ping tries one address. A ping needs no credentials (002), and the address may not be a controller's, so ping sends
// none. Only a proxy that demands credentials gets them.
func (c *Client) ping(ctx context.Context, root string, once bool) (Installation, error) {
	k := call{url: root + "ping/", once: once, anonymous: true, maxBytes: 4 << 20}
	var body json.RawMessage
	answer, err := c.getCall(ctx, k, &body)
	if failed, ok := errors.AsType[*Error](err); ok && c.authorization != "" &&
		(failed.Status == http.StatusUnauthorized || failed.Status == http.StatusForbidden) {
		k.anonymous = false
		answer, err = c.getCall(ctx, k, &body)
	}
	if err != nil {
		return Installation{}, err
	}
	found, ok := parsePing(body)
	if !ok {
		k.method = http.MethodGet
		failed := c.newError(k, answer)
		failed.Detail, failed.kind = "JSON without install_uuid and version", ErrNotController
		return Installation{}, failed
	}
	found.APIRoot = root
	return found, nil
}

func parsePing(body []byte) (Installation, bool) {
	var ping struct {
		UUID    string `json:"install_uuid"`
		Version string `json:"version"`
	}
	if json.Unmarshal(body, &ping) != nil || ping.UUID == "" || ping.Version == "" {
		return Installation{}, false
	}
	// Both are shown to people, and state keeps the first.
	for _, text := range []string{ping.UUID, ping.Version} {
		if len(text) > maxName || text != transport.OneLine(text) {
			return Installation{}, false
		}
	}
	return Installation{UUID: ping.UUID, Version: ping.Version}, true
}

// left is the error of a caller whose context ended before a shared request was answered; met is what the request had
// met so far, or nil.
func (c *Client) left(ctx context.Context, doing string, met error) *Error {
	e := &Error{URL: c.url, Detail: doing + ": " + context.Cause(ctx).Error(), err: errors.Join(context.Cause(ctx), ctx.Err(), met)}
	if met != nil {
		e.Detail += "; last: " + met.Error()
		e.kind = ErrUnavailable
	} else if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		e.kind = ErrUnavailable
	}
	return e
}

// pause waits, or returns the context's error.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("waiting: %w", ctx.Err())
	}
}
