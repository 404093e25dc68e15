// Package jobstest makes the jobs and instances that the tests of several packages work on.
package jobstest

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
)

// The lives of the tests' jobs: that of most, and others.
const (
	testUID  = "0190163d-8694-739b-aea5-966c26f8ad91"
	OtherUID = "0190163d-8694-739b-aea5-966c26f8ad92"
	ThirdUID = "0190163d-8694-739b-aea5-966c26f8ad93"
)

// testStart is the moment at which the hand-made jobs of these tests begin.
var testStart = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// Job describes a job of the instance as decide and update see it.
type Job struct {
	ID     int64
	Verb   osac.Verb
	Status controller.Status
	// Instance is what the job was launched for; nil means testInstance.
	Instance *osac.Instance
	Owner    string
	// UID is that of the job's life; empty means testUID.
	UID string
	// LaunchType is how it was launched, where that matters.
	LaunchType string
	// ByHand leaves out the provider's annotations.
	ByHand bool
	lastAt *osac.Timestamp
	// Takes is how many minutes the job takes; zero means one.
	Takes int
}

// Instance returns an instance with everything that the sandbox's template asks for.
func Instance() osac.Instance {
	return osac.Instance{Key: osac.Key{Namespace: "ns", Name: "vm"}, Spec: OperatorSpec()}
}

// Halted returns the same instance, to be stopped.
func Halted() *osac.Instance {
	instance := Instance()
	Change(&instance, func(spec *osac.ComputeInstanceSpec) { spec.RunStrategy = osac.RunHalted })
	return &instance
}

// Restarted returns the same instance, to be restarted at a moment.
func Restarted(at *osac.Timestamp) *osac.Instance {
	instance := Instance()
	Change(&instance, func(spec *osac.ComputeInstanceSpec) { spec.RestartRequestedAt = at })
	return &instance
}

// RunsOf makes the runs of jobs: job n was created n minutes after testStart, and took one.
func RunsOf(t *testing.T, history ...Job) jobs.History {
	t.Helper()
	var runs []jobs.Run
	for _, job := range history {
		instance := Instance()
		if job.Instance != nil {
			instance = *job.Instance
		}
		labels := osac.RunLabels{
			UID: testUID, RunID: fmt.Sprintf("run%d", job.ID), Owner: job.Owner, InputsVersion: instance.InputsVersion(),
		}
		if job.UID != "" {
			labels.UID = job.UID
		}
		if job.ByHand {
			labels = osac.RunLabels{}
		}
		payload, err := osac.NewPayload(osac.PayloadSettings{Kind: osac.ComputeInstance}, instance, job.lastAt, labels)
		if err != nil {
			t.Fatal(err)
		}
		vars, err := payload.LaunchVars(osac.FormatBoth)
		if err != nil {
			t.Fatal(err)
		}
		created := testStart.Add(time.Duration(job.ID) * time.Minute)
		made := controller.Job{
			Ref: controller.Ref{Kind: controller.KindJob, ID: job.ID}, Status: job.Status, LaunchType: job.LaunchType, ExtraVars: string(vars),
			Created: created, URL: "https://aap.example.com/api/v2/jobs/1/", Artifacts: json.RawMessage(`{"ip_address":"10.0.0.5"}`),
		}
		if job.Status.Terminal() {
			made.Finished = created.Add(time.Duration(max(job.Takes, 1)) * time.Minute)
		}
		read, ok := jobs.ReadRun(osac.ComputeInstance, made, job.Verb)
		if !ok {
			t.Fatal("the job of the test is not readable")
		}
		runs = append(runs, read)
	}
	return jobs.NewHistory(runs)
}

// RecordAfter is the record of an instance whose newest known job is the given one, and succeeded.
func RecordAfter(t *testing.T, history ...Job) jobs.Record {
	t.Helper()
	instance := Instance()
	record := jobs.Record{
		Instance: instance, Phase: jobs.PhaseRunning,
		DesiredConfigVersion: instance.Spec.ConfigVersion(), ReconciledConfigVersion: instance.Spec.ConfigVersion(),
		InputsVersion: instance.InputsVersion(), ControllerUUID: "uuid", UID: testUID,
	}
	for _, each := range RunsOf(t, history...) {
		record.Note(each.Record())
	}
	return record
}

// The statuses, by short names.
const (
	Pending    = controller.StatusPending
	Running    = controller.StatusRunning
	Successful = controller.StatusSuccessful
	Failed     = controller.StatusFailed
	Canceled   = controller.StatusCanceled
)

// OperatorSpec is the spec of a test of OSAC's operator, whose version TestConfigVersionIsTheOperators holds.
func OperatorSpec() osac.ComputeInstanceSpec {
	return osac.ComputeInstanceSpec{
		TemplateID:         "osac.templates.ocp_virt_vm",
		Image:              &osac.Image{SourceType: "registry", SourceRef: "quay.io/containerdisks/fedora:latest"},
		Cores:              2,
		MemoryGiB:          4,
		BootDisk:           &osac.Disk{SizeGiB: 20},
		RunStrategy:        osac.RunAlways,
		NetworkAttachments: []osac.NetworkAttachment{{SubnetRef: "subnet-abc12"}},
	}
}

// Timestamp reads a moment.
func Timestamp(t *testing.T, text string) *osac.Timestamp {
	t.Helper()
	moment, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	normal := osac.NewTimestamp(moment)
	return &normal
}

// SpecOf returns the spec of a compute instance.
func SpecOf(instance osac.Instance) osac.ComputeInstanceSpec {
	spec, _ := instance.Spec.(osac.ComputeInstanceSpec) // a test that has another kind sees nothing set
	return spec
}

// Change changes the spec of a compute instance.
func Change(instance *osac.Instance, change func(*osac.ComputeInstanceSpec)) {
	spec := SpecOf(*instance)
	change(&spec)
	instance.Spec = spec
}
