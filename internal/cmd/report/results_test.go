package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const table = `# Scenarios

| id | P | on | scenario | what happens | expected |
|---|---|---|---|---|---|
| 1 | 1 |  | create | apply | one launch |
| 4 | 1 |  | provision job fails |  | exit code 1 |
| X50 | 2 |  | restart action | by hand | one job |
| X19 | 3 | both | backend switched |  | works |
| E1 | 1 | EDA | EDA create | event | followed |
| X99 | 3 |  | never run |  | nothing |
`

// recorded is what a go test -json of a few small packages has printed.
func recorded(t *testing.T) []byte {
	t.Helper()
	text, err := os.ReadFile("testdata/tests.json")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// dayOf is a day with the table's scenarios and these results.
func dayOf(t *testing.T, results []byte) (*day, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "scenarios.md")
	if err := os.WriteFile(path, []byte(table), 0o600); err != nil {
		t.Fatal(err)
	}
	scenarios, err := readScenarios(path)
	if err != nil {
		t.Fatal(err)
	}
	d := &day{Scenarios: scenarios}
	err = d.takeTests(bytes.NewReader(results))
	return d, err
}

// line is the results of all scenarios.
func (d *day) line() string {
	var words []string
	for _, s := range d.Scenarios {
		words = append(words, s.ID+" "+s.Direct.Word()+"/"+s.EDA.Word())
	}
	return strings.Join(words, ", ")
}

