package controller

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

// The waits after failed polls double from firstBackoff to lastBackoff.
const (
	firstBackoff = time.Second
	lastBackoff  = 10 * time.Second
)

// poller polls all jobs that anyone follows, with one list request a poll. Its goroutine runs while there are waits.
//
// When a job is due, the poller asks for all followed jobs, since another row costs the controller less than another
// request (L16). Beyond maxListIDs, it adds only jobs that have waited for half their pause. An answer serves the waits
// that existed before the request, and no others.
type poller struct {
	client  *Client
	longest time.Duration
	// wake tells the goroutine that a wait was added or removed.
	wake chan struct{}

	mu       sync.Mutex
	waits    map[*wait]struct{}
	running  bool
	cancel   context.CancelFunc
	seen     durations
	answer   time.Duration
	failures int
	// quiet is the end of the time without polls after a failure.
	quiet time.Time
	// refusals are the refusals of each kind's list that may pass.
	refusals map[Kind]*refusal
}

func newPoller(c *Client, longest time.Duration) *poller {
	return &poller{
		client: c, longest: longest, wake: make(chan struct{}, 1),
		waits: map[*wait]struct{}{}, seen: durations{},
		refusals: map[Kind]*refusal{KindJob: {}, KindWorkflowJob: {}},
	}
}

// join adds a wait. The requests run under the client's own context, not under a waiting caller's.
func (w *poller) join(one *wait) {
	w.mu.Lock()
	defer w.mu.Unlock()
	one.pause = min(firstPoll, w.longest)
	one.due = time.Now().Add(one.pause)
	w.waits[one] = struct{}{}
	if w.running {
		w.nudge()
		return
	}
	w.running = true
	go w.run(w.client.own)
}

// leave removes a wait, and stops the poll if nobody waits for it any more.
func (w *poller) leave(one *wait) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.waits, one)
	if len(w.waits) == 0 {
		if w.cancel != nil {
			w.cancel()
		}
		w.nudge()
	}
}

func (w *poller) nudge() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

func (w *poller) run(ctx context.Context) {
	for {
		at, ok := w.next()
		if !ok {
			return
		}
		timer := time.NewTimer(time.Until(at))
		select {
		case <-w.wake:
			timer.Stop()
		case <-timer.C:
			w.poll(ctx)
		}
	}
}

// next returns when the first wait is due. If there is none, it returns false, and the goroutine ends.
func (w *poller) next() (time.Time, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var at time.Time
	for one := range w.waits {
		if !one.over() && (at.IsZero() || one.due.Before(at)) {
			at = one.due
		}
	}
	if len(w.waits) == 0 {
		w.running = false
		return at, false
	}
	if at.IsZero() {
		// All have ended and are about to leave.
		at = time.Now().Add(w.longest)
	}
	if at.Before(w.quiet) {
		at = w.quiet
	}
	return at, true
}

// poll asks once for all jobs that are due, delivers the answers, and plans the next polls.
func (w *poller) poll(parent context.Context) {
	ctx, cancel := context.WithCancel(parent)
	defer cancel()
	w.mu.Lock()
	batch := w.batch(time.Now())
	w.cancel = cancel
	w.mu.Unlock()

	var failed error
	sent := time.Now()
	for _, kind := range []Kind{KindJob, KindWorkflowJob} {
		for chunk := range slices.Chunk(refsOf(batch, kind), min(maxListIDs, w.client.atOnce.most())) {
			failed = worse(failed, w.ask(ctx, kind, chunk, batch))
		}
	}

	w.mu.Lock()
	defer w.mu.Unlock()
	w.cancel = nil
	if ctx.Err() != nil {
		return // Nobody waited for it.
	}
	w.plan(batch, time.Since(sent), failed)
}

// batch chooses the waits that this poll serves.
func (w *poller) batch(now time.Time) []*wait {
	var all []*wait
	for one := range w.waits {
		if !one.over() {
			all = append(all, one)
		}
	}
	if len(all) > maxListIDs {
		all = slices.DeleteFunc(all, func(one *wait) bool { return one.due.Sub(now) > one.pause/2 })
	}
	return all
}

