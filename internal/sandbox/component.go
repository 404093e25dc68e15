package sandbox

import "net/http"

// ComponentHandler serves the controller at its own host, without AAP's gateway, under /api/v2/. A controller of AAP
// 2.5 and 2.6 accepts basic auth and its own personal access tokens there, and none of the gateway's. The controller of
// AAP 2.7 answers 401 to everything except its ping with Options.ComponentPing. Without a gateway, the handler is the
// sandbox itself.
func (s *Sandbox) ComponentHandler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.serveAPI(w, r, s.platform != nil) })
}

// ComponentTransport passes requests to the ComponentHandler in memory, as RoundTripper does to the sandbox.
func (s *Sandbox) ComponentTransport() http.RoundTripper { return roundTripper{s, s.platform != nil} }

// serveComponent answers at the controller's own host.
func (c *call) serveComponent(found place) *answer {
	if c.platform.componentTokens || c.options.ComponentPing && c.view != nil && c.view.name == "ping" {
		return c.serve(found)
	}
	// The status is in Red Hat's documents; the body is a guess.
	header := http.Header{"Content-Type": {"application/json"}, "Www-Authenticate": {c.challenge()}}
	return &answer{status: http.StatusUnauthorized, header: header, body: []byte(`{"detail":"Authentication credentials were not provided."}`)}
}
