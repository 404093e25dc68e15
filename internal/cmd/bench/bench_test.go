package main

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

func TestEveryTargetHasItsScenario(t *testing.T) {
	t.Parallel()
	chosen, err := settings{}.chosen()
	if err != nil {
		t.Fatal(err)
	}
	measured := map[string]bool{}
	for _, one := range chosen {
		measured[one.name] = true
		for _, step := range []string{"first", "refresh", "refreshed"} {
			measured[one.name+"/"+step] = one.verb == planning
		}
	}
	for _, each := range targets() {
		if !measured[each.measurement] || each.needs != "" && !measured[each.needs] {
			t.Errorf("nothing that runs by default measures %s", each.measurement)
		}
	}
}

func TestScenariosHaveNamesOfTheirOwn(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, one := range scenarios() {
		if seen[one.name] {
			t.Errorf("two scenarios are named %s", one.name)
		}
		seen[one.name] = true
	}
}

func TestLatencyIsFromTheEndToItsAnswer(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	jobs := []sandbox.Job{{ID: 1, Created: start, Finished: start.Add(time.Hour), Noticed: start.Add(2 * time.Hour)}} // before the command
	for i := range 100 {
		end := start.Add(20 * time.Second)
		jobs = append(jobs, sandbox.Job{ID: int64(2 + i), Created: start, Finished: end, Noticed: end.Add(time.Duration(i+1) * 10 * time.Millisecond)})
	}
	var m measurement
	m.watch(jobs, 2)
	if got, want := *m.Latency, (latency{Median: 0.5, P95: 0.95, Worst: 1, Jobs: 100}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if m.Ideal != 20 || m.Problem != "" {
		t.Errorf("ideal %g, problem %q", m.Ideal, m.Problem)
	}
	m.watch(append(jobs, sandbox.Job{ID: 200, Created: start, Finished: start.Add(time.Second)}), 2)
	if m.Problem == "" {
		t.Error("that an end was never noticed is no problem")
	}
}

func TestJudgeKnowsNoPartialSuccess(t *testing.T) {
	t.Parallel()
	m := measurement{Scenario: "destroy/50/20s", Provider: "osac", Instances: 50, PerInstance: 1.2}
	if got := judge([]measurement{m}, "osac"); len(got) != 1 || !got[0].Met {
		t.Errorf("%+v is not met", got)
	}
	m.Problem = "exit code 1"
	if got := judge([]measurement{m}, "osac"); len(got) != 1 || got[0].Met {
		t.Errorf("%+v is met", got)
	}
}

func TestOthersAreWhereTheyShouldBe(t *testing.T) {
	t.Parallel()
	var own []sandbox.Job
	for i := range 10 {
		created := time.Now().Add(-time.Hour + time.Duration(i)*time.Second)
		own = append(own, sandbox.Job{
			ID: firstOwn + int64(i)*gap, Template: createTemplate, Name: fmt.Sprintf("bench-%d", i), Created: created, Finished: created,
			ExtraVars: fmt.Sprintf(`{"osac_job_vars": {"resource": {"metadata": {"name": "bench-%d"}}}}`, i),
		})
	}
	first, last := own[0].ID, own[len(own)-1].ID
	for where, inside := range map[place]func(id int64) bool{
		newest: func(id int64) bool { return id < first },
		spread: func(id int64) bool { return id > first && id < last+gap },
		oldest: func(id int64) bool { return id > last },
	} {
		seeds := slices.Collect(others(own, 100, where))
		box := sandbox.New(sandbox.Options{})
		box.SeedJobs(slices.Values(seeds))
		if got := len(box.Jobs()); got != 100 {
			t.Errorf("%s: %d jobs were seeded, want 100", where, got)
		}
		for _, seed := range seeds {
			if !inside(seed.ID) || seed.Created.Add(seed.Length).After(time.Now()) {
				t.Errorf("%s: job %d, created %s", where, seed.ID, seed.Created)
			}
		}
	}
}

func TestSubjectIsReadFromAFlag(t *testing.T) {
	t.Parallel()
	var s subject
	if err := s.Set("provider=/bin/x,source=ansible/aap,config=d,vars=v,name=n"); err != nil {
		t.Fatal(err)
	}
	if want := (subject{name: "n", binary: "/bin/x", source: "ansible/aap", config: "d", vars: "v"}); s != want {
		t.Errorf("got %+v, want %+v", s, want)
	}
	if s.Set("speed=9") == nil {
		t.Error("an unknown setting is taken")
	}
}
