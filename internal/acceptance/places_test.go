package acceptance

import (
	"maps"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

// isZombie reports whether a process has ended, and nobody has asked for its end.
func isZombie(pid int) bool {
	content, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	_, fields, _ := strings.Cut(string(content), ") ")
	return err != nil || strings.HasPrefix(fields, "Z")
}

// TestAccS8_placesOnOneController has two hubs that share a controller.
func TestAccS8_placesOnOneController(t *testing.T) {
	t.Parallel()
	for name, differ := range map[string]vars{
		"prefixes":      {"template_prefix": lab},
		"organizations": {"organization": annex},
		"place":         {"place": "cluster two", "extra_vars": `{"cluster":"two"}`},
	} {
		t.Run(name, func(t *testing.T) { t.Parallel(); sameNameOnTwo(t, differ) })
	}
	t.Run("prefix changed", func(t *testing.T) { t.Parallel(); prefixChanged(t) })
	t.Run("a state from before", func(t *testing.T) { t.Parallel(); stateBeforePlaces(t) })
}

// sameNameOnTwo makes a machine of one name on two hubs: they are two.
func sameNameOnTwo(t *testing.T, differ vars) {
	site := StartSimulated(t)
	world := newWorld(site)
	world.addPlaces()
	hub := vars{"url": site.url, "token": site.token, "namespace": namespace, "poll_interval": "100ms", "organization": usualPrefix}
	other := maps.Clone(hub)
	maps.Copy(other, differ)
	name := site.newName()
	site.settling = patience // one name, two machines
	w := site.workspace("fleet.tf", nil)
	w.set(vars{"url": nil, "token": nil, "hubs": vars{"one": hub, "two": other}, "names": vars{"one": name, "two": name}})
	w.apply().says("2 added")
	if made := len(site.faults().AllJobs()); made != 2 {
		t.Errorf("%d jobs were launched, want one for each", made)
	}
	w.wantNoWork()
	w.set(vars{"names": vars{"one": name}})
	w.apply().says("1 destroyed")
	w.wantNoWork()
	if made := len(site.faults().AllJobs()); made != 3 {
		t.Errorf("%d jobs were launched, want one more", made)
	}
}

// prefixChanged gives the hub other templates under the same key: that is an error, never a machine planned for replacement.
func prefixChanged(t *testing.T) {
	site := StartSimulated(t)
	newWorld(site).addPlaces()
	w, name := site.instance(vars{})
	w.set(vars{"hub": vars{"organization": usualPrefix}})
	w.apply()
	w.set(vars{"hub": vars{"organization": usualPrefix, "template_prefix": lab}})
	for _, arguments := range [][]string{applyWith(), applyWith("-refresh=false"), destroyWith(), destroyWith("-refresh=false")} {
		w.run(arguments...).want(1).says("osac-create-compute-instance", "lab-create-compute-instance")
	}
	w.set(vars{"hub": vars{"organization": usualPrefix}})
	w.wantNoWork()
	site.wantLaunches(name, "create")
}

// stateBeforePlaces has a state that names no place: it is filled in, without work.
func stateBeforePlaces(t *testing.T) {
	site := StartSimulated(t)
	w, name := site.instance(nil)
	w.apply()
	w.editState(func(attributes vars) { attributes["hub_identity"] = nil })
	w.wantNoWork()
	w.run("apply", "-refresh-only", "-auto-approve", "-no-color").want(0)
	if w.inState().text("hub_identity") == "" {
		t.Error("the state names no place")
	}
	site.wantLaunches(name, "create")
}

// TestAccG1_gateways makes, changes, fails and destroys through the gateway of each release of AAP.
func TestAccG1_gateways(t *testing.T) {
	t.Parallel()
	for _, release := range []string{sandbox.AAP25, sandbox.AAP26, sandbox.AAP27} {
		for _, by := range []string{"token", "user name"} {
			t.Run(release+"/"+by, func(t *testing.T) { t.Parallel(); throughGateway(t, release, by == "token") })
		}
	}
}

func throughGateway(t *testing.T, release string, token bool) {
	site := StartSimulated(t, func(o *sandbox.Options) { o.Gateway = release })
	w, name := site.instance(nil)
	if !token {
		w.set(vars{"token": nil, "username": "admin", "password": site.password})
	}
	w.apply()
	w.change(vars{"cores": 4})
	w.apply()
	w.wantNoWork()
	site.faults().BehaveNext(createTemplate, sandbox.Behavior{Outcome: "failed", Message: reason})
	w.change(vars{"cores": 6})
	w.tryApply().want(1).says("failed", reason)
	w.apply()
	w.destroy()
	site.wantLaunches(name, "create", "create", "create", "create", "delete")
}

// TestAccG3_gatewayTroubles disturbs requests in a gateway's ways: each passes, and there is one job.
func TestAccG3_gatewayTroubles(t *testing.T) {
	t.Parallel()
	for _, answer := range []sandbox.Answer{sandbox.AnswerUnhealthy, sandbox.AnswerReset, sandbox.AnswerLocked, sandbox.AnswerJWTExpired} {
		t.Run(string(answer), func(t *testing.T) {
			t.Parallel()
			site := StartSimulated(t, func(o *sandbox.Options) { o.Gateway = sandbox.AAP27 })
			w, name := site.instance(creating(brief()))
			applying := w.start(applyWith()...)
			site.awaitStatus(name, 1, "running")
			site.faults().Fault(sandbox.Fault{Answer: answer, Times: 3})
			applying.wait().want(0)
			site.wantLaunches(name, "create")
			w.wantNoWork()
		})
	}
}
