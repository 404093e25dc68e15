package provisioning

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
)

// What ends a context of ours, told apart by its cause.
var (
	errOutOfTime = errors.New("the operation's time is up")
	errGiveWay   = errors.New("another job of the instance goes first")
)

// cancelTimeout bounds the cancelling of our own job after an interrupt: it must not be left behind beside another.
const cancelTimeout = 30 * time.Second

// operationState is what apply and destroy have in common: one operation on one instance, and the record that grows
// with it. Whatever is learned of a job is put on record at once, so that nothing is lost however the operation ends.
type operationState struct {
	hub  *Hub
	verb Verb
	key  Key
	id   string
	log  *slog.Logger

	// record holds what was known before and this operation's own jobs.
	record Record
	// writeOnly are the extra vars that no record keeps.
	writeOnly json.RawMessage
	// seen are the instance's jobs as of the last look.
	seen history
	// creates is set where the instance is not there yet, as far as this operation knows.
	creates bool
	// ours is set while a job of this operation's, started or adopted, is or was at the hub: the record must be kept.
	ours bool
	// waited is set once it was told that the job waits for others.
	waited   bool
	warnings []Warning
	// observed is a job as it was when it was last seen to change.
	observed JobRecord
	// running tells whether it runs.
	running atomic.Bool
	// progress is told of every change of a job that is followed; nil if nobody wants to know.
	progress func(Progress)
	telling  sync.Mutex
}

func newOperationState(hub *Hub, verb Verb, key Key) *operationState {
	id := hub.instanceID(key)
	return &operationState{hub: hub, verb: verb, key: key, id: id, log: hub.log.With("instance", id)}
}

// underWay is the context of an operation that begins now, to be cancelled at its end.
func (h *Hub) underWay(ctx context.Context, timeout time.Duration) (context.Context, context.CancelFunc) {
	h.operations.Add(1)
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, errOutOfTime)
	return ctx, func() {
		cancel()
		h.operations.Add(-1)
	}
}

func (o *operationState) warn(summary, detail string) {
	o.warnings = append(o.warnings, Warning{Summary: summary, Detail: detail})
}

// connect finds the controller and makes sure that it is the one that runs the instance.
func (o *operationState) connect(ctx context.Context, recordedUUID string) error {
	uuid, err := o.hub.controllerUUID(ctx, o.id, recordedUUID)
	switch {
	case err != nil && ctx.Err() != nil:
		return o.stoppedLooking(ctx, err)
	case err != nil:
		return err
	}
	o.record.ControllerUUID = uuid
	return nil
}

// controllerUUID returns the install uuid of the hub's controller, which must be the recorded one if there is one.
func (h *Hub) controllerUUID(ctx context.Context, id, recorded string) (string, error) {
	installation, err := h.client.Installation(ctx)
	if err != nil {
		return "", h.unusable(id, err)
	}
	if recorded != "" && recorded != installation.UUID {
		return "", &Error{
			Reason: ReasonOtherController, Instance: id,
			What: fmt.Sprintf("Hub %s at %s is another controller (install uuid %s) than the one that runs instance %s (%s). Nothing was done.",
				quoted(h.settings.Key), h.client.URL(), installation.UUID, id, recorded),
			Next: "Point the hub at the controller that the instance was made on. An instance never moves between controllers: to leave it behind, use a removed block with lifecycle { destroy = false }.",
		}
	}
	return installation.UUID, nil
}

func (h *Hub) unusable(id string, err error) error {
	return &Error{
		Reason: ReasonHub, Instance: id,
		What: fmt.Sprintf("Hub %s at %s could not be used for instance %s.", quoted(h.settings.Key), h.client.URL(), id),
		Err:  err,
		Next: remedy(err),
	}
}

// look finds the instance's jobs.
func (o *operationState) look(ctx context.Context) (history, error) {
	for {
		jobs, _, err := o.hub.look(ctx, &o.record, question{patience: o.hub.startPatience()})
		if err != nil {
			return nil, o.stoppedLooking(ctx, err)
		}
		if !o.awaitsEvent() {
			return o.sees(jobs), nil
		}
		if !pause(ctx, searchMost) {
			return nil, o.stoppedLooking(ctx, context.Cause(ctx))
		}
	}
}

// startPatience is how long a look before a start waits for those of others. Terraform begins many operations within a
// few seconds, not at one moment: the more there are, the more come.
func (h *Hub) startPatience() time.Duration {
	return min(time.Duration(h.operations.Load()-1)*startPatienceEach, startPatienceMost)
}

