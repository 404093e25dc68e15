package provisioning

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
)

const (
	// lookTimeout bounds one shared look, so that nobody waits for a controller on behalf of somebody with more time.
	lookTimeout = 60 * time.Second
	// lookAgain is the pause before a look that failed is repeated.
	lookAgain = 2 * time.Second
	// freshEnough is how old an answer may be that serves a refresh. Terraform reads ten instances at a time
	// (contract/terraform/README.md, g), so that an answer of a thousand instances' jobs has to serve for a while.
	freshEnough = 5 * time.Second
)

// question is what a look asks for: the jobs of one instance.
type question struct {
	key Key
	// since are watermarks, the best first: jobs from one of them on are enough. Without one, all jobs are wanted.
	since []Watermark
	// known are jobs that are wanted as they are now, however old.
	known []int64
	// lenient takes an answer that was asked for a little before the question, unless it served the instance already.
	lenient bool
	// patience is how long the question may wait for others to be asked with it.
	patience time.Duration
}

// sight is the answer to a question.
type sight struct {
	jobs history
	// after is the id above which the instance's jobs are all there; those up to it are as on record.
	after int64
	// seen is the watermark for the next look.
	seen Watermark
}

// finder looks for the jobs of instances on one controller. Looks that are asked for at the same time share their
// requests, and an answer serves only those who asked before its request was sent: a look after a launch must see it.
// Only a refresh is served by a recent one.
type finder struct {
	client   *controller.Client
	settings HubSettings

	mutex sync.Mutex
	feed  *feed
	// served are the instances that the feed has answered for since it was brought up to date.
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

func newFinder(client *controller.Client, settings HubSettings) *finder {
	f := &finder{client: client, settings: settings, served: map[Key]bool{}, hurry: make(chan struct{}, 1)}
	f.feed = newFeed(f.find)
	return f
}

// look answers a question. A controller that can't be reached is asked again until ctx ends.
func (f *finder) look(ctx context.Context, asked question) (sight, error) {
	for {
		seen, err := f.lookOnce(ctx, asked)
		if err == nil {
			return seen, nil
		}
		if ctx.Err() != nil || !passing(err) {
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

// lookOnce takes what is known, if that will do, or joins the batch that is to be sent next.
func (f *finder) lookOnce(ctx context.Context, asked question) (sight, error) {
	joined, at, answer := f.join(ctx, asked)
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
		return sight{}, context.Cause(ctx)
	}
}

// join returns the batch that the question is part of, and its place there; no batch, if the answer is there already.
func (f *finder) join(ctx context.Context, asked question) (*batch, int, sight) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	asked.lenient = asked.lenient && !f.served[asked.key]
	if asked.lenient && time.Since(f.feed.sent) < freshEnough {
		if answer, ok := f.feed.answer(asked); ok {
			f.served[asked.key] = true
			return nil, 0, answer
		}
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
		go f.send(context.WithoutCancel(ctx))
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
		bounded, cancel := context.WithTimeout(ctx, lookTimeout)
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

// answer looks for the questions' jobs in the feed and, for those whose history goes back further, in the activity
// stream, which tells of the jobs with our annotations, however old (contract/awx/README.md, 7 and 12b). Where it is
// switched off, the newest jobs are all there is.
func (f *finder) answer(ctx context.Context, questions []question) ([]sight, error) {
	search, err := f.search(ctx)
	if err != nil {
		return nil, err
	}
	next, err := f.renewed(ctx, search, questions)
	if err != nil {
		return nil, err
	}
	extra, err := f.beyond(ctx, next, search, questions)
	if err != nil {
		return nil, err
	}
	if next != f.feed {
		next.mark()
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if next.sent.After(f.feed.sent) {
		clear(f.served)
	}
	f.feed = next
	answers := make([]sight, len(questions))
	for i, asked := range questions {
		f.served[asked.key] = true
		answers[i] = next.sightOf(asked, extra)
	}
	return answers, nil
}

// pulseOf tells whether there is movement among a template's jobs, as of the last look.
func (f *finder) pulseOf(template string) pulse {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.feed.pulseOf(template)
}

// newestOf is when the instance's newest job was created, as of the last look; zero if none is known.
func (f *finder) newestOf(key Key) time.Time {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	jobs := newHistory(f.feed.of(key))
	if len(jobs) == 0 {
		return time.Time{}
	}
	return jobs[0].Created
}

// renewed brings a copy of the feed up to date, if it isn't: readers go on with the last one meanwhile.
func (f *finder) renewed(ctx context.Context, search controller.Search, questions []question) (*feed, error) {
	from := lowest(questions)
	strict := slices.ContainsFunc(questions, func(asked question) bool { return !asked.lenient })
	stale := strict || time.Since(f.feed.sent) >= freshEnough
	if !stale && !f.feed.lacks(from, questions) {
		return f.feed, nil
	}
	next := f.feed.clone()
	if stale {
		if err := next.renew(ctx, search, from); err != nil {
			return nil, err
		}
	}
	if from > 0 {
		if err := next.extend(ctx, search, from, feedLimit-len(next.jobs)); err != nil {
			return nil, err
		}
	}
	return next, nil
}

// lowest is the lowest id of a job from which on somebody wants to see all; zero if nobody has one.
func lowest(questions []question) int64 {
	var from int64
	for _, asked := range questions {
		if len(asked.since) > 0 && (from == 0 || asked.since[0].JobID < from) {
			from = asked.since[0].JobID
		}
	}
	return from
}

// beyond finds what the questions want and the feed doesn't have: jobs that are known by their ids, and whole
// histories.
func (f *finder) beyond(ctx context.Context, next *feed, search controller.Search, questions []question) ([]run, error) {
	var ids []int64
	var values []string
	for _, asked := range questions {
		ids = append(ids, next.stale(asked)...)
		if !next.suffices(asked) {
			values = append(values, asked.key.String())
		}
	}
	slices.Sort(ids)
	extra, err := next.refetch(ctx, search, slices.Compact(ids))
	if err != nil || len(values) == 0 {
		return extra, err
	}
	if err := next.extend(ctx, search, 0, pageOfJobs-len(next.jobs)); err != nil {
		return nil, err
	}
	if next.complete() {
		return extra, nil
	}
	slices.Sort(values)
	search.ExtraVarsValues = slices.Compact(values)
	search.Limit = jobsPerInstance * len(search.ExtraVarsValues)
	found, err := f.find(ctx, search)
	return append(extra, found.runs...), err
}

// jobsPerInstance is how many of an instance's jobs the activity stream is asked for: the newest decide, and twins are few.
const jobsPerInstance = 10
