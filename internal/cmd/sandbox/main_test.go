package main

import (
	"bufio"
	"context"
	"errors"
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

// TestRunAsAAP looks at the gateway, at EDA behind it, and at the controller's own host.
func TestRunAsAAP(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	reader, writer := io.Pipe()
	done := make(chan error, 1)
	go func() {
		err := run(ctx, []string{"-addr", "127.0.0.1:0", "-gateway", "2.7", "-component", "127.0.0.1:0", "-basic-auth=false", "-token", "secret"}, "", writer)
		done <- errors.Join(err, writer.Close())
	}()
	lines, told := bufio.NewScanner(reader), map[string]string{}
	for told["stream"] == "" && lines.Scan() {
		line := lines.Text()
		_, address, _ := strings.Cut(line, "http://")
		url := "http://" + address
		switch {
		case strings.Contains(line, "OSAC_AAP_URL"):
			told["gateway"] = url
		case strings.Contains(line, "own host"):
			told["component"] = url
		case strings.Contains(line, "event_stream"):
			told["stream"] = url
		}
	}
	for _, ask := range []struct {
		what, method, url, token, password string
		status                             int
	}{
		{"the gateway", "GET", told["gateway"] + "/api/gateway/v1/ping/", "", "", 200},
		{"the controller", "GET", told["gateway"] + "/api/controller/v2/me/", "secret", "", 200},
		{"basic auth", "GET", told["gateway"] + "/api/controller/v2/me/", "", "password", 401},
		{"EDA", "GET", told["gateway"] + "/api/eda/v1/users/me/", "secret", "", 200},
		{"the event stream", "POST", told["stream"], "secret", "", 200},
		{"the controller's own host", "GET", told["component"] + "/api/v2/me/", "secret", "", 401},
	} {
		request, err := http.NewRequestWithContext(ctx, ask.method, ask.url, strings.NewReader(`{"verb": "none"}`))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/json")
		if ask.token != "" {
			request.Header.Set("Authorization", "Bearer "+ask.token)
		}
		if ask.password != "" {
			request.SetBasicAuth("admin", ask.password)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatalf("%s: %v", ask.what, err)
		}
		_ = response.Body.Close() // unread
		if response.StatusCode != ask.status {
			t.Errorf("%s: status %d, want %d", ask.what, response.StatusCode, ask.status)
		}
	}
	interrupt()
	if err := <-done; err != nil {
		t.Errorf("run: %v", err)
	}
}

func TestRunTellsEarlyWhatCannotBe(t *testing.T) {
	for wanted, arguments := range map[string][]string{
		"-gateway":          {"-gateway", "2.4"},
		"-component":        {"-component", "127.0.0.1:0"},
		"-playbooks":        {"-playbooks", filepath.Join(t.TempDir(), "missing")},
		"-ansible-playbook": {"-playbooks", t.TempDir(), "-ansible-playbook", filepath.Join(t.TempDir(), "missing")},
	} {
		err := run(t.Context(), append(arguments, "-addr", "127.0.0.1:0"), "", io.Discard)
		if err == nil || !strings.HasPrefix(err.Error(), wanted+":") {
			t.Errorf("%v: %v, want an error about %s", arguments, err, wanted)
		}
	}
}