// awaitsEvent tells whether a job may yet appear for an event that an earlier operation has posted.
func (o *operationState) awaitsEvent() bool {
	return slices.ContainsFunc(o.record.Jobs, func(entry JobRecord) bool {
		// An entry of the future is another machine's, whose clock is ahead: how old it is isn't known.
		return entry.unseen() && time.Since(entry.CreatedAt).Abs() < o.hub.settings.StartTimeout
	})
}

// sees takes the jobs of a look. Later looks of an operation go back no further than the first: jobs that had ended by
// then are still what they were.
func (o *operationState) sees(jobs history) history {
	for _, before := range o.seen {
		if before.Terminal() && !jobs.has(before.ID) {
			jobs = jobs.with(before)
		}
	}
	o.seen = jobs
	return jobs
}

// own puts a job on record as this operation's: from here on, the record must be kept.
func (o *operationState) own(current run) { o.ownRecord(current.record()) }

func (o *operationState) ownRecord(current JobRecord) {
	o.ours = true
	o.record.ReconciledConfigVersion = ""
	o.record.Phase = PhaseStarting
	if o.verb == Deprovision {
		o.record.Phase = PhaseDeleting
	}
	// What stood for a job that was never found is history without a use now.
	o.record.Jobs = slices.DeleteFunc(slices.Clone(o.record.Jobs), JobRecord.unseen)
	o.recordJob(current)
}

func (o *operationState) recordJob(job JobRecord) {
	o.record.recordJob(job, o.hub.settings.MaxJobHistory)
}

// finalRecord is the record with the jobs added that were seen beside this operation's own.
func (o *operationState) finalRecord() *Record {
	record := o.record
	for _, other := range o.seen.thisLife() {
		if entry := other.record(); !record.knows(entry) {
			record.recordJob(entry, o.hub.settings.MaxJobHistory)
		}
	}
	return &record
}

// startOrAdopt gets this operation its job, as was decided, and puts it on record.
func (o *operationState) startOrAdopt(ctx context.Context, decided decision, instance Instance, lastRestartedAt *Timestamp) (run, error) {
	if decided.step == stepAdopt {
		o.log.InfoContext(ctx, "adopting the active job", "job", decided.run.String())
		o.own(*decided.run)
		return *decided.run, nil
	}
	started, err := o.start(ctx, instance, lastRestartedAt)
	if unseen, ok := errors.AsType[*unseenError](err); ok {
		o.ownRecord(unseen.entry)
		return started, unseen.story
	}
	if started.ID != 0 {
		o.own(started)
	}
	return started, err
}

// start has the backend start a run.
func (o *operationState) start(ctx context.Context, instance Instance, lastRestartedAt *Timestamp) (run, error) {
	if ctx.Err() != nil {
		return run{}, o.stoppedLooking(ctx, context.Cause(ctx))
	}
	if err := o.hub.checkInputs(instance); err != nil {
		return run{}, err
	}
	settings := o.hub.settings
	payload, err := settings.newPayload(instance, lastRestartedAt, runLabels{
		runID: rand.Text(), owner: settings.Owner, inputsVersion: o.record.InputsVersion,
	})
	if err != nil {
		return run{}, &Error{
			Reason: ReasonExtraVars, Instance: o.id, Err: err,
			What: fmt.Sprintf("The payload of instance %s could not be built.", o.id),
		}
	}
	operation := Operation{
		Verb: o.verb, Key: o.key, Template: settings.templateOf(o.verb), Payload: payload,
		RunID: payload.Resource.Metadata.Annotations[AnnotationRunID], Seen: o.record.Seen,
	}
	job, err := o.hub.backend.Start(ctx, operation)
	started, ok := readRun(job, o.verb)
	if err != nil {
		return started, o.notStarted(ctx, operation, err)
	}
	if !ok || started.key() != o.key || started.annotation(AnnotationRunID) != operation.RunID {
		return run{}, o.notStarted(ctx, operation, fmt.Errorf("%s carries other variables than it was launched with", job.URL))
	}
	o.log.InfoContext(ctx, "job started", "job", job.String(), "template", operation.Template, "url", job.URL)
	return started, nil
}

func (s HubSettings) templateOf(verb Verb) string {
	if verb == Deprovision {
		return s.DeleteTemplate
	}
	return s.CreateTemplate
}

