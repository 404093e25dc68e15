package acceptance

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Why tests are skipped at a real controller.
const (
	noEDA      = "needs an EDA whose rulebook the test can change"
	disturbs   = "disturbs the controller's answers on their way, or shuts it down"
	moments1   = "needs a moment between two requests, which is held open by delaying them"
	runningJob = "deletes a job that is active, which AWX refuses (recording 610)"
	invents    = "needs an answer that a real controller has no way to give"
	controller = "changes the controller itself: its address, its database or its settings"
	counts     = "counts the requests of the provider, or the ones refused"
	lists      = "lists all instances of a controller that is nobody else's"
	several    = "needs several controllers"
	rights     = "changes the roles of a user, and reads in the sandbox's log what that user was refused"
	elsewhere  = "is not about the controller: needs none, or a dozen jobs and more"
)

// needsSandbox says why tests that begin with StartSimulated do so, by the beginnings of their names; the longest counts.
var needsSandbox = map[string]string{
	"TestAccOnEDA/": noEDA, "TestAccE": noEDA, "TestAccX19_": noEDA, "TestAccEventStream": noEDA, "TestAccRedirectedEvent": noEDA,
	"TestRulebook": noEDA,
	"TestAcc14_":   disturbs, "TestAcc15_": disturbs, "TestAccX10_": disturbs, "TestAccX22_": disturbs, "TestAccX23_": disturbs,
	"TestAccX43_endOfCreateUnknown/controller_gone": disturbs, "TestAccX41_": several, "TestAccProxy": disturbs,
	"TestAccX20_": controller, "TestAccX35_": controller, "TestAccX45_": controller, "TestAccX40_": several, "TestAccHubs": several,
	"TestAcc8_": moments1, "TestAccX24_": moments1, "TestAccX31_": moments1, "TestAcc11_": moments1, "TestAccX30_": moments1,
	"TestAcc9_": moments1, "TestAccX14_": moments1, "TestAccX29_": moments1,
	"TestAccX4_": runningJob, "TestAccX5_": runningJob, "TestAccX28_": runningJob, "TestAccX38_": runningJob,
	"TestAcc19_": invents, "TestAccX50_": invents, "TestAccX33_": invents, "TestAccHostile": invents, "TestAccSecrets": invents,
	"TestAcc20_": counts, "TestAccPermissions": rights, "TestAccQuery": lists, "TestExamples_query": lists,
	"TestAccComputeInstancesDataSource": lists, "TestAccX15_": several, "TestAccTemplatesDataSource": invents,
	"TestAccX21_": elsewhere, "TestAccX44_": elsewhere, "TestAccX52_": elsewhere, "TestAccX54_": invents, "TestAccX56_": invents, "TestAccX55_": controller, "TestAccX57_": controller, "TestAcc21_": elsewhere, "TestChaos": elsewhere,
	"TestDocuments": elsewhere, "TestExamples": elsewhere,
	"TestAccS4_": invents, "TestAccS5_": disturbs, "TestAccS6_": moments1, "TestAccS7_": disturbs, "TestAccS8_": controller, "TestAccS10_": moments1,
	"TestAccS11_": controller, "TestAccS12_": disturbs, "TestAccS13_": moments1, "TestAccS14_": moments1, "TestAccG": controller,
}

const unexplained = "nobody has written down why (harness_reasons_test.go)"

// whySandbox returns why the test is skipped at a real controller.
func whySandbox(test string) string {
	longest, why := "", unexplained
	for beginning, reason := range needsSandbox {
		if strings.HasPrefix(test, beginning) && len(beginning) > len(longest) {
			longest, why = beginning, reason
		}
	}
	return why
}

// TestReasons_areThere wants a reason of each test that begins with StartSimulated.
func TestReasons_areThere(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, declared := range strings.Split(string(content), "\nfunc ")[1:] {
			name, body, _ := strings.Cut(declared, "(")
			// One of a test's parts has a reason by its own name.
			if strings.HasPrefix(name, "TestAcc") && strings.Contains(body, "\n\tsite := StartSimulated(") && whySandbox(name) == unexplained {
				t.Errorf("%s is skipped at a real controller, and %s", name, unexplained)
			}
		}
	}
}

// TestReasons_namesTests holds the reasons to the tests that there are.
func TestReasons_namesTests(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	var declared []string
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range regexp.MustCompile(`(?m)^func (Test\w+)\(`).FindAllStringSubmatch(string(content), -1) {
			declared = append(declared, match[1])
		}
	}
	for beginning := range needsSandbox {
		test, _, _ := strings.Cut(beginning, "/")
		found := false
		for _, name := range declared {
			found = found || strings.HasPrefix(name, test)
		}
		if !found {
			t.Errorf("a reason is written down for %s, and there is no such test", beginning)
		}
	}
}
