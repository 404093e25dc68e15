package provisioning

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
)

// The lives of the tests' jobs: that of most, and others.
const (
	testUID  = "0190163d-8694-739b-aea5-966c26f8ad91"
	otherUID = "0190163d-8694-739b-aea5-966c26f8ad92"
	thirdUID = "0190163d-8694-739b-aea5-966c26f8ad93"
)

// testStart is the moment at which the hand-made jobs of these tests begin.
var testStart = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// testJob describes a job of the instance as decide and update see it.
type testJob struct {
	id     int64
	verb   Verb
	status controller.Status
	// instance is what the job was launched for; nil means testInstance.
	instance *Instance
	owner    string
	// uid is that of the job's life; empty means testUID.
	uid string
	// launchType is how it was launched, where that matters.
	launchType string
	// byHand leaves out the provider's annotations.
	byHand bool
	lastAt *Timestamp
	// takes is how many minutes the job takes; zero means one.
	takes int
}

func testInstance() Instance {
	return Instance{Key: Key{Namespace: "ns", Name: "vm"}, Spec: operatorSpec()}
}

func halted() *Instance {
	instance := testInstance()
	instance.Spec.RunStrategy = RunHalted
	return &instance
}

func restarted(at *Timestamp) *Instance {
	instance := testInstance()
	instance.Spec.RestartRequestedAt = at
	return &instance
}

// runsOf makes the runs of jobs: job n was created n minutes after testStart, and took one.
func runsOf(t *testing.T, jobs ...testJob) history {
	t.Helper()
	var runs []run
	for _, job := range jobs {
		instance := testInstance()
		if job.instance != nil {
			instance = *job.instance
		}
		labels := runLabels{
			uid: testUID, runID: fmt.Sprintf("run%d", job.id), owner: job.owner, inputsVersion: instance.InputsVersion(),
		}
		if job.uid != "" {
			labels.uid = job.uid
		}
		if job.byHand {
			labels = runLabels{}
		}
		payload, err := newPayload(PayloadSettings{}, instance, job.lastAt, labels)
		if err != nil {
			t.Fatal(err)
		}
		vars, err := payload.LaunchVars(FormatBoth)
		if err != nil {
			t.Fatal(err)
		}
		created := testStart.Add(time.Duration(job.id) * time.Minute)
		made := controller.Job{
			Ref: controller.Ref{Kind: controller.KindJob, ID: job.id}, Status: job.status, LaunchType: job.launchType, ExtraVars: string(vars),
			Created: created, URL: "https://aap.example.com/api/v2/jobs/1/", Artifacts: json.RawMessage(`{"ip_address":"10.0.0.5"}`),
		}
		if job.status.Terminal() {
			made.Finished = created.Add(time.Duration(max(job.takes, 1)) * time.Minute)
		}
		read, ok := readRun(made, job.verb)
		if !ok {
			t.Fatal("the job of the test is not readable")
		}
		runs = append(runs, read)
	}
	return newHistory(runs)
}

// recordAfter is the record of an instance whose newest known job is the given one, and succeeded.
func recordAfter(t *testing.T, jobs ...testJob) Record {
	t.Helper()
	instance := testInstance()
	record := Record{
		Instance: instance, Phase: PhaseRunning,
		DesiredConfigVersion: instance.Spec.ConfigVersion(), ReconciledConfigVersion: instance.Spec.ConfigVersion(),
		InputsVersion: instance.InputsVersion(), ControllerUUID: "uuid", UID: testUID,
	}
	for _, each := range runsOf(t, jobs...) {
		record.note(each.record())
	}
	return record
}

const (
	pending    = controller.StatusPending
	running    = controller.StatusRunning
	successful = controller.StatusSuccessful
	failed     = controller.StatusFailed
	canceled   = controller.StatusCanceled
)

// operatorSpec is the spec of a test of OSAC's operator, whose version TestConfigVersionIsTheOperators holds.
func operatorSpec() Spec {
	return Spec{
		TemplateID:         "osac.templates.ocp_virt_vm",
		Image:              &Image{SourceType: "registry", SourceRef: "quay.io/containerdisks/fedora:latest"},
		Cores:              2,
		MemoryGiB:          4,
		BootDisk:           &Disk{SizeGiB: 20},
		RunStrategy:        RunAlways,
		NetworkAttachments: []NetworkAttachment{{SubnetRef: "subnet-abc12"}},
	}
}

func timestamp(t *testing.T, text string) *Timestamp {
	t.Helper()
	moment, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	normal := NewTimestamp(moment)
	return &normal
}
