package sandbox

import (
	"context"
	"net/http"
	"time"
)

// Answer names an answer that AAP's gateway, or a proxy before or behind it, gives when something is wrong: see Fault.
// The texts are Envoy's, or were read in the source of the gateway and of django-ansible-base; none was recorded.
type Answer string

// The answers. Without AfterHandling in the fault, the request is not carried out. That is true of all real answers
// except for the time-out and the reset, which may come either way.
const (
	// AnswerTimeout is Envoy's answer after the route's limit of 30 s.
	AnswerTimeout Answer = "upstream-timeout"
	// AnswerReset is Envoy's answer when a component closes its connection.
	AnswerReset Answer = "upstream-reset"
	// AnswerUnhealthy is Envoy's answer while no instance of the component passes its health checks.
	AnswerUnhealthy Answer = "no-healthy-upstream"
	// AnswerUnauthorizable is Envoy's answer when the gateway's own authentication service fails or takes too long, and
	// AnswerUnauthorizableOld is that of older builds.
	AnswerUnauthorizable    Answer = "ext-authz-failed"
	AnswerUnauthorizableOld Answer = "ext-authz-failed-403"
	// AnswerTooLarge is Envoy's answer to a body that is too long, and AnswerTooLargeNginx is that of the nginx in front
	// of a component.
	AnswerTooLarge      Answer = "payload-too-large"
	AnswerTooLargeNginx Answer = "payload-too-large-nginx"
	// AnswerLocked is the gateway's answer during migrations.
	AnswerLocked Answer = "locked"
	// AnswerJWTExpired is the answer of a component whose clock differs, or whose request waited too long.
	AnswerJWTExpired Answer = "jwt-expired"
	// AnswerClaims is a component's 401 to a good credential: it could not ask the gateway for the user's rights.
	AnswerClaims Answer = "claims-failed"
	// AnswerUnauthenticated is a component's 401 to a token that was cached for too long, and AnswerUnauthenticated403
	// is that of a component that knows no login but the gateway's.
	AnswerUnauthenticated    Answer = "unauthenticated"
	AnswerUnauthenticated403 Answer = "unauthenticated-403"
	// AnswerScope is the gateway's answer to a token of scope read.
	AnswerScope Answer = "insufficient-scope"
	// AnswerNoApplication is the page of OpenShift's router for a route that does not exist, or has nothing behind it.
	AnswerNoApplication Answer = "application-not-available"
)

// CannedAnswer is the text of an Answer.
type CannedAnswer struct {
	Name        Answer `json:"name"`
	Status      int    `json:"status"`
	ContentType string `json:"content_type,omitempty"`
	Body        string `json:"body"`
	// outside is set unless Envoy answers.
	outside bool
}

// Answers returns all canned answers.
func Answers() []CannedAnswer { return cannedAnswers() }

func cannedAnswers() []CannedAnswer {
	const plain, structured, page = "text/plain", "application/json", "text/html"
	return []CannedAnswer{
		{Name: AnswerTimeout, Status: http.StatusGatewayTimeout, ContentType: plain, Body: "upstream request timeout"},
		{
			Name: AnswerReset, Status: http.StatusServiceUnavailable, ContentType: plain,
			Body: "upstream connect error or disconnect/reset before headers. reset reason: connection failure",
		},
		{Name: AnswerUnhealthy, Status: http.StatusServiceUnavailable, ContentType: plain, Body: "no healthy upstream"},
		{Name: AnswerUnauthorizable, Status: http.StatusBadGateway},
		{Name: AnswerUnauthorizableOld, Status: http.StatusForbidden},
		{Name: AnswerTooLarge, Status: http.StatusRequestEntityTooLarge, ContentType: plain, Body: "Payload Too Large"},
		{Name: AnswerTooLargeNginx, Status: http.StatusRequestEntityTooLarge, ContentType: page, Body: nginxTooLarge, outside: true},
		{
			Name: AnswerLocked, Status: http.StatusLocked, ContentType: structured,
			Body: `{"detail":"User admin is not a superuser and gateway is locked, denying access!"}`,
		},
		{
			Name: AnswerJWTExpired, Status: statusInvalidToken, ContentType: structured,
			Body: `{"detail":"JWT expired 3 seconds ago - check for clock skew. Request ID: 0c6a3b0e-6f3c-4e0e-9d52-6a4c6f1d2b11"}`,
		},
		{
			Name: AnswerClaims, Status: http.StatusUnauthorized, ContentType: structured,
			Body: `{"detail":"Unable to validate user permissions - gateway claims fetch or processing failed for user admin"}`,
		},
		{Name: AnswerUnauthenticated, Status: http.StatusUnauthorized, ContentType: structured, Body: nobody},
		{Name: AnswerUnauthenticated403, Status: http.StatusForbidden, ContentType: structured, Body: nobody},
		{
			Name: AnswerScope, Status: http.StatusForbidden, ContentType: structured,
			Body: `{"details":"Your token has insufficient scope to perform this action"}`,
		},
		{Name: AnswerNoApplication, Status: http.StatusServiceUnavailable, ContentType: page, Body: noApplication, outside: true},
	}
}

// statusInvalidToken is django-ansible-base's status for an invalid JWT.
const statusInvalidToken = 498

const (
	nginxTooLarge = "<html>\r\n<head><title>413 Request Entity Too Large</title></head>\r\n<body>\r\n" +
		"<center><h1>413 Request Entity Too Large</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
	nobody        = `{"detail":"Authentication credentials were not provided. To establish a login session, visit /api/login/."}`
	noApplication = "<html>\n  <head><title>Application is not available</title></head>\n  <body>\n    <h1>Application is not available</h1>\n" +
		"    <p>The application is currently not serving requests at this endpoint. It may not have been started or is still starting.</p>\n" +
		"  </body>\n</html>\n"
)

// known reports whether there is such an answer, or none is asked for.
func (a Answer) known() bool {
	for _, canned := range cannedAnswers() {
		if canned.Name == a {
			return true
		}
	}
	return a == ""
}

// fault returns the answer as a Fault's Status, Header and Body. An unknown name is a mistake of the test that uses it.
func (a Answer) fault() *Fault {
	for _, canned := range cannedAnswers() {
		if canned.Name != a {
			continue
		}
		header := http.Header{}
		if canned.ContentType != "" {
			header.Set("Content-Type", canned.ContentType)
		}
		if !canned.outside {
			header.Set("Server", "envoy")
		}
		return &Fault{Status: canned.Status, Header: header, Body: canned.Body}
	}
	panic("sandbox: there is no canned answer " + string(a))
}

// routeLimit is how long Envoy waits for a component.
const routeLimit = 30 * time.Second

// outlasts reports whether the fault makes the request take longer than Envoy waits.
func (s *Sandbox) outlasts(in *incoming, f *Fault) bool {
	return s.behindEnvoy(in) && (f.Hang || f.Delay > routeLimit)
}

// behindEnvoy reports whether the request came through AAP's gateway.
func (s *Sandbox) behindEnvoy(in *incoming) bool { return s.platform != nil && !in.direct }

// timeOut answers for Envoy once it has waited long enough. A slow request is carried out all the same; one that hangs
// was never read.
func (s *Sandbox) timeOut(ctx context.Context, in *incoming, logged *Request, f *Fault) (*answer, error) {
	if err := pause(ctx, routeLimit); err != nil {
		return nil, err
	}
	if slow := !f.Hang && f.Status == 0 && !f.Reset; slow && !f.AfterHandling {
		if _, err := s.serve(ctx, in, logged); err != nil {
			return nil, err
		}
	}
	return AnswerTimeout.fault().answer(), nil
}
