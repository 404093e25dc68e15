package sandbox

import (
	_ "embed" // the callback plugin
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Playbooks lets the sandbox run every job of a job template as a process of ansible-playbook. The playbook decides the
// job's course, output and results; a Behavior is ignored, except for DropsVariables.
type Playbooks struct {
	// Dir is the folder of the playbooks: a template's Playbook is a path below it. Empty: jobs are simulated.
	Dir string
	// Command is the path of ansible-playbook; empty: the one on PATH.
	Command string
	// Grace is how long a canceled job's process may take to end before it is killed; zero: 5 s.
	Grace time.Duration
}

// callbackPlugin makes ansible-playbook write events.
//
//go:embed job_events.py
var callbackPlugin []byte

// inventoryFile is the inventory: the simulated inventory's host, with Ansible's own Python.
const inventoryFile = `localhost ansible_connection=local ansible_python_interpreter="{{ ansible_playbook_python }}"` + "\n"

// runner is what all processes of a sandbox share.
type runner struct {
	Playbooks
	prepared sync.Once
	folder   string        // of the plugin, the inventory, and one folder for each process
	problem  error         // why there is none
	ends     chan struct{} // closed by Close
	running  sync.WaitGroup
}

func newRunner(p Playbooks) *runner {
	if p.Dir == "" {
		return nil
	}
	setDefault(&p.Command, "ansible-playbook")
	setDefault(&p.Grace, 5*time.Second)
	if absolute, err := filepath.Abs(p.Command); err == nil && filepath.Base(p.Command) != p.Command {
		p.Command = absolute // a process looks for a relative one from Dir on
	}
	return &runner{Playbooks: p, ends: make(chan struct{})}
}

// prepare makes the folder with the files that every run needs, once.
func (r *runner) prepare() error {
	r.prepared.Do(func() {
		if r.folder, r.problem = os.MkdirTemp("", "osac-sandbox-"); r.problem != nil {
			return
		}
		plugins := filepath.Join(r.folder, "plugins")
		if r.problem = os.Mkdir(plugins, 0o700); r.problem != nil {
			return
		}
		if r.problem = os.WriteFile(filepath.Join(plugins, "job_events.py"), callbackPlugin, 0o600); r.problem != nil {
			return
		}
		r.problem = os.WriteFile(filepath.Join(r.folder, "inventory"), []byte(inventoryFile), 0o600)
	})
	return r.problem
}

// environment is a process's environment. Ansible's other tools are found next to ansible-playbook.
func (r *runner) environment(folder, mark string) []string {
	path := os.Getenv("PATH")
	if filepath.IsAbs(r.Command) {
		path = filepath.Dir(r.Command) + string(filepath.ListSeparator) + path
	}
	return append(
		os.Environ(),
		"PATH="+path, mark,
		"ANSIBLE_CALLBACK_PLUGINS="+filepath.Join(r.folder, "plugins"),
		"ANSIBLE_STDOUT_CALLBACK=job_events",
		"ANSIBLE_FORCE_COLOR=1",
		"ANSIBLE_NOCOWS=1",
		"ANSIBLE_HOST_KEY_CHECKING=False",
		"ANSIBLE_RETRY_FILES_ENABLED=False",
		"ANSIBLE_HOME="+folder,
		"ANSIBLE_LOCAL_TEMP="+filepath.Join(folder, "tmp"),
		"ANSIBLE_REMOTE_TMP="+filepath.Join(folder, "tmp"),
		"PYTHONUNBUFFERED=1",
	)
}

// Close ends all processes that run as jobs, waits for them, and removes their files. A sandbox without Playbooks has
// nothing to close.
func (s *Sandbox) Close() {
	if s.runner == nil {
		return
	}
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return
	}
	s.closed = true
	close(s.runner.ends)
	s.mu.Unlock()
	s.runner.running.Wait()
	if s.runner.prepare() == nil {
		_ = os.RemoveAll(s.runner.folder) // a temporary folder
	}
}

// wakeAt carries out due events at that time, without a request: processes start and end even if nobody asks.
func (s *Sandbox) wakeAt(at time.Time) {
	if s.runner == nil {
		return
	}
	time.AfterFunc(time.Until(at)+time.Millisecond, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if !s.closed {
			s.advance(s.now())
		}
	})
}
