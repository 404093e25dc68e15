package provider

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// call calls a function as Terraform does.
func (s *server) call(t *testing.T, name string, returns tftypes.Type, arguments ...tftypes.Value) (tftypes.Value, *tfprotov6.FunctionError) {
	t.Helper()
	req := &tfprotov6.CallFunctionRequest{Name: name}
	for i, argument := range arguments {
		typ := argument.Type()
		if name != "parse_compute_instance_id" && i != 1 {
			typ = tftypes.DynamicPseudoType
		}
		req.Arguments = append(req.Arguments, dynamic(t, typ, argument))
	}
	resp, err := s.CallFunction(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	if resp.Error != nil {
		return tftypes.Value{}, resp.Error
	}
	value, err := resp.Result.Unmarshal(returns)
	if err != nil {
		t.Fatal(err)
	}
	return value, nil
}

// objectValue makes an object of exactly the given attributes.
func objectValue(attributes map[string]tftypes.Value) tftypes.Value {
	typ := tftypes.Object{AttributeTypes: map[string]tftypes.Type{}}
	for name, value := range attributes {
		typ.AttributeTypes[name] = value.Type()
	}
	return tftypes.NewValue(typ, attributes)
}

func tuple(values ...tftypes.Value) tftypes.Value {
	typ := tftypes.Tuple{}
	for _, value := range values {
		typ.ElementTypes = append(typ.ElementTypes, value.Type())
	}
	return tftypes.NewValue(typ, values)
}

func asText(t *testing.T, value tftypes.Value) string {
	t.Helper()
	var text string
	if err := value.As(&text); err != nil {
		t.Fatal(err)
	}
	return text
}

func wantFunctionError(t *testing.T, got *tfprotov6.FunctionError, argument int64, mentions string) {
	t.Helper()
	if got == nil || got.FunctionArgument == nil || *got.FunctionArgument != argument || !strings.Contains(got.Text, mentions) {
		t.Errorf("want an error at argument %d that mentions %q, got %+v", argument, mentions, got)
	}
}

func TestConfigVersionFunction(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	spec := map[string]tftypes.Value{
		"cores": number(2), "memory_gib": number(4),
		"network_attachments": tuple(objectValue(map[string]tftypes.Value{
			"subnet_ref": text("one"), "security_group_refs": tuple(text("b"), text("a")),
		})),
	}
	got, failure := s.call(t, "config_version", tftypes.String, objectValue(spec))
	if failure != nil {
		t.Fatal(failure.Text)
	}
	planned := s.configured(t, nil).plan(t, map[string]tftypes.Value{
		"name": text("web"), "cores": number(2), "memory_gib": number(4),
		"network_attachments": nested(t, s.instance.AttributeTypes["network_attachments"], []any{
			map[string]any{"subnet_ref": "one", "security_group_refs": []any{"a", "b"}},
		}),
	}, nil)
	if want := asText(t, planned.values["desired_config_version"]); asText(t, got) != want {
		t.Errorf("the function says %s, the plan %s", asText(t, got), want)
	}
}

func TestFunctionErrors(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	named := objectValue(map[string]tftypes.Value{"name": text("web")})
	for name, test := range map[string]struct {
		function  string
		arguments []tftypes.Value
		at        int64
		mentions  string
	}{
		"no object":           {"config_version", []tftypes.Value{text("x")}, 0, "must be an object, and is a string"},
		"unknown attribute":   {"config_version", []tftypes.Value{objectValue(map[string]tftypes.Value{"cpus": number(1)})}, 0, "no attribute cpus"},
		"wrong type":          {"config_version", []tftypes.Value{objectValue(map[string]tftypes.Value{"cores": text("two")})}, 0, "cores must be a number"},
		"parameters no JSON":  {"config_version", []tftypes.Value{objectValue(map[string]tftypes.Value{"template_parameters": text("{")})}, 0, "template_parameters"},
		"a fraction":          {"config_version", []tftypes.Value{objectValue(map[string]tftypes.Value{"cores": tftypes.NewValue(tftypes.Number, 1.5)})}, 0, "cores must be a whole number, and is 1.5"},
		"null element":        {"config_version", []tftypes.Value{objectValue(map[string]tftypes.Value{"additional_disks": tuple(tftypes.NewValue(tftypes.DynamicPseudoType, nil))})}, 0, "null value at additional_disks[0]"},
		"null label":          {"compute_instance_payload", []tftypes.Value{objectValue(map[string]tftypes.Value{"name": text("web"), "labels": objectValue(map[string]tftypes.Value{"a": tftypes.NewValue(tftypes.String, nil)})}), text("provision")}, 0, "null value at labels.a"},
		"no name":             {"compute_instance_payload", []tftypes.Value{objectValue(map[string]tftypes.Value{"cores": number(1)}), text("provision")}, 0, "name is missing"},
		"another verb":        {"compute_instance_payload", []tftypes.Value{named, text("delete")}, 1, `"deprovision"`},
		"hub's attribute":     {"compute_instance_payload", []tftypes.Value{named, text("provision"), objectValue(map[string]tftypes.Value{"own": text("x")})}, 2, "no attribute own"},
		"two hubs":            {"compute_instance_payload", []tftypes.Value{named, text("provision"), objectValue(nil), objectValue(nil)}, 3, "only one"},
		"reaching extra vars": {"compute_instance_payload", []tftypes.Value{objectValue(map[string]tftypes.Value{"name": text("web"), "extra_vars": text(`{"osac_job_vars":{"resource":{}}}`)}), text("provision")}, 0, "osac_job_vars.resource"},
		"half an id":          {"parse_compute_instance_id", []tftypes.Value{text("web")}, 0, "namespace/name"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, failure := s.call(t, test.function, tftypes.DynamicPseudoType, test.arguments...)
			wantFunctionError(t, failure, test.at, test.mentions)
		})
	}
}

