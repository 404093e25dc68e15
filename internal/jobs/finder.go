package jobs

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
)

const (
	// LookAgain is the pause before a failed lookup is retried.
	LookAgain = 2 * time.Second
	// freshEnough is the greatest age of an answer that serves a refresh. Terraform reads ten instances at a time, so
	// one list with the jobs of a thousand instances must serve for a while.
	freshEnough = 5 * time.Second
)

// Lookup is a request for the jobs of one object.
type Lookup struct {
	Key osac.Key
	// Since are watermarks, the best first: jobs from any one of them on are enough. Without one, all jobs are wanted.
	Since []Watermark
	// Known are jobs whose present state is wanted, however old they are.
	Known []int64
	// Lenient accepts an answer that was requested a little before the lookup, unless it has served the object already.
	Lenient bool
	// Patience is how long the lookup may wait for others to share its requests.
	Patience time.Duration
}

// Answer is the result of a lookup.
type Answer struct {
	Jobs History
	// Every job of the object that was created after from is in jobs; if whole is set, every job of the object is.
	from  time.Time
	whole bool
	// Seen is the watermark for the next lookup.
	Seen     Watermark
	Warnings []Warning
}

// Covers reports whether a job that was created at a moment would be in the answer.
func (s Answer) Covers(created time.Time) bool { return s.whole || created.After(s.from) }

// FinderSettings select the jobs of a finder.
type FinderSettings struct {
	// Kind is the kind of the objects whose jobs are looked up.
	Kind osac.Kind
	// Hub is the hub's name in the configuration, for the log.
	Hub string
	// Organization leaves out the jobs of others; empty means any.
	Organization string
	// Place leaves out the jobs that name another place, and PlacedOnly those that name none.
	Place                          string
	PlacedOnly                     bool
	CreateTemplate, DeleteTemplate string
	Logger                         *slog.Logger
	// Context carries values for shared requests, such as a logger: a caller's own are gone once the caller has its
	// answer. Its end ends nothing; nil means that it carries nothing.
	Context context.Context //nolint:containedctx // it is the hub's own, not a call's
}

// Finder finds the jobs of instances on one controller. Lookups at the same time share their requests. An answer serves
// only the lookups that began before its request was sent, since a lookup after a launch must see that launch. Only a
// refresh accepts a recent answer.
type Finder struct {
	client   *controller.Client
	settings FinderSettings
	// own is the context of the shared requests.
	own context.Context //nolint:containedctx // see finderSettings.Context

	mutex  sync.Mutex
	recent *RecentJobs
	// stream is the known state of the activity stream.
	stream streamState
	// served are the objects that the recent jobs have served since they were last renewed.
	served  map[osac.Key]bool
	waiting *batch
	sending bool
	// newest are the jobs that Newest has read last. The holder of newestTurn may use it.
	newest     *RecentJobs
	newestTurn chan struct{}
	// hurry tells the sender that the waiting batch is due earlier, or gone.
	hurry chan struct{}
}

// batch is one lookup on behalf of several callers. It is given up when the last of them has left.
type batch struct {
	lookups []Lookup
	waiting int
	// due is the earliest time at which a caller wants it sent.
	due time.Time
	// giveUp ends the requests in flight.
	giveUp  context.CancelFunc
	done    chan struct{}
	answers []Answer
	err     error
}

// NewFinder returns a finder, and sends nothing.
func NewFinder(client *controller.Client, settings FinderSettings) *Finder {
	own := context.Background()
	if settings.Context != nil {
		own = context.WithoutCancel(settings.Context)
	}
	f := &Finder{client: client, settings: settings, own: own, served: map[osac.Key]bool{}, hurry: make(chan struct{}, 1), newestTurn: make(chan struct{}, 1)}
	f.recent = newRecentJobs(f.find)
	return f
}

// LookUp finds the jobs of an object. It retries a controller that can't be reached until ctx ends or, if a bound is
// given, for that long. A lookup in progress then still comes to its end, page by page.
func (f *Finder) LookUp(ctx context.Context, asked Lookup, within time.Duration) (Answer, error) {
	began := time.Now()
	for {
		seen, err := f.lookUpOnce(ctx, asked, began)
		if err == nil {
			return seen, nil
		}
		if ctx.Err() != nil || !Passing(err) || within > 0 && time.Since(began) >= within {
			return Answer{}, err
		}
		if !Pause(ctx, LookAgain) {
			return Answer{}, errors.Join(context.Cause(ctx), err)
		}
	}
}

// Passing reports whether an error may go away by itself.
func Passing(err error) bool {
	return errors.Is(err, controller.ErrUnavailable) || errors.Is(err, controller.ErrThrottled) ||
		errors.Is(err, context.DeadlineExceeded)
}