func TestTests_sortedByScenarios(t *testing.T) {
	d, err := dayOf(t, recorded(t))
	if err != nil {
		t.Error(err)
	}
	want := "1 passed/passed, 4 failed/failed, X50 skipped/not run, X19 passed/passed, E1 not run/passed, X99 not run/not run"
	if got := d.line(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	var failures []string
	for _, f := range d.Failures {
		failures = append(failures, f.Package+" "+f.Test+" "+f.Result)
	}
	want = "internal/acceptance TestAcc4_provisionJobFails/message failed; internal/acceptance TestAccOnEDA/4_provisionJobFails/message failed; " +
		"internal/broken  failed; internal/panics TestPanics failed"
	if got := strings.Join(failures, "; "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for i, says := range []string{"lacks the job's URL", "the same on EDA", "undefined: undefined", "panic: assignment to entry in nil map"} {
		if !strings.Contains(d.Failures[i].Output, says) {
			t.Errorf("failure %d does not say %q: %s", i, says, d.Failures[i].Output)
		}
	}
	d.judge()
	want = "1 scenario failed on AAP Direct; 1 scenario failed on EDA; 1 other test failed; 1 package failed; 1 scenario not run; " +
		"2 scenarios passed on AAP Direct, 3 on EDA; 1 scenario skipped"
	if d.Good || d.Verdict != want {
		t.Errorf("got  %s\nwant %s", d.Verdict, want)
	}
}

func TestJudge_countsEachFailureOnce(t *testing.T) {
	fail := func(tests ...string) []byte {
		var lines bytes.Buffer
		for _, test := range tests {
			lines.WriteString(`{"Action":"fail","Package":"a","Test":"` + test + `"}` + "\n")
		}
		return lines.Bytes()
	}
	for results, want := range map[string]string{
		string(fail("TestAcc1_create", "TestAcc1_create/once", "TestAcc1_create/twice")): "1 scenario failed on AAP Direct; ",
		string(fail("TestAcc98_notInTheTable")):                                          "1 other test failed; ",
		string(fail("TestOther", "TestOther/one", "TestOther/two", "TestMore")):          "2 other tests failed; ",
		string(fail("TestAccOnEDA", "TestAccOnEDA/1_create")):                            "1 scenario failed on EDA; ",
	} {
		d, err := dayOf(t, []byte(results))
		if err != nil {
			t.Error(err)
		}
		d.Subset = "." // what was not run is not asked for
		if d.judge(); d.Good || !strings.HasPrefix(d.Verdict, want+"0 scenarios passed") {
			t.Errorf("%s\n%s\nwant %s", results, d.Verdict, want)
		}
	}
}

func TestJudge_tellsOfMissedTargets(t *testing.T) {
	d := &day{}
	if err := d.takeBench([]byte(`{"targets": [{"met": true}, {"met": false}, {"met": false}]}`)); err != nil {
		t.Fatal(err)
	}
	if d.judge(); !strings.HasSuffix(d.Verdict, "; 2 targets missed") {
		t.Errorf("the verdict is %s", d.Verdict)
	}
}

func TestTests_cutOff(t *testing.T) {
	begin, _, _ := bytes.Cut(recorded(t), []byte(`"Action":"fail","Package":"github.com/osac-project/terraform-provider-osac/internal/acceptance","Test":"TestAcc4_`))
	d, err := dayOf(t, begin)
	if err == nil || !strings.Contains(err.Error(), "1 lines") {
		t.Errorf("the line that was cut off is not missed: %v", err)
	}
	if got := d.line(); !strings.HasPrefix(got, "1 passed/not run, 4 unfinished/not run,") {
		t.Errorf("got %s", got)
	}
	if d.judge(); d.Good {
		t.Error("a run that was cut short is good")
	}
	if _, err := dayOf(t, nil); err == nil {
		t.Error("no results at all are no error")
	}
}

func TestTests_parallelSubtests(t *testing.T) {
	d, err := dayOf(t, []byte(`{"Action":"pass","Package":"a","Test":"TestAcc1_create/slow","Elapsed":8.5}
{"Action":"pass","Package":"a","Test":"TestAcc1_create","Elapsed":0.1}
`))
	if err != nil || d.Scenarios[0].Direct.Seconds != 8.5 {
		t.Errorf("%v, %+v; want the seconds of the longest subtest", err, d.Scenarios[0].Direct)
	}
}

func TestBench_namesAllProblems(t *testing.T) {
	d := &day{}
	err := d.takeBench([]byte(`{"measurements": [{"scenario": "apply/1", "problem": "exit code 1"}, {"scenario": "plan/1", "step": "first", "problem": "1 job"}]}`))
	if err == nil || err.Error() != "apply/1: exit code 1\nplan/1/first: 1 job" || len(d.Bench.Measurements) != 2 {
		t.Errorf("%v, %+v", err, d.Bench)
	}
}

func TestExperiment_unreadableIsNotShown(t *testing.T) {
	d := &day{}
	if err := d.takeExperiment([]byte(`{"instances": 2, "arms": [`)); err == nil || d.Experiment != nil {
		t.Errorf("%v, %+v", err, d.Experiment)
	}
}

func TestExperiment_everyEndIsNoticed(t *testing.T) {
	d := &day{}
	err := d.takeExperiment([]byte(`{"arms": [{"title": "AAP Direct", "phases": [{"verb": "apply", "lives": [{"finished": 20, "noticed": 20.5}]},
		{"verb": "destroy", "lives": [{"finished": 20, "noticed": 20.5}, {"finished": 21, "noticed": 0}]}]}]}`))
	if err == nil || err.Error() != "AAP Direct, destroy: the end of a job was never noticed" || d.Experiment == nil {
		t.Errorf("%v, %+v", err, d.Experiment)
	}
}

func TestAppendTo_saysWhyGoFailed(t *testing.T) {
	err := appendTo(t.Context(), filepath.Join(t.TempDir(), "coverage.txt"), "tool", "cover", "-func="+filepath.Join(t.TempDir(), "missing"))
	if err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("appendTo = %v; want what go said", err)
	}
}

func TestShortened(t *testing.T) {
	long := "wrong\n" + strings.Repeat("request\n", 100) + "--- FAIL"
	if got := shortened(long); !strings.HasPrefix(got, "wrong\n") || !strings.HasSuffix(got, "\n--- FAIL") || strings.Count(got, "\n") != 50 {
		t.Errorf("got %s", got)
	}
	if got := shortened("one\ntwo\n"); got != "one\ntwo" {
		t.Errorf("got %s", got)
	}
}

func TestCoverage(t *testing.T) {
	d := &day{Packages: []tested{{Name: "internal/eda", Coverage: -1}}}
	text := "\tgithub.com/osac-project/terraform-provider-osac/internal/eda\t\tcoverage: 91.5% of statements\n" +
		"github.com/osac-project/terraform-provider-osac/internal/eda/api.go:12:\tpost\t100.0%\ntotal:\t(statements)\t88.7%\n"
	if err := d.takeCoverage(text); err != nil || d.Packages[0].Coverage != 91.5 || d.Coverage != 88.7 {
		t.Errorf("%v, %+v", err, d)
	}
	if err := d.takeCoverage("nothing"); err == nil {
		t.Error("no coverage is no error")
	}
}
