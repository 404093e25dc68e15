package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestRunServesUntilInterrupted(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	reader, writer := io.Pipe()
	done := make(chan error, 1)
	go func() {
		done <- run(ctx, []string{"-addr", "127.0.0.1:0", "-token", "secret", "-webhook", "127.0.0.1:0", "-page-cap", "1", "-request-cost", "1ms"}, "", writer)
	}()
	exported := map[string]string{}
	lines := bufio.NewScanner(reader)
	for len(exported) < 4 && lines.Scan() {
		if assignment, ok := strings.CutPrefix(lines.Text(), "export "); ok {
			name, value, _ := strings.Cut(assignment, "=")
			exported[name] = value
		}
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, exported["OSAC_AAP_URL"]+"/api/v2/me/", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+exported["OSAC_AAP_TOKEN"])
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	if err := response.Body.Close(); err != nil {
		t.Error(err)
	}
	if response.StatusCode != http.StatusOK {
		t.Errorf("me: status %d, want 200", response.StatusCode)
	}
	capped, err := http.Get(exported["OSAC_AAP_URL"] + "/sandbox/api/conditions")
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(capped.Body)
	if err != nil || !strings.Contains(string(content), `"page_cap": 1`) || !strings.Contains(string(content), `"request_cost": 1000000`) {
		t.Errorf("conditions: %s, %v", content, err)
	}
	if err := capped.Body.Close(); err != nil {
		t.Error(err)
	}
	response, err = http.Post(exported["OSAC_COMPUTE_INSTANCE_PROVISION_WEBHOOK"], "application/json", strings.NewReader(`{"extra_vars": {}}`))
	if err != nil {
		t.Fatal(err)
	}
	if err := response.Body.Close(); err != nil {
		t.Error(err)
	}
	if response.StatusCode != http.StatusOK {
		t.Errorf("webhook: status %d, want 200", response.StatusCode)
	}
	interrupt()
	select {
	case err := <-done:
		if err != nil {
			t.Errorf("run: %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("run did not end")
	}
}

func TestRunTellsEarlyWhatEveryJobWouldFailFor(t *testing.T) {
	for wanted, arguments := range map[string][]string{
		"-playbooks":        {"-playbooks", filepath.Join(t.TempDir(), "missing")},
		"-ansible-playbook": {"-playbooks", t.TempDir(), "-ansible-playbook", filepath.Join(t.TempDir(), "missing")},
	} {
		err := run(t.Context(), append(arguments, "-addr", "127.0.0.1:0"), "", io.Discard)
		if err == nil || !strings.HasPrefix(err.Error(), wanted+":") {
			t.Errorf("%v: %v, want an error about %s", arguments, err, wanted)
		}
	}
}
