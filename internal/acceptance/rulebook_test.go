package acceptance

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

// The tests of this file prove the chain without the provider: an event as the provider sends it, a real
// ansible-rulebook with an example rulebook, the simulated controller, and real runs of the example playbooks.

// eventBody is the body that the provider posts for an instance: the ComputeInstance, with what else its job is to get.
func eventBody(verb, name string, simulate map[string]any) map[string]any {
	parameters := map[string]any{"simulate": simulate}
	encoded, _ := json.Marshal(parameters) // strings and numbers
	instance := map[string]any{
		"apiVersion": "osac.openshift.io/v1alpha1",
		"kind":       "ComputeInstance",
		"metadata":   map[string]any{"name": name, "namespace": namespace},
		"spec": map[string]any{
			"templateID": "osac.templates.ocp_virt_vm", "templateParameters": string(encoded), "cores": 2.0, "memoryGiB": 4.0,
			"networkAttachments": []any{map[string]any{"subnetRef": "subnet-abc12"}},
		},
		"status": map[string]any{"tenantReference": map[string]any{"name": "tenant-a", "namespace": namespace}},
	}
	classes := []any{map[string]any{"name": "lvms-tenant-a", "tier": "local"}}
	body := maps.Clone(instance)
	body["osac_verb"] = verb
	body["tenant_storage_classes"] = classes
	body["extra_vars"] = map[string]any{
		"osac_job_vars":       map[string]any{"resource": instance, "tenant_storage_classes": classes},
		"template_parameters": parameters,
		// Nothing on the way may take these for a template, a number or a truth.
		"own": map[string]any{"text": "{{ 6 * 7 }} ü", "digits": "08", "word": "yes", "none": nil, "list": []any{1.0, true}},
	}
	return body
}

// jobOf waits for the job of the instance to have the status.
func (s *Site) jobOf(t *testing.T, template, name, status string) sandbox.Job {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	found, err := s.simulated.WaitForJob(ctx, func(j sandbox.Job) bool {
		return j.Template == template && j.Name == name && j.Status == status
	})
	if err != nil {
		t.Fatalf("%s of %s did not become %s: %+v", template, name, status, s.simulated.Jobs())
	}
	return found
}

// get reads what the controller answers at a path below /api/v2/.
func (s *Site) get(t *testing.T, path string) map[string]any {
	t.Helper()
	return s.send(t, http.MethodGet, path)
}

func (s *Site) send(t *testing.T, method, path string) map[string]any {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, s.url+"/api/v2/"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+s.token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }() // read below
	var body map[string]any
	if method == http.MethodGet {
		if err := json.NewDecoder(response.Body).Decode(&body); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
	}
	if response.StatusCode >= http.StatusBadRequest {
		t.Fatalf("%s %s was answered %d", method, path, response.StatusCode)
	}
	return body
}

func jobPath(j sandbox.Job) string { return "jobs/" + strconv.FormatInt(j.ID, 10) + "/" }

