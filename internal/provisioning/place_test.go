package provisioning

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/jobs/jobstest"
)

func TestHubsThatMayBeOnePlace(t *testing.T) {
	t.Parallel()
	base := HubSettings{Key: "east", Controller: controller.Settings{URL: "https://aap"}, CreateTemplate: "c", DeleteTemplate: "d", ExtraVars: json.RawMessage(`{"cluster":"east"}`)}
	west := base
	west.Key, west.Controller.URL, west.ExtraVars = "west", "https://aap/", json.RawMessage(`{"cluster":"west"}`)
	if pairs := SharedPlaces([]HubSettings{base, west}); len(pairs) != 1 || pairs[0] != [2]string{"east", "west"} {
		t.Errorf("the pairs are %v", pairs)
	}
	named := west
	named.Place = "west"
	alike := west
	alike.ExtraVars = json.RawMessage(`{ "cluster": "east" }`)
	elsewhere := west
	elsewhere.CreateTemplate = "other"
	for _, other := range []HubSettings{named, alike, elsewhere} {
		if pairs := SharedPlaces([]HubSettings{base, other}); len(pairs) > 0 {
			t.Errorf("%+v: the pairs are %v", other, pairs)
		}
	}
}

// One pair of templates serves two clusters, told apart by extra vars: with places, one name can be on both.
func TestOneNameAtTwoPlaces(t *testing.T) {
	atBusySite(t, func(site *testSite) {
		place := func(name string) func(*HubSettings) {
			return func(s *HubSettings) { s.Place, s.ExtraVars = name, json.RawMessage(`{"cluster":"`+name+`"}`) }
		}
		records := map[string]jobs.Record{}
		for _, name := range []string{"east", "west"} {
			result, err := site.newHub(place(name)).Apply(site.Context(), ApplyRequest{Desired: jobstest.Instance(), Timeout: time.Hour})
			if err != nil || len(result.Warnings) > 0 {
				t.Fatalf("%s: %v, %v", name, err, result.Warnings)
			}
			records[name] = *result.Record
		}
		if _, err := site.newHub(place("west")).Destroy(site.Context(), DestroyRequest{Record: records["west"], Timeout: time.Hour}); err != nil {
			t.Fatal(err)
		}
		result, err := site.newHub(place("east")).Refresh(site.Context(), records["east"])
		if err != nil || result.Record == nil || result.Record.NeedsRun(jobstest.Instance(), nil) {
			t.Errorf("%v, %+v", err, result.Record)
		}
	})
}

// One of two hubs that share templates names a place: the other's jobs, which carry none, are not the named one's.
func TestOneNameAtAPlaceAndAtNone(t *testing.T) {
	atBusySite(t, func(site *testSite) {
		hubs, err := NewHubs(
			site.hubSettings(func(s *HubSettings) { s.Key = "one" }),
			site.hubSettings(func(s *HubSettings) { s.Key, s.Place = "two", "elsewhere" }),
		)
		if err != nil {
			t.Fatal(err)
		}
		for launched, key := range []string{"one", "two"} {
			result, err := hubs[key].Apply(site.Context(), ApplyRequest{Desired: jobstest.Instance(), Timeout: time.Hour})
			if err != nil || len(result.Warnings) > 0 {
				t.Fatalf("%s: %v, %v", key, err, result.Warnings)
			}
			if history := site.sandbox.AllJobs(); len(history) != launched+1 || history[launched].Template != createTemplate {
				t.Fatalf("after hub %s there are %d jobs, want %d", key, len(history), launched+1)
			}
		}
	})
}

func TestPlacesAreToldApart(t *testing.T) {
	t.Parallel()
	hub := func(change func(*HubSettings)) *Hub {
		settings := HubSettings{Organization: "ops", CreateTemplate: "osac-create", DeleteTemplate: "osac-delete"}
		change(&settings)
		return &Hub{settings: settings}
	}
	recorded := hub(func(*HubSettings) {}).identity("uuid")
	named := hub(func(s *HubSettings) { s.Place = "east/one" }).identity("uuid")
	for name, test := range map[string]struct {
		change   func(*HubSettings)
		recorded string
		uuid     string
		want     bool
	}{
		"the same":                      {func(*HubSettings) {}, recorded, "uuid", true},
		"a state of an older release":   {func(*HubSettings) {}, "", "uuid", true},
		"another controller":            {func(*HubSettings) {}, recorded, "other", false},
		"another prefix":                {func(s *HubSettings) { s.CreateTemplate, s.DeleteTemplate = "prod-create", "prod-delete" }, recorded, "uuid", false},
		"another organization":          {func(s *HubSettings) { s.Organization = "" }, recorded, "uuid", false},
		"a renamed template, confirmed": {func(s *HubSettings) { s.CreateTemplate, s.Place = "new-create", "here" }, recorded, "uuid", true},
		"confirmed on another one":      {func(s *HubSettings) { s.Place = "here" }, recorded, "other", false},
		"the same place":                {func(s *HubSettings) { s.CreateTemplate, s.Place = "new-create", "east/one" }, named, "uuid", true},
		"another place":                 {func(s *HubSettings) { s.Place = "west" }, named, "uuid", false},
		"a place that is named no more": {func(*HubSettings) {}, named, "uuid", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := hub(test.change).accepts(test.recorded, test.uuid); got != test.want {
				t.Errorf("%s is the place that was recorded as %s: %v, want %v", hub(test.change).identity(test.uuid), test.recorded, got, test.want)
			}
		})
	}
}
