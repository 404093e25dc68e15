package diagnose

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
	"github.com/osac-project/terraform-provider-osac/internal/provisioning"
)

func TestEveryReasonHasItsHeadline(t *testing.T) {
	attributes := map[provisioning.Reason]string{
		provisioning.ReasonTimeout:         "timeouts",
		provisioning.ReasonAlreadyExists:   "name",
		provisioning.ReasonMadeHere:        "name",
		provisioning.ReasonOtherController: "hub",
		provisioning.ReasonOtherPlace:      "hub",
		provisioning.ReasonTaken:           "name",
		provisioning.ReasonHub:             "hub",
		provisioning.ReasonTemplate:        "hub",
		provisioning.ReasonRestart:         "restart_requested_at",
		provisioning.ReasonExtraVars:       "extra_vars",
	}
	seen := map[string]provisioning.Reason{}
	for reason := provisioning.ReasonInterrupted; reason <= provisioning.ReasonImport; reason++ {
		failure := &provisioning.Error{
			Reason: reason, What: "What was tried.", Next: "What to do.", Err: errors.New("the cause"),
			Job: &jobs.JobRecord{ID: "7", State: jobs.JobFailed, URL: "https://aap/#/jobs/7"},
		}
		// As it comes from further below: wrapped.
		got := Error(Plan, fmt.Errorf("wrapped: %w", failure), false)
		if other, twice := seen[got.Summary()]; twice {
			t.Errorf("reasons %d and %d have the headline %q", reason, other, got.Summary())
		}
		seen[got.Summary()] = reason
		if got.Summary() == "The operation failed" {
			t.Errorf("reason %d has no headline of its own", reason)
		}
		for _, part := range []string{"What was tried.", "the cause", "https://aap/#/jobs/7", "What to do."} {
			if !strings.Contains(got.Detail(), part) {
				t.Errorf("reason %d: %q is missing in %q", reason, part, got.Detail())
			}
		}
		at := ""
		if pointed, ok := got.(diag.DiagnosticWithPath); ok {
			at = pointed.Path().String()
		}
		if at != attributes[reason] {
			t.Errorf("reason %d points at %q, want %q", reason, at, attributes[reason])
		}
	}
}

func TestErrorsSayWhatIsKeptAndWhatIsNext(t *testing.T) {
	job := func(id string, verb osac.Verb, state jobs.JobState) *jobs.JobRecord {
		return &jobs.JobRecord{ID: id, Type: verb, State: state}
	}
	running, failed := job("7", osac.Provision, jobs.JobRunning), job("7", osac.Provision, jobs.JobFailed)
	deleting, undeleted := job("8", osac.Deprovision, jobs.JobRunning), job("8", osac.Deprovision, jobs.JobFailed)
	for name, test := range map[string]struct {
		operation Operation
		job       *jobs.JobRecord
		kept      bool
		mentions  []string
		never     string
	}{
		"create, end unknown":   {Create, running, true, []string{"tainted", "go on with job 7: `terraform untaint", "A plain apply cancels job 7"}, ""},
		"create, failed":        {Create, failed, true, []string{"tainted", "builds it anew", "terraform untaint"}, "go on with job"},
		"create, nothing done":  {Create, nil, false, []string{"recorded nothing"}, "taint"},
		"update, end unknown":   {Update, running, true, []string{"next plan", "goes on with job 7"}, "taint"},
		"update, failed":        {Update, failed, true, []string{"next plan", "runs the create template again"}, "taint"},
		"update, nothing done":  {Update, nil, false, []string{"as it was before"}, "next apply"},
		"delete, end unknown":   {Delete, deleting, true, []string{"stays in Terraform's state", "goes on with job 8"}, "taint"},
		"delete, failed":        {Delete, undeleted, true, []string{"stays in Terraform's state", "launches the delete template again"}, "goes on"},
		"delete, while running": {Delete, running, true, []string{"stays in Terraform's state", "launches the delete template"}, "goes on"},
		"read":                  {Read, nil, false, []string{"as it was before"}, "taint"},
	} {
		t.Run(name, func(t *testing.T) {
			got := Error(test.operation, &provisioning.Error{Reason: provisioning.ReasonJobFailed, What: "What.", Job: test.job}, test.kept)
			for _, part := range test.mentions {
				if !strings.Contains(got.Detail(), part) {
					t.Errorf("%q is missing in %q", part, got.Detail())
				}
			}
			if test.never != "" && strings.Contains(got.Detail(), test.never) {
				t.Errorf("%q is in %q", test.never, got.Detail())
			}
		})
	}
}

func TestHubsRefusalsHaveTheirHeadlines(t *testing.T) {
	for cause, want := range map[error]string{
		controller.ErrUnauthorized: "The hub refused the credentials",
		controller.ErrForbidden:    "The hub denied a permission",
		controller.ErrScope:        "The hub's token may only read",
		controller.ErrDenied:       "The hub refused the request",
		controller.ErrUnavailable:  "The hub can't be used",
	} {
		got := Error(Plan, &provisioning.Error{Reason: provisioning.ReasonHub, Err: fmt.Errorf("GET jobs/: %w", cause)}, false)
		if got.Summary() != want {
			t.Errorf("%v: %q", cause, got.Summary())
		}
	}
}

func TestOtherErrorsSayWhatWasTried(t *testing.T) {
	for o := Configure; o <= Import; o++ {
		got := Error(o, errors.New("boom"), false)
		if !strings.HasPrefix(got.Summary(), "Could not ") || !strings.Contains(got.Detail(), "boom") {
			t.Errorf("%d: %s: %s", o, got.Summary(), got.Detail())
		}
	}
}

func TestDiagnosticsArePrintable(t *testing.T) {
	for given, want := range map[string]string{
		"plain\n\ttext":               "plain\n\ttext",
		"\x1b[0;31mfatal\x1b[0m: no":  "fatal: no",
		"one\r\ntwo\rthree":           "one\ntwo\nthree",
		"bell\a, null\x00, \u009bcsi": "bell, null, csi",
		"evil \u202egnp.exe":          "evil gnp.exe",
		"broken \xff byte":            "broken \uFFFD byte",
		"Ünïcödé ✓":                   "Ünïcödé ✓",
	} {
		if got := Printable(given); got != want {
			t.Errorf("%q: want %q, got %q", given, want, got)
		}
	}
	var diags diag.Diagnostics
	AppendWarnings(&diags, []jobs.Warning{{Summary: "a\x00", Detail: "b\x1b[1m"}})
	got := Error(Create, &provisioning.Error{Reason: provisioning.ReasonJobFailed, What: "c\x1b[1m", Job: &jobs.JobRecord{ID: "1\x07"}}, true)
	for _, text := range []string{diags[0].Summary(), diags[0].Detail(), got.Summary(), got.Detail()} {
		if strings.ContainsAny(text, "\x00\x07\x1b") {
			t.Errorf("control characters in %q", text)
		}
	}
}