// follow waits for a job's end, with every change put on record if it is this operation's own.
func (o *operationState) follow(ctx context.Context, followed run) (run, error) {
	stopTelling := o.tellTasks(ctx, followed)
	defer stopTelling()
	following, stop := context.WithCancel(ctx)
	defer stop()
	var watched sync.Mutex
	over := false
	job, err := o.hub.client.Follow(following, followed.Ref, controller.Follow{Observe: func(job controller.Job) {
		watched.Lock()
		defer watched.Unlock()
		switch {
		case over:
		case followed.isStill(job):
			o.observe(ctx, followed, job)
		default:
			over = true
			stop()
		}
	}})
	watched.Lock()
	defer watched.Unlock()
	if over || !followed.isStill(job) {
		return followed, o.renumbered(ctx, followed)
	}
	over = true
	if job.Status != "" { // else nothing was seen of it during this wait, and what was known stands
		followed.Job = job
		o.observe(ctx, followed, job)
	}
	return followed, err
}

// renumbered is the error of a run whose number a list has given to another. Only if the job's own page agrees, the run is
// gone: else it may be active, and another would be started beside it.
func (o *operationState) renumbered(ctx context.Context, followed run) error {
	job, err := o.hub.client.Job(ctx, followed.Ref)
	switch {
	case errors.Is(err, controller.ErrNotFound), err == nil && !followed.isStill(job):
		return followed.renumbered()
	case err != nil:
		return err
	}
	return fmt.Errorf("the controller's list of jobs shows another run as %s than the job itself (%s)", followed.Ref, followed.URL)
}

// observe notes a change of a job. Only what is on record already is brought up to date: others' jobs join at the end.
func (o *operationState) observe(ctx context.Context, followed run, job controller.Job) {
	followed.Job = job
	entry := followed.record()
	o.running.Store(job.Status == controller.StatusRunning)
	entry.Message = o.hide(job, entry.Message)
	if entry != o.observed { // the end is seen twice
		o.log.InfoContext(ctx, "job changed", "job", job.String(), "state", string(entry.State), "message", entry.Message)
		o.tell(job, entry, "")
	}
	o.observed = entry
	if !o.record.knows(entry) {
		return
	}
	o.recordJob(entry)
	if job.Status == controller.StatusPending && job.Explanation != "" && !o.waited {
		o.waited = true
		o.warn("A job had to wait", fmt.Sprintf(
			"%s of instance %s stayed pending for a while: %s. If template %s does not allow simultaneous jobs, its instances are worked on one after the other: enable \"Concurrent jobs\" in the template to change that.",
			capitalised(job.String()), o.id, o.hide(job, job.Explanation), quoted(job.Name)))
	}
}

// toEnd waits for the end of this operation's job. It returns the job that it gave way to, if it did.
func (o *operationState) toEnd(ctx context.Context, decided decision, own run) (run, *run, error) {
	if decided.step == stepStart {
		return o.followStarted(ctx, own)
	}
	ended, err := o.follow(ctx, own)
	return ended, nil, err
}

// giveWay cancels this operation's own job in favour of another's, and waits for its end. From then on nothing of this
// operation's is at the hub.
func (o *operationState) giveWay(ctx context.Context, own, other run) error {
	o.log.InfoContext(ctx, "giving way to another job of the instance", "own", own.String(), "other", other.String())
	detached, cancel := context.WithTimeout(context.WithoutCancel(ctx), cancelTimeout)
	defer cancel()
	err := o.hub.client.Cancel(detached, own.Ref)
	if err != nil && !isOver(err) && !errors.Is(err, controller.ErrForbidden) {
		o.log.WarnContext(ctx, "could not cancel the own job", "job", own.String(), "error", err.Error())
	}
	if ended, err := o.follow(ctx, own); err != nil && !errors.Is(err, controller.ErrNotFound) {
		return o.stopped(ctx, ended, err)
	}
	o.ours = false
	return nil
}

// isOver tells whether a refused cancel says that there is nothing to cancel any more.
func isOver(err error) bool {
	return errors.Is(err, controller.ErrNotCancellable) || errors.Is(err, controller.ErrNotFound)
}

// confirmPurged makes sure that a job which isn't found was purged: by the controller that made it, not by another that
// answers at the same address since. The job's entry then says so.
func (o *operationState) confirmPurged(ctx context.Context, lost run) error {
	installation, err := o.hub.client.Ping(ctx)
	if err != nil {
		return o.stopped(ctx, lost, err)
	}
	if installation.UUID != o.record.ControllerUUID {
		_, err := o.hub.controllerUUID(ctx, o.id, o.record.ControllerUUID)
		return o.stopped(ctx, lost, errors.Join(err, fmt.Errorf("another controller (install uuid %s) answers at %s since", installation.UUID, o.hub.client.URL())))
	}
	o.recordJob(o.purgedRecord(lost))
	return nil
}

func (o *operationState) purgedRecord(lost run) JobRecord {
	entry := lost.record()
	entry.State = JobPurged
	entry.Message = "purged before its end was seen"
	return entry
}
