package sandbox

import "time"

// Behavior is the course of a template's jobs. The zero value is a job that takes the sandbox's usual time and
// succeeds.
type Behavior struct {
	// Duration is the job's whole life, from the moment when it may start to its end. Zero: Options.JobDuration.
	Duration time.Duration `json:"duration,omitempty"`
	// PendingShare and WaitingShare are the parts of Duration in which the job is pending and waiting; zero: a usual
	// part, negative: none.
	PendingShare float64 `json:"pending_share,omitempty"`
	WaitingShare float64 `json:"waiting_share,omitempty"`
	// Outcome is successful (also when empty), failed, error or canceled.
	Outcome string `json:"outcome,omitempty"`
	// Preamble is ansible-playbook's output before the play, e.g. warnings.
	Preamble string `json:"preamble,omitempty"`
	// Task, Host and Message describe the failure; there are defaults. Play is the play's name.
	Play    string `json:"play,omitempty"`
	Task    string `json:"task,omitempty"`
	Host    string `json:"host,omitempty"`
	Message string `json:"message,omitempty"`
	// Unreachable means that the host can't be reached (recording 826). NoLog hides the message behind no_log (253).
	// Stderr adds res.stderr and res.rc.
	Unreachable bool   `json:"unreachable,omitempty"`
	NoLog       bool   `json:"no_log,omitempty"`
	Stderr      string `json:"stderr,omitempty"`
	// Ignored and Rescued are messages of earlier failures that did not count (recordings 251, 252).
	Ignored []string `json:"ignored,omitempty"`
	Rescued []string `json:"rescued,omitempty"`
	// Stdout is the whole output, instead of a play's. There are then only verbose events, as after a syntax error
	// (recordings 822 to 824).
	Stdout string `json:"stdout,omitempty"`
	// Explanation is the job_explanation of the finished job, and Traceback the result_traceback of a job in error. A
	// failed job with an Explanation and without a Message was stopped from outside: no task of it failed (821, 871).
	Explanation string `json:"explanation,omitempty"`
	Traceback   string `json:"traceback,omitempty"`
	// EventDelay is how late events come: event_processing_finished and the event of the failure come that long after
	// the job's end. Zero: a second (L7, L8); negative: at once.
	EventDelay time.Duration `json:"event_delay,omitempty"`
	// NoHosts means that the play matches no host: the job is successful, has host_status_counts {} and no artifacts
	// (828).
	NoHosts bool `json:"no_hosts,omitempty"`
	// Artifacts are the successful job's set_stats. Nil: a create job's are {"ip_address": ...}.
	Artifacts map[string]any `json:"artifacts,omitempty"`
	// CancelDelay is the time from the request until a running job is canceled; canceled_on is set at once. Zero: a
	// second; negative: at once.
	CancelDelay time.Duration `json:"cancel_delay,omitempty"`
	// IgnoreCancel accepts a cancel with 202 but runs to the end.
	IgnoreCancel bool `json:"ignore_cancel,omitempty"`
	// CancelTooLate ends the job, with its outcome, just before a cancel. The cancel is answered 405, or 403 to an
	// ordinary user (recording 402, L6).
	CancelTooLate bool `json:"cancel_too_late,omitempty"`
	// Status is shown instead of the true one while the job is active, e.g. "new" or a future status.
	Status string `json:"status,omitempty"`
	// DropsVariables launches without the extra vars, and lists them in ignored_fields (recording 203).
	DropsVariables bool `json:"drops_variables,omitempty"`
}

func (b Behavior) outcome() string {
	if b.Outcome == "" {
		return statusSuccessful
	}
	return b.Outcome
}

func (b Behavior) traceback() string {
	if b.Traceback != "" {
		return b.Traceback
	}
	return "Traceback (most recent call last):\n  File \"/var/lib/awx/awx/awx/main/tasks/jobs.py\", line 607, in run\n" +
		"    res = receptor_job.run()\nConnectionRefusedError: [Errno 111] Connection refused\n"
}

// usual returns the duration asked for, the usual one if that is zero, or none if it is negative.
func usual(asked, usually time.Duration) time.Duration {
	switch {
	case asked > 0:
		return asked
	case asked < 0:
		return 0
	default:
		return usually
	}
}

// Behave sets the course of the template's jobs from now on.
func (s *Sandbox) Behave(template string, b Behavior) {
	defer s.change()()
	for _, t := range s.templates {
		if t.Name == template && !t.removed {
			t.behavior, t.explicit = b, true
		}
	}
}

// BehaveNext sets the course of the template's next jobs, one behavior each.
func (s *Sandbox) BehaveNext(template string, b ...Behavior) {
	defer s.change()()
	for _, t := range s.templates {
		if t.Name == template && !t.removed {
			t.next = append(t.next, b...)
		}
	}
}
