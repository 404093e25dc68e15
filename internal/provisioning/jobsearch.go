package provisioning

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
)

const (
	// searchStart and searchMost are the pauses between the lookups of an event's job, which usually appears within a
	// second.
	searchStart = 300 * time.Millisecond
	searchMost  = 3 * time.Second
	// searchShare is the share of the time since the event that a pause may take: in a long queue, lookups become rare.
	searchShare = 20
	// searchPatience lets the searches of many events share a lookup.
	searchPatience = 300 * time.Millisecond
	// auditPause is how often the rule audit is asked, which shows a failed launch within a second
	// (internal/sandbox/FACTS.md F68).
	auditPause = 10 * time.Second
)

// jobSearch searches for the job of an event.
type jobSearch struct {
	*eventDriven
	operation jobs.Operation
	source    EventSource
	posting

	// deadline is the end of the search. It moves whenever a job of the template starts or ends: a sequential rulebook
	// works through a queue (internal/sandbox/FACTS.md F61).
	deadline time.Time
	pulse    jobs.Activity
	audited  time.Time
	// met is why the last look failed, and unaudited why the rule audit told nothing, if they did.
	met, unaudited error
}

// unseenError is the error of a run whose event was accepted, or may have been, and whose job was not found.
type unseenError struct {
	cause *Error
	// entry replaces the job on record until it is found.
	entry jobs.JobRecord
}

// Error returns the text of the cause.
func (e *unseenError) Error() string { return e.cause.Error() }

// Unwrap returns the cause.
func (e *unseenError) Unwrap() error { return e.cause }

// run searches until the job is there, rule audit says that there will be none, or the time is up.
func (s *jobSearch) run(ctx context.Context) (controller.Job, error) {
	s.deadline = time.Now().Add(s.hub.settings.StartTimeout)
	s.audited = time.Now()
	looking, stop := outlasting(ctx, jobs.SearchAfterInterrupt)
	defer stop()
	for wait := searchStart; ; wait = min(wait*3/2, max(searchMost, time.Since(s.at)/searchShare)) {
		job, err := s.lookUp(looking)
		switch {
		case err != nil:
			return controller.Job{}, err
		case job != nil:
			return *job, nil
		}
		if failure := s.explained(looking); failure != "" {
			return controller.Job{}, s.refused(failure)
		}
		if time.Now().After(s.deadline) {
			return controller.Job{}, s.unseen(ReasonStart, s.silence(), s.checks())
		}
		if !jobs.Pause(looking, wait) {
			return controller.Job{}, s.ended(ctx)
		}
	}
}

// outlasting returns a context that ends a while after the other.
func outlasting(ctx context.Context, by time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		jobs.Pause(longer, by)
		cancel()
	})
	return longer, func() { stop(); cancel() }
}

// lookUp looks once. Of several jobs of the event, it returns the oldest: the search for others' jobs cancels the rest.
func (s *jobSearch) lookUp(ctx context.Context) (*controller.Job, error) {
	found, err := s.hub.finder.RunsOf(ctx, s.operation, searchPatience)
	s.met = err
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, nil //nolint:nilerr // run tells how the search has ended
	case err != nil && !jobs.Passing(err):
		return nil, s.unseen(ReasonStart, fmt.Sprintf("Its job can't be looked for: %s.", err), remedy(err))
	case len(found) > 0:
		return &found[len(found)-1].Job, nil
	}
	if now := s.hub.finder.ActivityOf(s.operation.Template); now != s.pulse {
		s.pulse = now
		s.deadline = time.Now().Add(s.hub.settings.StartTimeout)
	}
	return nil, nil
}

