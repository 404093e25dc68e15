package sandbox

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox/chromium"
)

const creating = "osac-create-compute-instance"

// viewer is somebody who looks at the page of a sandbox.
type viewer struct {
	*chromium.Browser
	t   *testing.T
	box *Sandbox
	url string
	// gone has the server answer as a proxy does whose server is gone.
	gone atomic.Bool
}

// newViewer starts a browser. The test is skipped where none is named.
func newViewer(t *testing.T) *viewer {
	t.Helper()
	program := os.Getenv("OSAC_TEST_CHROMIUM")
	if program == "" {
		t.Skip("OSAC_TEST_CHROMIUM does not name a Chromium: `make test-page` runs this test")
	}
	v := &viewer{t: t, box: New(Options{})}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if v.gone.Load() {
			http.Error(w, "<p>Bad Gateway", http.StatusBadGateway)
			return
		}
		v.box.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	v.url = server.URL + "/sandbox/"
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 10*time.Minute) // what never comes is waited for no longer
	var err error
	if v.Browser, err = chromium.Start(ctx, program, t.TempDir()); err != nil {
		cancel()
		t.Fatal(err)
	}
	t.Cleanup(func() {
		defer cancel()
		if err := v.Close(); err != nil {
			t.Error(err)
		}
	})
	return v
}

func (v *viewer) must(err error) {
	v.t.Helper()
	if err != nil {
		v.t.Fatal(err)
	}
}

// is a value of a JavaScript expression.
func (v *viewer) is(expression, want string) {
	v.t.Helper()
	var got string
	v.must(v.Evaluate(expression, &got))
	expect(v.t, expression, got, want)
}

// until waits for a condition in JavaScript.
func (v *viewer) until(condition string) {
	v.t.Helper()
	v.must(v.Until(condition))
}

func (v *viewer) press(key string, code int, text string) {
	v.t.Helper()
	for _, kind := range []string{"keyDown", "keyUp"} {
		v.must(v.Call("Input.dispatchKeyEvent", map[string]any{
			"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code, "text": text,
		}, nil))
		text = ""
	}
}

// launch lets a job end as the behavior says.
func (v *viewer) launch(name string, behavior Behavior) int64 {
	v.box.BehaveNext(creating, behavior)
	return v.box.LaunchByHand(creating, payload(name), "admin")
}

// held is a job that runs on.
func held() Behavior { return Behavior{Duration: time.Hour, PendingShare: -1, WaitingShare: -1} }

// succeed ends a running job now.
func (v *viewer) succeed(id int64) {
	v.box.mu.Lock()
	defer v.box.mu.Unlock()
	v.box.byID[id].life.ended = v.box.now()
}

// wantQuiet fails if anything was written to the console, or if the page's requests were taken for the API's.
func (v *viewer) wantQuiet() {
	v.t.Helper()
	for _, problem := range v.Problems() {
		v.t.Error(problem)
	}
	for _, request := range v.box.Requests() {
		v.t.Errorf("logged as a request of the API: %s %s", request.Method, request.Path)
	}
}

func TestPage_live(t *testing.T) {
	v := newViewer(t)
	v.must(v.Open(v.url))
	v.must(v.Evaluate(`globalThis.mark = "as it was opened"`, nil))
	job := v.launch("live", held())
	v.until(`document.querySelector("#jobs .running")`)
	v.is(`[...document.querySelectorAll("#instances tr")].length + " instances"`, "0 instances")
	v.succeed(job)
	v.until(`document.querySelector("#jobs .successful")`)
	v.is(`document.querySelector("#jobs tr").lastElementChild.textContent`, "successful")
	v.is(`at("news").textContent`, "Job 1 of ns/live: successful")
	v.is(`at("instances").rows[0].cells[0].textContent`, "ns/live")
	v.is(`at("instances-heading").textContent`, "Compute instances (1)")
	v.is(`mark`, "as it was opened")
	v.wantQuiet()
}

