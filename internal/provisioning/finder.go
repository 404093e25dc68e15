package provisioning

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
)

const (
	// lookAgain is the pause before a lookup that failed is repeated.
	lookAgain = 2 * time.Second
	// freshEnough is how old an answer may be that serves a refresh. Terraform reads ten instances at a time, so that an
	// answer of a thousand instances' jobs has to serve for a while.
	freshEnough = 5 * time.Second
)

// question is what a lookup asks for: the jobs of one object.
type question struct {
	key Key
	// since are watermarks, the best first: jobs from one of them on are enough. Without one, all jobs are wanted.
	since []Watermark
	// known are jobs that are wanted as they are now, however old.
	known []int64
	// lenient takes an answer that was asked for a little before the question, unless it served the object already.
	lenient bool
	// patience is how long the question may wait for others to be asked with it.
	patience time.Duration
}

// sight is the answer to a question.
type sight struct {
	jobs history
	// Every job of the object that was created after from is among them, if whole is set every job that there is.
	from  time.Time
	whole bool
	// seen is the watermark for the next lookup.
	seen     Watermark
	warnings []Warning
}

// covers reports whether a job that was created at a moment would be in the answer.
func (s sight) covers(created time.Time) bool { return s.whole || created.After(s.from) }

// finderSettings say which jobs a finder looks for.
type finderSettings struct {
	// Hub is the hub's name in the configuration, for the log.
	Hub string
	// Organization leaves out the jobs of others; empty means any.
	Organization string
	// Place leaves out the jobs that name another one, and PlacedOnly those that name none.
	Place                          string
	PlacedOnly                     bool
	CreateTemplate, DeleteTemplate string
	Logger                         *slog.Logger
	// Context carries what shared requests are made with, such as a logger's values: a caller's are gone once it was
	// answered. Its end ends nothing; nil means that there is nothing to carry.
	Context context.Context //nolint:containedctx // it is the hub's own, not a call's
}

// finder looks for the jobs of instances on one controller. Looks that are asked for at the same time share their
// requests, and an answer serves only those who asked before its request was sent: a look after a launch must see it.
// Only a refresh is served by a recent one.
type finder struct {
	client   *controller.Client
	settings finderSettings
	// own is the context of the shared requests.
	own context.Context //nolint:containedctx // see finderSettings.Context

	mutex  sync.Mutex
	recent *recentJobs
	// stream is what is known of the activity stream.
	stream streamState
	// served are the objects that the recent jobs have answered for since they were brought up to date.
	served  map[Key]bool
	waiting *batch
	sending bool
	// hurry tells the sender that the waiting batch is due earlier, or gone.
	hurry chan struct{}
}

// batch is one look on behalf of several. It is given up when the last of those who wait for it has left.
type batch struct {
	questions []question
	waiting   int
	// due is when the most impatient wants it to be sent.
	due time.Time
	// giveUp ends the requests once they are on their way.
	giveUp  context.CancelFunc
	done    chan struct{}
	answers []sight
	err     error
}

func newFinder(client *controller.Client, settings finderSettings) *finder {
	own := context.Background()
	if settings.Context != nil {
		own = context.WithoutCancel(settings.Context)
	}
	f := &finder{client: client, settings: settings, own: own, served: map[Key]bool{}, hurry: make(chan struct{}, 1)}
	f.recent = newRecentJobs(f.find)
	return f
}

// look answers a question. A controller that can't be reached is asked again until ctx ends or, if a bound is given, for
// so long; a lookup that is under way then still comes to its end, page by page.
func (f *finder) look(ctx context.Context, asked question, within time.Duration) (sight, error) {
	began := time.Now()
	for {
		seen, err := f.lookOnce(ctx, asked, began)
		if err == nil {
			return seen, nil
		}
		if ctx.Err() != nil || !passing(err) || within > 0 && time.Since(began) >= within {
			return sight{}, err
		}
		if !pause(ctx, lookAgain) {
			return sight{}, errors.Join(context.Cause(ctx), err)
		}
	}
}

// passing tells whether an error may go away by itself.
func passing(err error) bool {
	return errors.Is(err, controller.ErrUnavailable) || errors.Is(err, controller.ErrThrottled) ||
		errors.Is(err, context.DeadlineExceeded)
}

