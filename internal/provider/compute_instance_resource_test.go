package provider

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/osac-project/terraform-provider-osac/internal/provider/computeinstance"
	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

const (
	createTemplate = "osac-create-compute-instance"
	deleteTemplate = "osac-delete-compute-instance"
)

// stage is a provider before a simulated controller.
type stage struct {
	*server
	sandbox *sandbox.Sandbox
	url     string
	// identity is what Terraform has stored as the instance's identity, where a test is about that.
	identity *tfprotov6.ResourceIdentityData
}

func newStage(t *testing.T) *stage {
	t.Helper()
	t.Parallel()
	controller := sandbox.New(sandbox.Options{Token: "t0ken", JobDuration: 20 * time.Millisecond})
	listener := httptest.NewServer(controller)
	t.Cleanup(listener.Close)
	s := &stage{server: newServer(t), sandbox: controller, url: listener.URL}
	s.configured(t, s.access())
	return s
}

func (s *stage) access() map[string]tftypes.Value {
	return map[string]tftypes.Value{"url": text(s.url), "token": text("t0ken"), "namespace": text("ns")}
}

// restart gives Terraform's next process: another provider, differently configured.
func (s *stage) restart(t *testing.T, attributes map[string]tftypes.Value) {
	t.Helper()
	s.server = newServer(t)
	s.configured(t, attributes)
}

// outcome is what an operation leaves behind.
type outcome struct {
	identityData *tfprotov6.ResourceIdentityData
	state        tftypes.Value
	values       map[string]tftypes.Value
	identity     map[string]string
	diagnostics  []*tfprotov6.Diagnostic
	// private is the private state of an apply.
	private []byte
}

// watermark is what an apply has left in private state; empty if it has left none.
func (o outcome) watermark(t *testing.T) string {
	t.Helper()
	var keys map[string][]byte
	var text string
	if len(o.private) > 0 && json.Unmarshal(o.private, &keys) != nil {
		t.Fatalf("private state is %s", o.private)
	}
	if value := keys[computeinstance.WatermarkKey]; value != nil && json.Unmarshal(value, &text) != nil {
		t.Fatalf("the watermark is %s", value)
	}
	return text
}

func (o outcome) text(t *testing.T, name string) string {
	t.Helper()
	var value string
	if o.values[name].IsNull() {
		return ""
	}
	if err := o.values[name].As(&value); err != nil {
		t.Fatal(err)
	}
	return value
}

func (s *stage) outcome(t *testing.T, state *tfprotov6.DynamicValue, identity *tfprotov6.ResourceIdentityData, diagnostics []*tfprotov6.Diagnostic) outcome {
	t.Helper()
	raw, err := state.Unmarshal(s.instance)
	if err != nil {
		t.Fatal(err)
	}
	if !raw.IsFullyKnown() {
		t.Errorf("something is unknown in what is returned: %s", raw)
	}
	result := outcome{state: raw, values: attributesOf(t, raw), diagnostics: diagnostics, identity: map[string]string{}}
	if identity == nil || identity.IdentityData == nil {
		return result
	}
	result.identityData = identity
	decoded, err := identity.IdentityData.Unmarshal(identityType())
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range attributesOf(t, decoded) {
		var field string
		if !value.IsNull() && value.As(&field) == nil {
			result.identity[name] = field
		}
	}
	return result
}

func identityType() tftypes.Object {
	return tftypes.Object{AttributeTypes: map[string]tftypes.Type{"hub": tftypes.String, "namespace": tftypes.String, "name": tftypes.String}}
}

// apply plans and applies as Terraform does; a nil configuration destroys.
func (s *stage) apply(t *testing.T, config map[string]tftypes.Value, state *tftypes.Value) outcome {
	t.Helper()
	prior, after, configured := tftypes.NewValue(s.instance, nil), tftypes.NewValue(s.instance, nil), tftypes.NewValue(s.instance, nil)
	if state != nil {
		prior = *state
	}
	if config != nil {
		plan := s.plan(t, config, state)
		noErrors(t, plan.diagnostics)
		after, configured = plan.raw, objectOf(s.instance, config)
	}
	resp, err := s.ApplyResourceChange(t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		PlannedIdentity: s.identity,
		TypeName:        instanceType, PriorState: dynamic(t, s.instance, prior),
		PlannedState: dynamic(t, s.instance, after), Config: dynamic(t, s.instance, configured),
	})
	if err != nil {
		t.Fatal(err)
	}
	applied := s.outcome(t, resp.NewState, resp.NewIdentity, resp.Diagnostics)
	applied.private = resp.Private
	return applied
}

