package acceptance

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
	simulated "github.com/osac-project/terraform-provider-osac/internal/sandbox/eda"
)

// onEDA begins the names of tests that run scenarios again, with runs that are started by events.
const onEDA = "TestAccOnEDA/"

// StartEDA is StartSandbox with an EDA beside the sandbox, whose webhook starts the runs.
func StartEDA(t *testing.T, changes ...func(*simulated.Options)) *Site {
	t.Helper()
	site := StartSimulated(t)
	if site.eda == nil {
		site.startEDA(changes...)
	}
	return site
}

// startEDA starts an EDA that has a user of its own at the sandbox, and its webhook.
func (s *Site) startEDA(changes ...func(*simulated.Options)) {
	s.t.Helper()
	options := simulated.Options{
		ControllerURL: s.url + "/", Token: s.plant("eda_controller_token", nowhere), Rulebook: simulated.OSACRulebook("osac"),
		Webhook: simulated.Webhook{Token: s.plant("webhook_token", nowhere)},
	}
	for _, change := range changes {
		change(&options)
	}
	s.simulated.AddUser("eda", "", options.Token, false, executing())
	s.eda = simulated.New(options)
	s.t.Cleanup(s.eda.Close)
	if err := s.eda.Err(); err != nil {
		s.t.Fatal(err)
	}
	webhook := s.serve(s.eda.WebhookHandler())
	s.events = vars{
		"create_url": webhook + "/create-compute-instance", "delete_url": webhook + "/delete-compute-instance",
		"token": options.Webhook.Token,
	}
	s.t.Cleanup(func() {
		if s.t.Failed() {
			for _, line := range s.eda.Log() {
				s.t.Log("rulebook: ", line)
			}
		}
	})
}

// eventURL is where the event of a verb is posted.
func (s *Site) eventURL(verb string) string {
	url, _ := s.events[verb+"_url"].(string)
	return url
}

// serve serves a handler for the time of the test.
func (s *Site) serve(handler http.Handler) string {
	server := httptest.NewServer(handler)
	s.t.Cleanup(server.Close)
	return server.URL
}

// executing are the roles of a user who may run both templates, and nothing else.
func executing() map[string]sandbox.Role {
	return map[string]sandbox.Role{createTemplate: sandbox.RoleExecute, deleteTemplate: sandbox.RoleExecute}
}

// asOrdinaryUser has the provider use a token of a user who may run both templates, and nothing else.
func (s *Site) asOrdinaryUser() {
	s.token = s.plant("ordinary_token", nowhere)
	s.simulated.AddUser("terraform", "", s.token, false, executing())
}

// TestAccOnEDA runs the scenarios that touch starting, finding or cancelling a run with runs that are started by
// events. All the rest is code that both ways have in common. With -short only the first ones are run.
func TestAccOnEDA(t *testing.T) {
	if onController() {
		t.Skip(whySandbox(onEDA))
	}
	scenarios := []func(*testing.T){
		TestAcc1_create, TestAcc2_destroy, TestAcc3_destroyWhileProvisioning, TestAcc4_provisionJobFails,
		TestAcc5_deprovisionJobFails, TestAcc6_changeReprovisions, TestAcc7_nothingToDo, TestAcc9_destroyWhilePendingOrWaiting,
	}
	if !testing.Short() {
		scenarios = append(scenarios,
			TestAcc8_crash, TestAcc10_provisionJobPurgedThenDestroy, TestAcc11_cancelTooLate, TestAcc12_slowCancel,
			TestAcc13_cancelledByAdmin, TestAcc17_restart, TestAcc18_restartNegative, TestAcc21_jobHistoryBounded,
			TestAccX1_destroyAfterFailedProvision, TestAccX2_deletePayloadComplete, TestAccX4_provisionJobPurgedWhileWaiting,
			TestAccX5_deprovisionJobPurgedWhileWaiting, TestAccX6_backToTheFirst, TestAccX7_changedWhileAJobRuns,
			TestAccX8_failedThenChanged, TestAccX9_failedSameSpec, TestAccX11_deprovisionCancelledByAdmin, TestAccX16_halted,
			TestAccX24_interrupted, TestAccX25_nameTaken, TestAccX26_import, TestAccX27_changedOutside,
			TestAccX28_purgedJobsAtRefresh, TestAccX29_twoRunsAtOnce, TestAccX31_stoppedByCISystem, TestAccX35_noActivityStream,
			TestAccX36_blockedBehindAnother, TestAccX37_createBeforeDestroy, TestAccX38_replace, TestAccX39_destroyFailedThenApply,
			TestAccX43_endOfCreateUnknown, TestAccX50_restartAction, TestAccHostile_sites)
	}
	for _, scenario := range scenarios {
		t.Run(strings.TrimPrefix(nameOf(scenario), "TestAcc"), scenario)
	}
}
