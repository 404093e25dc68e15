package provider

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

const moveVars = `{"osac_job_vars":{"resource":{"metadata":{"namespace":"ns","name":"web"},"spec":{"templateID":"a.b","cores":2}}},"site":"north"}`

// move moves the state of a resource of another provider.
func (s *server) move(t *testing.T, address, typeName string, attributes map[string]any) *tfprotov6.MoveResourceStateResponse {
	t.Helper()
	raw, err := json.Marshal(attributes)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := s.MoveResourceState(t.Context(), &tfprotov6.MoveResourceStateRequest{
		SourceProviderAddress: address, SourceTypeName: typeName, TargetTypeName: instanceType, SourceState: &tfprotov6.RawState{JSON: raw},
	})
	if err != nil {
		t.Fatal(err)
	}
	return resp
}

func TestMoveState(t *testing.T) {
	t.Parallel()
	for _, host := range []string{"registry.terraform.io", "registry.opentofu.org", "mirror.example.com"} {
		s := newServer(t)
		resp := s.move(t, host+"/ansible/aap", "aap_job", map[string]any{
			"url": "/api/controller/v2/jobs/14/", "extra_vars": moveVars, "status": "successful", "attribute_of_tomorrow": []int{1},
		})
		noErrors(t, resp.Diagnostics)
		state, err := resp.TargetState.Unmarshal(s.instance)
		if err != nil {
			t.Fatal(err)
		}
		values := attributesOf(t, state)
		if !values["name"].Equal(text("web")) || !values["cores"].Equal(number(2)) || !values["extra_vars"].Equal(text(`{"site":"north"}`)) ||
			!values["controller_uuid"].IsNull() || !state.IsFullyKnown() {
			t.Errorf("%s: the state is %s", host, state)
		}
		if values["last_job"].IsNull() || !attributesOf(t, values["last_job"])["id"].Equal(text("14")) {
			t.Errorf("%s: the last job is %s", host, values["last_job"])
		}
	}
}

func TestMoveStateRefused(t *testing.T) {
	t.Parallel()
	const aap = "registry.terraform.io/ansible/aap"
	for name, test := range map[string]struct {
		address, typeName string
		extraVars         any
		mentions          string
	}{
		"another provider": {"registry.terraform.io/other/aap", "aap_job", moveVars, "Unable to Move Resource State"},
		"another type":     {aap, "aap_workflow_job", moveVars, "Unable to Move Resource State"},
		"no variables":     {aap, "aap_job", nil, "it has no extra_vars"},
		"yaml":             {aap, "aap_job", "os: Linux", "no JSON object"},
		"no instance":      {aap, "aap_job", `{"secret":"s3cr3t"}`, "no ComputeInstance"},
		"no name":          {aap, "aap_job", `{"osac_job_vars":{"resource":{"metadata":{}}}}`, "metadata.name"},
		"unknown spec":     {aap, "aap_job", `{"osac_job_vars":{"resource":{"metadata":{"name":"a","namespace":"b"},"spec":{"vcpus":"many"}}}}`, "vcpus"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resp := newServer(t).move(t, test.address, test.typeName, map[string]any{"extra_vars": test.extraVars, "url": "/api/v2/jobs/1/"})
			said := ""
			for _, d := range resp.Diagnostics {
				said += d.Summary + ": " + d.Detail
			}
			if !strings.Contains(said, test.mentions) || strings.Contains(said, "s3cr3t") {
				t.Errorf("want an error that mentions %q, got %q", test.mentions, said)
			}
		})
	}
}
