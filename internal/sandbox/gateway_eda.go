package sandbox

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// AttachEDA installs an EDA server behind the gateway, at /api/eda/ and /eda-event-streams/. Without one, these paths
// lead nowhere, and /api/ does not name it. A plain AWX has no gateway, and so no place for an EDA server.
func (s *Sandbox) AttachEDA(transport http.RoundTripper) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.eda = transport
}

// edaRoute is the Route of requests that go to EDA.
func (s *Sandbox) edaRoute(in *incoming) string {
	switch {
	case s.eda == nil || s.platform == nil || in.direct:
		return ""
	case strings.HasPrefix(in.path, eventStreamsPath):
		return "event stream"
	case strings.HasPrefix(in.path, edaPath):
		return "eda"
	default:
		return ""
	}
}

// serve answers a request, or lets EDA answer it.
func (s *Sandbox) serve(ctx context.Context, in *incoming, logged *Request) (*answer, error) {
	if logged.Route != "eda" && logged.Route != "event stream" {
		return s.handle(in, logged), nil
	}
	header, reply := s.admitToEDA(in, logged)
	if reply != nil {
		return s.throughEnvoy(reply), nil
	}
	return s.forward(ctx, in, header)
}

// admitToEDA asks the gateway about a request to EDA, and returns the header for EDA: the user's identity replaces a
// known credential. Event streams have credentials of their own, which the gateway ignores.
func (s *Sandbox) admitToEDA(in *incoming, logged *Request) (http.Header, *answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	header := in.header.Clone()
	header.Del(jwtHeader)
	if strings.HasPrefix(in.path, eventStreamsPath) {
		return header, nil
	}
	c := &call{Sandbox: s, in: in, logged: logged, now: s.now()}
	if reply := c.admit(); reply != nil {
		return nil, reply
	}
	if c.user != nil {
		logged.User = c.user.name
		header.Del("Authorization")
		header.Set(jwtHeader, identity(c.user))
	}
	return header, nil
}

// jwtHeader carries the user's identity from the gateway to a component.
const jwtHeader = "X-Dab-Jw-Token"

// identity replaces the signed JWT: it has only the claims that the simulated EDA reads, unsigned.
func identity(u *user) string {
	claims, _ := json.Marshal(map[string]any{"username": u.name, "is_superuser": u.superuser}) // always works
	return base64.RawURLEncoding.EncodeToString(claims)
}

// forward passes a request to EDA. A connection that EDA cuts is Envoy's 503.
func (s *Sandbox) forward(ctx context.Context, in *incoming, header http.Header) (*answer, error) {
	target := &url.URL{Scheme: "http", Host: in.host, Path: in.path, RawQuery: in.rawQuery}
	request, err := http.NewRequestWithContext(ctx, in.method, target.String(), bytes.NewReader(in.body))
	if err != nil {
		return nil, err
	}
	request.Header = header
	if in.secure {
		request.TLS = &tls.ConnectionState{} // EDA makes links of it
	}
	s.mu.Lock()
	eda := s.eda
	s.mu.Unlock()
	response, err := eda.RoundTrip(request)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return AnswerReset.fault().answer(), nil
	}
	defer func() { _ = response.Body.Close() }() // it is read
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return AnswerReset.fault().answer(), nil
	}
	return s.throughEnvoy(&answer{status: response.StatusCode, header: response.Header, body: body}), nil
}
