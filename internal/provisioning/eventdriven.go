package provisioning

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
	"github.com/osac-project/terraform-provider-osac/internal/eda"
	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
	"github.com/osac-project/terraform-provider-osac/internal/redact"
	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

// EventSource accepts events: it is a rulebook's webhook, or an event stream of an EDA server.
type EventSource interface {
	URL() string
	Post(ctx context.Context, body []byte) error
}

// RuleAudit explains why an accepted event has led to no job, as far as an EDA server knows.
type RuleAudit interface {
	FailureOf(ctx context.Context, since time.Time, marker string, secrets ...redact.Secret) (*eda.Failure, error)
}

// EventSettings say how events start a hub's runs.
type EventSettings struct {
	// Create and Delete may be the same source: the event has the verb.
	Create, Delete EventSource
	// Audit is nil if there is no EDA server to ask.
	Audit RuleAudit
	// MinimumInterval is the least time between two events for the same instance to the same source; zero means none.
	MinimumInterval time.Duration
}

// eventDriven is the backend EDA: it posts an event, and a rulebook launches the template for it.
type eventDriven struct {
	hub      *Hub
	settings EventSettings

	mutex sync.Mutex
	// posted are the events that this process has posted, by their run id, and by their source and instance.
	posted map[string]posting
}

// posting is an event that was accepted, or may have been.
type posting struct {
	at time.Time
	// lost is the reason why that isn't known; nil for an accepted event.
	lost error
}

// NewEventDriven returns the maker of backends that start runs by posting events.
func NewEventDriven(settings EventSettings) func(*Hub) Backend {
	return func(hub *Hub) Backend {
		return &eventDriven{hub: hub, settings: settings, posted: map[string]posting{}}
	}
}

// Start posts the operation's event, and finds the job that the rulebook launches. If the answer is lost, the event may
// have been accepted: a busy rulebook accepts it long after the client has given up (internal/sandbox/FACTS.md F63). So
// Start never posts an event twice, and searches for the job in any case.
func (e *eventDriven) Start(ctx context.Context, operation jobs.Operation) (Started, error) {
	body, vars, err := operation.Payload.Event(operation.Verb, e.hub.settings.PayloadFormat)
	if err != nil {
		return Started{}, e.unsendable(operation, err)
	}
	source := e.settings.Create
	if operation.Verb == osac.Deprovision {
		source = e.settings.Delete
	}
	event, done := e.known(operation.RunID)
	if !done {
		if event, err = e.post(ctx, source, operation, body); err != nil {
			return Started{}, err
		}
	}
	search := &jobSearch{eventDriven: e, operation: operation, source: source, posting: event}
	found, err := search.run(ctx)
	if err != nil {
		return Started{}, err
	}
	job, err := e.whole(ctx, operation, found, vars)
	return Started{Job: job}, err
}

// post sends the event. A source that can't be reached gets as long as a job does. An error means that the event was
// certainly not accepted.
func (e *eventDriven) post(ctx context.Context, source EventSource, operation jobs.Operation, body []byte) (posting, error) {
	if err := e.keepInterval(ctx, source, operation.Key); err != nil {
		return posting{}, err
	}
	bounded, cancel := context.WithTimeout(ctx, e.hub.settings.StartTimeout)
	defer cancel()
	event := posting{at: time.Now()}
	if event.lost = source.Post(bounded, body); event.lost != nil && !errors.Is(event.lost, transport.ErrOutcomeUnknown) {
		return posting{}, event.lost
	}
	e.mutex.Lock()
	defer e.mutex.Unlock()
	e.posted[operation.RunID], e.posted[toSource(source, operation.Key)] = event, event
	return event, nil
}

// known returns the earlier posting of a run id, or of an instance to a source.
func (e *eventDriven) known(what string) (posting, bool) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	event, done := e.posted[what]
	return event, done
}

func toSource(source EventSource, key osac.Key) string { return source.URL() + " " + key.String() }

