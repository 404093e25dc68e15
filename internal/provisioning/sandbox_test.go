package provisioning

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/jobs/jobstest"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

const (
	createTemplate = "osac-create-compute-instance"
	deleteTemplate = "osac-delete-compute-instance"
)

// testOwner is the owner that the tests' hubs have where they don't say otherwise.
const testOwner = "tests"

// testSite is a simulated controller in virtual time, with a hub on it.
type testSite struct {
	*testing.T
	sandbox *sandbox.Sandbox
	hub     *Hub
	// settings are changes of all the site's hubs.
	settings []func(*HubSettings)
}

// atSite runs a test in virtual time on a controller whose jobs take a minute. All its jobs are one instance's.
func atSite(t *testing.T, test func(site *testSite)) {
	t.Helper()
	atBusySite(t, func(site *testSite) {
		test(site)
		site.neverTwoJobsAtOnce()
	})
}

// atBusySite is atSite for tests in which jobs run side by side.
func atBusySite(t *testing.T, test func(site *testSite)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		site := &testSite{T: t, sandbox: sandbox.New(sandbox.Options{JobDuration: time.Minute})}
		site.hub = site.newHub()
		test(site)
	})
}

// newHub is another process's view of the same controller: it remembers nothing.
func (s *testSite) newHub(changes ...func(*HubSettings)) *Hub {
	s.Helper()
	settings := s.hubSettings(changes...)
	hubs, err := NewHubs(settings)
	if err != nil {
		s.Fatal(err)
	}
	return hubs[settings.Key]
}

func (s *testSite) hubSettings(changes ...func(*HubSettings)) HubSettings {
	settings := HubSettings{
		Key: DefaultHub, Kind: osac.ComputeInstance,
		Controller: controller.Settings{
			URL: "https://aap.example.com", Token: s.sandbox.Token(),
			Transport: transport.Settings{RoundTripper: s.sandbox.RoundTripper()},
		},
		CreateTemplate: createTemplate, DeleteTemplate: deleteTemplate, Owner: testOwner,
		PayloadFormat: osac.FormatBoth, MaxJobHistory: DefaultMaxJobHistory, NewBackend: NewDirect,
	}
	for _, change := range slices.Concat(s.settings, changes) {
		change(&settings)
	}
	return settings
}

func (s *testSite) create(ctx context.Context) (Result, error) {
	return s.hub.Apply(ctx, ApplyRequest{Desired: jobstest.Instance(), Timeout: time.Hour})
}

// created is the record of an instance that was created without trouble; later operations are another process's.
func (s *testSite) created() jobs.Record {
	s.Helper()
	result, err := s.create(s.Context())
	if err != nil {
		s.Fatal(err)
	}
	s.hub = s.newHub()
	return *result.Record
}

func (s *testSite) update(ctx context.Context, prior jobs.Record, desired osac.Instance) (Result, error) {
	return s.hub.Apply(ctx, ApplyRequest{Desired: desired, Prior: &prior, Timeout: time.Hour})
}

func (s *testSite) destroy(ctx context.Context, record jobs.Record) (Result, error) {
	return s.hub.Destroy(ctx, DestroyRequest{Record: record, Timeout: time.Hour})
}

// refresh reads the instance as the next command's process would.
func (s *testSite) refresh(record jobs.Record) Result {
	s.Helper()
	s.hub = s.newHub()
	result, err := s.hub.Refresh(s.Context(), record)
	if err != nil {
		s.Fatal(err)
	}
	return result
}

// interruptedAfter is a context that Terraform cancels after a while.
func (s *testSite) interruptedAfter(length time.Duration) context.Context {
	ctx, cancel := context.WithCancel(s.Context())
	time.AfterFunc(length, cancel)
	return ctx
}

// launches are the templates of the jobs that were launched, in order.
func (s *testSite) launches() []string {
	var templates []string
	for _, job := range s.sandbox.Jobs() {
		templates = append(templates, job.Template)
	}
	return templates
}