func TestPage_whileTheSandboxIsGone(t *testing.T) {
	v := newViewer(t)
	v.must(v.Open(v.url))
	v.until(`at("state").textContent === "Live,"`)
	v.gone.Store(true)
	v.until(`at("state").textContent === "The sandbox has not answered since"`)
	v.is(`at("news").textContent`, "The sandbox does not answer")
	v.launch("vm", held())
	v.gone.Store(false)
	v.until(`at("state").textContent === "Live," && at("jobs").rows.length === 1`)
}

// TestPage_showsTextOnly has names and statuses that would be markup or script where one of the two makers of the page's
// rows did not take them for text.
func TestPage_showsTextOnly(t *testing.T) {
	v := newViewer(t)
	name := `"><img src=x onerror=alert(1)></tbody><script>alert(2)</script>`
	encoded, err := json.Marshal(name)
	v.must(err)
	v.must(v.Open(v.url)) // before there is anything, so that the script makes the rows first
	v.box.AddUser(name, "", "token", true, nil)
	v.box.BehaveNext(creating, Behavior{Duration: -1, Outcome: `failed" onclick="alert(3)`}, Behavior{Duration: -1})
	for range 2 {
		v.box.LaunchByHand(creating, `{"osac_job_vars": {"resource": {"metadata": {"namespace": "ns", "name": `+string(encoded)+`},
			"spec": {"runStrategy": `+string(encoded)+`}}}}`, name)
	}
	ended := `document.querySelectorAll("#jobs tr").length === 2 && !document.querySelector("#jobs .pending, #jobs .waiting, #jobs .running")`
	texts := `JSON.stringify([...document.querySelectorAll("#jobs tr, #instances tr")].map((tr) => [tr.dataset.key, ...[...tr.cells].map((c) => c.textContent)]))`
	v.until(ended + ` && at("instances").rows.length === 1`)
	for _, maker := range []string{"script", "server"} {
		var shown string
		v.must(v.Evaluate(texts, &shown))
		var rows [][]string
		v.must(json.Unmarshal([]byte(shown), &rows))
		if len(rows) != 3 {
			t.Fatalf("made by the %s: %q", maker, rows)
		}
		instance, job := rows[0], rows[2] // the jobs come later, the newest first
		expect(t, maker+": instance", instance[0]+instance[1]+instance[3], "ns/"+name+"ns/"+name+name)
		expect(t, maker+": job", job[3]+job[4]+job[7], "ns/"+name+name+`failed" onclick="alert(3)`)
		v.is(`document.querySelectorAll("img, body script + script, table script, [onclick], [onerror]").length + " by markup"`, "0 by markup")
		v.must(v.Call("Emulation.setScriptExecutionDisabled", map[string]any{"value": true}, nil))
		v.must(v.Open(v.url))
	}
	v.wantQuiet()
}

func TestPage_madeByTheServerAsByTheScript(t *testing.T) {
	v := newViewer(t)
	v.must(v.Open(v.url))
	v.launch("good", Behavior{Duration: -1})
	v.launch("bad", Behavior{Duration: -1, Outcome: "failed"})
	v.until(`at("jobs").rows.length == 2 && !document.querySelector("#jobs .pending, #jobs .waiting, #jobs .running") && at("instances").rows.length == 1`)
	tables := `document.getElementById("jobs").innerHTML + document.getElementById("instances").innerHTML`
	var byScript string
	v.must(v.Evaluate(tables, &byScript))
	v.must(v.Call("Emulation.setScriptExecutionDisabled", map[string]any{"value": true}, nil))
	v.must(v.Open(v.url))
	v.is(tables, byScript)
	v.is(`document.getElementById("state").textContent`, "As of")
	v.is(`String(document.getElementById("pause").hidden)`, "true")
}

