package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// files writes what earlier runs have left, and returns settings that take it.
func files(t *testing.T) settings {
	t.Helper()
	folder := t.TempDir()
	s := settings{out: filepath.Join(folder, "out"), work: filepath.Join(folder, "work")}
	for name, content := range map[string]struct {
		path *string
		text string
	}{
		"scenarios.md": {&s.scenarios, table},
		"tests.json":   {&s.tests, string(recorded(t))},
		"bench.json": {&s.bench, `{"machine": "linux", "targets": [{"measurement": "apply/50/20s", "what": "requests per instance", "figure": 1.52, "target": 1.6, "met": true}],
			"measurements": [{"scenario": "apply/50/20s", "provider": "osac", "instances": 50, "requests": 76, "per_instance": 1.52, "launches": 50,
				"latency": {"median": 0.5, "p95": 0.8, "worst": 1.25}}]}`},
		"experiment.json": {&s.experiment, `{"instances": 2, "length": 20, "arms": [{"title": "EDA parallel", "phases": [{"verb": "apply", "wall": 23.5,
			"lives": [{"finished": 20, "noticed": 20.25}, {"finished": 21, "noticed": 21.75}], "ours": {"launch": 2, "jobs list": 3}}]}]}`},
	} {
		*content.path = filepath.Join(folder, name)
		if err := os.WriteFile(*content.path, []byte(content.text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func page(t *testing.T, s settings, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(s.out, path))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func wantAll(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("the page lacks %s", part)
		}
	}
}

func TestPage_ofADayThatFailed(t *testing.T) {
	s := files(t)
	zone := time.FixedZone("", 9*60*60) // where the day is another one
	if err := s.play(t.Context(), time.Date(2026, 11, 27, 3, 0, 0, 0, zone)); !errors.Is(err, errBad) {
		t.Errorf("the day ends with %v", err)
	}
	for path, data := range map[string]string{"index.html": "2026-11-26/report.json", "2026-11-26/index.html": `"report.json`} {
		wantAll(t, page(t, s, path), "<title>terraform-provider-osac on 2026-11-26: failed</title>", data, "at 18:00 UTC",
			`<th scope="row">4</th><td>provision job fails</td><td>exit code 1</td><td class="failed">failed</td>`,
			`<th scope="row">E1</th><td>EDA create: <span class="faint">event</span></td><td>followed</td><td>–</td><td></td><td class="passed">passed</td>`,
			`<td class="">not run</td>`, "lacks the job&#39;s URL",
			`<rect class="c" x="300" y="3" height="16" width="560"/>`, `<rect class="a" x="300" y="3" height="16" width="224"/>`, // of 1.25 s and of 0.5 s
			`viewBox="0 0 900 46"`,
			`<td class="figure">0.25</td><td class="figure">0.75</td><td class="figure">0.75</td><td class="figure">20.2</td>`,
			`<td class="figure">0.50</td><td class="figure">0.80</td><td class="figure">1.25</td>`, `<td class="figure">2.50</td></tr>`,
			`<td class="figure">1.52</td><td class="figure">1.60</td><td><span class="good">yes</span></td>`)
	}
	var kept day
	if err := json.Unmarshal([]byte(page(t, s, "2026-11-26/report.json")), &kept); err != nil || kept.Good || len(kept.Scenarios) != 6 {
		t.Errorf("the data: %v, %+v", err, kept)
	}
}

func TestPage_notOfUnknownSteps(t *testing.T) {
	s := files(t)
	s.steps = "tests,bnech"
	if err := s.play(t.Context(), time.Now()); err == nil || !strings.Contains(err.Error(), `"bnech"`) {
		t.Errorf("a step that is none ends with %v", err)
	}
}

func TestPage_keepsEarlierDays(t *testing.T) {
	s := files(t)
	first := time.Date(2026, 11, 25, 3, 0, 0, 0, time.UTC)
	if err := s.play(t.Context(), first); !errors.Is(err, errBad) {
		t.Errorf("the first day ends with %v", err)
	}
	good := `{"Action":"run","Package":"a","Test":"TestAcc1_create"}` + "\n" + `{"Action":"pass","Package":"a","Test":"TestAcc1_create","Elapsed":2.5}` + "\n"
	if err := os.WriteFile(s.tests, []byte(good), 0o600); err != nil {
		t.Fatal(err)
	}
	s.run = "TestAcc1_"
	if err := s.play(t.Context(), first.AddDate(0, 0, 1)); err != nil {
		t.Errorf("the second day ends with %v", err)
	}
	text := page(t, s, "index.html")
	wantAll(t, text, "on 2026-11-26: good</title>", "only tests that match TestAcc1_ were run",
		`<a href="2026-11-25/index.html">2026-11-25</a></th><td><span class="bad">failed</span>`,
		`<a href="2026-11-26/index.html">2026-11-26</a></th><td><span class="good">good</span>`)
	if strings.Index(text, `"2026-11-26/index`) > strings.Index(text, `"2026-11-25/index`) {
		t.Error("the newest day is not the first one")
	}
	wantAll(t, page(t, s, "2026-11-25/index.html"), "on 2026-11-25: failed</title>")
}

func TestPage_ofStepsThatFail(t *testing.T) {
	s := files(t)
	s.tests, s.bench = filepath.Join(t.TempDir(), "missing.json"), s.scenarios
	s.experiment, s.steps = "", "experiment"
	s.experimentFlags = "-nosuchflag"
	t.Chdir("../../..") // the steps are run from there
	if err := s.play(t.Context(), time.Date(2026, 11, 26, 3, 0, 0, 0, time.UTC)); !errors.Is(err, errBad) {
		t.Errorf("the day ends with %v", err)
	}
	wantAll(t, page(t, s, "index.html"), "the step tests failed; the step bench failed; the step experiment failed",
		"missing.json", "invalid character", "flag provided but not defined: -nosuchflag", "No results.")
}
