package provisioning

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
	"github.com/osac-project/terraform-provider-osac/internal/jobs"
)

const (
	// progressInterval is how often somebody who observes an operation hears of a job that does not change.
	progressInterval = 10 * time.Second
	// taskInterval is how often the log hears of a job's task, all jobs of a hub taken together: what is asked for the
	// log alone must not grow with the number of instances.
	taskInterval = 30 * time.Second
)

// Progress is what somebody who waits for an operation is told, from one goroutine at a time.
type Progress struct {
	// Instance is the instance's id.
	Instance string
	// Job is the job that is followed: the operation's own, or another of the instance that has to end first.
	Job jobs.JobRecord
	// Elapsed is how long ago the job was created.
	Elapsed time.Duration
	// Task is the task that the job is at; empty while it isn't known.
	Task string
}

// tell passes on how a job gets on.
func (o *operationState) tell(job controller.Job, entry jobs.JobRecord, task string) {
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

// tellTasks says now and then which task a job is at, until the function that it returns is called: to the one who
// observes the operation, and to the log where it is another task than before. No list shows it, so it costs requests of
// its own: two each time for an observer, one for the log.
func (o *operationState) tellTasks(ctx context.Context, followed jobs.Run) func() {
	ctx, cancel := context.WithCancel(ctx)
	var teller sync.WaitGroup
	teller.Go(func() {
		logged := ""
		for jobs.Pause(ctx, o.untilTask()) {
			task := o.askTask(ctx, followed)
			if task != "" && task != logged {
				logged = task
				o.log.InfoContext(ctx, "job changed", "job", followed.String(), "state", string(jobs.JobRunning), "task", task)
			}
		}
	})
	return func() {
		cancel()
		teller.Wait()
	}
}

// untilTask is how long it is until a task is asked for. For the log it is the rarer, the more operations are under way.
func (o *operationState) untilTask() time.Duration {
	if o.progress != nil {
		return progressInterval
	}
	interval := taskInterval * time.Duration(max(1, o.hub.operations.Load()))
	return interval + rand.N(interval/2) //nolint:gosec // spreads requests, protects nothing
}

// askTask asks for the task that a job is at, and tells the observer, if there is one.
func (o *operationState) askTask(ctx context.Context, followed jobs.Run) string {
	if o.progress == nil {
		if !o.running.Load() {
			return ""
		}
		return o.hub.client.CurrentTask(ctx, followed.Ref, o.secrets(followed.Job)...)
	}
	job, task, err := o.hub.client.Task(ctx, followed.Ref, o.secrets(followed.Job)...)
	if err != nil || job.Terminal() {
		return "" // what is wrong, or how it ended, is for the one who follows it to say
	}
	followed.Job = job
	o.tell(job, followed.Record(), task)
	return task
}
