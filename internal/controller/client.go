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

// Defaults of the settings that are zero.
const (
	DefaultPollInterval  = 10 * time.Second
	DefaultLaunchTimeout = 60 * time.Second
	DefaultMaxLaunches   = 4
	// MinPollInterval is the shortest time between two ticks of the watcher, whatever is set.
	MinPollInterval = 100 * time.Millisecond
)

// Settings names a controller and says how to talk to it.
type Settings struct {
	// URL is the controller's or AAP's address: https://host, or with /api, /api/controller, /api/controller/v2 or
	// /api/v2 behind it, with or without a slash. It holds no credentials.
	URL string
	// Token is sent as a bearer token. Without one, Username and Password are sent as basic authentication. White space
	// around a token, a name or the URL is left out, and so is the line break that ends a file.
	Token    string
	Username string
	Password string

	Transport transport.Settings
	// Context carries what the requests are made with that several callers share, such as a logger's values; it outlives
	// each of them. Its end ends nothing. nil means that there is nothing to carry.
	Context context.Context //nolint:containedctx // it is the client's own, not a call's
	// PollInterval is the longest time between two ticks of the watcher while no request fails; less than MinPollInterval
	// means that.
	PollInterval time.Duration
	// LaunchTimeout bounds one attempt to launch; a small controller takes up to 13 s.
	LaunchTimeout time.Duration
	// MaxLaunches is how many launches are in flight at most; AWX carries them out one after the other anyway.
	MaxLaunches int
}

// Client talks to one controller. It is safe for concurrent use, and holds no goroutine while nobody waits.
type Client struct {
	url           string
	base          *url.URL
	authorization string
	basic         bool
	// secrets never come out in errors, whatever a server echoes.
	secrets []redact.Secret
	// own is the context of shared requests.
	own           context.Context //nolint:containedctx // see Settings.Context
	transport     *transport.Client
	launchTimeout time.Duration
	launches      chan struct{}
	watch         *watcher

	discoveries   shared[Installation]
	templateCalls shared[map[string][]Template]

	// answered are the requests that have been answered, lockout spaces the tries of a password, largest is how many rows the largest page
	// of jobs that came, atOnce how many a request may ask for, failed
	// is what the last failure was, vars keeps extra vars that lists leave out.
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

// New checks the form of the settings and sends nothing. Its errors repeat no credential.
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
	c.watch = newWatcher(c, max(positive(s.PollInterval, DefaultPollInterval), MinPollInterval))
	if err := c.authorize(s); err != nil {
		return nil, err
	}
	return c, nil
}

// URL is the controller's address as it was configured, for messages.
func (c *Client) URL() string { return c.url }

// ClockOffset returns how far the controller's clock is ahead of this machine's, negative if it is behind; zero while no
// answer has told.
func (c *Client) ClockOffset() time.Duration { return c.transport.ClockOffset() }

// parseURL checks the form of a controller's address. Its errors don't repeat the address: it may hold a password.
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

// root returns the API's address with a slash at its end, e.g. https://host/api/v2/, asking for it if need be.
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

// query is an URL's query in the order it was built.
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
