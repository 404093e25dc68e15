package acceptance

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// command is a run of Terraform in a process group of its own, which can be sent signals as a terminal or a CI system
// sends them.
type command struct {
	t          *testing.T
	workspace  *workspace
	line       string
	process    *exec.Cmd
	outputPath string
	kind       string
	began      time.Time
	ended      chan struct{}
	err        error
}

// result is what a run of Terraform said.
type result struct {
	t      *testing.T
	line   string
	exit   int
	output string
}

// start starts Terraform. Its output goes to a file: pipes would be held open by whatever it leaves behind.
func (w *workspace) start(arguments ...string) *command {
	w.t.Helper()
	w.commands++
	kind := "output"
	if arguments[0] == "show" {
		kind = shown
	}
	path := filepath.Join(w.directory, fmt.Sprintf("%s-%02d.txt", kind, w.commands))
	output, err := os.Create(path)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = output.Close() }() // Terraform has its own
	c := &command{
		t: w.t, workspace: w, line: "terraform " + strings.Join(arguments, " "), outputPath: path, kind: kind, began: time.Now(),
		ended:   make(chan struct{}),
		process: exec.Command(w.terraform, arguments...),
	}
	c.process.Dir, c.process.Env = w.directory, w.environment
	c.process.Stdout, c.process.Stderr = output, output
	c.process.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := c.process.Start(); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(c.end)
	running.Store(c.process.Process.Pid, c)
	go func() {
		c.err = c.process.Wait()
		close(c.ended)
	}()
	return c
}

// end makes sure that nothing of the command is left when the test is over.
func (c *command) end() {
	_ = syscall.Kill(-c.process.Process.Pid, syscall.SIGKILL) // usually nobody is there any more
	<-c.ended
	running.Delete(c.process.Process.Pid)
}

// running are the commands whose tests are not over.
var running sync.Map

// killAll ends them all, when the tests themselves are stopped.
func killAll() {
	running.Range(func(pid, _ any) bool {
		if pid, ok := pid.(int); ok {
			_ = syscall.Kill(-pid, syscall.SIGKILL) // it may have ended
		}
		return true
	})
}

// wait waits for the end of Terraform.
func (c *command) wait() result {
	c.t.Helper()
	select {
	case <-c.ended:
	case <-time.After(patience):
		c.end()
		c.t.Fatalf("%s did not end:\n%s", c.line, c.output())
	}
	var failure *exec.ExitError
	if c.err != nil && !errors.As(c.err, &failure) {
		c.t.Fatal(c.err)
	}
	if c.kind == shown {
		learnStart(time.Since(c.began))
	}
	ended := result{t: c.t, line: c.line, exit: c.process.ProcessState.ExitCode(), output: c.output()}
	c.t.Cleanup(ended.tellAfterFailure)
	return ended
}

func (r result) tellAfterFailure() {
	if r.t.Failed() {
		r.t.Logf("%s ended with %d:\n%s", r.line, r.exit, r.output)
	}
}

func (c *command) output() string {
	content, err := os.ReadFile(c.outputPath)
	if err != nil {
		c.t.Fatal(err)
	}
	return string(content)
}

// signalGroup sends a signal to Terraform and all that it has started, as a terminal does on Ctrl-C.
func (c *command) signalGroup(signal syscall.Signal) { c.signal(-c.process.Process.Pid, signal) }

// signalTerraform sends a signal to Terraform alone.
func (c *command) signalTerraform(signal syscall.Signal) { c.signal(c.process.Process.Pid, signal) }

// signalProvider sends a signal to the provider alone.
func (c *command) signalProvider(signal syscall.Signal) {
	c.t.Helper()
	providers := c.providers()
	if len(providers) == 0 {
		c.t.Fatal("Terraform has started no provider")
	}
	for _, pid := range providers {
		c.signal(pid, signal)
	}
}

func (c *command) signal(pid int, signal syscall.Signal) {
	c.t.Helper()
	if err := syscall.Kill(pid, signal); err != nil {
		c.t.Fatalf("sending %s: %v", signal, err)
	}
}

// providers finds the processes of the provider among Terraform's children.
func (c *command) providers() []int {
	c.t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		c.t.Fatal(err)
	}
	var found []int
	for _, path := range stats {
		content, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended meanwhile
		}
		// pid (name) state ppid ...: the name may hold anything, so count from its end.
		end := bytes.LastIndexByte(content, ')')
		fields := strings.Fields(string(content[end+1:]))
		parent, err := strconv.Atoi(fields[1])
		if err != nil || parent != c.process.Process.Pid || !strings.Contains(string(content[:end]), providerBinary[:15]) {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path))); err == nil {
			found = append(found, pid)
		}
	}
	return found
}

// want checks the exit code.
func (r result) want(exit int) result {
	r.t.Helper()
	if r.exit != exit {
		r.t.Fatalf("%s ended with %d, want %d", r.line, r.exit, exit)
	}
	return r
}

// says checks that all the texts are in the output, however its lines are wrapped.
func (r result) says(texts ...string) result {
	r.t.Helper()
	flat := unwrapped(r.output)
	for _, text := range texts {
		if !strings.Contains(flat, unwrapped(text)) {
			r.t.Errorf("%s does not say %q", r.line, text)
		}
	}
	return r
}

// saysNot checks that none of the texts is in the output.
func (r result) saysNot(texts ...string) result {
	r.t.Helper()
	flat := unwrapped(r.output)
	for _, text := range texts {
		if strings.Contains(flat, unwrapped(text)) {
			r.t.Errorf("%s says %q", r.line, text)
		}
	}
	return r
}

// unwrapped takes away the frame that Terraform draws around diagnostics, and its line breaks.
func unwrapped(text string) string {
	text = strings.NewReplacer("│", " ", "╷", " ", "╵", " ").Replace(text)
	return strings.Join(strings.Fields(text), " ")
}
