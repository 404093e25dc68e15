package eda

import (
	"errors"
	"net/url"
	"regexp"
	"strings"

	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

// parseURL checks the parts that all addresses share. Its errors don't repeat the address, which may hold a password.
func parseURL(text string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(text))
	switch {
	case err != nil:
		return nil, errors.New("the URL is malformed")
	case u.User != nil:
		return nil, errors.New("the URL must not hold credentials: they have settings of their own")
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, errors.New("the URL must begin with https:// or http://")
	case u.Hostname() == "":
		return nil, errors.New("the URL names no host")
	case !transport.ValidPort(u.Port()):
		return nil, errors.New("the port in the URL must be a number from 1 to 65535")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, errors.New("the URL must not have a query or a fragment")
	}
	return u, nil
}

// streamPath is the path of an event stream (F66), behind the prefix of a gateway (/eda-event-streams, eda 21). It accepts
// any end of the path, because that is the part that people get wrong.
var streamPath = regexp.MustCompile(`/external_event_stream/([^/]*)(/post)?(.*)$`)

var uuid = regexp.MustCompile(`^[0-9a-fA-F]{8}-?([0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}$`)

// webhookURL checks the address of a rulebook's webhook. The rulebook sees its path as event.meta.endpoint. A webhook
// answers 200 to any path, even if no rule knows it (eda 04), so a mistake would never show there.
func webhookURL(text string) (*url.URL, error) {
	u, err := parseURL(text)
	switch {
	case err != nil:
		return nil, err
	case strings.Trim(u.Path, "/") == "":
		return nil, errors.New("the URL has no path: a rulebook tells events apart by it, " +
			"e.g. http://eda.example.com:5000/create-compute-instance")
	case streamPath.MatchString(u.Path):
		return nil, errors.New("the URL is an event stream's, not a webhook's")
	case strings.HasSuffix(u.Path, "/"):
		return nil, errors.New("the URL must not end in a slash: the rulebook would see an endpoint with a slash at its end, " +
			"which matches no rule, and the webhook would answer 200 all the same")
	}
	return u, nil
}

// streamURL checks the address of an event stream.
func streamURL(text string) (*url.URL, error) {
	u, err := parseURL(text)
	if err != nil {
		return nil, err
	}
	const form = "as its page in AAP shows it: …/api/eda/v1/external_event_stream/<uuid>/post/"
	if strings.Trim(u.Path, "/") == "" {
		return nil, errors.New("the URL has no path: it is to be that of the event stream " + form)
	}
	if part := streamPath.FindStringSubmatch(u.Path); part != nil {
		switch {
		case !uuid.MatchString(part[1]):
			return nil, errors.New("the URL's event stream is not a UUID: it is to be that of the event stream " + form)
		case part[2] == "":
			return nil, errors.New("the URL must end in /post/: it is to be that of the event stream " + form)
		case strings.Trim(part[3], "/") != "":
			return nil, errors.New("the URL goes on after /post/, but an event stream has no endpoints: " +
				"it is told what to do by the event itself")
		}
	}
	if !strings.HasSuffix(u.Path, "/") {
		return nil, errors.New("the URL must end in a slash: without one the server redirects, and the event is lost")
	}
	return u, nil
}

// apiRoot is the address of an EDA server's API, with a slash at its end. The path is the same behind AAP's gateway and
// without it (eda 20).
func apiRoot(text string) (string, error) {
	u, err := parseURL(text)
	if err != nil {
		return "", err
	}
	path := strings.TrimRight(u.Path, "/")
	for _, known := range []string{"/api/eda/v1", "/api/eda", "/api"} {
		if before, found := strings.CutSuffix(path, known); found {
			path = before
			break
		}
	}
	return u.Scheme + "://" + u.Host + path + "/api/eda/v1/", nil
}
