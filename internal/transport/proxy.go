package transport

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
)

// proxyAnswer returns an error for a proxy that does not connect to a server with TLS. The error has the proxy's
// address, without the name and password that HTTPS_PROXY may hold, and the status of its answer, and nothing else.
// Without it, net/http reports only the status line's text, and nobody sees that it came from a proxy.
func proxyAnswer(_ context.Context, proxy *url.URL, connect *http.Request, answer *http.Response) error {
	status := answer.StatusCode
	if status == http.StatusOK {
		return nil
	}
	met := fmt.Errorf("the proxy %s://%s answers %d %s to the request to connect to %s", proxy.Scheme, proxy.Host, status, http.StatusText(status), connect.Host)
	switch {
	case status == http.StatusProxyAuthRequired:
		return fmt.Errorf("%w: %w; its user and password belong in the environment variable HTTPS_PROXY, as in http://user:password@%s", ErrProxy, met, proxy.Host)
	case status >= http.StatusBadRequest && status < http.StatusInternalServerError && status != http.StatusRequestTimeout && status != http.StatusTooManyRequests:
		return fmt.Errorf("%w: %w; hosts that are to be reached without it belong in NO_PROXY", ErrProxy, met)
	}
	return met
}