func (s *stage) read(t *testing.T, state tftypes.Value) outcome {
	t.Helper()
	resp, err := s.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{TypeName: instanceType, CurrentState: dynamic(t, s.instance, state)})
	if err != nil {
		t.Fatal(err)
	}
	return s.outcome(t, resp.NewState, resp.NewIdentity, resp.Diagnostics)
}

func (s *stage) launches(template string) int {
	count := 0
	for _, job := range s.sandbox.AllJobs() {
		if job.Template == template {
			count++
		}
	}
	return count
}

// byHand launches a template as somebody would in AAP, and waits for the job's end.
func (s *stage) byHand(t *testing.T, template, extraVars string) {
	t.Helper()
	launched := s.sandbox.LaunchByHand(template, extraVars, "admin")
	if _, err := s.sandbox.WaitForJob(t.Context(), func(job sandbox.Job) bool { return job.ID == launched && !job.Active() }); err != nil {
		t.Fatal(err)
	}
}

func TestInstanceLivesAndDies(t *testing.T) {
	s := newStage(t)
	config := everything(t, s.server, map[string]tftypes.Value{
		"extra_vars_wo": text(`{"password":"hunter2"}`), "restart_requested_at": tftypes.NewValue(tftypes.String, nil),
	})
	made := s.apply(t, config, nil)
	noErrors(t, made.diagnostics)
	if made.text(t, "phase") != "Running" || made.text(t, "reconciled_config_version") != made.text(t, "desired_config_version") ||
		made.text(t, "id") != "osac-system/web-1" || made.text(t, "controller_uuid") != s.sandbox.InstallUUID() {
		t.Errorf("got %s", made.state)
	}
	if made.identity["hub"] != "default" || made.identity["namespace"] != "osac-system" || made.identity["name"] != "web-1" {
		t.Errorf("identity is %v", made.identity)
	}
	if strings.Contains(made.state.String(), "hunter2") || !strings.Contains(s.sandbox.AllJobs()[0].ExtraVars, "hunter2") {
		t.Error("write-only variables must reach the job, and not the state")
	}

	if agent := s.sandbox.Requests()[0].Header.Get("User-Agent"); agent != "terraform-provider-osac/test terraform/1.11.4" {
		t.Errorf("user agent is %q", agent)
	}

	read := s.read(t, made.state)
	noErrors(t, read.diagnostics)
	if diff, err := read.state.Diff(made.state); err != nil || len(diff) > 0 {
		t.Errorf("reading changes %v, %v", diff, err)
	}
	config["run_strategy"] = text("Halted")
	changed := s.apply(t, config, &read.state)
	noErrors(t, changed.diagnostics)
	if changed.text(t, "phase") != "Stopped" || changed.text(t, "desired_config_version") == made.text(t, "desired_config_version") {
		t.Errorf("got %s", changed.state)
	}

	// A process deletes nothing that it has made.
	s.restart(t, s.access())
	gone := s.apply(t, nil, &changed.state)
	noErrors(t, gone.diagnostics)
	if !gone.state.IsNull() || s.launches(createTemplate) != 2 || s.launches(deleteTemplate) != 1 {
		t.Errorf("state %s after %d and %d launches", gone.state, s.launches(createTemplate), s.launches(deleteTemplate))
	}
}

func TestFailuresKeepWhatTerraformMustKnow(t *testing.T) {
	s := newStage(t)
	quick := sandbox.Behavior{Outcome: "failed", Message: "no space left", EventDelay: -1}
	s.sandbox.BehaveNext(createTemplate, quick)
	failed := s.apply(t, smallest(nil), nil)
	wantError(t, failed.diagnostics, "", "no space left")
	if failed.text(t, "phase") != "Failed" || failed.text(t, "reconciled_config_version") != "" {
		t.Errorf("after a failed create: %s", failed.state)
	}
	finished := s.apply(t, smallest(nil), &failed.state)
	noErrors(t, finished.diagnostics)

	s.sandbox.BehaveNext(createTemplate, quick)
	failed = s.apply(t, smallest(map[string]tftypes.Value{
		"labels": texts(map[string]string{"a": "b"}), "extra_vars_wo": text(`{"password":"hunter2"}`),
	}), &finished.state)
	wantError(t, failed.diagnostics, "", "no space left")
	// Beside an error, the framework does not take write-only values out of what is returned.
	if strings.Contains(failed.state.String(), "hunter2") {
		t.Error("write-only variables are in the state")
	}
	if failed.text(t, "phase") != "Failed" || failed.identity["name"] != "web-1" {
		t.Errorf("after a failed update: %s, %v", failed.state, failed.identity)
	}

	s.restart(t, s.access())
	s.sandbox.BehaveNext(deleteTemplate, quick)
	kept := s.apply(t, nil, &failed.state)
	wantError(t, kept.diagnostics, "", "stays in Terraform's state")
	if kept.state.IsNull() || kept.text(t, "reconciled_config_version") != "" {
		t.Errorf("after a failed delete: %s", kept.state)
	}
	if mark := kept.watermark(t); !strings.HasPrefix(mark, "3@") && !strings.HasPrefix(mark, "4@") {
		t.Errorf("the failed delete has left the watermark %q", mark)
	}
}

