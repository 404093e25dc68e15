package provisioning

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/jobs/jobstest"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
)

// volume is the spec of a kind that there is in these tests alone: two keys, no restart, no template's parameters. What the
// state machine does for compute instances, it does for any kind.
type volume struct {
	Size  int    `json:"size"`
	Color string `json:"color,omitempty"`
}

var volumes = osac.Kind{Name: "Volume", Slug: "volume", ReadSpec: func(document json.RawMessage) (osac.Spec, error) {
	var spec volume
	err := json.Unmarshal(document, &spec)
	return spec, err
}}

func (v volume) ConfigVersion() string          { return fmt.Sprintf("%d-%s", v.Size, v.Color) }
func (v volume) Same(other osac.Spec) bool      { return v == other }
func (v volume) Hashed() (any, json.RawMessage) { return v, nil }
func (v volume) Parameters() string             { return "" }
func (v volume) Keys() map[string]string {
	return map[string]string{"size": fmt.Sprint(v.Size), "color": v.Color}
}

func (v volume) Sent() (map[string]any, error) {
	return map[string]any{"size": v.Size, "color": v.Color}, nil
}

func aVolume(size int) osac.Instance {
	return osac.Instance{Key: jobstest.Instance().Key, Tenant: "tenant-a", Spec: volume{Size: size, Color: "red"}}
}

// atVolumes is a site whose templates make volumes.
func atVolumes(t *testing.T, test func(site *testSite)) {
	t.Helper()
	atSite(t, func(site *testSite) {
		site.settings = append(site.settings, func(settings *HubSettings) { settings.Kind = volumes })
		site.hub = site.newHub()
		test(site)
	})
}

func TestAnyKindIsCreatedChangedAndDeleted(t *testing.T) {
	atVolumes(t, func(site *testSite) {
		made, err := site.hub.Apply(site.Context(), ApplyRequest{Desired: aVolume(1), Timeout: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		if made.Record.Phase != jobs.PhaseRunning || made.Record.ReconciledConfigVersion != "1-red" {
			t.Errorf("made as %+v", made.Record)
		}
		read := site.refresh(*made.Record)
		if read.Record.NeedsRun(aVolume(1), nil) || !read.Record.NeedsRun(aVolume(2), nil) {
			t.Error("what is as it was needs a run, or what is not needs none")
		}
		imported, err := site.newHub().Import(site.Context(), aVolume(1).Key)
		if err != nil {
			t.Fatal(err)
		}
		if difference := cmp.Diff(read.Record, imported.Record); difference != "" {
			t.Errorf("the import differs from what was made:\n%s", difference)
		}
		changed, err := site.update(site.Context(), *imported.Record, aVolume(2))
		if err != nil || changed.Record.ReconciledConfigVersion != "2-red" {
			t.Fatalf("changed to %+v, %v", changed.Record, err)
		}
		if _, err := site.destroy(site.Context(), *changed.Record); err != nil {
			t.Fatal(err)
		}
		if read := site.refresh(*changed.Record); read.Record != nil {
			t.Errorf("after its destruction there is %+v", read.Record)
		}
		if launched := len(site.ownJobs()); launched != 3 {
			t.Errorf("%d jobs ran", launched)
		}
	})
}

func TestAKindWithoutRestartIsNotRestarted(t *testing.T) {
	atVolumes(t, func(site *testSite) {
		if _, err := site.hub.Apply(site.Context(), ApplyRequest{Desired: aVolume(1), Timeout: time.Hour}); err != nil {
			t.Fatal(err)
		}
		_, err := site.newHub().Restart(site.Context(), RestartRequest{Key: aVolume(1).Key, Timeout: time.Hour})
		wantReason(t, err, ReasonRestart, "Volume")
	})
}

// TestWalksOfAnyKind walks as TestRandomWalksKeepThePromises does.
func TestWalksOfAnyKind(t *testing.T) {
	resize := func(w *walk) { w.desired.Spec = volume{Size: 1 + w.random.IntN(3), Color: "red"} }
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			atVolumes(t, func(site *testSite) {
				walked := &walk{testSite: site, random: rand.New(rand.NewPCG(seed, 2)), desired: aVolume(1), kind: volumes, respec: resize}
				walked.run(12)
			})
		})
	}
}
