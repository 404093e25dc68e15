package sandbox

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// How long a job is pending and waiting before its process starts, as on an idle controller (L7).
const (
	processPending = 100 * time.Millisecond
	processWaiting = 200 * time.Millisecond
	// lastOutput is how long output may still come in after the process has ended and its leftovers were killed.
	lastOutput = 2 * time.Second
)

// processMark is the environment variable that identifies all descendants of a process: the modules of ansible-core
// 2.19 run in sessions of their own, which a signal to the process group does not reach.
const processMark = "OSAC_SANDBOX_PROCESS"

// process is the run of a job as an ansible-playbook. The sandbox's lock guards all fields but job, runner, stop and
// mark.
type process struct {
	job    *job
	runner *runner
	stop   chan struct{} // closed by a cancel
	mark   string
	events []*event
	lines  int
}

// runsAsProcess reports whether a playbook runs a new job.
func (s *Sandbox) runsAsProcess(j *job) bool { return s.runner != nil && j.kind == KindJob }

// planProcess plans the beginning of the life of a job that may run now; the process decides the rest.
func (s *Sandbox) planProcess(j *job, ready time.Time) {
	j.life.ready = ready
	j.life.waiting = ready.Add(processPending)
	j.life.started = j.life.waiting.Add(processWaiting)
	s.schedule(j.life.started, func(at time.Time) {
		if at.Equal(j.life.started) { // else it was planned anew
			s.startProcess(j)
		}
	})
}

// startProcess starts the process of a job unless somebody has canceled or purged the job.
func (s *Sandbox) startProcess(j *job) {
	if s.closed || j.deleted || !j.life.canceledOn.IsZero() {
		return
	}
	p := &process{job: j, runner: s.runner, stop: make(chan struct{}), mark: processMark + "=" + randomHex(16)}
	j.process = p
	s.runner.running.Go(func() { s.follow(p) })
}

// follow runs the process, and ends the job as the process ends.
func (s *Sandbox) follow(p *process) {
	code, err := s.run(p)
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	switch {
	case err != nil:
		p.job.life.traceback = "Traceback (most recent call last):\nRuntimeError: " + err.Error() + "\n"
		s.end(p.job, now, statusError)
	case code == 0: // also where a cancel came too late
		s.end(p.job, now, statusSuccessful)
	case !p.job.life.canceledOn.IsZero():
		s.end(p.job, now, statusCanceled)
	default:
		s.end(p.job, now, statusFailed)
	}
	s.advance(now)
	s.wake()
}

// run runs the process to its end, and returns its exit code, or the reason why it could not run.
func (s *Sandbox) run(p *process) (int, error) {
	if err := p.runner.prepare(); err != nil {
		return 0, err
	}
	folder, err := os.MkdirTemp(p.runner.folder, "job-")
	if err != nil {
		return 0, err
	}
	defer func() { _ = os.RemoveAll(folder) }() // a temporary folder, with the extra vars
	command, err := s.command(p, folder)
	if err != nil {
		return 0, err
	}
	reader, writer, err := os.Pipe()
	if err != nil {
		return 0, err
	}
	defer func() { _ = reader.Close() }() // read to its end, or given up
	command.Stdout, command.Stderr = writer, writer
	err = command.Start()
	_ = writer.Close() // the process has it
	if err != nil {
		return 0, err
	}
	read := make(chan struct{})
	go func() {
		defer close(read)
		s.record(p, reader)
	}()
	err = p.wait(command)
	killMarked(p.mark)
	if deadline := reader.SetReadDeadline(time.Now().Add(lastOutput)); deadline != nil {
		_ = reader.Close() // nothing else ends the reading
	}
	<-read
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return 0, err
	}
	return command.ProcessState.ExitCode(), nil
}

// command starts ansible-playbook as AWX does, but without the container (recordings 216, 231).
func (s *Sandbox) command(p *process, folder string) (*exec.Cmd, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	j := p.job
	if !filepath.IsLocal(j.playbook()) {
		return nil, fmt.Errorf("the playbook %q is not below %s", j.playbook(), p.runner.Dir)
	}
	variables := filepath.Join(folder, "extravars")
	if err := os.WriteFile(variables, []byte(wireStyle().dump(j.ansibleVariables())), 0o600); err != nil {
		return nil, err
	}
	var words []string
	if j.limit != "" {
		words = append(words, "-l", j.limit)
	}
	if j.tags != "" {
		words = append(words, "-t", j.tags)
	}
	words = append(words, "-i", filepath.Join(p.runner.folder, "inventory"), "-e", "@"+variables, j.playbook())
	//nolint:gosec,noctx // running playbooks is what Options.Playbooks asks for; a run ends by itself, a cancel or Close
	command := exec.Command(p.runner.Command, words...)
	command.Dir = p.runner.Dir
	command.Env = p.runner.environment(folder, p.mark)
	leadGroup(command)
	return command, nil
}

// wait waits for the process to end. A cancel asks it to end, and kills it if it does not; the sandbox's end kills it
// at once.
func (p *process) wait(command *exec.Cmd) error {
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	select {
	case err := <-ended:
		return err
	case <-p.runner.ends:
	case <-p.stop:
		interruptGroup(command)
		select {
		case err := <-ended:
			return err
		case <-time.After(p.runner.Grace):
		case <-p.runner.ends:
		}
	}
	killGroup(command)
	return <-ended
}

// ansibleVariables are the extra vars as AWX passes them on: those of the launch are no templates, whatever their text
// (ALLOW_JINJA_IN_EXTRA_VARS is "template", recording 018).
func (j *job) ansibleVariables() document {
	variables, _ := parseVariables(j.extraVars)
	var own document
	if j.template != nil {
		own, _ = parseVariables(j.template.ExtraVars)
	}
	result := document{}
	for _, m := range variables {
		if value, has := own.get(m.key); !has || wireStyle().dump(value) != wireStyle().dump(m.value) {
			m.value = unsafe(m.value)
		}
		result = append(result, m)
	}
	return result
}

// unsafe marks all strings of a value, in the way of Ansible's own JSON.
func unsafe(value any) any {
	switch v := value.(type) {
	case string:
		return document{{"__ansible_unsafe", v}}
	case document:
		marked := document{}
		for _, m := range v {
			marked = append(marked, member{m.key, unsafe(m.value)})
		}
		return marked
	case []any:
		marked := []any{}
		for _, element := range v {
			marked = append(marked, unsafe(element))
		}
		return marked
	default:
		return value
	}
}
