package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox/chromium"
)

// recorder records, in the page, the statuses of each job in their order.
const recorder = `(() => {
	globalThis.seen = {};
	const note = () => document.querySelectorAll("#jobs tr").forEach((tr) => {
		const statuses = seen[tr.dataset.key] ??= [], status = tr.lastElementChild.textContent;
		if (statuses.at(-1) !== status) statuses.push(status);
	});
	new MutationObserver(note).observe(document.getElementById("jobs"), { subtree: true, childList: true, characterData: true });
	note();
})()`

// TestPage_demo has a browser watch the sandbox's page while the demo is played, from its beginning to its end.
func TestPage_demo(t *testing.T) {
	program, provider := os.Getenv("OSAC_TEST_CHROMIUM"), os.Getenv("OSAC_TEST_PROVIDER")
	if program == "" || provider == "" {
		t.Skip("OSAC_TEST_CHROMIUM and OSAC_TEST_PROVIDER do not name a Chromium and the provider: `make test-page` runs this test")
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 10*time.Minute) // what never comes is waited for no longer
	defer cancel()
	controller, err := startController(ctx)
	if err != nil {
		t.Fatal(err)
	}
	browser, err := chromium.Start(ctx, program, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(browser.Open(controller.url+"/sandbox/"), browser.Evaluate(recorder, nil)); err != nil {
		t.Fatal(err)
	}
	var printed bytes.Buffer
	played := make(chan error, 1)
	go func() { played <- playTo(ctx, &printed, controller, provider) }()

	// The end of the demo, when it destroys: there are machines then, jobs of all outcomes, and, in time, some running
	// ones.
	err = browser.Until(`document.querySelectorAll("#jobs tr").length === 10 && document.querySelector("#jobs .failed")`)
	picture, failed := browser.Screenshot(1080)
	if err := errors.Join(err, failed); err != nil {
		t.Fatal(err)
	}
	if path := os.Getenv("OSAC_TEST_SCREENSHOT"); path != "" {
		if err := os.WriteFile(path, picture, 0o600); err != nil {
			t.Error(err)
		}
	}
	if err := <-played; err != nil {
		t.Errorf("demo: %v\n%s", err, printed.String())
	}
	compare(t, browser, controller)
	for _, problem := range browser.Problems() {
		t.Error(problem)
	}
	if err := errors.Join(browser.Close(), controller.stop(ctx)); err != nil {
		t.Error(err)
	}
}

// playTo plays the demo with an existing controller.
func playTo(ctx context.Context, out *bytes.Buffer, c *controller, provider string) error {
	tool, err := findTool(ctx, out)
	if err != nil {
		return err
	}
	workspace, err := newWorkspace(provider)
	if err != nil {
		return err
	}
	played := &show{
		out: out, workspace: workspace, controller: c,
		terraform: terraform{tool: tool, folder: workspace.folder, environment: workspace.environment(c)},
	}
	return errors.Join(played.play(ctx), workspace.remove())
}

// compare compares the page with the controller's record.
func compare(t *testing.T, browser *chromium.Browser, c *controller) {
	t.Helper()
	var text string
	seen := map[string][]string{}
	err := errors.Join(
		browser.Until(`!document.querySelector("#jobs .pending, #jobs .waiting, #jobs .running") && !document.querySelector("#instances tr")`),
		browser.Evaluate(`JSON.stringify(seen)`, &text))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(text), &seen); err != nil {
		t.Fatal(err)
	}
	turned := 0
	for _, job := range c.Jobs() {
		statuses := seen[strconv.FormatInt(job.ID, 10)]
		if len(statuses) == 0 || statuses[len(statuses)-1] != job.Status {
			t.Errorf("job %d is %s; seen were %v", job.ID, job.Status, statuses)
		}
		if at := slices.Index(statuses, "running"); at >= 0 && slices.Contains(statuses[at:], "successful") {
			turned++
		}
	}
	t.Logf("%d jobs, of which %d were seen running and then successful: %v", len(c.Jobs()), turned, seen)
	if turned == 0 {
		t.Error("no job was seen running and then successful")
	}
}
