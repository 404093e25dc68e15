package controller

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// How long a refusal must last before it is believed. AAP's gateway answers 401 to a good credential while its own
// token is too old, and a proxy that restarts may answer anything. Directories lock accounts after a few wrong
// passwords, so a password is retried rarely.
const (
	refusalStands   = time.Minute
	refusalMost     = 10 * time.Second
	passwordTries   = 3
	passwordBetween = 20 * time.Second
)

// refusal is a refusal that the client meets again and again.
type refusal struct {
	since time.Time
	tries int
}

// wait records a refusal and returns the time until the next try, or false if the refusal is to be believed.
func (r *refusal) wait(basic bool) (time.Duration, bool) {
	if r.since.IsZero() {
		r.since = time.Now()
	}
	r.tries++
	if basic {
		return passwordBetween, r.tries < passwordTries
	}
	rest := refusalStands - time.Since(r.since)
	return min(time.Second<<min(r.tries-1, 4), refusalMost, rest), rest > 0
}

// over forgets the refusal.
func (r *refusal) over() { *r = refusal{} }

// mayPass reports whether a retry may succeed although the status refuses the request for good: a request like it was
// answered before (for credentials: any request), or the answer did not come from the API.
func (c *Client) mayPass(k call, err error) bool {
	failed, ok := errors.AsType[*Error](err)
	if !ok || failed.believed {
		return false
	}
	switch failed.Status {
	case http.StatusUnauthorized:
		return !failed.spoken || c.answered.any()
	case http.StatusForbidden:
		return !failed.spoken || c.answered.has(k)
	case http.StatusNotFound:
		return !failed.spoken // the API's own 404 is JSON (346, 450)
	}
	return errors.Is(failed, ErrNotController) && c.answered.has(k)
}

// memory knows which requests have been answered: objects by their paths, lists by their shapes. A list leaves out what
// the user may not see; a single object is refused.
type memory struct {
	mu   sync.Mutex
	seen map[string]struct{}
	// accepted is set once a request that needs credentials was answered.
	accepted bool
}

// maxRemembered bounds a memory, which then starts anew.
const maxRemembered = 10000

func keyOf(k call) string {
	form, _ := shapeOf(http.MethodGet, k.url)
	if at, err := url.Parse(k.url); err == nil {
		form.Path = at.Path
	}
	return form.String()
}

func (m *memory) add(k call) {
	key := keyOf(k)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.seen == nil || len(m.seen) >= maxRemembered {
		m.seen = map[string]struct{}{}
	}
	m.seen[key] = struct{}{}
	m.accepted = m.accepted || !k.anonymous
}

// accept records an answer to a request whose like is not repeated.
func (m *memory) accept() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.accepted = true
}

// any reports whether the credentials were good for anything.
func (m *memory) any() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.accepted
}

func (m *memory) has(k call) bool {
	key := keyOf(k)
	m.mu.Lock()
	defer m.mu.Unlock()
	_, seen := m.seen[key]
	return seen
}

// lockout spaces the retries of a refused password, over all callers of a client: one try at a time, and three in all.
// It does nothing for a token.
type lockout struct {
	basic bool

	mu    sync.Mutex
	tries int
	last  time.Time
	met   *Error
	// trying is set while one caller tries the password again, on behalf of all.
	trying bool
}

// enter waits until a GET may be sent. It returns the last refusal if the password was tried often enough.
func (l *lockout) enter(ctx context.Context, k call) error {
	if !l.basic || k.anonymous || k.method != http.MethodGet {
		return nil
	}
	for {
		wait, met := l.next()
		switch {
		case met != nil && met.believed:
			return met
		case met == nil, wait <= 0:
			return nil
		}
		if err := pause(ctx, wait); err != nil {
			return &Error{
				Method: k.method, URL: k.url, kind: ErrUnavailable, err: errors.Join(context.Cause(ctx), err, met),
				Detail: "waiting to try the password again: " + context.Cause(ctx).Error() + "; last: " + met.Error(),
			}
		}
	}
}

// next returns the wait before the next try and the last refusal. Both are zero if nothing was refused. If the password
// was tried often enough, the refusal is to be believed.
func (l *lockout) next() (time.Duration, *Error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.tries == 0 {
		return 0, nil
	}
	if l.tries >= passwordTries && time.Since(l.last) < refusalStands {
		believed := *l.met
		believed.believed = true
		return 0, &believed
	}
	if l.trying {
		return time.Second, l.met
	}
	rest := passwordBetween - time.Since(l.last)
	l.trying = rest <= 0
	return rest, l.met
}

// leave records the answer to a request that was sent at a time; nil means that it was no refusal. Requests that were
// in flight together count as one try.
func (l *lockout) leave(k call, sent time.Time, refused *Error) {
	if !l.basic || k.anonymous {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.trying = false
	switch {
	case refused == nil || refused.Status != http.StatusUnauthorized:
		l.tries, l.met = 0, nil
	case l.tries == 0 || sent.After(l.last):
		l.tries, l.last, l.met = l.tries+1, time.Now(), refused
	}
}

// giveUp ends a try without an answer, so that another caller may try.
func (l *lockout) giveUp(k call) {
	if !l.basic || k.anonymous {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.trying = false
}