// refsOf lists the ids of a kind that a batch asks for, each once, lowest first.
func refsOf(batch []*wait, kind Kind) []int64 {
	var ids []int64
	for _, one := range batch {
		if (one.ref.Kind == KindWorkflowJob) == (kind == KindWorkflowJob) {
			ids = append(ids, one.ref.ID)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// worse returns the error that asks for the longest wait.
func worse(a, b error) error {
	if a == nil || b != nil && retryAfter(b) > retryAfter(a) {
		return b
	}
	return a
}

func retryAfter(err error) time.Duration {
	if failed, ok := errors.AsType[*Error](err); ok {
		return failed.RetryAfter
	}
	return 0
}

// ask makes one list request and delivers its answer to the batch's waits. It returns an error that the next poll may
// not meet.
func (w *poller) ask(ctx context.Context, kind Kind, ids []int64, batch []*wait) error {
	waiting := make(map[int64][]*wait, len(ids))
	for _, one := range batch {
		if _, asked := slices.BinarySearch(ids, one.ref.ID); asked && one.ref.Kind.path() == kind.path() {
			waiting[one.ref.ID] = append(waiting[one.ref.ID], one)
		}
	}
	rows, err := w.client.byIDs(ctx, kind, ids, true)
	if err == nil {
		rows, err = w.client.whole(ctx, rows, true, true, true)
	}
	if err != nil && len(ids) > 1 && (errors.Is(err, transport.ErrTooLarge) || errors.Is(err, errUnreadable)) {
		return w.askSingly(ctx, kind, waiting) // one row must not keep the others from being seen
	}
	if err != nil {
		ends := w.ends(kind, err)
		for _, all := range waiting {
			tell(all, err, ends)
		}
		return unlessEnded(err, ends)
	}
	w.refusals[kind].over()
	for _, r := range rows {
		w.deliver(waiting[r.ID], r)
		delete(waiting, r.ID)
	}
	return w.askSingly(ctx, kind, waiting)
}

// ends reports whether an error of a kind's list ends the waits, because another request would meet it again.
func (w *poller) ends(kind Kind, err error) bool {
	if errors.Is(err, transport.ErrTooLarge) || transport.Unconnectable(err) {
		return true
	}
	failed, ok := errors.AsType[*Error](err)
	if !ok || failed.Status != http.StatusUnauthorized && failed.Status != http.StatusForbidden {
		return false
	}
	if !w.client.mayPass(call{url: failed.URL}, err) {
		return true
	}
	_, again := w.refusals[kind].wait(w.client.basic)
	return !again
}

// askSingly asks for jobs that a list left out, because they are purged or hidden from this user (304, 604, L5).
func (w *poller) askSingly(ctx context.Context, kind Kind, absent map[int64][]*wait) error {
	var group errgroup.Group
	group.SetLimit(4)
	var mu sync.Mutex
	var failed error
	for id, all := range absent {
		group.Go(func() error {
			r, err := w.client.single(ctx, Ref{Kind: kind, ID: id}, true)
			if err == nil {
				w.deliver(all, r)
				return nil
			}
			goesOn := false
			for _, one := range all {
				ends := one.endedBy(err, w.client)
				tell([]*wait{one}, err, ends)
				goesOn = goesOn || !ends
			}
			if errors.Is(err, ErrNotFound) {
				return nil // the controller is well
			}
			mu.Lock()
			defer mu.Unlock()
			failed = worse(failed, unlessEnded(err, !goesOn))
			return nil
		})
	}
	_ = group.Wait() // The errors were told to whom they concern.
	return failed
}

// notice uses jobs, newest first, that were listed for another reason, by requests of which the first was sent at the
// given time. Their durations show when other jobs are likely to end, and jobs that are waited for count as polled.
func (w *poller) notice(found []listed, sent time.Time) {
	w.mu.Lock()
	waiting := map[Ref][]*wait{}
	for one := range w.waits {
		if one.since.Before(sent) {
			waiting[one.ref] = append(waiting[one.ref], one)
		}
	}
	w.mu.Unlock()
	for _, row := range slices.Backward(found) {
		if row.Terminal() || len(waiting[row.Ref]) > 0 {
			w.deliver(waiting[row.Ref], row)
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, row := range found {
		for _, one := range waiting[row.Ref] {
			one.pause = bounded(one.pause, w.answer, w.longest)
			one.due = time.Now().Add(one.pause)
		}
	}
	w.nudge()
}

// deliver passes a row to the waits for it, and learns from it.
func (w *poller) deliver(all []*wait, r listed) {
	w.mu.Lock()
	w.seen.learn(r.Job)
	for _, one := range all {
		one.pause = w.pauseFor(one, r)
	}
	w.mu.Unlock()
	for _, one := range all {
		one.see(r.Job)
	}
}

// pauseFor returns the time until the job's next poll after this row; w.mu is held.
func (w *poller) pauseFor(one *wait, r listed) time.Duration {
	p := progress{running: !r.Started.IsZero(), age: time.Since(one.since), usual: w.seen.usual(r.TemplateID, one.usual)}
	if p.running {
		if one.started.IsZero() {
			// The controller's own measure needs no clocks to agree, and counts no time in the queue.
			one.started = time.Now().Add(-r.elapsed)
		}
		p.age = time.Since(one.started)
	}
	return p.pause()
}

// tell reports a failed request to waits. The failure ends them, or is kept in case nothing better follows.
func tell(all []*wait, err error, ends bool) {
	for _, one := range all {
		if ends {
			one.fail(err)
		} else {
			one.miss(err)
		}
	}
}

// unlessEnded returns nil for an error that ended its waits: it does not put off the next poll.
func unlessEnded(err error, ended bool) error {
	if ended {
		return nil
	}
	return err
}

// plan sets when the batch's jobs are due again; w.mu is held.
func (w *poller) plan(batch []*wait, answer time.Duration, failed error) {
	now := time.Now()
	if failed != nil {
		backoff := min(firstBackoff<<min(w.failures, 10), lastBackoff)
		w.failures++
		w.quiet = now.Add(max(min(backoff, w.longest), retryAfter(failed)))
		for _, one := range batch {
			one.due = w.quiet
		}
		return
	}
	w.failures, w.quiet = 0, time.Time{}
	w.answer = (w.answer + answer) / 2
	for _, one := range batch {
		one.pause = bounded(min(one.pause, one.untilGone(now)), w.answer, w.longest)
		one.due = now.Add(one.pause)
	}
}
