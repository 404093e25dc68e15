package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/cmd/isolated"
)

const (
	// rulebookReady is how long ansible-rulebook may take until it listens: 3 s on an idle machine, with its JVM.
	rulebookReady = 2 * time.Minute
	// rulebookEnd is how long ansible-rulebook may take to end when asked to; it took 2 s (internal/sandbox/FACTS.md F64).
	rulebookEnd = 10 * time.Second
)

// rulebook is a real ansible-rulebook that listens for events.
type rulebook struct {
	url, log string
	process  *exec.Cmd
	ended    chan struct{}
}

// startRulebook starts ansible-rulebook with a copy of the rulebook that has another execution_strategy, and waits until
// it takes events.
func startRulebook(ctx context.Context, programs, original, strategy, folder string, site *controller) (*rulebook, error) {
	if err := os.Mkdir(folder, 0o750); err != nil {
		return nil, err
	}
	copied := filepath.Join(folder, "rulebook.yml")
	if err := copyRulebook(original, copied, strategy); err != nil {
		return nil, err
	}
	port, err := freePort(ctx)
	if err != nil {
		return nil, err
	}
	variables := filepath.Join(folder, "vars.json")
	if err := os.WriteFile(variables, fmt.Appendf(nil, `{"webhook_port": %d}`, port), 0o600); err != nil {
		return nil, err
	}
	b := &rulebook{url: fmt.Sprintf("http://127.0.0.1:%d/", port), log: filepath.Join(folder, "log.txt"), ended: make(chan struct{})}
	// Not bound to ctx: it is asked to end, and given time for it.
	b.process = exec.Command(filepath.Join(programs, "ansible-rulebook"), "--rulebook", copied, "--vars", variables, "--verbose") //nolint:gosec,noctx // ours
	b.process.Dir = folder
	b.process.Env = append(os.Environ(),
		"PATH="+programs+string(filepath.ListSeparator)+os.Getenv("PATH"), // it wants ansible-galaxy there
		"EDA_CONTROLLER_URL="+site.url, "EDA_CONTROLLER_TOKEN="+rulebookToken)
	if err := b.start(); err != nil {
		return nil, err
	}
	if err := b.waitUntilReady(ctx); err != nil {
		b.stop()
		return nil, err
	}
	return b, nil
}

// strategyLine is where a rulebook says how it handles events.
var strategyLine = regexp.MustCompile(`(?m)^(\s*execution_strategy:\s*)\w+`)

func copyRulebook(original, copied, strategy string) error {
	text, err := os.ReadFile(original) //nolint:gosec // the user names it
	if err != nil {
		return err
	}
	if !strategyLine.Match(text) {
		return fmt.Errorf("%s names no execution_strategy", original)
	}
	return os.WriteFile(copied, strategyLine.ReplaceAll(text, []byte("${1}"+strategy)), 0o600) //nolint:gosec // in our own folder
}

// start starts the process, with its output in a file: pipes would be held open by whatever it leaves behind.
func (b *rulebook) start() error {
	log, err := os.Create(b.log)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }() // the process has its own
	b.process.Stdout, b.process.Stderr = log, log
	isolated.Separate(b.process)
	if err := b.process.Start(); err != nil {
		return err
	}
	go func() {
		_ = b.process.Wait() // that it ends by a signal is no error
		close(b.ended)
	}()
	return nil
}

// waitUntilReady waits until the webhook listens and the rules run: the listener opens first (internal/sandbox/FACTS.md
// F65).
func (b *rulebook) waitUntilReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, rulebookReady)
	defer cancel()
	for {
		text, err := os.ReadFile(b.log)
		if err != nil {
			return err
		}
		if bytes.Contains(text, []byte("Waiting for events, ruleset")) && b.listens(ctx) {
			return nil
		}
		select {
		case <-b.ended:
			return fmt.Errorf("ansible-rulebook has ended:\n%s", isolated.Ending(string(text)))
		case <-ctx.Done():
			return errors.Join(context.Cause(ctx), fmt.Errorf("ansible-rulebook is not ready:\n%s", isolated.Ending(string(text))))
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func (b *rulebook) listens(ctx context.Context) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, b.url, nil)
	if err != nil {
		return false
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	_ = answer.Body.Close() // nothing was read
	return answer.StatusCode == http.StatusMethodNotAllowed
}

// stop ends it, with all that it has started.
func (b *rulebook) stop() {
	isolated.Terminate(b.process)
	select {
	case <-b.ended:
	case <-time.After(rulebookEnd):
	}
	isolated.EndGroup(b.process)
	<-b.ended
}

// freePort is a port that nobody listens at.
func freePort(ctx context.Context) (int, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer func() { _ = listener.Close() }() // whoever gets the port opens it anew
	address, ok := listener.Addr().(*net.TCPAddr)
	if !ok {
		return 0, fmt.Errorf("%s is no TCP address", listener.Addr())
	}
	return address.Port, nil
}
