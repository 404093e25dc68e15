package controller

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

// Follow says how to wait for a job.
type Follow struct {
	// Usual is how long jobs of this template run, if the caller knows. The client prefers its own record of ended jobs.
	Usual time.Duration
	// Observe is called with the job when it is first seen, and whenever its status, explanation or extra vars have
	// changed; the last call is about the end. The calls come one after the other, from the goroutine that called
	// Follow.
	Observe func(Job)
}

// Follow waits until a job is over, and returns it as a list shows it, with extra vars and artifacts. All waits of a
// client share their requests (see poller). The wait survives failing requests. It ends early only if:
//
//   - the job is gone, and was not found for 30 s: the error matches ErrNotFound;
//   - the user may not see it: ErrForbidden; the credentials are no longer valid: ErrUnauthorized. If they were good
//     before, both have stood for a minute;
//   - its record is larger than any that can be read: transport.ErrTooLarge;
//   - only another setting would help (transport.Unconnectable);
//   - ctx ends: the error wraps its cause, and the last request's error if that failed.
//
// Alongside an error, the job as it was last seen is returned, at least its reference.
func (c *Client) Follow(ctx context.Context, ref Ref, f Follow) (Job, error) {
	w := newWait(ref, f.Usual)
	c.watch.join(w)
	defer c.watch.leave(w)
	last := Job{Ref: ref, URL: c.JobURL(ref)}
	for stopped := false; ; {
		news, ended, err := w.take()
		for _, last = range news {
			if f.Observe != nil {
				f.Observe(last)
			}
		}
		if ended {
			return last, err
		}
		if stopped {
			return last, &stoppedError{ref: ref, cause: context.Cause(ctx), ended: ctx.Err(), met: w.trouble()}
		}
		select {
		case <-w.signal:
		case <-ctx.Done():
			stopped = true // What has come at the same moment counts still.
		}
	}
}

// stoppedError is the error of a wait that the caller's context ended.
type stoppedError struct {
	ref          Ref
	cause, ended error
	// met is the last request's error about the job; nil if that request succeeded.
	met error
}

// Error says what ended the wait, and what was wrong with the controller, if anything.
func (e *stoppedError) Error() string {
	text := fmt.Sprintf("waiting for %s: %v", e.ref, e.cause)
	if e.met != nil {
		text += "; the last request failed: " + e.met.Error()
	}
	return text
}

// Unwrap returns the context's cause and error, and the last request's error.
func (e *stoppedError) Unwrap() []error {
	all := []error{e.cause, e.ended}
	if e.met != nil {
		all = append(all, e.met)
	}
	return all
}

// wait is one call of Follow, as the poller sees it.
type wait struct {
	ref   Ref
	usual time.Duration
	since time.Time

	// The poller owns these fields, under its lock: when the next poll is due, how long the pause was, and when the job
	// was first seen to have a start.
	due     time.Time
	pause   time.Duration
	started time.Time

	// gone is the time since which the job is not found; denied is the refusal of its detail.
	gone   time.Time
	denied refusal

	// signal holds a token when there is something to take.
	signal chan struct{}

	mu    sync.Mutex
	seen  bool
	last  Job
	news  []Job
	ended bool
	err   error
	met   error
}

func newWait(ref Ref, usual time.Duration) *wait {
	return &wait{ref: ref, usual: usual, since: time.Now(), signal: make(chan struct{}, 1)}
}

// see records the job as it is now.
func (w *wait) see(j Job) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ended {
		return
	}
	w.met, w.gone = nil, time.Time{}
	w.denied.over()
	// Extra vars never change. With others, it is another job, to which a restored database has assigned the number
	// anew.
	if !w.seen || j.Status != w.last.Status || j.Explanation != w.last.Explanation || j.ExtraVars != w.last.ExtraVars || j.Terminal() {
		w.news = append(w.news, j)
	}
	w.seen, w.last, w.ended = true, j, j.Terminal()
	w.wake()
}

// fail ends the wait.
func (w *wait) fail(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.ended {
		w.ended, w.err = true, err
		w.wake()
	}
}

// miss notes that a request for the job failed in a way that the next one may not.
func (w *wait) miss(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.met = err
}

func (w *wait) wake() {
	if len(w.news) == 0 && !w.ended {
		return
	}
	select {
	case w.signal <- struct{}{}:
	default:
	}
}

// take returns the events since the last call.
func (w *wait) take() ([]Job, bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	news := w.news
	w.news = nil
	return news, w.ended, w.err
}

func (w *wait) trouble() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.met
}

func (w *wait) over() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.ended
}

// goneStands is how long a job that was active when it was last seen must be missing before it counts as purged: a
// replica that lags behind, or a cache of permissions, misses it for a moment.
const goneStands = 30 * time.Second

// endedBy reports whether an error ends the wait, because another request for the job alone would meet it again. Only
// here does a 404 mean the job; for a list, it would mean the route.
func (w *wait) endedBy(err error, c *Client) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	if !errors.Is(err, ErrNotFound) {
		w.gone = time.Time{}
	}
	failed, ok := errors.AsType[*Error](err)
	switch {
	case errors.Is(err, transport.ErrTooLarge), transport.Unconnectable(err):
		return true
	case errors.Is(err, ErrNotFound):
		if w.gone.IsZero() {
			w.gone = now
		}
		return now.Sub(w.gone) >= goneStands
	case ok && (failed.Status == http.StatusUnauthorized || failed.Status == http.StatusForbidden):
		if !w.seen && !c.mayPass(call{url: failed.URL}, err) {
			return true
		}
		_, again := w.denied.wait(c.basic)
		return !again
	}
	return false
}

// untilGone returns how long to pause for a job that may be gone.
func (w *wait) untilGone(now time.Time) time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.gone.IsZero() {
		return time.Hour
	}
	return max(shortest, min(w.gone.Add(goneStands).Sub(now), goneStands/6))
}
