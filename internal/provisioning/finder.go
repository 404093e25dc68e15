package provisioning

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
)

const (
	// lookTimeout bounds one shared look, so that nobody waits for a controller on behalf of somebody with more time.
	lookTimeout = 60 * time.Second
	// lookAgain is the pause before a look that failed is repeated.
	lookAgain = 2 * time.Second
	// jobsPerInstance is how many of an instance's jobs a look asks for: the newest decide, and twins are few.
	jobsPerInstance = 10
	// newestJobs is how many of the templates' newest jobs are read where the activity stream doesn't answer: one page.
	newestJobs = 200
)

// finder looks for the jobs of instances on one controller. Looks that are asked for at the same time share a
// request, and an answer serves only those who asked before its request was sent: a look after a launch must see it.
type finder struct {
	client   *controller.Client
	settings HubSettings

	mutex   sync.Mutex
	waiting *batch
	sending bool
}

// batch is one look on behalf of several instances. It is given up when the last of those who wait for it has left.
type batch struct {
	values  map[string]bool
	waiting int
	// giveUp ends the request once it is on its way.
	giveUp context.CancelFunc
	done   chan struct{}
	found  map[string][]run
	err    error
}

func newFinder(client *controller.Client, settings HubSettings) *finder {
	return &finder{client: client, settings: settings}
}

// look returns the jobs of an instance, newest first. A controller that can't be reached is asked again until ctx ends.
func (f *finder) look(ctx context.Context, key Key) (history, error) {
	for {
		runs, err := f.lookOnce(ctx, key.String())
		if err == nil {
			return newHistory(slices.DeleteFunc(runs, func(r run) bool { return r.key() != key })), nil
		}
		if ctx.Err() != nil || !passing(err) {
			return nil, err
		}
		if !pause(ctx, lookAgain) {
			return nil, errors.Join(context.Cause(ctx), err)
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

// lookOnce joins the batch that is to be sent next.
func (f *finder) lookOnce(ctx context.Context, value string) ([]run, error) {
	joined := f.join(ctx, value)
	select {
	case <-joined.done:
		return joined.found[value], joined.err
	case <-ctx.Done():
		f.leave(joined)
		return nil, context.Cause(ctx)
	}
}

func (f *finder) join(ctx context.Context, value string) *batch {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if f.waiting == nil {
		f.waiting = &batch{values: map[string]bool{}, giveUp: func() {}, done: make(chan struct{})}
	}
	f.waiting.values[value] = true
	f.waiting.waiting++
	if !f.sending {
		f.sending = true
		go f.send(context.WithoutCancel(ctx))
	}
	return f.waiting
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
		}
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
		next.found, next.err = f.findAll(bounded, slices.Sorted(maps.Keys(next.values)))
		cancel()
		close(next.done)
	}
}

func (f *finder) next(giveUp context.CancelFunc) *batch {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	next := f.waiting
	f.waiting = nil
	f.sending = next != nil
	if next != nil {
		next.giveUp = giveUp
	}
	return next
}

// findAll looks for instances and runs by a value in their jobs' extra vars: through the activity stream and, for
// those that it knows nothing of, among the templates' newest jobs. The latter finds jobs of other makers, too, and
// is all there is where the stream is switched off (contract/awx/README.md, 7 and 12b).
func (f *finder) findAll(ctx context.Context, values []string) (map[string][]run, error) {
	search, err := f.search(ctx)
	if err != nil {
		return nil, err
	}
	search.ExtraVarsValues = values
	search.Limit = jobsPerInstance * len(values)
	found, err := f.find(ctx, search)
	if err != nil {
		return nil, err
	}
	byValue := sortByValue(found, values)
	if len(byValue) == len(values) {
		return byValue, nil
	}
	search.ExtraVarsValues = nil
	search.Limit = newestJobs
	newest, err := f.find(ctx, search)
	if err != nil {
		return nil, err
	}
	return sortByValue(append(found, newest...), values), nil
}

// search returns a search over the hub's two templates, in the kinds of jobs that they make: in both, where the
// templates can't tell. A template that is missing is no reason not to look at the jobs that it made.
func (f *finder) search(ctx context.Context) (controller.Search, error) {
	templates, err := f.client.Templates(ctx, f.settings.Organization, f.settings.CreateTemplate, f.settings.DeleteTemplate)
	var unusable *controller.TemplateError
	if err != nil && !errors.As(err, &unusable) {
		return controller.Search{}, err
	}
	kinds := map[controller.Kind]bool{controller.KindJob: err != nil, controller.KindWorkflowJob: err != nil}
	for _, template := range templates {
		kinds[template.Kind] = true
	}
	maps.DeleteFunc(kinds, func(_ controller.Kind, made bool) bool { return !made })
	return controller.Search{
		Kinds:         slices.Sorted(maps.Keys(kinds)),
		TemplateNames: []string{f.settings.CreateTemplate, f.settings.DeleteTemplate},
	}, nil
}

// find returns the runs that a search finds; jobs of the same template name in another organization are left out.
func (f *finder) find(ctx context.Context, search controller.Search) ([]run, error) {
	jobs, err := f.client.Find(ctx, search)
	if err != nil {
		return nil, err
	}
	var runs []run
	for _, job := range jobs {
		if f.settings.Organization != "" && job.Organization != "" && job.Organization != f.settings.Organization {
			continue
		}
		if read, ok := readRun(job, f.verbOf(job.Name)); ok {
			runs = append(runs, read)
		}
	}
	return runs, nil
}

// verbOf tells what a template's jobs do.
func (f *finder) verbOf(template string) Verb {
	if template == f.settings.DeleteTemplate {
		return Deprovision
	}
	return Provision
}

// sortByValue gives each value the runs that carry it as their instance or as their run id.
func sortByValue(runs []run, values []string) map[string][]run {
	wanted := map[string]bool{}
	for _, value := range values {
		wanted[value] = true
	}
	sorted := map[string][]run{}
	for _, found := range runs {
		for _, value := range []string{found.key().String(), found.annotation(AnnotationRunID)} {
			if wanted[value] && strings.TrimSpace(value) != "" {
				sorted[value] = append(sorted[value], found)
			}
		}
	}
	return sorted
}

const (
	// startedLooks is how often the job of a lost launch is looked for, and startedPause how long apart: the
	// controller may still be at work on it.
	startedLooks = 3
	startedPause = 3 * time.Second
)

// findStarted looks for the job of an operation whose start may or may not have come through; nil means that there
// is none. It looks on for a bounded time after an interrupt, since nobody else would know of the job.
func (f *finder) findStarted(ctx context.Context, operation Operation) (*controller.Job, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookTimeout)
	defer cancel()
	for range startedLooks {
		runs, err := f.lookOnce(ctx, operation.RunID)
		if err != nil && !passing(err) {
			return nil, err
		}
		for _, started := range runs {
			if started.key() == operation.Key && started.verb == operation.Verb {
				return &started.Job, nil
			}
		}
		if !pause(ctx, startedPause) {
			return nil, context.Cause(ctx)
		}
	}
	return nil, nil
}
