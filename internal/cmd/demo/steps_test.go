package main

import (
	"strings"
	"testing"
)

func TestStepsChangeMachinesThatExist(t *testing.T) {
	sizes := map[string]bool{}
	for _, m := range threeSizes() {
		sizes[m.size] = true
	}
	for _, each := range steps() {
		if each.title == "" || each.text == "" || len(each.arguments) == 0 {
			t.Errorf("step %q is not complete", each.title)
		}
		if (each.change != nil) != (each.size != "") || each.size != "" && !sizes[each.size] {
			t.Errorf("step %q changes the machine of size %q", each.title, each.size)
		}
	}
}

func TestReasonShownReadsBrokenLines(t *testing.T) {
	printed := "╷\n│ Error: The job failed\n│\n│ Task: Create the load balancer for the\n│ exposed ports, host localhost:\n" +
		"│ exceeded quota: services.loadbalancers,\n│ used: 2, limited: 2\n╵\n"
	if problem := reasonShown(printed, nil); problem != "" {
		t.Error(problem)
	}
	if problem := reasonShown("Error: The job failed", nil); !strings.Contains(problem, failedTask) {
		t.Errorf("reasonShown = %q; want it to miss the task", problem)
	}
}

func TestJudgeNamesAllThatIsWrong(t *testing.T) {
	each := step{exit: 1, launches: 3, check: func(string, *controller) string { return "no reason" }}
	if got, want := judge(each, 0, 2, "", nil), "0 as exit code instead of 1; 2 launches instead of 3; no reason"; got != want {
		t.Errorf("judge = %q; want %q", got, want)
	}
	if got := judge(step{}, 0, 0, "", nil); got != "" {
		t.Errorf("judge = %q; want nothing", got)
	}
}