func TestRefusedCreateLeavesNoState(t *testing.T) {
	s := newStage(t)
	s.byHand(t, createTemplate, `{"osac_job_vars":{"resource":{"metadata":{"name":"web-1","namespace":"ns"},"spec":{"templateID":"x"}}}}`)
	refused := s.apply(t, smallest(nil), nil)
	wantError(t, refused.diagnostics, "name", "take_over")
	if !refused.state.IsNull() {
		t.Errorf("state is %s", refused.state)
	}
	taken := s.apply(t, smallest(map[string]tftypes.Value{"take_over": tftypes.NewValue(tftypes.Bool, true)}), nil)
	noErrors(t, taken.diagnostics)
}

func TestSkipDestroyLaunchesNothing(t *testing.T) {
	s := newStage(t)
	made := s.apply(t, smallest(map[string]tftypes.Value{"skip_destroy": tftypes.NewValue(tftypes.Bool, true)}), nil)
	noErrors(t, made.diagnostics)
	gone := s.apply(t, nil, &made.state)
	noErrors(t, gone.diagnostics)
	if !gone.state.IsNull() || s.launches(deleteTemplate) != 0 {
		t.Errorf("state %s, %d launches", gone.state, s.launches(deleteTemplate))
	}
}

func TestReadNoticesThatTheInstanceIsGone(t *testing.T) {
	s := newStage(t)
	made := s.apply(t, smallest(nil), nil)
	noErrors(t, made.diagnostics)
	s.byHand(t, deleteTemplate, s.sandbox.AllJobs()[0].ExtraVars)
	read := s.read(t, made.state)
	noErrors(t, read.diagnostics)
	if !read.state.IsNull() {
		t.Errorf("state is %s", read.state)
	}
}

func TestHubsThatAreNotKnownYet(t *testing.T) {
	s := newStage(t)
	made := s.apply(t, smallest(nil), nil)
	noErrors(t, made.diagnostics)
	s.restart(t, map[string]tftypes.Value{"url": text(s.url), "token": tftypes.NewValue(tftypes.String, tftypes.UnknownValue)})
	read := s.read(t, made.state)
	noErrors(t, read.diagnostics)
	if diff, err := read.state.Diff(made.state); err != nil || len(diff) > 0 {
		t.Errorf("reading changes %v, %v", diff, err)
	}
	kept := s.apply(t, nil, &made.state)
	wantError(t, kept.diagnostics, "hub", "not known yet")
	if kept.state.IsNull() {
		t.Error("the instance was dropped from state")
	}
}

// X40: the settings of the default hub move into hubs, and nothing else changes.
func TestRenamedHubIsNoReplacement(t *testing.T) {
	s := newStage(t)
	made := s.apply(t, smallest(nil), nil)
	noErrors(t, made.diagnostics)
	other := sandbox.New(sandbox.Options{Token: "t0ken"})
	listener := httptest.NewServer(other)
	t.Cleanup(listener.Close)
	elsewhere := map[string]tftypes.Value{"url": text(listener.URL), "token": text("t0ken")}
	s.restart(t, map[string]tftypes.Value{"hubs": s.hubs(t, map[string]map[string]tftypes.Value{"another": elsewhere, "east": s.access()})})

	read := s.read(t, made.state)
	noErrors(t, read.diagnostics)
	if plan := s.plan(t, smallest(map[string]tftypes.Value{"hub": text("another")}), &read.state); len(plan.replace) != 1 {
		t.Errorf("another controller replaces for %v", plan.replace)
	}
	plan := s.plan(t, smallest(map[string]tftypes.Value{"hub": text("east")}), &read.state)
	noErrors(t, plan.diagnostics)
	wantOpen(t, plan, false)
	wantText(t, plan, "id", "east/ns/web-1")
	if len(plan.replace) > 0 {
		t.Errorf("replaced for %v", plan.replace)
	}
	s.identity = read.identityData
	moved := s.apply(t, smallest(map[string]tftypes.Value{"hub": text("east")}), &read.state)
	noErrors(t, moved.diagnostics)
	if moved.text(t, "hub") != "east" || moved.identity["hub"] != "east" || s.launches(createTemplate) != 1 {
		t.Errorf("got %s, %v after %d launches", moved.state, moved.identity, s.launches(createTemplate))
	}

	s.restart(t, map[string]tftypes.Value{"hubs": s.hubs(t, map[string]map[string]tftypes.Value{"east": elsewhere})})
	changed := smallest(map[string]tftypes.Value{"hub": text("east"), "labels": texts(map[string]string{"app": "web"})})
	plan = s.plan(t, changed, &moved.state)
	wantError(t, plan.diagnostics, "hub", moved.text(t, "controller_uuid"))
	if len(plan.replace) > 0 {
		t.Errorf("the same key at another controller replaces for %v", plan.replace)
	}

	s.restart(t, map[string]tftypes.Value{"hubs": s.hubs(t, map[string]map[string]tftypes.Value{"another": elsewhere})})
	wantError(t, s.read(t, moved.state).diagnostics, "hub", "destroy = false")
}

