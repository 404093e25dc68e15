package acceptance

import (
	"maps"
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

func TestAccX36_blockedBehindAnother(t *testing.T) {
	t.Parallel()
	site := StartAdministered(t, func(o *sandbox.Options) { o.BlockedNotice = quick })
	site.own(template{oneByOne: true})
	first, firstName := site.instance(creating(lasting()))
	second, secondName := site.instance(creating(brief()))
	second.run("plan", "-no-color", "-out=plan.tfplan").want(0) // ready to launch before the first job can have ended
	running := first.start(applyWith()...)
	site.awaitStatus(firstName, 1, "running")
	second.run("apply", "-no-color", "plan.tfplan").want(0).says("wait")
	running.wait().want(0)
	before, after := site.wantLaunches(firstName, "create")[0], site.wantLaunches(secondName, "create")[0]
	if after.finished.Before(before.finished) {
		t.Error("the second job did not wait for the first")
	}
	first.wantNoWork()
	second.wantNoWork()
}

func TestAccX41_hubDownOrRemoved(t *testing.T) {
	t.Parallel()
	t.Run("one of three is down", func(t *testing.T) { t.Parallel(); oneHubDown(t) })
	t.Run("removed", func(t *testing.T) { t.Parallel(); hubRemoved(t) })
}

// oneHubDown has an instance on each of three hubs: one launches, one posts events, one launches as another user. When
// one of them is down, the others' instances are planned, changed and made as if it were not.
func oneHubDown(t *testing.T) {
	direct, byEvents, basic := StartSimulated(t), StartEDA(t), StartSimulated(t)
	hub := func(site *Site, more vars) vars {
		settings := vars{"url": site.url, "token": site.token, "namespace": namespace, "request_timeout": slowed(2 * time.Second).String(), "poll_interval": "100ms"}
		maps.Copy(settings, more)
		return settings
	}
	hubs := vars{
		"direct": hub(direct, nil),
		"events": hub(byEvents, vars{"eda": byEvents.events}),
		"basic":  hub(basic, vars{"token": nil, "username": "admin", "password": basic.password}),
	}
	w := direct.workspace("fleet.tf", nil)
	sites := map[string]*Site{"direct": direct, "events": byEvents, "basic": basic}
	names := map[string]string{}
	for key, site := range sites {
		names[key] = site.newName()
	}
	w.set(vars{"url": nil, "token": nil, "hubs": hubs, "names": names})
	w.apply().says("3 added")
	for key, site := range sites {
		site.wantLaunches(names[key], "create")
	}
	w.wantNoWork()

	changed := vars{"changed": "yes"}
	w.set(vars{"labels": vars{"direct": changed, "events": changed, "basic": changed}})
	byEvents.faults().Down(0)
	w.run("plan", "-no-color", "-out=plan.tfplan").want(0).
		says("3 to change", `Hub "events" could not be reached`, "events/"+namespace+"/"+names["events"])
	w.run("apply", "-no-color", "plan.tfplan").want(1).says("events/"+namespace+"/"+names["events"], `hub "events"`)
	direct.wantLaunches(names["direct"], "create", "create")
	basic.wantLaunches(names["basic"], "create", "create")
	byEvents.wantLaunches(names["events"], "create")

	byEvents.faults().Up()
	w.apply().says("0 added, 1 changed, 0 destroyed").saysNot("could not be reached")
	byEvents.wantLaunches(names["events"], "create", "create")
	w.wantNoWork()
	w.destroy()
	byEvents.wantLaunches(names["events"], "create", "create", "delete")
	direct.wantLaunches(names["direct"], "create", "create", "delete")
	basic.wantLaunches(names["basic"], "create", "create", "delete")
}

func hubRemoved(t *testing.T) {
	site, other := StartSimulated(t), StartSimulated(t)
	w, name := site.instance(nil)
	w.remove("instance.tf")
	w.add("hubs.tf")
	hubs := vars{"east": vars{"url": site.url, "token": site.token, "namespace": namespace, "request_timeout": slowed(2 * time.Second).String()}}
	w.set(vars{"hubs": hubs, "hub": "east"})
	w.apply()
	site.faults().Down(0)
	w.run("plan", "-no-color", "-detailed-exitcode").want(0).says("could not be reached", "east")
	site.faults().Up()
	w.set(vars{"hubs": vars{"west": vars{"url": other.url, "token": other.token}}})
	w.run("plan", "-no-color").want(1).says("removed {", "destroy = false", "Restore the hub's settings")
	w.set(vars{"hubs": hubs})
	w.wantNoWork()
	site.wantLaunches(name, "create")
}

// TestAccHubs_tokenOfOneUnknown: the token of one of two hubs comes from a resource that is not there yet. The other is
// used at once; the one is as soon as its token is known.
func TestAccHubs_tokenOfOneUnknown(t *testing.T) {
	t.Parallel()
	known, later := StartSimulated(t), StartSimulated(t)
	w := known.workspace("fleet.tf", nil)
	names := map[string]string{"known": known.newName(), "later": later.newName()}
	hub := func(site *Site) vars { return vars{"url": site.url, "token": site.token, "namespace": namespace} }
	w.set(vars{"url": nil, "token": nil, "names": names, "hubs": vars{"known": hub(known), "later": hub(later)}})
	w.write("token.tf", "resource \"terraform_data\" \"token\" {\n  input = base64encode(var.hubs.later.token)\n}\n")
	w.write("token_override.tf", `
provider "osac" {
  hubs = {
    known = var.hubs.known
    later = merge(var.hubs.later, { token = base64decode(terraform_data.token.output) })
  }
}`)
	asks := func(hub string) {
		w.write("templates.tf", "data \"osac_templates\" \"this\" {\n  hub = \""+hub+"\"\n}\n")
	}
	asks("later")
	w.run("plan", "-no-color").want(1).says("The hub's settings are not known yet", "Could not read the templates", `hub "later"`)
	asks("known")
	w.apply().says("3 added")
	known.wantLaunches(names["known"], "create")
	later.wantLaunches(names["later"], "create")
	asks("later")
	w.apply()
	w.wantNoWork()
	known.faults().RemoveTemplate(deleteTemplate)
	w.set(vars{"labels": vars{"known": vars{"changed": "yes"}, "later": vars{"changed": "yes"}}})
	asks("known")
	w.run("plan", "-no-color", "-replace=terraform_data.token").want(1).says(deleteTemplate, `hub "known"`).saysNot("Instance later/")
}
