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
	// progressInterval is how often an observer hears of a job that does not change.
	progressInterval = 10 * time.Second
	// taskInterval is how often the log gets a job's task, for all jobs of a hub together: requests for the log alone
	// must not grow with the number of instances.
	taskInterval = 30 * time.Second
)

// Progress is an operation's progress, for its observer. It is sent by one goroutine at a time.
type Progress struct {
	// Instance is the instance's id.
	Instance string
	// Job is the followed job: the operation's own, or another of the instance that has to end first.
	Job jobs.JobRecord
	// Elapsed is how long ago the job was created.
	Elapsed time.Duration
	// Task is the job's current task; empty while it isn't known.
	Task string
}

// tell reports a job's progress.
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

// tellTasks reports a job's current task now and then, until its result is called: to the observer, and to the log if
// the task has changed. No list shows the task, so it costs requests of its own: two each time for an observer, one for
// the log.
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

// untilTask is the time until the next request for a task. For the log, it grows with the number of operations in
// progress.
func (o *operationState) untilTask() time.Duration {
	if o.progress != nil {
		return progressInterval
	}
	interval := taskInterval * time.Duration(max(1, o.hub.operations.Load()))
	return interval + rand.N(interval/2) //nolint:gosec // spreads requests, protects nothing
}

// askTask requests a job's current task, and reports it to the observer, if there is one.
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
