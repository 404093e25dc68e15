package acceptance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

const (
	playbooks = "../../examples/playbooks"
	rulebooks = "../../examples/rulebooks"
	// rulebookReady is how long ansible-rulebook may take until it listens: 3 s on an idle machine, with its JVM.
	rulebookReady = 2 * time.Minute
	// rulebookEnd is how long ansible-rulebook may take to end when asked to; it took 2 s (internal/sandbox/FACTS.md F64).
	rulebookEnd = 10 * time.Second
)

// programs is the folder of the real ansible-playbook and ansible-rulebook, which make test-eda installs.
func programs(t *testing.T) string {
	t.Helper()
	folder := os.Getenv("OSAC_ACC_ANSIBLE")
	if folder == "" {
		t.Skip("OSAC_ACC_ANSIBLE does not name the folder of ansible-rulebook: `make test-eda` installs it and runs this test")
	}
	return folder
}

// StartReal starts a sandbox whose jobs are runs of the example playbooks under a real ansible-playbook.
func StartReal(t *testing.T, changes ...func(*sandbox.Options)) *Site {
	t.Helper()
	command := filepath.Join(programs(t), "ansible-playbook")
	return StartSimulated(t, append(changes, func(o *sandbox.Options) {
		o.Playbooks = sandbox.Playbooks{Dir: playbooks, Command: command}
	})...)
}

// rulebook is a real ansible-rulebook that listens for events and starts the site's jobs.
type rulebook struct {
	t       *testing.T
	url     string
	logPath string
	process *exec.Cmd
	ended   chan struct{}
}

// startRulebook starts ansible-rulebook with one of the example rulebooks, and waits until it takes events. Variables
// are those of the rulebook, besides the port.
func (s *Site) startRulebook(name string, variables vars) *rulebook {
	s.t.Helper()
	folder, bin := s.t.TempDir(), programs(s.t)
	port := freePort(s.t)
	r := &rulebook{
		t: s.t, url: fmt.Sprintf("http://127.0.0.1:%d/", port), logPath: filepath.Join(folder, "ansible-rulebook.log"),
		ended: make(chan struct{}),
	}
	given := vars{"webhook_port": port}
	maps.Copy(given, variables)
	encoded, err := json.Marshal(given)
	if err != nil {
		s.t.Fatal(err)
	}
	file := filepath.Join(folder, "vars.json")
	if err := os.WriteFile(file, encoded, 0o600); err != nil {
		s.t.Fatal(err)
	}
	path, err := filepath.Abs(filepath.Join(rulebooks, name))
	if err != nil {
		s.t.Fatal(err)
	}
	r.process = exec.Command(filepath.Join(bin, "ansible-rulebook"), "--rulebook", path, "--vars", file, "--verbose")
	r.process.Dir = folder
	r.process.Env = append(os.Environ(),
		"PATH="+bin+string(filepath.ListSeparator)+os.Getenv("PATH"), // it wants ansible-galaxy there
		"EDA_CONTROLLER_URL="+s.url, "EDA_CONTROLLER_TOKEN="+s.token)
	r.start()
	return r
}

// start starts the process, with its output in a file: pipes would be held open by whatever it leaves behind.
func (r *rulebook) start() {
	r.t.Helper()
	log, err := os.Create(r.logPath)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = log.Close() }() // the process has its own
	r.process.Stdout, r.process.Stderr = log, log
	r.process.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := r.process.Start(); err != nil {
		r.t.Fatal(err)
	}
	go func() {
		_ = r.process.Wait() // that it ends by a signal is no error
		close(r.ended)
	}()
	r.t.Cleanup(r.stop)
	r.waitUntilReady()
}

// waitUntilReady waits until the webhook listens and the rules run: the listener opens first (internal/sandbox/FACTS.md
// F65).
func (r *rulebook) waitUntilReady() {
	r.t.Helper()
	deadline := time.Now().Add(rulebookReady)
	for !strings.Contains(r.log(), "Waiting for events, ruleset") || !r.listens() {
		select {
		case <-r.ended:
			r.t.Fatalf("ansible-rulebook has ended:\n%s", r.log())
		case <-time.After(50 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			r.t.Fatalf("ansible-rulebook was not ready within %s:\n%s", rulebookReady, r.log())
		}
	}
}

func (r *rulebook) listens() bool {
	response, err := http.Get(r.url)
	if err != nil {
		return false
	}
	_ = response.Body.Close() // nothing was read
	return response.StatusCode == http.StatusMethodNotAllowed
}

func (r *rulebook) log() string {
	content, err := os.ReadFile(r.logPath)
	if err != nil {
		r.t.Fatal(err)
	}
	return string(content)
}

// stop ends it, and shows its log if the test has failed.
func (r *rulebook) stop() {
	_ = syscall.Kill(-r.process.Process.Pid, syscall.SIGTERM) // it may have ended
	select {
	case <-r.ended:
	case <-time.After(rulebookEnd):
	}
	_ = syscall.Kill(-r.process.Process.Pid, syscall.SIGKILL) // usually nobody is there any more
	<-r.ended
	if r.t.Failed() {
		r.t.Logf("ansible-rulebook wrote:\n%s", r.log())
	}
}

// post sends an event to the path, and fails the test unless it is taken.
func (r *rulebook) post(t *testing.T, path string, body map[string]any) {
	t.Helper()
	encoded, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.Post(r.url+path, "application/json", bytes.NewReader(encoded))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }() // read below
	answer, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("POST /%s was answered %d %s (%v)", path, response.StatusCode, answer, err)
	}
}

// freePort is a port that nobody listens at. It is below those that systems give out by themselves (32768 on Linux, 49152 by
// IANA): starting ansible-rulebook takes half a minute on a loaded machine, and another test would be given the port meanwhile.
func freePort(t *testing.T) int {
	t.Helper()
	for range 100 {
		port := 20000 + rand.IntN(12000)
		listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			continue
		}
		_ = listener.Close() // whoever gets the port opens it anew
		return port
	}
	t.Fatal("no port between 20000 and 32000 is free")
	return 0
}