// explained asks the rule audit now and then for the reason of a failed launch; empty if none is known.
func (s *jobSearch) explained(ctx context.Context) string {
	last := time.Now().After(s.deadline)
	if s.settings.Audit == nil || !last && time.Since(s.audited) < auditPause {
		return ""
	}
	s.audited = time.Now()
	failure, err := s.settings.Audit.FailureOf(ctx, s.at, s.operation.RunID, s.hub.secretsSent(s.operation.Payload)...)
	switch {
	case err != nil:
		s.hub.log.WarnContext(ctx, "the rule audit could not be asked", "error", err.Error())
		s.unaudited = err
		return ""
	case failure == nil:
		return ""
	}
	return fmt.Sprintf("rule %s of activation %s fired, and its action %s failed: %s",
		strconv.Quote(failure.Rule), strconv.Quote(failure.Activation), failure.Action, failure.Message)
}

// refused is the error of an event for which no job was launched, according to the rule audit: nothing is at the hub.
func (s *jobSearch) refused(failure string) error {
	return &Error{
		Reason: ReasonStart, Instance: s.hub.instanceID(s.operation.Key),
		What: fmt.Sprintf("The event to %s instance %s was accepted by %s, but no job was launched. EDA's rule audit says: %s.",
			s.operation.Verb, s.hub.instanceID(s.operation.Key), s.source.URL(), failure),
		Next: fmt.Sprintf("Mend the rulebook, or the rights of the controller token that EDA uses (it takes the role Execute on template %s), and apply again.",
			strconv.Quote(s.operation.Template)),
	}
}

func (s *jobSearch) silence() string {
	return fmt.Sprintf("Within %s, no job of template %s with run id %s was seen on hub %s at %s, and no other job of that template started or ended.",
		s.hub.settings.StartTimeout, strconv.Quote(s.operation.Template), s.operation.RunID, strconv.Quote(s.hub.settings.Key), s.hub.client.URL())
}

func (s *jobSearch) checks() string {
	return fmt.Sprintf("Check that the rulebook activation is running, that one of its rules matches the event (endpoint of the URL, or osac_verb %s), "+
		"that its action launches template %s, and that EDA's controller token may do so, which takes the role Execute on it. "+
		"If the job starts later after all, the next apply or destroy finds it; otherwise it posts a new event.",
		strconv.Quote(osac.EventVerbs[s.operation.Verb]), strconv.Quote(s.operation.Template))
}

// ended is the error of a search that ended by an interrupt, or by the end of the operation's time.
func (s *jobSearch) ended(ctx context.Context) error {
	if errors.Is(context.Cause(ctx), jobs.ErrOutOfTime) {
		return s.unseen(ReasonTimeout, "The time for this operation ran out before its job was seen.", s.checks())
	}
	return s.unseen(ReasonInterrupted, "Terraform was interrupted before its job was seen.", "")
}

func (s *jobSearch) unseen(reason Reason, what, next string) error {
	accepted := fmt.Sprintf("The event to %s instance %s was accepted by %s.", s.operation.Verb, s.hub.instanceID(s.operation.Key), s.source.URL())
	if s.lost != nil {
		accepted = fmt.Sprintf("Whether the event to %s instance %s was accepted is not known: %s.",
			s.operation.Verb, s.hub.instanceID(s.operation.Key), s.lost)
	}
	if s.met != nil {
		what += " The last look failed: " + s.met.Error() + "."
	}
	if s.unaudited != nil {
		what += " The rule audit told nothing: " + s.unaudited.Error() + "."
	}
	entry := jobs.JobRecord{
		Type: s.operation.Verb, Backend: jobs.BackendEDA, State: jobs.JobUnknown, CreatedAt: s.at.UTC().Truncate(time.Microsecond),
		ConfigVersion: s.operation.Payload.Resource.Status.DesiredConfigVersion,
		RunID:         s.operation.RunID,
		Message:       "event posted, its job has not been found yet",
	}
	return &unseenError{entry: entry, cause: &Error{
		Reason: reason, Instance: s.hub.instanceID(s.operation.Key), Job: &entry, What: accepted + " " + what, Next: next,
	}}
}
