package controller

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Bounds of looking for a failure's reason.
const (
	// failureBound is for all requests together: the reason is no reason to hang.
	failureBound = 45 * time.Second
	// eventsBound is how long events may stay away after a job's end; they come within 1 s on an idle machine, later
	// under load, and never if they were lost (L7, L8).
	eventsBound = 10 * time.Second
	eventsPause = time.Second
	// deepest is how far down nested workflows are followed.
	deepest = 3
)

// Failure is what could be learnt of why a job ended other than successful. Texts are plain: no terminal escapes, no
// control characters but line feeds and tabs, and bounded in length.
type Failure struct {
	// Task, Host and Message are those of the last task that failed and was neither ignored nor rescued.
	Task    string
	Host    string
	Message string
	// Explanation is the job's own job_explanation: a time-out, a shutdown, a workflow's lack of error handling.
	Explanation string
	// Traceback is the last line of the controller's own trouble with the job (status "error").
	Traceback string
	// Output is the end of the job's output, read only where no failed task is known, e.g. after a syntax error.
	Output string
	// NodeJob and Node are, of a workflow job, the failed node's job and identifier. The fields above are then that
	// job's, but Explanation.
	NodeJob *Ref
	Node    string
	// Note says what could not be read, and why.
	Note string
}

// FailureOf looks for the reason of a job's failure, at most for 45 s. It never fails: a Note says what is missing.
func (c *Client) FailureOf(ctx context.Context, j Job) Failure {
	ctx, cancel := context.WithTimeout(ctx, failureBound)
	defer cancel()
	var f Failure
	c.explain(ctx, j, &f, deepest)
	return f
}

// explain goes through the sources in the order of the contract README, 12 (c).
func (c *Client) explain(ctx context.Context, j Job, f *Failure, depth int) {
	detail, err := c.Job(ctx, j.Ref)
	if err != nil {
		f.note("the job's detail", err)
		detail = j
	}
	if text := messageText(detail.Explanation); f.Explanation == "" {
		f.Explanation = text
	} else if text != "" {
		f.Message = text
	}
	f.Traceback = lastLine(detail.Traceback)
	switch {
	case detail.Status == StatusCanceled, detail.Status == StatusSuccessful:
		return
	case errors.Is(err, ErrForbidden), errors.Is(err, ErrUnauthorized), errors.Is(err, ErrNotFound):
		return // The rest would be answered the same.
	case j.Kind == KindWorkflowJob:
		c.explainNode(ctx, detail, f, depth)
		return
	case detail.Explanation != "", f.Traceback != "":
		return
	}
	if err == nil {
		c.awaitEvents(ctx, detail, f)
	}
	if c.failedTask(ctx, detail.Ref, f) {
		return
	}
	c.output(ctx, detail.Ref, f)
}

// awaitEvents waits until the job's events and output are complete: until then the reason may be absent (L8).
func (c *Client) awaitEvents(ctx context.Context, j Job, f *Failure) {
	ctx, cancel := context.WithTimeout(ctx, eventsBound)
	defer cancel()
	for !j.EventsProcessed {
		err := pause(ctx, eventsPause)
		if err == nil {
			j, err = c.Job(ctx, j.Ref)
		}
		if ctx.Err() != nil {
			f.addNote("the controller was still processing the job's events")
			return
		}
		if err != nil {
			f.note("the job's detail", err)
			return
		}
	}
}

func (f *Failure) note(what string, err error) {
	if errors.Is(err, ErrForbidden) {
		f.addNote("this user may not read " + what)
		return
	}
	f.addNote(fmt.Sprintf("%s could not be read: %v", what, err))
}

func (f *Failure) addNote(text string) {
	if f.Note != "" {
		f.Note += "; "
	}
	f.Note += text
}
