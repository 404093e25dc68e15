package controller

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/redact"
	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

// The defaults of the settings.
const (
	DefaultPollInterval  = 10 * time.Second
	DefaultLaunchTimeout = 60 * time.Second
	DefaultMaxLaunches   = 4
	// MinPollInterval is the shortest time between two polls, whatever is set.
	MinPollInterval = 100 * time.Millisecond
)

// Settings names a controller and says how to connect to it.
type Settings struct {
	// URL is the controller's or AAP's address: https://host, or with /api, /api/controller, /api/controller/v2 or
	// /api/v2 behind it, with or without a slash. It holds no credentials.
	URL string
	// Token is sent as a bearer token. Without one, Username and Password are sent as basic authentication. White space
	// around a token, a name or the URL is removed, and so is the line break at the end of a file.
	Token    string
	Username string
	Password string

	Transport transport.Settings
	// Context carries values for requests that several callers share, such as a logger; it outlives these callers. Its
	// end ends nothing. nil means that it carries nothing.
	Context context.Context //nolint:containedctx // it is the client's own, not a call's
	// PollInterval is the longest time between two polls while no request fails; a value below MinPollInterval means
	// MinPollInterval.
	PollInterval time.Duration
	// LaunchTimeout bounds one attempt to launch; a small controller takes up to 13 s.
	LaunchTimeout time.Duration
	// MaxLaunches is the most launches in flight; AWX carries them out one after the other anyway.
	MaxLaunches int
}

// Client is a client of one controller. It is safe for concurrent use, and runs no goroutine while nobody waits.
type Client struct {
	url           string
	base          *url.URL
	authorization string
	basic         bool
	// secrets are hidden in errors, whatever a server echoes.
	secrets []redact.Secret
	// own is the context of shared requests.
	own           context.Context //nolint:containedctx // see Settings.Context
	transport     *transport.Client
	launchTimeout time.Duration
	launches      chan struct{}
	watch         *poller

	discoveries   shared[Installation]
	templateCalls shared[map[string][]Template]

	// answered are the requests that have been answered, lockout spaces the tries of a password, largest is the size of
	// the largest page of jobs so far, atOnce is how many rows a request may ask for, failed is the last failure, and
	// vars keeps the extra vars that lists leave out.
	answered memory
	lockout  lockout
	largest  atomic.Int64
	atOnce   atOnce
	failed   lastFailure
	vars     varsMemory

	mu           sync.Mutex
	installation *Installation
	templates    map[string][]Template
}

// New checks the form of the settings, and sends nothing. Its errors repeat no credential.
func New(s Settings) (*Client, error) {
	base, err := parseURL(s.URL)
	if err != nil {
		return nil, err
	}
	sender, err := transport.New(s.Transport)
	if err != nil {
		return nil, err
	}
	own := context.Background()
	if s.Context != nil {
		own = context.WithoutCancel(s.Context)
	}
	c := &Client{
		url:           strings.TrimSpace(s.URL),
		base:          base,
		transport:     sender,
		own:           own,
		launchTimeout: positive(s.LaunchTimeout, DefaultLaunchTimeout),
		launches:      make(chan struct{}, positive(s.MaxLaunches, DefaultMaxLaunches)),
		discoveries:   shared[Installation]{own: own},
		templateCalls: shared[map[string][]Template]{own: own},
		templates:     map[string][]Template{},
		atOnce:        atOnce{allowed: positive(s.Transport.RequestTimeout, transport.DefaultRequestTimeout), rows: pageSize},
	}
	c.watch = newPoller(c, max(positive(s.PollInterval, DefaultPollInterval), MinPollInterval))
	if err := c.authorize(s); err != nil {
		return nil, err
	}
	return c, nil
}

// URL returns the controller's address as configured, for messages.
func (c *Client) URL() string { return c.url }

// ClockOffset returns how far the controller's clock is ahead of this machine's. It is negative if the clock is behind,
// and zero before the first answer.
func (c *Client) ClockOffset() time.Duration { return c.transport.ClockOffset() }

// parseURL checks the form of a controller's address. Its errors don't repeat the address, which may hold a password.
func parseURL(text string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(text))
	switch {
	case err != nil:
		return nil, errors.New("the controller's URL is malformed")
	case u.User != nil:
		return nil, errors.New("the controller's URL must not hold credentials: use token, or username and password")
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, errors.New("the controller's URL must begin with https:// or http://")
	case u.Hostname() == "":
		return nil, errors.New("the controller's URL names no host")
	case !transport.ValidPort(u.Port()):
		return nil, errors.New("the port in the controller's URL must be a number from 1 to 65535")
	case u.RawQuery != "" || u.Fragment != "":
		return nil, errors.New("the controller's URL must not have a query or a fragment")
	}
	return u, nil
}

// root returns the API's address with a slash at its end, e.g. https://host/api/v2/. It asks the controller for it if
// necessary.
func (c *Client) root(ctx context.Context) (string, error) {
	installation, err := c.Installation(ctx)
	return installation.APIRoot, err
}

// address returns the absolute URL of a path below the API's root, with a query if there is one.
func (c *Client) address(ctx context.Context, q query, path string, args ...any) (string, error) {
	root, err := c.root(ctx)
	if err != nil {
		return "", err
	}
	address := root + fmt.Sprintf(path, args...)
	if len(q) > 0 {
		address += "?" + q.String()
	}
	return address, nil
}

// query is a URL's query in the order in which it was built.
type query []string

func (q *query) add(key, value string) {
	// Commas stay as they are: lists of ids are long, and the request line must not be (L13).
	*q = append(*q, key+"="+strings.ReplaceAll(url.QueryEscape(value), "%2C", ","))
}

// String returns the query as it stands in the URL.
func (q query) String() string { return strings.Join(q, "&") }

func positive[T int | time.Duration](value, otherwise T) T {
	if value <= 0 {
		return otherwise
	}
	return value
}
