package sandbox

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestEveryLinkLeadsSomewhere follows every link from the API's roots on. None is broken: each is answered, or refused as
// not simulated, which is said here of every kind.
func TestEveryLinkLeadsSomewhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := workflowClient(t)
		c.launch(t, "osac-create-compute-instance", "a")
		c.launch(t, "wf-create-vm", "b")
		time.Sleep(time.Minute)
		found, refused := map[string]bool{"/api/": true, "/api/v2/": true}, map[string]bool{}
		queue := slices.Sorted(maps.Keys(found))
		ids := regexp.MustCompile(`/\d+/|/[^/]*\+\+[^/]*/`)
		for len(queue) > 0 {
			link := queue[0]
			queue = queue[1:]
			answered := c.ask(t, "GET", link, "", "Accept", "*/*")
			switch answered.status {
			case 200:
			case 501:
				refused[strings.TrimPrefix(ids.ReplaceAllString(link, "/N/"), "/api/v2/")] = true
			default:
				t.Errorf("GET %s: %d %s", link, answered.status, answered.text)
			}
			for _, null := range nullSummaries(answered.body, "") {
				t.Errorf("GET %s: %s is null, which AWX leaves out of summary_fields", link, null)
			}
			for _, next := range links(answered.body) {
				if !found[next] {
					found[next] = true
					queue = append(queue, next)
				}
			}
		}
		got := slices.Sorted(maps.Keys(refused))
		for _, link := range got {
			if !slices.Contains(strings.Fields(unsimulatedLinks), link) {
				t.Errorf("%s is refused, and not listed here", link)
			}
		}
		expect(t, "links that are refused", len(got), len(strings.Fields(unsimulatedLinks)))
	})
}

// nullSummaries are the nulls in all short forms of other objects (recordings 1070, 1075).
func nullSummaries(value any, at string) []string {
	var found []string
	switch v := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			found = append(found, nullSummaries(v[key], at+"/"+key)...)
		}
	case []any:
		for _, inner := range v {
			found = append(found, nullSummaries(inner, at)...)
		}
	case nil:
		if strings.Contains(at, "/summary_fields/") && !strings.Contains(at, "_jobs/") {
			found = append(found, at)
		}
	}
	return found
}

// links are all values of a body that are paths of the API.
func links(value any) []string {
	var found []string
	switch v := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			found = append(found, links(v[key])...)
		}
	case []any:
		for _, inner := range v {
			found = append(found, links(inner)...)
		}
	case string:
		if strings.HasPrefix(v, "/api/") && !strings.Contains(v, " ") {
			found = append(found, v)
		}
	}
	return found
}

// unsimulatedLinks are those that are answered 501, with N for ids.
const unsimulatedLinks = `
/api/o/ activity_stream/N/ ad_hoc_commands/ analytics/ applications/ bulk/ constructed_inventories/
credential_input_sources/ credential_types/ credentials/ dashboard/ execution_environments/ groups/
host_metric_summary_monthly/ host_metrics/ hosts/ hosts/N/ instance_groups/ instances/
inventory_sources/ inventory_updates/ job_events/N/ job_events/N/children/ job_host_summaries/N/
job_templates/N/access_list/ job_templates/N/activity_stream/ job_templates/N/copy/ job_templates/N/credentials/
job_templates/N/instance_groups/ job_templates/N/labels/ job_templates/N/notification_templates_error/
job_templates/N/notification_templates_started/ job_templates/N/notification_templates_success/
job_templates/N/object_roles/ job_templates/N/schedules/ job_templates/N/slice_workflow_jobs/
job_templates/N/webhook_key/ jobs/N/credentials/ jobs/N/labels/ jobs/N/notifications/ labels/ mesh_visualizer/
metrics/ notification_templates/ notifications/ organizations/N/admins/ organizations/N/inventories/
organizations/N/job_templates/ organizations/N/projects/ organizations/N/teams/ organizations/N/users/
organizations/N/workflow_job_templates/ project_updates/ projects/N/ receptor_addresses/ role_definitions/
role_team_assignments/ role_user_assignments/ roles/ schedules/ service-index/ settings/ system_job_templates/
system_jobs/ teams/ tokens/N/ tokens/N/activity_stream/ users/N/access_list/ users/N/activity_stream/
users/N/admin_of_organizations/ users/N/authorized_tokens/ users/N/credentials/ users/N/organizations/
users/N/personal_tokens/ users/N/projects/ users/N/roles/ users/N/teams/ users/N/tokens/ workflow_approvals/
workflow_job_nodes/ workflow_job_nodes/N/ workflow_job_nodes/N/always_nodes/ workflow_job_nodes/N/credentials/
workflow_job_nodes/N/failure_nodes/ workflow_job_nodes/N/instance_groups/ workflow_job_nodes/N/labels/
workflow_job_nodes/N/success_nodes/ workflow_job_template_nodes/ workflow_job_templates/N/access_list/
workflow_job_templates/N/activity_stream/ workflow_job_templates/N/copy/ workflow_job_templates/N/labels/
workflow_job_templates/N/notification_templates_approvals/ workflow_job_templates/N/notification_templates_error/
workflow_job_templates/N/notification_templates_started/ workflow_job_templates/N/notification_templates_success/
workflow_job_templates/N/object_roles/ workflow_job_templates/N/schedules/ workflow_job_templates/N/webhook_key/
workflow_job_templates/N/workflow_nodes/ workflow_jobs/N/activity_stream/ workflow_jobs/N/labels/
workflow_jobs/N/notifications/
`
