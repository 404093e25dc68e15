// Package chromium drives a headless Chromium through the DevTools protocol, for the tests of the sandbox's page. It
// uses a pair of pipes, which needs neither a port nor a library.
package chromium

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"time"
)

// Browser is a Chromium with one page.
type Browser struct {
	command *exec.Cmd
	stderr  bytes.Buffer // read once the process has ended
	to      *os.File
	session string
	loaded  chan string   // the documents that have been loaded
	gone    chan struct{} // closed when nothing comes from the browser any more

	mu       sync.Mutex
	calls    int
	waiting  map[int]chan message
	problems []string
}

// message is any message of the protocol.
type message struct {
	ID     int             `json:"id,omitempty"`
	Method string          `json:"method,omitempty"`
	Params json.RawMessage `json:"params,omitempty"`
	Result json.RawMessage `json:"result,omitempty"`
	Error  *struct {
		Message string `json:"message"`
	} `json:"error,omitempty"`
	SessionID string `json:"sessionId,omitempty"`
}

// Start starts the program with an empty page, and a profile in the folder. The end of the context kills it.
func Start(ctx context.Context, program, profile string) (*Browser, error) {
	b := &Browser{loaded: make(chan string, 64), gone: make(chan struct{}), waiting: map[int]chan message{}}
	theirs, to, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	from, theirOut, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, theirs.Close(), to.Close())
	}
	b.to = to
	// Continuous integration has no user namespaces for Chromium's own sandbox, and often runs as root; the browser
	// opens only our pages.
	b.command = exec.CommandContext(ctx, program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", //nolint:gosec // the tests' own browser
		"--no-first-run", "--disable-background-networking", "--hide-scrollbars", "--remote-debugging-pipe", "--user-data-dir="+profile, "about:blank")
	b.command.ExtraFiles = []*os.File{theirs, theirOut} // descriptors 3 and 4, as the flag has it
	b.command.Stderr = &b.stderr
	b.command.WaitDelay = 5 * time.Second
	err = b.command.Start()
	err = errors.Join(err, theirs.Close(), theirOut.Close())
	if err != nil {
		return nil, errors.Join(err, to.Close(), from.Close())
	}
	go b.listen(from)
	if err := b.attach(); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

// attach takes control of the page, and records its errors.
func (b *Browser) attach() error {
	var made struct {
		TargetID  string `json:"targetId"`
		SessionID string `json:"sessionId"`
	}
	if err := b.Call("Target.createTarget", map[string]any{"url": "about:blank"}, &made); err != nil {
		return err
	}
	if err := b.Call("Target.attachToTarget", map[string]any{"targetId": made.TargetID, "flatten": true}, &made); err != nil {
		return err
	}
	b.session = made.SessionID
	for _, domain := range []string{"Page", "Runtime", "Log", "Accessibility"} {
		if err := b.Call(domain+".enable", nil, nil); err != nil {
			return err
		}
	}
	return b.Call("Page.setLifecycleEventsEnabled", map[string]any{"enabled": true}, nil)
}

// listen passes answers to the callers that wait for them, and keeps the page's complaints.
func (b *Browser) listen(from *os.File) {
	defer close(b.gone)
	defer func() { _ = from.Close() }() // it has ended
	for in := bufio.NewReader(from); ; {
		text, err := in.ReadBytes(0)
		if err != nil {
			return
		}
		var m message
		if err := json.Unmarshal(text[:len(text)-1], &m); err != nil {
			b.complain("not understood: " + string(text))
			continue
		}
		switch m.Method {
		case "":
			b.mu.Lock()
			if answer := b.waiting[m.ID]; answer != nil {
				answer <- m
				delete(b.waiting, m.ID)
			}
			b.mu.Unlock()
		case "Page.lifecycleEvent":
			b.load(m.Params)
		case "Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded":
			b.complain(m.Method + ": " + string(m.Params))
		}
	}
}

func (b *Browser) load(event json.RawMessage) {
	var e struct {
		LoaderID string `json:"loaderId"`
		Name     string `json:"name"`
	}
	if err := json.Unmarshal(event, &e); err == nil && e.Name == "load" {
		select {
		case b.loaded <- e.LoaderID:
		default: // nobody has waited for so many
		}
	}
}

func (b *Browser) complain(problem string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.problems = append(b.problems, problem)
}

// Problems are all lines of the page's console: its own, uncaught errors, and the browser's about its policy.
func (b *Browser) Problems() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string(nil), b.problems...)
}

// Call calls a method of the protocol and reads its result, unless that is nil.
func (b *Browser) Call(method string, parameters, result any) error {
	answer := make(chan message, 1)
	b.mu.Lock()
	b.calls++
	call := message{ID: b.calls, Method: method, SessionID: b.session}
	b.waiting[call.ID] = answer
	b.mu.Unlock()
	var err error
	if parameters != nil {
		if call.Params, err = json.Marshal(parameters); err != nil {
			return err
		}
	}
	text, err := json.Marshal(call)
	if err != nil {
		return err
	}
	if _, err := b.to.Write(append(text, 0)); err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	select {
	case m := <-answer:
		if m.Error != nil {
			return fmt.Errorf("%s: %s", method, m.Error.Message)
		}
		if result == nil {
			return nil
		}
		return json.Unmarshal(m.Result, result)
	case <-b.gone:
		return fmt.Errorf("%s: the browser has ended", method)
	}
}

// Close ends the browser. If it failed, the error has its output.
func (b *Browser) Close() error {
	b.session = ""
	_ = b.Call("Browser.close", nil, nil) // it may be gone
	_ = b.to.Close()                      // as above
	<-b.gone
	if err := b.command.Wait(); err != nil {
		return fmt.Errorf("%s: %w\n%s", b.command.Path, err, b.stderr.String())
	}
	return nil
}