func TestComputeInstancePayloadFunction(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	instance := objectValue(map[string]tftypes.Value{
		"name": text("web"), "tenant": text("tenant-a"), "cores": number(2), "extra_vars": text(`{"own":1}`),
		"restart_requested_at": text("2026-08-22T11:00:00Z"), "last_restarted_at": text("2026-08-21T11:00:00Z"),
		"jobs": tuple(objectValue(map[string]tftypes.Value{"id": text("7")})), // as the data source shows
	})
	hub := objectValue(map[string]tftypes.Value{"owner": text("me"), "payload_format": text("osac_job_vars"), "extra_vars": text(`{"site":"north"}`)})
	got, failure := s.call(t, "compute_instance_payload", tftypes.String, instance, text("provision"), hub)
	if failure != nil {
		t.Fatal(failure.Text)
	}
	var vars struct {
		Own     int             `json:"own"`
		Site    string          `json:"site"`
		EDA     json.RawMessage `json:"ansible_eda"`
		JobVars struct {
			Resource struct {
				Metadata struct {
					Namespace   string            `json:"namespace"`
					Annotations map[string]string `json:"annotations"`
				} `json:"metadata"`
				Status map[string]any `json:"status"`
			} `json:"resource"`
		} `json:"osac_job_vars"`
	}
	if err := json.Unmarshal([]byte(asText(t, got)), &vars); err != nil {
		t.Fatal(err)
	}
	metadata := vars.JobVars.Resource.Metadata
	if vars.Own != 1 || vars.Site != "north" || vars.EDA != nil || metadata.Namespace != "osac-computeinstance" ||
		metadata.Annotations["osac.openshift.io/owner"] != "me" || metadata.Annotations["osac.openshift.io/run-id"] != "RUN-ID" ||
		vars.JobVars.Resource.Status["lastRestartedAt"] != "2026-08-21T11:00:00Z" {
		t.Errorf("the payload is %s", asText(t, got))
	}
}

func TestParseComputeInstanceIDFunction(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	parts := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"hub": tftypes.String, "namespace": tftypes.String, "name": tftypes.String}}
	for id, want := range map[string][3]string{
		"ns/web":      {"default", "ns", "web"},
		"east/ns/web": {"east", "ns", "web"},
	} {
		got, failure := s.call(t, "parse_compute_instance_id", parts, text(id))
		if failure != nil {
			t.Fatal(failure.Text)
		}
		values := attributesOf(t, got)
		if read := [3]string{asText(t, values["hub"]), asText(t, values["namespace"]), asText(t, values["name"])}; read != want {
			t.Errorf("%s is taken for %v, want %v", id, read, want)
		}
	}
}
