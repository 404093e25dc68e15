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
	// setUp is how long a running job takes until its work unit and its arguments are known (recordings 430, 432).
	setUp = 400 * time.Millisecond
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

// assigned tells whether a node has been chosen for the job: from waiting on (recording 212).
func (j *job) assigned(now time.Time) bool {
	return reached(j.life.waiting, now) && (j.life.ended.IsZero() || j.life.waiting.Before(j.life.ended))
}

func (j *job) shownNode(now time.Time) string {
	if j.assigned(now) {
		return nodeName
	}
	return ""
}

// prepared tells whether the job has come as far as starting ansible-playbook.
func (j *job) prepared(now time.Time) bool {
	if !j.ran(now) || j.life.outcome == statusError && j.life.over(now) {
		return false
	}
	from := j.life.started.Add(min(setUp, j.planned()/4))
	return reached(from, now) && (j.life.ended.IsZero() || from.Before(j.life.ended))
}

// planned is the running time that the job's behavior asks for.
func (j *job) planned() time.Duration {
	if j.life.ended.IsZero() {
		return setUp
	}
	return max(j.life.ended.Sub(j.life.started), 0)
}

// workUnit is receptor's id of the run, or null.
func (j *job) workUnit(now time.Time) any {
	if j.kind != KindJob || !j.prepared(now) {
		return nil
	}
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	var unit [8]byte
	for i, rest := 0, j.random; i < len(unit); i, rest = i+1, rest/62 {
		unit[i] = alphabet[rest%62]
	}
	return string(unit[:])
}

// arguments is job_args: how ansible-playbook was started (recordings 216, 231).
func (j *job) arguments(now time.Time) string {
	if j.kind != KindJob || !j.prepared(now) {
		return ""
	}
	folder := fmt.Sprintf("/var/lib/awx/tmp/awx_%d_%08x", j.id, uint32(j.random>>32)) //nolint:gosec // 32 bits are meant
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
	if j.kind == KindJob && j.prepared(now) {
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

// shownArtifacts are there with the status that says the job is over, not later (L7).
func (j *job) shownArtifacts(now time.Time) document {
	if !j.life.over(now) || j.life.outcome == statusCanceled || j.life.outcome == statusError {
		return document{}
	}
	return j.artifacts
}

// shownModified is when the scheduler last touched the job.
func (j *job) shownModified(now time.Time) time.Time {
	if j.assigned(now) {
		return j.life.waiting
	}
	return j.modified
}

// path returns the job's own path in the API.
func (s *Sandbox) path(j *job) string { return s.url(string(j.kind)+"s", j.id) }

// templatePath returns a template's own path.
func (s *Sandbox) templatePath(t *template) string { return s.url(t.kind.templateType()+"s", t.id) }

// typeName is the kind in words: "workflow job".
func (k Kind) typeName() string { return strings.ReplaceAll(string(k), "_", " ") }

// recent is what a template tells of its jobs.
type recent struct {
	last, current *job
	status        string
	failed        bool
	lastRun       time.Time
}

// recent looks through a template's jobs. The last one is absent where it was deleted (recording 624).
func (c *call) recent(t *template) recent {
	result := recent{status: "never updated"}
	for _, j := range t.jobs {
		if !j.life.over(c.now) {
			result.current = j
		} else if result.last == nil || j.life.ended.After(result.last.life.ended) {
			result.last = j
		}
	}
	if result.last != nil && t.lastDeleted.After(result.last.life.ended) {
		result.last = nil
	}
	if result.last != nil {
		result.lastRun, result.failed = result.last.life.ended, result.last.failed(c.now)
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
