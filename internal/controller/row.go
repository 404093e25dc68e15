package controller

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

// row is a job as the API writes it, in lists, details and the answers to launches. Fields that are missing or null
// stay empty: lists leave some out (310), and workflow jobs have no artifacts (502).
type row struct {
	ID                  int64           `json:"id"`
	Type                string          `json:"type"`
	Name                string          `json:"name"`
	UnifiedJobTemplate  int64           `json:"unified_job_template"`
	JobTemplate         int64           `json:"job_template"`
	WorkflowJobTemplate int64           `json:"workflow_job_template"`
	Status              Status          `json:"status"`
	LaunchType          string          `json:"launch_type"`
	ExtraVars           json.RawMessage `json:"extra_vars"`
	Artifacts           json.RawMessage `json:"artifacts"`
	Explanation         string          `json:"job_explanation"`
	Traceback           string          `json:"result_traceback"`
	EventsProcessed     bool            `json:"event_processing_finished"`
	HostCounts          json.RawMessage `json:"host_status_counts"`
	Created             stamp           `json:"created"`
	Started             stamp           `json:"started"`
	Finished            stamp           `json:"finished"`
	CanceledOn          stamp           `json:"canceled_on"`
	// Elapsed is the seconds since the start by the controller's clock; it grows while the job runs.
	Elapsed    float64 `json:"elapsed"`
	LaunchedBy struct {
		Name string `json:"name"`
	} `json:"launched_by"`
	Summary struct {
		Organization struct {
			Name string `json:"name"`
		} `json:"organization"`
		CreatedBy struct {
			Username string `json:"username"`
		} `json:"created_by"`
	} `json:"summary_fields"`
}

// stamp is a time as the API writes it; null and "" are the zero time.
type stamp struct{ time.Time }

// UnmarshalJSON reads RFC 3339 with any fraction of a second.
func (s *stamp) UnmarshalJSON(text []byte) error {
	var value string
	if err := json.Unmarshal(text, &value); err != nil {
		return err
	}
	if value == "" {
		return nil
	}
	parsed, err := time.Parse(time.RFC3339, value)
	if err != nil {
		return errors.New("a time is not in RFC 3339")
	}
	if year := parsed.UTC().Year(); year < 0 || year > 9999 {
		return errors.New("a time is out of range") // state could not be read back with it
	}
	s.Time = parsed
	return nil
}

// maxJobText bounds a job's explanation and traceback. It is generous: they are cut once more after secrets have been
// removed.
const maxJobText = 16 << 10

// maxTemplateName is more than the length of any template's name, in bytes.
const maxTemplateName = 2 << 10

// job returns a row as a Job. kind is the kind of the requested path, for rows without a type.
func (c *Client) job(r row, kind Kind) (Job, error) {
	switch Kind(r.Type) {
	case KindJob, KindWorkflowJob:
		kind = Kind(r.Type)
	case "":
	default:
		return Job{}, fmt.Errorf("the answer is of type %q, not a job", transport.Cut(r.Type, 40))
	}
	if r.ID <= 0 {
		return Job{}, errors.New("the answer names no job id")
	}
	extraVars, err := extraVarsOf(r.ExtraVars)
	if err != nil {
		return Job{}, err
	}
	// These texts are compared, so they are kept unchanged, but no longer than such a word can be.
	if len(r.Status) > maxName || len(r.LaunchType) > maxName || len(r.Name) > maxTemplateName {
		return Job{}, fmt.Errorf("job %d has a name or a status of excessive length", r.ID)
	}
	ref := Ref{Kind: kind, ID: r.ID}
	j := Job{
		Ref: ref, URL: c.JobURL(ref), UIURL: c.UIURL(ref), Name: r.Name, Organization: r.Summary.Organization.Name,
		Status: r.Status, LaunchType: r.LaunchType, CreatedBy: nameText(r.Summary.CreatedBy.Username, r.LaunchedBy.Name),
		ExtraVars: extraVars, ExtraVarsAbsent: len(r.ExtraVars) == 0,
		Artifacts: object(r.Artifacts), ArtifactsAbsent: len(r.Artifacts) == 0 && kind == KindJob,
		Explanation:     transport.Cut(strings.TrimSpace(transport.Plain(r.Explanation)), maxJobText),
		Traceback:       tail(transport.Plain(r.Traceback), maxOutputLines, maxJobText),
		EventsProcessed: r.EventsProcessed || kind == KindWorkflowJob, NoHosts: emptyObject(r.HostCounts),
		Created: r.Created.Time, Started: r.Started.Time, Finished: r.Finished.Time, CanceledOn: r.CanceledOn.Time,
	}
	for _, id := range []int64{r.UnifiedJobTemplate, r.JobTemplate, r.WorkflowJobTemplate} {
		if j.TemplateID == 0 {
			j.TemplateID = id
		}
	}
	return j, nil
}

// listed is a job with the controller's own measure of its age.
type listed struct {
	Job
	elapsed time.Duration
}

func (c *Client) listed(r row, kind Kind) (listed, error) {
	j, err := c.job(r, kind)
	return listed{Job: j, elapsed: time.Duration(max(0, min(r.Elapsed, 1e8)) * float64(time.Second))}, err
}

// extraVarsOf reads extra vars, which the API gives as a string of JSON (201); it accepts an object as well.
func extraVarsOf(value json.RawMessage) (string, error) {
	value = bytes.TrimSpace(value)
	switch {
	case len(value) == 0, bytes.Equal(value, []byte("null")):
		return "", nil
	case value[0] == '{':
		return string(value), nil
	}
	var text string
	if json.Unmarshal(value, &text) != nil {
		return "", errors.New("extra_vars is neither a string nor an object")
	}
	return text, nil
}

// object returns a JSON object that has keys, else nil: {} is how the API says "none".
func object(value json.RawMessage) json.RawMessage {
	var keys map[string]json.RawMessage
	if json.Unmarshal(value, &keys) != nil || len(keys) == 0 {
		return nil
	}
	return value
}

func emptyObject(value json.RawMessage) bool {
	var keys map[string]json.RawMessage
	return json.Unmarshal(value, &keys) == nil && keys != nil && len(keys) == 0
}

// path returns the path of jobs of a kind below the API's root.
func (k Kind) path() string {
	if k == KindWorkflowJob {
		return "workflow_jobs"
	}
	return "jobs"
}
