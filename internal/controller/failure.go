package controller

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/redact"
)

// Bounds of the search for a failure's reason.
const (
	// failureBound limits all requests together: the reason is not worth a long wait.
	failureBound = 45 * time.Second
	// eventsBound limits the wait for events after a job's end. They come within 1 s on an idle machine, later under
	// load, and never if they were lost (L7, L8).
	eventsBound = 10 * time.Second
	eventsPause = time.Second
	// deepest is how many levels of nested workflows are followed.
	deepest = 3
)

// Failure is the reason why a job did not end successfully, as far as it is known. Its texts are plain (no terminal
// escapes, no control characters but line feeds and tabs), and their length is bounded.
type Failure struct {
	// Task, Host and Message belong to the last task that failed and was neither ignored nor rescued.
	Task    string
	Host    string
	Message string
	// Explanation is the job's own job_explanation: a time-out, a shutdown, a workflow's lack of error handling.
	Explanation string
	// Traceback is the last line of the controller's own traceback (status "error").
	Traceback string
	// Output is the job's output from its last error on. It is read only if no failed task is known, e.g. after a syntax
	// error.
	Output string
	// NodeJob and Node are a failed workflow node's job and identifier. The fields above then belong to that job, except
	// for Explanation.
	NodeJob *Ref
	Node    string
	// Note says what could not be read, and why.
	Note string
}

// FailureOf searches for the reason of a job's failure, for at most 45 s. It never fails: a Note says what is missing.
// Its texts show none of the secrets, whatever the playbook has printed, and none of the client's credentials.
func (c *Client) FailureOf(ctx context.Context, j Job, secrets ...redact.Secret) Failure {
	ctx, cancel := context.WithTimeout(ctx, failureBound)
	defer cancel()
	e := explanation{client: c, shown: c.shownWithout(secrets)}
	e.explain(ctx, j, deepest)
	return e.Failure
}

// explanation is a Failure in the making.
type explanation struct {
	Failure
	client *Client
	shown  shown
}

// explain goes through the sources of a failure's reason: the job's detail first, then its events, and then its output. A
// workflow's reason is in the job of the node that failed (507, 508).
func (e *explanation) explain(ctx context.Context, j Job, depth int) {
	detail, err := e.client.Job(ctx, j.Ref)
	if err != nil {
		e.note("the job's detail", err)
		if errors.Is(err, ErrForbidden) && j.Name != "" {
			e.addNote(fmt.Sprintf("for that it needs the role Read on template %q", e.shown.name(j.Name)))
		}
		detail = j
	}
	if text := e.shown.message(detail.Explanation); e.Explanation == "" {
		e.Explanation = text
	} else if text != "" {
		e.Message = text
	}
	e.Traceback = e.shown.lastLine(detail.Traceback)
	switch {
	case detail.Status == StatusCanceled, detail.Status == StatusSuccessful:
		return
	case errors.Is(err, ErrForbidden), errors.Is(err, ErrDenied), errors.Is(err, ErrUnauthorized), errors.Is(err, ErrNotFound):
		return // The rest would be answered the same.
	case j.Kind == KindWorkflowJob:
		e.explainNode(ctx, detail, depth)
		return
	case detail.Explanation != "", e.Traceback != "":
		return
	}
	if err == nil {
		e.awaitEvents(ctx, detail)
	}
	if e.failedTask(ctx, detail.Ref) {
		return
	}
	e.lastError(ctx, detail.Ref)
}

// awaitEvents waits until the job's events and output are complete: until then the reason may be absent (L8).
func (e *explanation) awaitEvents(ctx context.Context, j Job) {
	ctx, cancel := context.WithTimeout(ctx, eventsBound)
	defer cancel()
	for !j.EventsProcessed {
		err := pause(ctx, eventsPause)
		if err == nil {
			j, err = e.client.Job(ctx, j.Ref)
		}
		if ctx.Err() != nil {
			e.addNote("the controller was still processing the job's events")
			return
		}
		if err != nil {
			e.note("the job's detail", err)
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
