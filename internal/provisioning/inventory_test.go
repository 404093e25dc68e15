package provisioning

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/jobs/jobstest"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

// runByHand runs a template for an instance to its end, as somebody at the controller's page does. change is made to the payload.
func (s *testSite) runByHand(template string, instance osac.Instance, change func(*osac.Payload)) {
	s.Helper()
	payload, err := osac.NewPayload(osac.PayloadSettings{Kind: osac.ComputeInstance}, instance, nil, osac.RunLabels{})
	if err != nil {
		s.Fatal(err)
	}
	if change != nil {
		change(&payload)
	}
	vars, err := payload.LaunchVars(osac.FormatBoth)
	if err != nil {
		s.Fatal(err)
	}
	templates, err := s.hub.client.Templates(s.Context(), "", createTemplate, deleteTemplate)
	if err != nil {
		s.Fatal(err)
	}
	if _, err := s.hub.client.Launch(s.Context(), templates[template], vars); err != nil {
		s.Fatal(err)
	}
	time.Sleep(2 * time.Minute) // virtual
}

func instanceCalled(namespace, name, tenant string) osac.Instance {
	instance := jobstest.Instance()
	instance.Key, instance.Tenant = osac.Key{Namespace: namespace, Name: name}, tenant
	return instance
}

func (s *testSite) inventory(filter Filter) ([]string, []jobs.Warning) {
	s.Helper()
	var live []string
	found, err := s.newHub().Inventory(s.Context(), filter)
	if err != nil {
		s.Fatal(err)
	}
	for _, each := range found.Instances {
		live = append(live, each.ID)
	}
	return live, found.Warnings
}

func TestInventory(t *testing.T) {
	atBusySite(t, func(site *testSite) {
		a, b, c := instanceCalled("ns", "a", "red"), instanceCalled("ns", "b", "blue"), instanceCalled("other", "c", "red")
		deleted, reborn, failed := instanceCalled("ns", "deleted", ""), instanceCalled("ns", "reborn", ""), instanceCalled("ns", "failed", "")
		jobstest.Change(&c, func(s *osac.ComputeInstanceSpec) { s.TemplateID = "site.templates.vm" })
		for _, each := range []osac.Instance{c, b, a, deleted, reborn} {
			site.runByHand(createTemplate, each, nil)
		}
		site.runByHand(deleteTemplate, deleted, nil)
		site.runByHand(deleteTemplate, reborn, nil)
		site.runByHand(createTemplate, reborn, nil)
		site.sandbox.BehaveNext(createTemplate, sandbox.Behavior{Outcome: "failed"})
		site.runByHand(createTemplate, failed, nil)
		site.sandbox.BehaveNext(deleteTemplate, sandbox.Behavior{Outcome: "failed"})
		site.runByHand(deleteTemplate, b, nil) // it lives on

		for _, want := range []struct {
			filter Filter
			live   []string
		}{
			{Filter{}, []string{"ns/a", "ns/b", "ns/reborn", "other/c"}},
			{Filter{Namespace: "ns"}, []string{"ns/a", "ns/b", "ns/reborn"}},
			{Filter{Tenant: "red"}, []string{"ns/a", "other/c"}},
			{Filter{Tenant: "red", Namespace: "ns"}, []string{"ns/a"}},
			{Filter{TemplateID: "site.templates.vm"}, []string{"other/c"}},
			{Filter{Tenant: "green"}, nil},
		} {
			if live, warnings := site.inventory(want.filter); !slices.Equal(live, want.live) || len(warnings) > 0 {
				t.Errorf("%+v: %v, want %v; %v", want.filter, live, want.live, warnings)
			}
		}

		found, err := site.newHub().Inventory(site.Context(), Filter{Namespace: "ns"})
		if err != nil {
			t.Fatal(err)
		}
		for _, each := range found.Instances {
			imported, err := site.newHub().Import(site.Context(), each.Key)
			if err != nil {
				t.Fatal(err)
			}
			listed := *each.Record
			listed.Seen = imported.Record.Seen
			if got, want := fmt.Sprintf("%+v", listed), fmt.Sprintf("%+v", *imported.Record); got != want {
				t.Errorf("%s is listed as\n%s\nand imported as\n%s", each.ID, got, want)
			}
		}
	})
}

