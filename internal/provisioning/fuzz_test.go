package provisioning

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/jobs/jobstest"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

// fitForState wants text that is kept of a job to be bounded and fit to print.
func fitForState(t *testing.T, what, text string, most int) {
	t.Helper()
	if text != transport.OneLine(text) || len(text) > most+len("…") {
		t.Errorf("%s is not fit for state: %.300q", what, text)
	}
}

// FuzzReadRun reads any extra vars and artifacts of a job: what of them goes into a record is bounded and fit to print, can
// be read back, and an instance that is read from them is sent again as it was.
func FuzzReadRun(f *testing.F) {
	for _, seed := range []string{
		`{"osac_job_vars":{"resource":{"metadata":{"name":"vm","namespace":"ns","annotations":{"a":1}},"spec":{"cores":2}}}}`,
		`{"ansible_eda":{"event":{"payload":{"metadata":{}},"meta":{}}}}`, `{}`, `[]`, `null`, ``,
		`{"ansible_eda":{"event":{"payload":"text"}}}`, strings.Repeat(`{"a":`, 100),
		`{"osac_job_vars":{"resource":{"metadata":{"name":"vm"},"spec":{"restartRequestedAt":"9999-12-31T23:59:59-12:00"},"status":{"lastRestartedAt":"0000-01-01T00:00:00+12:00"}}}}`,
		`{"osac_job_vars":{"resource":{"metadata":{"annotations":{"osac.openshift.io/inputs-version":"\u001b[2J"}},"status":{"desiredConfigVersion":"\u202e"}}}}`,
	} {
		f.Add(seed, `{"ip_address":"10.0.0.5"}`, "failed", "because")
	}
	f.Add(`{"osac_job_vars":{"resource":{}}}`, `{"ip_address":"\u001b]8;;x"}`, "\x1b[31mrunning", "a\nb\u202e")
	f.Fuzz(func(t *testing.T, extraVars, artifacts, status, explanation string) {
		job := controller.Job{ExtraVars: extraVars, Status: controller.Status(status), Explanation: explanation, Artifacts: json.RawMessage(artifacts)}
		read, ok := jobs.ReadRun(osac.ComputeInstance, job, osac.Provision)
		if !ok {
			return
		}
		entry := read.Record()
		fitForState(t, "the message", entry.Message, jobs.MaxJobMessage)
		fitForState(t, "the config version", entry.ConfigVersion, jobs.MaxVersion)
		_ = read.Serves(osac.Instance{Spec: osac.ComputeInstanceSpec{}}, nil, false)
		var record jobs.Record
		record.Rebuild(jobs.NewHistory([]jobs.Run{read}))
		fitForState(t, "the inputs version", record.InputsVersion, jobs.MaxVersion)
		fitForState(t, "the address", record.IPAddress, jobs.MaxAddress)
		if record.Artifacts != nil && !json.Valid(record.Artifacts) {
			t.Errorf("artifacts %q", record.Artifacts)
		}
		if last := record.LastRestartedAt; last != nil && !osac.Writable(last.Time) {
			t.Errorf("the last restart %s can't be read back", last)
		}
		if instance, err := read.Instance(nil); err == nil {
			sentAgain(t, instance)
		}
	})
}

func sentAgain(t *testing.T, instance osac.Instance) {
	t.Helper()
	payload, err := osac.NewPayload(osac.PayloadSettings{Kind: osac.ComputeInstance}, instance, nil, osac.RunLabels{InputsVersion: instance.InputsVersion()})
	if err != nil {
		t.Fatal(err)
	}
	vars, err := payload.LaunchVars(osac.FormatBoth)
	if err != nil {
		return // template parameters that are no object
	}
	again, ok := jobs.ReadRun(osac.ComputeInstance, controller.Job{ExtraVars: string(vars)}, osac.Provision)
	if !ok || !again.Serves(instance, nil, false) || again.Key() != instance.Key {
		t.Errorf("%+v is sent as %s", instance, vars)
	}
}

// FuzzSpec reads any spec: one that can be represented has the same version when it is written and read again.
func FuzzSpec(f *testing.F) {
	rich, err := json.Marshal(jobstest.OperatorSpec())
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{
		string(rich), `{}`, `null`, `{"cores":1e3}`, `{"cores":"2"}`, `{"unknown":1}`, `{"restartRequestedAt":"2026-08-22T13:00:00.7+02:00"}`,
		`{"restartRequestedAt":"9999-12-31T23:59:59-12:00"}`, `{"templateParameters":"{\"z\":1,\"a\":[1.50,null,\"<&>\"]}","networkAttachments":[{"subnetRef":"a","securityGroupRefs":["b","a"]}]}`,
		`{"templateID":"\ud800"}`, `{"image":null,"gpu":{"count":9223372036854775807}}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, document string) {
		spec, err := jobs.Run{Resource: jobs.JobResource{Spec: json.RawMessage(document)}}.Spec()
		if err != nil {
			return
		}
		written, err := json.Marshal(osac.SentSpec{Spec: spec})
		if err != nil {
			t.Fatal(err)
		}
		again, err := jobs.Run{Resource: jobs.JobResource{Spec: written}}.Spec()
		if err != nil || again.ConfigVersion() != spec.ConfigVersion() || !again.Same(spec) {
			t.Errorf("%s is written as %s and read as %+v: %v", document, written, again, err)
		}
	})
}

func FuzzCanonicalJSON(f *testing.F) {
	for _, seed := range []string{`{}`, `{"b":1,"a":[1.50,null,"<"]}`, `[1]`, `{"a":1} {}`, `1e400`, "\xff", ``} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, document string) {
		canonical, err := osac.CanonicalJSON([]byte(document))
		if err != nil {
			return
		}
		again, err := osac.CanonicalJSON(canonical)
		if err != nil || string(again) != string(canonical) {
			t.Errorf("the normal form %q of %q is not stable: %q, %v", canonical, document, again, err)
		}
	})
}

// FuzzReadBack reads any text where state and private state hold what the provider has written: a watermark, a job's
// number and its address.
func FuzzReadBack(f *testing.F) {
	for _, seed := range []string{
		"16@2026-11-23T12:00:00.000001Z", "16", "-1@2026-11-23T12:00:00Z", "9223372036854775808@x", "1@9999-12-31T23:59:59-12:00", "@", "+16@0000-01-01T00:00:00+12:00",
		"https://aap.example.com/api/v2/jobs/16/", "/api/controller/v2/workflow_jobs/62", "jobs/0", "jobs/-1/", "http://[::1", "jobs/16/?x#y", "%zz/jobs/1",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		mark := jobs.ParseWatermark(text)
		if mark.JobID < 0 || mark != (jobs.Watermark{}) && (mark.JobID == 0 || mark.Created.Location() != time.UTC) {
			t.Errorf("%q is the watermark %+v", text, mark)
		}
		if again := jobs.ParseWatermark(mark.String()); again.JobID != mark.JobID || !again.Created.Equal(mark.Created) {
			t.Errorf("%q is the watermark %s, and that is %s", text, mark, again)
		}
		if number := (jobs.JobRecord{ID: text}).Number(); number < 0 {
			t.Errorf("%q is the job %d", text, number)
		}
		if ref, ok := controller.RefOf(text); ok && (ref.ID <= 0 || ref.Kind != controller.KindJob && ref.Kind != controller.KindWorkflowJob) {
			t.Errorf("%q is the job %+v", text, ref)
		}
	})
}
