package eda

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

// The bounds of an event's size, beyond which a webhook answers 413 (eda 04) and an event stream 500 (eda 22).
const (
	maxWebhookEvent = 1 << 20
	maxStreamEvent  = 5 << 19
)

// advice says what to check after a post has failed, where the answer's meaning was recorded (eda 04, 22, 27).
func (s *Source) advice(e *Error, size int) string {
	switch {
	case errors.Is(e, transport.ErrRedirect), e.Status >= 300 && e.Status < 400:
		return "an event that is redirected is lost: set the URL to where it leads, its slash at the end included, " +
			"unless that is a login page"
	case errors.Is(e, io.EOF) && strings.HasPrefix(s.url, "http://"):
		return "a server that speaks TLS closes the connection like this: is its URL https://…?"
	case e.Status >= 200 && e.Status < 300:
		return "no " + string(s.kind) + " answers with a page: the URL is another one's, a web interface's or a login's"
	case s.kind == webhook:
		return s.webhookAdvice(e, size)
	}
	return s.streamAdvice(e, size)
}

func (s *Source) webhookAdvice(e *Error, size int) string {
	switch {
	case errors.Is(e, ErrUnauthorized):
		return "this provider sends " + s.authentication.what() +
			"; the rulebook's source names what it wants: token, or hmac_secret with hmac_algo, hmac_header and hmac_format"
	case e.Status == http.StatusMethodNotAllowed:
		return "the URL points at something that is not a webhook: at the EDA API's service instead of the rulebook's?"
	case e.Status == http.StatusNotFound:
		return "a webhook answers any path, so the URL points at something else, or a proxy knows no way from it"
	case e.Status == http.StatusRequestEntityTooLarge, e.Status == http.StatusInternalServerError && size > maxWebhookEvent:
		return fmt.Sprintf("the event has %d bytes; a webhook takes %d", size, maxWebhookEvent)
	}
	return ""
}

func (s *Source) streamAdvice(e *Error, size int) string {
	switch {
	case errors.Is(e, ErrUnauthorized):
		return "this provider sends " + s.authentication.what() +
			"; the event stream's credential names what it wants: its type, header, and for HMAC algorithm, encoding and prefix"
	case e.Status == http.StatusBadRequest && strings.Contains(e.Detail, "bad uuid"):
		return "no event stream of this server has the UUID in the URL"
	case e.Status == http.StatusBadRequest && strings.Contains(e.Detail, "Invalid request"):
		return "this EDA server takes events only through AAP's gateway: use the URL that the event stream's page shows, " +
			"…/eda-event-streams/api/eda/v1/external_event_stream/<uuid>/post/"
	case e.Status == http.StatusNotFound:
		return "an event stream's URL ends in /post/ and has no endpoint after it, and its host is AAP's"
	case e.Status == http.StatusMethodNotAllowed:
		return "the URL is not an event stream's, which takes POST"
	case e.Status == http.StatusRequestEntityTooLarge, e.Status == http.StatusInternalServerError && size > maxStreamEvent:
		return fmt.Sprintf("the event has %d bytes; an event stream takes %d", size, maxStreamEvent)
	}
	return ""
}