// What a payload holds that can't be represented, or lacks, is told, and takes nothing from the others.
func TestInventoryTellsWhatItCannotShow(t *testing.T) {
	atBusySite(t, func(site *testSite) {
		site.runByHand(createTemplate, instanceCalled("ns", "a", ""), nil)
		site.runByHand(createTemplate, instanceCalled("ns", "b", "red"), func(p *osac.Payload) {
			p.ExtraVars = map[string]any{"osac_job_vars": map[string]any{"resource": withUnreadableDisk(t, p.Resource)}}
		})
		site.runByHand(createTemplate, instanceCalled("", "c", ""), nil)

		live, warnings := site.inventory(Filter{})
		if want := []string{"ns/a", "ns/b"}; !slices.Equal(live, want) {
			t.Errorf("live: %v, want %v", live, want)
		}
		if len(warnings) != 1 || warnings[0].Summary != "Jobs name no instance" || !strings.Contains(warnings[0].Detail, "job 3") {
			t.Errorf("%+v", warnings)
		}
		found, err := site.newHub().Inventory(site.Context(), Filter{Tenant: "red", TemplateID: jobstest.SpecOf(jobstest.Instance()).TemplateID})
		if err != nil || len(found.Instances) != 1 {
			t.Fatalf("%+v, %v", found, err)
		}
		wantReason(t, found.Instances[0].Err, ReasonImport, "job 2", "ns/b", "sizeGiB")
	})
}

func withUnreadableDisk(t *testing.T, resource osac.Resource) map[string]any {
	t.Helper()
	text, err := json.Marshal(resource)
	if err != nil {
		t.Fatal(err)
	}
	object, err := osac.DecodeObject(text)
	if err != nil {
		t.Fatal(err)
	}
	spec, _ := object["spec"].(map[string]any)
	changed := maps.Clone(spec)
	changed["additionalDisks"] = []any{map[string]any{"sizeGiB": "large"}}
	object["spec"] = changed
	return object
}

func TestInventoryIsBounded(t *testing.T) {
	atBusySite(t, func(site *testSite) {
		const more = jobs.LongHistoryPages*jobs.PageOfJobs + 500
		const vars = `{"osac_job_vars":{"resource":{"metadata":{"namespace":"ns","name":"NAME"},"spec":{"templateID":"site.templates.vm"}}}}`
		begun := time.Now().Add(-more * time.Second)
		site.sandbox.SeedJobs(func(yield func(sandbox.Seed) bool) {
			for i := range more {
				named := strings.ReplaceAll(vars, "NAME", fmt.Sprintf("vm-%05d", i))
				created := begun.Add(time.Duration(i) * time.Second)
				if !yield(sandbox.Seed{ID: int64(i + 1), Template: createTemplate, ExtraVars: named, Created: created, Length: time.Second}) {
					return
				}
			}
		})
		hub := site.newHub()
		before := len(site.sandbox.Requests())
		for range 2 {
			found, err := hub.Inventory(site.Context(), Filter{})
			if err != nil {
				t.Fatal(err)
			}
			if len(found.Instances) != jobs.LongHistoryPages*jobs.PageOfJobs || len(found.Warnings) != 1 || !strings.Contains(found.Warnings[0].Detail, "the newest 10000 (job 501 of ") {
				t.Errorf("%d instances, %+v", len(found.Instances), found.Warnings)
			}
		}
		// Fifty pages, the templates, and what it takes to find the controller. The second list finds them there.
		if asked := len(site.sandbox.Requests()) - before; asked > 54 {
			t.Errorf("%d requests", asked)
		}
	})
}

func TestInventoryOfAHubThatRefuses(t *testing.T) {
	atBusySite(t, func(site *testSite) {
		refused := site.newHub(func(s *HubSettings) { s.Controller.Token = "wrong" })
		_, err := refused.Inventory(site.Context(), Filter{})
		wantReason(t, err, ReasonHub, "could not be listed", "check the hub's token")
		if !errors.Is(err, controller.ErrUnauthorized) {
			t.Errorf("the cause is lost: %v", err)
		}
		site.sandbox.Down(0)
		down, began := site.newHub(), time.Now()
		for range 3 {
			_, err := down.Inventory(site.Context(), Filter{})
			wantReason(t, err, ReasonHub, "could not be listed")
		}
		if took := time.Since(began); took > inventoryTimeout {
			t.Errorf("three lists of a hub that is down took %s", took)
		}
	})
}