// Pause waits, and returns false if ctx ends first.
func Pause(ctx context.Context, length time.Duration) bool {
	timer := time.NewTimer(length)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// lookUpOnce uses the known jobs if they suffice, or joins the next batch. If ctx ends before the answer is there, the
// error repeats the hub's last failure since the lookup began.
func (f *Finder) lookUpOnce(ctx context.Context, asked Lookup, began time.Time) (Answer, error) {
	joined, at, answer := f.join(asked)
	if joined == nil {
		return answer, nil
	}
	select {
	case <-joined.done:
		if joined.err != nil {
			return Answer{}, joined.err
		}
		return joined.answers[at], nil
	case <-ctx.Done():
		f.leave(joined)
		return Answer{}, errors.Join(context.Cause(ctx), f.client.LastFailure(began))
	}
}

// join returns the batch that the lookup is part of, and its place there. It returns no batch if the answer is there
// already.
func (f *Finder) join(asked Lookup) (*batch, int, Answer) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	asked.Lenient = asked.Lenient && !f.served[asked.Key]
	if asked.Lenient && time.Since(f.recent.sent) < freshEnough && f.recent.suffices(asked) && len(f.recent.stale(asked)) == 0 {
		f.served[asked.Key] = true
		return nil, 0, f.recent.answerTo(asked, nil)
	}
	due := time.Now().Add(asked.Patience)
	if f.waiting == nil {
		f.waiting = &batch{due: due, giveUp: func() {}, done: make(chan struct{})}
	}
	joined := f.waiting
	joined.lookups = append(joined.lookups, asked)
	joined.waiting++
	if due.Before(joined.due) {
		joined.due = due
		f.nudge()
	}
	if !f.sending {
		f.sending = true
		go f.send(f.own)
	}
	return joined, len(joined.lookups) - 1, Answer{}
}

func (f *Finder) leave(joined *batch) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	joined.waiting--
	if joined.waiting == 0 {
		joined.giveUp()
		if f.waiting == joined {
			// A later lookup must not join a batch that was given up.
			f.waiting = nil
			f.nudge()
		}
	}
}

// nudge lets the sender check the waiting batch again.
func (f *Finder) nudge() {
	select {
	case f.hurry <- struct{}{}:
	default:
	}
}

// send answers batch after batch until nobody waits. While one is in flight, the next one fills.
func (f *Finder) send(ctx context.Context) {
	for {
		bounded, cancel := context.WithCancel(ctx)
		next := f.next(cancel)
		if next == nil {
			cancel()
			return
		}
		next.answers, next.err = f.answer(bounded, next.lookups)
		cancel()
		close(next.done)
	}
}

// next waits until a batch is due, and takes it. If there is none, it returns nil, and the goroutine ends.
func (f *Finder) next(giveUp context.CancelFunc) *batch {
	for {
		f.mutex.Lock()
		next := f.waiting
		if next == nil {
			f.sending = false
			f.mutex.Unlock()
			return nil
		}
		early := time.Until(next.due)
		if early <= 0 {
			f.waiting = nil
			next.giveUp = giveUp
			f.mutex.Unlock()
			return next
		}
		f.mutex.Unlock()
		timer := time.NewTimer(early)
		select {
		case <-timer.C:
		case <-f.hurry:
			timer.Stop()
		}
	}
}

// answer finds the lookups' jobs among the recent jobs. For lookups whose history goes back further, it asks the
// activity stream, which has all jobs with our annotations, however old. If it fails midway, the pages that were read
// are kept.
func (f *Finder) answer(ctx context.Context, lookups []Lookup) ([]Answer, error) {
	search, err := f.search(ctx)
	if err != nil {
		return nil, err
	}
	next, found, err := f.gather(ctx, search, lookups)
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if next.sent.After(f.recent.sent) {
		clear(f.served)
	}
	f.recent = next
	if err != nil {
		return nil, err
	}
	answers := make([]Answer, len(lookups))
	for i, asked := range lookups {
		f.served[asked.Key] = true
		answers[i] = next.answerTo(asked, found.runs)
		if !next.suffices(asked) {
			answers[i].from, answers[i].whole = found.from, found.whole
			answers[i].Warnings = found.warnings
		}
	}
	return answers, nil
}

// gather renews a copy of the recent jobs if necessary, while readers still use the last one.
func (f *Finder) gather(ctx context.Context, search controller.Search, lookups []Lookup) (*RecentJobs, beyond, error) {
	next := f.recent
	from := f.from(lookups)
	strict := slices.ContainsFunc(lookups, func(asked Lookup) bool { return !asked.Lenient })
	if strict || next.gap != nil || time.Since(next.sent) >= freshEnough {
		next = next.clone()
		next.reading = f.tellReading
		if err := next.renew(ctx, search, from); err != nil {
			return next, beyond{}, err
		}
	}
	if !from.IsZero() && from.Before(next.from) && !next.Whole {
		next = next.clone()
		if err := next.extend(ctx, search, from, historyPages); err != nil {
			return next, beyond{}, err
		}
	}
	found, err := f.beyond(ctx, &next, search, lookups)
	return next, found, err
}

func (f *Finder) tellReading(ctx context.Context, rows int, oldest time.Time) {
	f.settings.Logger.InfoContext(ctx, "reading the history of jobs", "hub", f.settings.Hub, "jobs", rows, "back to", oldest.UTC().Format(time.RFC3339))
}

// from returns the moment from which on a lookup wants all jobs; zero if none says. A watermark of the future does not
// count: the controller's clock was set back.
func (f *Finder) from(lookups []Lookup) time.Time {
	now := time.Now().Add(f.client.ClockOffset() + overlap)
	var from time.Time
	for _, asked := range lookups {
		if len(asked.Since) == 0 || asked.Since[0].Created.After(now) {
			continue
		}
		if since := asked.Since[0].Created.Add(-overlap); from.IsZero() || since.Before(from) {
			from = since
		}
	}
	return from
}

// ActivityOf returns the activity of a template's jobs, as of the last lookup.
func (f *Finder) ActivityOf(template string) Activity {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.recent.pulseOf(template)
}

// NewestOf returns when the object's newest job was created, as of the last lookup; zero if none is known.
func (f *Finder) NewestOf(key osac.Key) time.Time {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	jobs := NewHistory(f.recent.Of(key))
	if len(jobs) == 0 {
		return time.Time{}
	}
	return jobs[0].Created
}