func TestPage_outline(t *testing.T) {
	v := newViewer(t)
	v.launch("vm", held())
	v.must(v.Open(v.url))
	v.until(`!at("pause").hidden && at("state").textContent === "Live,"`)
	outline, err := v.Outline()
	v.must(err)
	for _, line := range []string{
		"RootWebArea Sandbox: a simulated AAP controller", "banner", "main", "status",
		"heading Sandbox: a simulated AAP controller", "button Pause",
		"region Requests to the API", "heading Requests to the API",
		"heading Compute instances (0)", "table Instances that exist, by namespace and name: none yet",
		"heading Jobs (1)", "table Jobs, newest first", "columnheader Status", "rowheader 1", "cell running", "cell ns/vm",
	} {
		if !slices.Contains(outline, line) {
			t.Errorf("the accessibility tree lacks %q", line)
		}
	}
	regions := map[string]int{}
	for _, line := range outline {
		if strings.HasPrefix(line, "region ") {
			regions[line]++
		}
	}
	if len(regions) != 3 || slices.Max(slices.Collect(maps.Values(regions))) != 1 {
		t.Errorf("landmarks are not one for each heading: %v", regions)
	}
	if t.Failed() {
		t.Log(strings.Join(outline, "\n"))
	}
	v.wantQuiet()
}

func TestPage_pausedByKeyboard(t *testing.T) {
	v := newViewer(t)
	v.must(v.Call("Emulation.setFocusEmulationEnabled", map[string]any{"enabled": true}, nil))
	v.must(v.Open(v.url))
	v.press("Tab", 9, "")
	v.is(`document.activeElement.id + getComputedStyle(document.activeElement).outlineStyle`, "pausesolid")
	v.press("Enter", 13, "\r")
	v.is(`at("state").textContent + " " + at("pause").textContent`, "Paused at Go on")
	v.launch("vm", held())
	v.is(`look().then(() => at("jobs").rows.length + " jobs")`, "0 jobs")
	v.press("Enter", 13, "\r")
	v.until(`at("jobs").rows.length == 1`)
	v.press("Tab", 9, "")
	v.is(`document.activeElement.getAttribute("aria-labelledby")`, "instances-caption") // can be scrolled by the arrow keys
	v.wantQuiet()
}

// contrasts are all texts that stand out less than WCAG's AA has it.
const contrasts = `(() => {
	const channels = (colour) => colour.match(/[\d.]+/g).map(Number);
	const luminance = ([r, g, b]) => [r, g, b].map((c) => c / 255).map((c) => c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4)
		.reduce((sum, c, i) => sum + c * [.2126, .7152, .0722][i], 0);
	const behind = (element) => {
		for (let e = element; e; e = e.parentElement) {
			const colour = channels(getComputedStyle(e).backgroundColor);
			if (colour.length < 4 || colour[3]) return colour;
		}
	};
	const texts = [...document.body.querySelectorAll("*")].filter((e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()) && e.checkVisibility());
	const faint = texts.map((e) => {
		const [high, low] = [luminance(channels(getComputedStyle(e).color)), luminance(behind(e))].sort((a, b) => b - a);
		return [(high + .05) / (low + .05), e.tagName + "." + e.className];
	}).filter(([ratio]) => ratio < 4.5);
	return texts.length < 30 ? "only " + texts.length + " texts" : faint.join("; ");
})()`

func TestPage_preferences(t *testing.T) {
	v := newViewer(t)
	for _, outcome := range []string{"successful", "failed", "error", "canceled"} {
		v.launch(outcome, Behavior{Duration: -1, Outcome: outcome})
	}
	v.launch("running", held())
	v.launch("pending", Behavior{Duration: time.Hour, PendingShare: .9})
	v.launch("waiting", Behavior{Duration: time.Hour, PendingShare: -1, WaitingShare: .9})
	for scheme, page := range map[string]string{"light": "rgb(255, 255, 255)", "dark": "rgb(21, 24, 28)"} {
		v.must(v.Prefer(map[string]string{"prefers-color-scheme": scheme, "prefers-reduced-motion": "no-preference"}))
		v.must(v.Open(v.url))
		v.is(`[...document.querySelectorAll(".status")].map((e) => e.textContent).join(" ")`, "waiting pending running canceled error failed successful")
		v.is(`getComputedStyle(document.body).backgroundColor`, page)
		v.is(contrasts, "")
		v.is(`getComputedStyle(document.querySelector(".running")).animationName`, "breathe")
	}
	v.must(v.Prefer(map[string]string{"prefers-reduced-motion": "reduce"}))
	v.is(`getComputedStyle(document.querySelector(".running")).animationName`, "none")
	v.wantQuiet()
}
