package provisioning

import (
	"context"
	"sync"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
)

// progressInterval is how often somebody who observes an operation hears of a job that does not change.
const progressInterval = 10 * time.Second

// Progress is what somebody who waits for an operation is told, from one goroutine at a time.
type Progress struct {
	// Instance is the instance's id.
	Instance string
	// Job is the job that is followed: the operation's own, or another of the instance that has to end first.
	Job JobRecord
	// Elapsed is how long ago the job was created.
	Elapsed time.Duration
	// Task is the task that the job is at; empty while it isn't known.
	Task string
}

// tell passes on how a job gets on.
func (o *operationState) tell(job controller.Job, entry JobRecord, task string) {
	if o.progress == nil {
		return
	}
	o.telling.Lock()
	defer o.telling.Unlock()
	told := Progress{Instance: o.id, Job: entry, Task: task}
	if !job.Created.IsZero() {
		// Never negative: the controller's clock may be ahead.
		told.Elapsed = max(0, time.Since(job.Created))
	}
	o.progress(told)
}

// tellTasks says now and then which task a job is at, until the function that it returns is called. That costs a request
// each time, so it is done for those alone who want to know.
func (o *operationState) tellTasks(ctx context.Context, followed run) func() {
	if o.progress == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	var teller sync.WaitGroup
	teller.Go(func() {
		for pause(ctx, progressInterval) {
			job, task, err := o.hub.client.Task(ctx, followed.Ref)
			if err != nil || job.Terminal() {
				continue // what is wrong, or how it ended, is for the one who follows it to say
			}
			current := followed
			current.Job = job
			o.tell(job, current.record(), o.hide(task))
		}
	})
	return func() {
		cancel()
		teller.Wait()
	}
}