// pause waits, and reports false if ctx ended first.
func pause(ctx context.Context, length time.Duration) bool {
	timer := time.NewTimer(length)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// lookOnce takes what is known, if that will do, or joins the batch that is to be sent next. If ctx ends before the answer
// is there, the error repeats what the hub's last failure was since the lookup began.
func (f *finder) lookOnce(ctx context.Context, asked question, began time.Time) (sight, error) {
	joined, at, answer := f.join(asked)
	if joined == nil {
		return answer, nil
	}
	select {
	case <-joined.done:
		if joined.err != nil {
			return sight{}, joined.err
		}
		return joined.answers[at], nil
	case <-ctx.Done():
		f.leave(joined)
		return sight{}, errors.Join(context.Cause(ctx), f.client.LastFailure(began))
	}
}

// join returns the batch that the question is part of, and its place there; no batch, if the answer is there already.
func (f *finder) join(asked question) (*batch, int, sight) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	asked.lenient = asked.lenient && !f.served[asked.key]
	if asked.lenient && time.Since(f.recent.sent) < freshEnough && f.recent.suffices(asked) && len(f.recent.stale(asked)) == 0 {
		f.served[asked.key] = true
		return nil, 0, f.recent.sightOf(asked, nil)
	}
	due := time.Now().Add(asked.patience)
	if f.waiting == nil {
		f.waiting = &batch{due: due, giveUp: func() {}, done: make(chan struct{})}
	}
	joined := f.waiting
	joined.questions = append(joined.questions, asked)
	joined.waiting++
	if due.Before(joined.due) {
		joined.due = due
		f.nudge()
	}
	if !f.sending {
		f.sending = true
		go f.send(f.own)
	}
	return joined, len(joined.questions) - 1, sight{}
}

func (f *finder) leave(joined *batch) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	joined.waiting--
	if joined.waiting == 0 {
		joined.giveUp()
		if f.waiting == joined {
			// Somebody may yet ask: not of a batch that was given up.
			f.waiting = nil
			f.nudge()
		}
	}
}

// nudge has the sender look at the waiting batch again.
func (f *finder) nudge() {
	select {
	case f.hurry <- struct{}{}:
	default:
	}
}

// send answers batch after batch until nobody waits. While one is on its way, the next gathers.
func (f *finder) send(ctx context.Context) {
	for {
		bounded, cancel := context.WithCancel(ctx)
		next := f.next(cancel)
		if next == nil {
			cancel()
			return
		}
		next.answers, next.err = f.answer(bounded, next.questions)
		cancel()
		close(next.done)
	}
}

// next waits until a batch is due, and takes it; nil, and the end of the goroutine, if there is none.
func (f *finder) next(giveUp context.CancelFunc) *batch {
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

// answer looks for the questions' jobs among the recent ones and, for those whose history goes back further, in the
// activity stream, which tells of the jobs with our annotations, however old. What was read is kept when it fails midway.
func (f *finder) answer(ctx context.Context, questions []question) ([]sight, error) {
	search, err := f.search(ctx)
	if err != nil {
		return nil, err
	}
	next, found, err := f.gather(ctx, search, questions)
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if next.sent.After(f.recent.sent) {
		clear(f.served)
	}
	f.recent = next
	if err != nil {
		return nil, err
	}
	answers := make([]sight, len(questions))
	for i, asked := range questions {
		f.served[asked.key] = true
		answers[i] = next.sightOf(asked, found.runs)
		if !next.suffices(asked) {
			answers[i].from, answers[i].whole = found.from, found.whole
			answers[i].warnings = found.warnings
		}
	}
	return answers, nil
}

// gather brings a copy of the recent jobs up to date, if need be: readers go on with the last one meanwhile.
func (f *finder) gather(ctx context.Context, search controller.Search, questions []question) (*recentJobs, beyond, error) {
	next := f.recent
	from := f.from(questions)
	strict := slices.ContainsFunc(questions, func(asked question) bool { return !asked.lenient })
	if strict || next.gap != nil || time.Since(next.sent) >= freshEnough {
		next = next.clone()
		next.reading = f.tellReading
		if err := next.renew(ctx, search, from); err != nil {
			return next, beyond{}, err
		}
	}
	if !from.IsZero() && from.Before(next.from) && !next.whole {
		next = next.clone()
		if err := next.extend(ctx, search, from, historyPages); err != nil {
			return next, beyond{}, err
		}
	}
	found, err := f.beyond(ctx, &next, search, questions)
	return next, found, err
}

func (f *finder) tellReading(ctx context.Context, rows int, oldest time.Time) {
	f.settings.Logger.InfoContext(ctx, "reading the history of jobs", "hub", f.settings.Hub, "jobs", rows, "back to", oldest.UTC().Format(time.RFC3339))
}

// from is the moment from which on somebody wants to see all jobs; zero if nobody says. A watermark of the future is none:
// the controller's clock was set back.
func (f *finder) from(questions []question) time.Time {
	now := time.Now().Add(f.client.ClockOffset() + overlap)
	var from time.Time
	for _, asked := range questions {
		if len(asked.since) == 0 || asked.since[0].Created.After(now) {
			continue
		}
		if since := asked.since[0].Created.Add(-overlap); from.IsZero() || since.Before(from) {
			from = since
		}
	}
	return from
}

// pulseOf reports whether there is movement among a template's jobs, as of the last lookup.
func (f *finder) pulseOf(template string) pulse {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.recent.pulseOf(template)
}

// newestOf is when the object's newest job was created, as of the last lookup; zero if none is known.
func (f *finder) newestOf(key Key) time.Time {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	jobs := newHistory(f.recent.of(key))
	if len(jobs) == 0 {
		return time.Time{}
	}
	return jobs[0].Created
}
