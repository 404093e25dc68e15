package acceptance

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// scenarios lists the behaviours that a user may rely on, by the id of each, with the test that proves it.
var scenarios = map[string]string{
	"1":   "TestAcc1_create",
	"2":   "TestAcc2_destroy",
	"3":   "TestAcc3_destroyWhileProvisioning",
	"4":   "TestAcc4_provisionJobFails",
	"5":   "TestAcc5_deprovisionJobFails",
	"6":   "TestAcc6_changeReprovisions",
	"7":   "TestAcc7_nothingToDo",
	"8":   "TestAcc8_crash",
	"17":  "TestAcc17_restart",
	"X1":  "TestAccX1_destroyAfterFailedProvision",
	"X2":  "TestAccX2_deletePayloadComplete",
	"X3":  "TestAccX3_bothEnvelopes",
	"X15": "TestAccX15_mutability",
	"X24": "TestAccX24_interrupted",
	"X31": "TestAccX31_stoppedByCISystem",
	"X32": "TestAccX32_onlyTimeoutsOrWriteOnlyVersion",
}

// TestScenarios_listed holds the list to the tests that there are.
func TestScenarios_listed(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	declaration := regexp.MustCompile(`(?m)^func (TestAcc([XE]?\d+)_\w+)\(`)
	found := map[string]bool{}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range declaration.FindAllStringSubmatch(string(content), -1) {
			name, id := match[1], match[2]
			if found[id] {
				t.Errorf("scenario %s has two tests", id)
			}
			found[id] = true
			if scenarios[id] != name {
				t.Errorf("%s is not in the list of scenarios; under its id is %q", name, scenarios[id])
			}
		}
	}
	for id, name := range scenarios {
		if !found[id] {
			t.Errorf("scenario %s has no test %s", id, name)
		}
	}
}