// lives are the uids that the jobs carry, in order.
func (s *testSite) lives() []string {
	var uids []string
	for _, job := range s.sandbox.Jobs() {
		read, _ := jobs.ReadRun(osac.ComputeInstance, controller.Job{ExtraVars: job.ExtraVars}, osac.Provision)
		uids = append(uids, read.UID())
	}
	return uids
}

func (s *testSite) wantLaunches(want ...string) {
	s.Helper()
	if got := s.launches(); !slices.Equal(got, want) {
		s.Errorf("launched %v, want %v", got, want)
	}
}

// others runs so many jobs of another instance by hand: beyond a page of them, looks don't see the whole history.
func (s *testSite) others(count int) {
	s.Helper()
	for range count {
		if s.sandbox.LaunchByHand(createTemplate, `{"osac_job_vars":{"resource":{"metadata":{"namespace":"ns","name":"other"},"spec":{}}}}`, "admin") == 0 {
			s.Fatal("no job was launched")
		}
	}
}

// ownJobs are all jobs that there ever were, but for those of others.
func (s *testSite) ownJobs() []sandbox.Job {
	return slices.DeleteFunc(s.sandbox.AllJobs(), func(job sandbox.Job) bool { return strings.Contains(job.ExtraVars, `"other"`) })
}

// exists reports whether the instance exists, by the jobs that have succeeded.
func (s *testSite) exists() bool {
	return slices.ContainsFunc(s.sandbox.Instances(), func(instance sandbox.Instance) bool { return instance.Name == jobstest.Instance().Name })
}

// neverTwoJobsAtOnce checks the second promise over the whole life of the controller.
func (s *testSite) neverTwoJobsAtOnce() {
	s.Helper()
	history := s.ownJobs()
	for i := 1; i < len(history); i++ {
		before, after := history[i-1], history[i]
		if before.Purged {
			continue // perhaps while it was active: nobody knows its end
		}
		if before.Finished.IsZero() || after.Created.Before(before.Finished) {
			s.Errorf("job %d was launched at %s, before job %d had ended (%s)", after.ID, after.Created, before.ID, before.Finished)
		}
	}
}

// restored is an instance whose job had number 21, at a controller whose database counts from 5 again. The job's payload
// is returned as well.
func (s *testSite) restored() (jobs.Record, string) {
	s.Helper()
	s.others(20)
	record := s.created()
	history := s.ownJobs()
	s.sandbox.PurgeAll()
	s.sandbox.SetNextJobID(5)
	return record, history[0].ExtraVars
}

// byHand runs a template to its end, as an admin does.
func (s *testSite) byHand(template, extraVars string) {
	s.Helper()
	id := s.sandbox.LaunchByHand(template, extraVars, "admin")
	if _, err := s.sandbox.WaitForJob(s.Context(), func(job sandbox.Job) bool { return job.ID == id && !job.Finished.IsZero() }); err != nil {
		s.Fatal(err)
	}
}

// nothingNew checks that a later refresh has nothing new to say.
func (s *testSite) nothingNew(record *jobs.Record) {
	s.Helper()
	again := s.refresh(*record).Record
	if again.ReconciledConfigVersion != record.ReconciledConfigVersion || again.Phase != record.Phase {
		s.Errorf("%+v became %+v", record, again)
	}
}

// wholeLife creates, refreshes, updates and destroys.
func (s *testSite) wholeLife() {
	s.Helper()
	record := s.created()
	refreshed := s.refresh(record)
	if refreshed.Record == nil || refreshed.Record.NeedsRun(jobstest.Instance(), nil) {
		s.Fatalf("%+v", refreshed.Record)
	}
	result, err := s.update(s.Context(), *refreshed.Record, *jobstest.Halted())
	if err != nil {
		s.Fatal(err)
	}
	s.hub = s.newHub()
	if result, err = s.destroy(s.Context(), *result.Record); err != nil || result.Record != nil {
		s.Errorf("%+v, %v", result.Record, err)
	}
	s.hub = s.newHub()
	if result := s.refresh(record); result.Record != nil {
		s.Errorf("%+v", result.Record)
	}
}
