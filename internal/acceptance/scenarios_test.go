package acceptance

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
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
	"9":   "TestAcc9_destroyWhilePendingOrWaiting",
	"10":  "TestAcc10_provisionJobPurgedThenDestroy",
	"11":  "TestAcc11_cancelTooLate",
	"12":  "TestAcc12_slowCancel",
	"13":  "TestAcc13_cancelledByAdmin",
	"14":  "TestAcc14_pollingDisturbed",
	"15":  "TestAcc15_launchRefused",
	"16":  "TestAcc16_templateLookup",
	"17":  "TestAcc17_restart",
	"18":  "TestAcc18_restartNegative",
	"19":  "TestAcc19_unknownStatus",
	"20":  "TestAcc20_longJob",
	"21":  "TestAcc21_jobHistoryBounded",
	"X1":  "TestAccX1_destroyAfterFailedProvision",
	"X2":  "TestAccX2_deletePayloadComplete",
	"X3":  "TestAccX3_bothEnvelopes",
	"X4":  "TestAccX4_provisionJobPurgedWhileWaiting",
	"X5":  "TestAccX5_deprovisionJobPurgedWhileWaiting",
	"X6":  "TestAccX6_backToTheFirst",
	"X7":  "TestAccX7_changedWhileAJobRuns",
	"X8":  "TestAccX8_failedThenChanged",
	"X9":  "TestAccX9_failedSameSpec",
	"X10": "TestAccX10_destroyOfNeverProvisioned",
	"X11": "TestAccX11_deprovisionCancelledByAdmin",
	"X12": "TestAccX12_unauthorised",
	"X13": "TestAccX13_workflowTemplates",
	"X14": "TestAccX14_variablesNotPrompted",
	"X15": "TestAccX15_mutability",
	"X16": "TestAccX16_halted",
	"X17": "TestAccX17_stateAndMessageInStep",
	"X19": "TestAccX19_backendSwitched",
	"X20": "TestAccX20_tls",
	"X21": "TestAccX21_manyAtOnce",
	"X22": "TestAccX22_controllerRestarts",
	"X23": "TestAccX23_throttled",
	"X24": "TestAccX24_interrupted",
	"X25": "TestAccX25_nameTaken",
	"X26": "TestAccX26_import",
	"X27": "TestAccX27_changedOutside",
	"X28": "TestAccX28_purgedJobsAtRefresh",
	"X29": "TestAccX29_twoRunsAtOnce",
	"X30": "TestAccX30_cancelRefused",
	"X31": "TestAccX31_stoppedByCISystem",
	"X32": "TestAccX32_onlyTimeoutsOrWriteOnlyVersion",
	"X33": "TestAccX33_reasonLate",
	"X34": "TestAccX34_configurationUnknownAtPlan",
	"X35": "TestAccX35_noActivityStream",
	"X36": "TestAccX36_blockedBehindAnother",
	"X37": "TestAccX37_createBeforeDestroy",
	"X38": "TestAccX38_replace",
	"X39": "TestAccX39_destroyFailedThenApply",
	"X40": "TestAccX40_anotherController",
	"X41": "TestAccX41_hubDownOrRemoved",
	"X42": "TestAccX42_inputsOutsideTheSpec",
	"X43": "TestAccX43_endOfCreateUnknown",
	"X44": "TestAccX44_providerUpgraded",
	"X45": "TestAccX45_databaseRestored",
	"X46": "TestAccX46_unknownAtPlan",
	"X50": "TestAccX50_restartAction",
	"X51": "TestAccX51_functions",
	"X52": "TestAccX52_movedFromAAPJob",
	"X53": "TestAccX53_resize",
	"X54": "TestAccX54_specOfTomorrow",
	"X55": "TestAccX55_stockPreconditions",
	"X56": "TestAccX56_ranNothing",
	"X57": "TestAccX57_stockAdvice",
	"E1":  "TestAccE1_create",
	"E2":  "TestAccE2_delete",
	"E3":  "TestAccE3_eventRefused",
	"E4":  "TestAccE4_nothingHappens",
	"E5":  "TestAccE5_destroyWhileProvisioning",
	"E6":  "TestAccE6_twiceOrLate",
	"E7":  "TestAccE7_cancelNotAllowed",
	"E8":  "TestAccE8_rulebookDropsVariables",
	"S1":  "TestAccS1_addressChanged",
	"S2":  "TestAccS2_shiftedList",
	"S3":  "TestAccS3_oneNameTwice",
	"S4":  "TestAccS4_takenByAnother",
	"S5":  "TestAccS5_lateLaunch",
	"S6":  "TestAccS6_closingLookup",
	"S7":  "TestAccS7_missedOnce",
	"S8":  "TestAccS8_placesOnOneController",
	"S9":  "TestAccS9_stateRolledBack",
	"S10": "TestAccS10_lastLook",
	"S11": "TestAccS11_smallPages",
	"S12": "TestAccS12_credentialsWaver",
	"S13": "TestAccS13_orphan",
	"S14": "TestAccS14_fleetKilled",
	"G1":  "TestAccG1_gateways",
	"G3":  "TestAccG3_gatewayTroubles",
}

// TestScenarios_listed holds the list to the tests that there are.
func TestScenarios_listed(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	declaration := regexp.MustCompile(`(?m)^func (TestAcc([XESGON]?\d+)_\w+)\(`)
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

// TestSecurity_namesTests holds the threat model to the tests that it cites: each is there, by just this name.
func TestSecurity_namesTests(t *testing.T) {
	t.Parallel()
	const repository = "../.."
	model, err := os.ReadFile(repository + "/.github/SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	declared := map[string]bool{}
	declaration := regexp.MustCompile(`(?m)^func (Test\w+)\(`)
	err = filepath.WalkDir(repository+"/internal", func(path string, _ os.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		content, err := os.ReadFile(path)
		for _, match := range declaration.FindAllStringSubmatch(string(content), -1) {
			declared[match[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	cited := regexp.MustCompile("`(Test\\w+)`").FindAllStringSubmatch(string(model), -1)
	if len(cited) == 0 {
		t.Error("SECURITY.md cites no test")
	}
	for _, match := range cited {
		if !declared[match[1]] {
			t.Errorf("SECURITY.md cites %s, and there is no such test", match[1])
		}
	}
}

// TestScenarios_described holds scenarios.md, from which the report takes priorities and words, to the list.
func TestScenarios_described(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("scenarios.md")
	if err != nil {
		t.Fatal(err)
	}
	described := map[string]int{}
	for _, row := range regexp.MustCompile(`(?m)^\| ([XESGON]?\d+) \| [123] \| (?:EDA|both)? ?\| [^|]+\|[^|]+\| [^|]+\|$`).FindAllStringSubmatch(string(content), -1) {
		described[row[1]]++
	}
	for id := range scenarios {
		if described[id] != 1 {
			t.Errorf("scenario %s has %d rows in scenarios.md, want one: | id | priority | backend | scenario | what happens | expected |", id, described[id])
		}
		delete(described, id)
	}
	for id := range described {
		t.Errorf("scenarios.md has a row for %s, which is not in the list", id)
	}
}