// keepInterval waits until an event for the instance may be posted again: the rest of the interval since the last.
func (e *eventDriven) keepInterval(ctx context.Context, source EventSource, key osac.Key) error {
	last := e.hub.finder.NewestOf(key)
	if event, done := e.known(toSource(source, key)); done {
		last = event.at
	}
	rest := time.Until(last.Add(e.settings.MinimumInterval))
	if rest <= 0 || last.IsZero() {
		return nil
	}
	rest = min(rest, e.settings.MinimumInterval) // the controller's clock may be ahead of ours
	e.hub.log.InfoContext(ctx, "waiting to post the next event", "instance", e.hub.instanceID(key), "rest", rest.String())
	if !jobs.Pause(ctx, rest) {
		return fmt.Errorf("waiting for minimum_request_interval (%s) before the next event to %s: %w",
			e.settings.MinimumInterval, source.URL(), context.Cause(ctx))
	}
	return nil
}

// unsendable is the error of inputs that an event can't carry.
func (e *eventDriven) unsendable(operation jobs.Operation, err error) error {
	return &Error{
		Reason: ReasonExtraVars, Instance: e.hub.instanceID(operation.Key), Err: err,
		What: "The event of instance " + e.hub.instanceID(operation.Key) + " could not be built.",
	}
}

// CheckInputs refuses write-only variables: an EDA server stores events, and shows them in clear.
func (e *eventDriven) CheckInputs(instance osac.Instance) error {
	if instance.WriteOnlyExtraVars == nil {
		return nil
	}
	return &Error{
		Reason: ReasonExtraVars, Instance: e.hub.instanceID(instance.Key),
		What: fmt.Sprintf("Write-only extra vars of instance %s can't be sent: hub %s starts runs by events, which EDA stores and shows in clear.",
			e.hub.instanceID(instance.Key), strconv.Quote(e.hub.settings.Key)),
		Next: "Keep secrets where the playbooks get them by themselves (an AAP credential, a vault), or let the hub launch the templates directly.",
	}
}

// whole checks that the job got everything that was sent with the event. A rulebook passes on only what its author has
// written. Without the rest, the playbook would misbehave, so the job must not go on.
func (e *eventDriven) whole(ctx context.Context, operation jobs.Operation, job controller.Job, sent map[string]any) (controller.Job, error) {
	if job.ExtraVars == "" { // the feed drops them from what it lists first
		detail, err := e.hub.client.Job(ctx, job.Ref)
		if err != nil {
			return job, err
		}
		if read, ok := jobs.ReadRun(e.hub.settings.Kind, detail, operation.Verb); !ok || read.Annotation(osac.AnnotationRunID) != operation.RunID {
			return controller.Job{}, fmt.Errorf("%s carries other variables than the list of jobs has shown", detail.URL)
		}
		job = detail
	}
	missing := osac.MissingVars(sent, job.ExtraVars)
	if len(missing) == 0 {
		return job, nil
	}
	cause := &Error{
		Reason: ReasonStart, Instance: e.hub.instanceID(operation.Key),
		What: fmt.Sprintf("The rulebook that launched %s (%s) did not hand on all that was sent with the event. The job lacks: %s.",
			job, job.URL, strings.Join(missing, ", ")),
		Next: "Have the rulebook's action pass them on:\n\n  run_job_template:\n    name: " + operation.Template +
			"\n    job_args:\n      extra_vars: \"{{ event.payload.extra_vars }}\"\n\n" +
			"If the playbooks read ansible_eda.event.payload alone and nothing else is sent, payload_format = \"ansible_eda\" will do.",
	}
	detached, cancel := context.WithTimeout(context.WithoutCancel(ctx), cancelTimeout)
	defer cancel()
	if err := e.hub.client.Cancel(detached, job.Ref); err != nil && !isOver(err) {
		cause.What += " It goes on all the same, since it could not be cancelled: " + err.Error() + "."
		return job, cause
	}
	cause.What += " It was cancelled."
	return controller.Job{}, cause
}