func TestImportGivesAnEmptyPlan(t *testing.T) {
	s := newStage(t)
	// Extra vars and triggers are never read back; see TestPlanOfAnUnchangedInstanceIsEmpty for other forms.
	config := everything(t, s.server, map[string]tftypes.Value{"namespace": text("ns")})
	for _, name := range []string{"extra_vars", "extra_vars_wo_version", "triggers"} {
		delete(config, name)
	}
	noErrors(t, s.apply(t, config, nil).diagnostics)
	identity := tftypes.NewValue(identityType(), map[string]tftypes.Value{
		"hub": tftypes.NewValue(tftypes.String, nil), "namespace": tftypes.NewValue(tftypes.String, nil), "name": text("web-1"),
	})
	for name, request := range map[string]*tfprotov6.ImportResourceStateRequest{
		"id":       {TypeName: instanceType, ID: "ns/web-1"},
		"identity": {TypeName: instanceType, Identity: &tfprotov6.ResourceIdentityData{IdentityData: dynamic(t, identityType(), identity)}},
	} {
		t.Run(name, func(t *testing.T) {
			resp, err := s.ImportResourceState(t.Context(), request)
			if err != nil {
				t.Fatal(err)
			}
			noErrors(t, resp.Diagnostics)
			imported := s.outcome(t, resp.ImportedResources[0].State, resp.ImportedResources[0].Identity, nil)
			if imported.identity["hub"] != "default" {
				t.Errorf("identity is %v", imported.identity)
			}
			plan := s.plan(t, config, &imported.state)
			noErrors(t, plan.diagnostics)
			if diff, err := plan.raw.Diff(imported.state); err != nil || len(diff) > 0 {
				t.Errorf("the plan changes %v, %v", diff, err)
			}
		})
	}
	for id, mentions := range map[string]string{"web-1": "namespace/name", "west/ns/web-1": "no hub", "ns/web-2": "No successful job"} {
		resp, err := s.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: instanceType, ID: id})
		if err != nil || len(resp.Diagnostics) != 1 || !strings.Contains(resp.Diagnostics[0].Detail, mentions) {
			t.Errorf("%s: got %v, %v", id, resp.Diagnostics, err)
		}
	}
}

func TestPlanAsksTheHub(t *testing.T) {
	s := newStage(t)
	s.sandbox.RemoveTemplate(deleteTemplate)
	wantError(t, s.plan(t, smallest(nil), nil).diagnostics, "hub", deleteTemplate)

	s.sandbox.AddTemplate(sandbox.Template{Name: deleteTemplate, AsksVariables: true})
	s.sandbox.SetTemplate(createTemplate, func(template *sandbox.Template) {
		template.Survey = []sandbox.Question{{Variable: "ticket", Required: true}}
	})
	s.restart(t, s.access())
	wantError(t, s.plan(t, smallest(nil), nil).diagnostics, "hub", "ticket")
	noErrors(t, s.plan(t, smallest(map[string]tftypes.Value{"extra_vars_wo": text(`{"ticket":"1"}`)}), nil).diagnostics)
	// What isn't known yet may have the variable.
	noErrors(t, s.plan(t, smallest(map[string]tftypes.Value{"extra_vars_wo": tftypes.NewValue(tftypes.String, tftypes.UnknownValue)}), nil).diagnostics)

	access := s.access()
	access["token"] = text("wrong")
	s.restart(t, access)
	plan := s.plan(t, smallest(nil), nil)
	wantError(t, plan.diagnostics, "hub", "401")
	if !strings.Contains(plan.diagnostics[0].Summary, "credentials") {
		t.Errorf("got %q", plan.diagnostics[0].Summary)
	}
}
