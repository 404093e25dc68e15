package sandbox

import (
	"fmt"
	"strings"
	"time"
)

// The one inventory, project, host and execution environment that all templates use, with the recordings' ids.
const (
	inventoryID     = 2
	inventoryName   = "osac-inv"
	projectID       = 8
	projectName     = "osac-proj"
	hostID          = 2
	environmentID   = 1
	instanceGroupID = 2
	// A running job has a work unit after a while, arguments after another, and then events (430, 432, 701, L7).
	workUnitDelay  = 600 * time.Millisecond
	argumentsDelay = time.Second
	playDelay      = 3 * time.Second
)

func (j *job) shownStart(now time.Time) time.Time {
	if j.ran(now) {
		return j.life.started
	}
	return time.Time{}
}

func (j *job) shownTraceback(now time.Time) string {
	if j.life.over(now) {
		return j.life.traceback
	}
	return ""
}

// assigned reports whether a node has been chosen for the job: from waiting on (recording 212).
func (j *job) assigned(now time.Time) bool {
	return reached(j.life.waiting, now) && (j.life.ended.IsZero() || j.life.waiting.Before(j.life.ended))
}

func (j *job) shownNode(now time.Time) string {
	if j.assigned(now) {
		return nodeName
	}
	return ""
}

// prepared reports whether the delay after the job's start has passed; it is shorter for short jobs.
func (j *job) prepared(now time.Time, delay time.Duration) bool {
	if j.kind != KindJob || !j.ran(now) || (j.life.outcome == statusError || j.neverPlayed()) && j.life.over(now) {
		return false
	}
	from := j.life.started.Add(j.life.scaled(delay))
	return reached(from, now) && (j.life.ended.IsZero() || from.Before(j.life.ended))
}

// neverPlayed reports whether the job was canceled so early that its playbook was not started (recordings 431, 1067).
func (j *job) neverPlayed() bool { return j.life.outcome == statusCanceled && j.life.traceback != "" }

// scaled shortens a delay for short jobs.
func (l *life) scaled(delay time.Duration) time.Duration { return min(delay, l.length/8) }

// workUnit is receptor's id of the run, or null.
func (j *job) workUnit(now time.Time) any {
	if !j.prepared(now, workUnitDelay) {
		return nil
	}
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	var unit [8]byte
	for i, rest := 0, j.random; i < len(unit); i, rest = i+1, rest/62 {
		unit[i] = alphabet[rest%62]
	}
	return string(unit[:])
}

// arguments is job_args: the command line of ansible-playbook (recordings 216, 231).
func (j *job) arguments(now time.Time) string {
	if !j.prepared(now, argumentsDelay) {
		return ""
	}
	folder := fmt.Sprintf("/var/lib/awx/tmp/awx_%d_%08x", j.id, uint32(j.random>>32))
	words := []string{
		"podman", "run", "--rm", "--tty", "--interactive", "--workdir", "/runner/project", "-v", folder + "/:/runner/:Z",
		"--env-file", fmt.Sprintf("%s/artifacts/%d/env.list", folder, j.id), "--quiet", "--name",
		fmt.Sprintf("ansible_runner_%d", j.id), "--user=root", "--network", "slirp4netns:enable_ipv6=true",
		"quay.io/ansible/awx-ee:latest", "ansible-playbook", "-u", "root",
	}
	if j.limit != "" {
		words = append(words, "-l", j.limit)
	}
	if j.tags != "" {
		words = append(words, "-t", j.tags)
	}
	words = append(words, "-i", "/runner/inventory", "-e", "@/runner/env/extravars", j.playbook())
	quoted := make([]any, len(words))
	for i, word := range words {
		quoted[i] = word
	}
	return pythonStyle().dump(quoted)
}

func (j *job) folder(now time.Time) string {
	if j.prepared(now, argumentsDelay) {
		return "/runner/project"
	}
	return ""
}

func (j *job) playbook() string {
	if j.template == nil {
		return ""
	}
	return j.template.Playbook
}

func (j *job) timeout() int64 {
	if j.template == nil {
		return 0
	}
	return int64(j.template.Timeout)
}

func (j *job) simultaneous() bool { return j.template != nil && j.template.AllowSimultaneous }

// shownArtifacts appear together with the final status, not later (L7).
func (j *job) shownArtifacts(now time.Time) document {
	if !j.life.over(now) || j.life.outcome == statusCanceled || j.life.outcome == statusError {
		return document{}
	}
	return j.artifacts
}

// shownModified is the time when the scheduler last touched the job.
func (j *job) shownModified(now time.Time) time.Time {
	if j.assigned(now) {
		return j.life.waiting
	}
	return j.modified
}

// jobPath returns the job's own path in the API.
func (s *Sandbox) jobPath(j *job) string { return s.url(string(j.kind)+"s", j.id) }

// templatePath returns a template's own path.
func (s *Sandbox) templatePath(t *template) string { return s.url(t.kind.templateType()+"s", t.id) }

// typeName is the kind in words: "workflow job".
func (k Kind) typeName() string { return strings.ReplaceAll(string(k), "_", " ") }

// recent is a template's summary of its jobs.
type recent struct {
	last, current *job
	status        string
	failed        bool
	lastRun       time.Time
}

// recent summarizes a template's jobs. The last one is absent if it was deleted (recording 624).
func (c *call) recent(t *template) recent {
	result := recent{status: "never updated"}
	for _, j := range t.jobs {
		if j.created.After(c.now) || j.status(c.now) == statusNew {
			continue // such a job is nobody's current one (recording 1001 beside 1088)
		}
		if !j.life.over(c.now) {
			result.current = j
		} else if result.last == nil || j.life.ended.After(result.last.life.ended) {
			result.last = j
		}
	}
	finished := result.last
	if gone := t.lastDeleted; gone != nil && gone.life.over(c.now) && (finished == nil || gone.life.ended.After(finished.life.ended)) {
		finished, result.last = gone, nil
	}
	if finished != nil {
		result.lastRun, result.failed = finished.life.ended, finished.failed(c.now)
		result.status = statusSuccessful
		if result.failed {
			result.status = statusFailed
		}
	}
	if result.current != nil {
		result.status = result.current.status(c.now)
	}
	return result
}
