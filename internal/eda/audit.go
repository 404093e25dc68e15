package eda

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/redact"
)

// Failure is a rule's failed action, as rule audit reports it.
type Failure struct {
	// Rule is the name of the rule that fired, and Action is its action, e.g. run_job_template.
	Rule   string
	Action string
	// Message is the reason of the failure, e.g. that the template does not exist. It may be empty.
	Message string
	// Activation is the name of the rulebook activation.
	Activation string
	FiredAt    time.Time
	// URL is the job's address in AAP's web interface, or empty if none was launched.
	URL string
}

// The bounds of a search in rule audit. Rule audit has no filter for an event's content: to find one event costs a list and
// a request for each failed row (F67).
const (
	auditTime    = time.Minute
	auditPages   = 10
	auditEvents  = 60
	maxAuditBody = 8 << 20
	// clockSkew is how far the EDA server's clock may be behind ours.
	clockSkew = 5 * time.Minute
)

// FailureOf searches rule audit for a failed action of a rule that fired since a moment. The payload of the rule's
// event must hold the marker: a text of the caller's own that no other event has, such as a run's id. The newest such
// action is returned.
//
// It returns nil and no error if there is none. An action is audited when it has ended (eda 24), so there is none while
// its job runs, either. If a missing action proves nothing, the error is ErrAuditHidden (rule audit is empty for this
// user, who may lack the right to see it, eda 25) or ErrAuditIncomplete (the bounds of the search were reached).
//
// Many runs that fail together search at once. One search is made at a time, and does not repeat the requests of the
// ones before it.
//
// An action's message may repeat the event: none of the texts shows a secret.
func (a *API) FailureOf(ctx context.Context, since time.Time, marker string, secrets ...redact.Secret) (*Failure, error) {
	if marker == "" {
		return nil, errors.New("rule audit can't be searched without a marker")
	}
	ctx, cancel := context.WithTimeout(ctx, auditTime)
	defer cancel()
	select {
	case a.turn <- struct{}{}:
		defer func() { <-a.turn }()
	case <-ctx.Done():
		return nil, &Error{
			Method: http.MethodGet, URL: a.root + "audit-rules/", Detail: ctx.Err().Error() + " while other searches went on",
			kind: ErrUnavailable, err: ctx.Err(),
		}
	}
	s := auditSearch{api: a, since: since, marker: marker, secrets: redact.New(a.secrets, secrets)}
	return s.run(ctx)
}

// auditSearch is one search, and its cost so far.
type auditSearch struct {
	api    *API
	since  time.Time
	marker string
	// secrets are removed from all results.
	secrets *redact.Redactor
	// rows and events count the listed rows and the requested events.
	rows, events int
}

func (s *auditSearch) run(ctx context.Context) (*Failure, error) {
	since := s.since.Add(-clockSkew)
	filter := url.Values{"order_by": {"-fired_at"}}
	for page := 1; ; page++ {
		if page > 1 {
			filter.Set("page", strconv.Itoa(page))
		}
		var rules rulePage
		if err := s.api.get(ctx, "audit-rules/?"+filter.Encode(), rules.read); err != nil {
			return nil, err
		}
		if page == 1 && len(rules.rows) == 0 {
			return nil, s.api.hidden()
		}
		for _, rule := range rules.rows {
			if !rule.firedAt.IsZero() && rule.firedAt.Before(since) {
				return nil, nil // the newest come first
			}
			s.rows++
			if rule.succeeded() {
				continue
			}
			failure, err := s.failureIn(ctx, rule)
			if failure != nil || err != nil {
				return failure, err
			}
		}
		switch {
		case !rules.more:
			return nil, nil
		case page == auditPages:
			return nil, s.incomplete()
		}
	}
}

// failureIn returns the failed action of one firing of a rule, if an event of the firing holds the marker.
func (s *auditSearch) failureIn(ctx context.Context, rule auditRule) (*Failure, error) {
	a, path := s.api, fmt.Sprintf("audit-rules/%d/", rule.id)
	payloads, known := a.payloads.get(rule)
	if !known {
		if s.events++; s.events > auditEvents {
			return nil, s.incomplete()
		}
		var events eventPage
		if err := a.get(ctx, path+"events/", events.read); err != nil {
			return nil, unlessGone(err)
		}
		payloads = events.payloads
		a.payloads.put(rule, payloads)
	}
	if !strings.Contains(payloads, s.marker) {
		return nil, nil
	}
	var actions actionPage
	if err := a.get(ctx, path+"actions/", actions.read); err != nil {
		return nil, unlessGone(err)
	}
	failed := actions.newestFailure()
	if failed == nil {
		return nil, nil
	}
	for text, found := range map[*string]string{
		&failed.Rule: rule.name, &failed.Activation: rule.activation,
		&failed.Action: failed.Action, &failed.Message: failed.Message, &failed.URL: failed.URL,
	} {
		*text = question{secrets: s.secrets}.clean(found)
	}
	if failed.FiredAt.IsZero() {
		failed.FiredAt = rule.firedAt
	}
	return failed, nil
}

// unlessGone drops a 404: the row was purged since it was listed, or the user may no longer see it (eda 25).
func unlessGone(err error) error {
	if failed, ok := errors.AsType[*Error](err); ok && failed.Status == http.StatusNotFound {
		return nil
	}
	return err
}

// hidden is the error of an audit that shows nothing at all.
func (a *API) hidden() error {
	return a.inconclusive(ErrAuditHidden, "the rule audit is empty for this user: no action of a rule has ended "+
		"yet, the activation skips audit events, or the user lacks the right to see them, which the role Organization Auditor has")
}

func (s *auditSearch) incomplete() error {
	return s.api.inconclusive(ErrAuditIncomplete, fmt.Sprintf("the event is not among the newest %d that were looked at", s.rows))
}

// inconclusive is the error of a search that was answered and proves nothing.
func (a *API) inconclusive(kind error, detail string) error {
	return &Error{Method: http.MethodGet, URL: a.root + "audit-rules/", Detail: detail, kind: kind}
}