func TestRulebook_webhook(t *testing.T) {
	t.Parallel()
	site := StartReal(t)
	webhook := site.startRulebook("webhook.yml", nil)
	const create, remove = "create-compute-instance", "delete-compute-instance"

	t.Run("creates and deletes", func(t *testing.T) {
		name := site.newName()
		body := eventBody("create", name, map[string]any{"seconds": 1, "artifacts": map[string]any{"rack": "7"}})
		webhook.post(t, create, body)
		created := site.jobOf(t, createTemplate, name, "successful")
		site.gotWhatWasSent(t, created, body)
		artifacts, _ := site.get(t, jobPath(created))["artifacts"].(map[string]any)
		if artifacts["rack"] != "7" || artifacts["ip_address"] == nil {
			t.Errorf("artifacts are %v", artifacts)
		}
		webhook.post(t, remove, eventBody("delete", name, map[string]any{"delete_seconds": 0}))
		site.jobOf(t, deleteTemplate, name, "successful")
		for _, instance := range site.simulated.Instances() {
			if instance.Name == name {
				t.Errorf("%s is still there", name)
			}
		}
	})

	t.Run("a failing playbook tells why", func(t *testing.T) {
		name := site.newName()
		webhook.post(t, create, eventBody("create", name, map[string]any{"seconds": 0, "fail": "no {{ quota }} left"}))
		failed := site.jobOf(t, createTemplate, name, "failed")
		site.failedWith(t, failed, "Fail if asked", "no {{ quota }} left")
	})

	t.Run("a canceled job stops, and the rulebook goes on", func(t *testing.T) {
		name := site.newName()
		webhook.post(t, create, eventBody("create", name, map[string]any{"seconds": 600}))
		running := site.jobOf(t, createTemplate, name, "running")
		site.send(t, http.MethodPost, jobPath(running)+"cancel/")
		site.jobOf(t, createTemplate, name, "canceled")
		webhook.post(t, remove, eventBody("delete", name, map[string]any{"delete_seconds": 0}))
		site.jobOf(t, deleteTemplate, name, "successful")
	})

	t.Run("events run at once", func(t *testing.T) {
		first, second := site.newName(), site.newName()
		webhook.post(t, create, eventBody("create", first, map[string]any{"seconds": 4}))
		webhook.post(t, create, eventBody("create", second, map[string]any{"seconds": 4}))
		a, b := site.jobOf(t, createTemplate, first, "successful"), site.jobOf(t, createTemplate, second, "successful")
		if b.Created.After(a.Finished) {
			t.Errorf("the second job was started at %s, after the first ended at %s", clock(b.Created), clock(a.Finished))
		}
	})

	t.Run("a body that is the instance alone is enough", func(t *testing.T) {
		name := site.newName()
		body := eventBody("create", name, map[string]any{"seconds": 0})
		delete(body, "extra_vars")
		webhook.post(t, create, body)
		site.jobOf(t, createTemplate, name, "successful")
	})
}

func TestRulebook_eventStream(t *testing.T) {
	t.Parallel()
	site := StartReal(t)
	// Without an event stream the source is a webhook, which takes events at any path.
	stream := site.startRulebook("event-stream.yml", nil)
	name := site.newName()
	body := eventBody("create", name, map[string]any{"seconds": 0})
	stream.post(t, "post/", body)
	site.gotWhatWasSent(t, site.jobOf(t, createTemplate, name, "successful"), body)
	stream.post(t, "post/", eventBody("delete", name, map[string]any{"delete_seconds": 0, "delete_fail": "a volume is attached"}))
	site.failedWith(t, site.jobOf(t, deleteTemplate, name, "failed"), "Fail if asked", "a volume is attached")
}

// gotWhatWasSent checks that the job's extra vars are those of the body, and the body itself as the event.
func (s *Site) gotWhatWasSent(t *testing.T, j sandbox.Job, body map[string]any) {
	t.Helper()
	var got, sent map[string]any
	if err := json.Unmarshal([]byte(j.ExtraVars), &got); err != nil {
		t.Fatal(err)
	}
	encoded, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(encoded, &sent); err != nil { // the numbers are of one type now
		t.Fatal(err)
	}
	eda, _ := got["ansible_eda"].(map[string]any)
	happened, _ := eda["event"].(map[string]any)
	if !reflect.DeepEqual(happened["payload"], sent) {
		t.Errorf("ansible_eda.event.payload is\n%v\nsent was\n%v", happened["payload"], sent)
	}
	delete(got, "ansible_eda")
	if !reflect.DeepEqual(got, sent["extra_vars"]) {
		t.Errorf("the extra vars are\n%v\nsent were\n%v", got, sent["extra_vars"])
	}
}

// failedWith checks that the failure is told as a client looks for it (recordings 242, 244).
func (s *Site) failedWith(t *testing.T, j sandbox.Job, task, message string) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for s.get(t, jobPath(j))["event_processing_finished"] != true {
		if time.Now().After(deadline) {
			t.Fatal("the events did not come in")
		}
		time.Sleep(50 * time.Millisecond)
	}
	query := "job_events/?event__in=runner_on_failed,runner_on_unreachable&failed=true&order_by=-counter&page_size=1"
	rows, _ := s.get(t, jobPath(j)+query)["results"].([]any)
	if len(rows) != 1 {
		t.Fatalf("the failures are %v", rows)
	}
	failure, _ := rows[0].(map[string]any)
	data, _ := failure["event_data"].(map[string]any)
	if result, _ := data["res"].(map[string]any); failure["task"] != task || result["msg"] != message {
		t.Errorf("task %v failed with %v, want %s, %s", failure["task"], result, task, message)
	}
	if content, _ := s.get(t, jobPath(j)+"stdout/?format=json")["content"].(string); !strings.Contains(content, message) {
		t.Errorf("stdout is %s", content)
	}
}
