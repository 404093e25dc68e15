package acceptance

import (
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

func TestAccX36_blockedBehindAnother(t *testing.T) {
	t.Parallel()
	site := StartSimulated(t, func(o *sandbox.Options) { o.BlockedNotice = quick })
	site.faults().SetTemplate(createTemplate, func(t *sandbox.Template) { t.AllowSimultaneous = false })
	first, firstName := site.instance(creating(4 * time.Second))
	second, secondName := site.instance(creating(time.Second))
	running := first.start(applyWith()...)
	site.awaitStatus(firstName, 1, "running")
	second.apply().says("wait")
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
	site, other := StartSimulated(t), StartSimulated(t)
	w, name := site.instance(nil)
	w.remove("instance.tf")
	w.add("hubs.tf")
	hubs := vars{"east": vars{"url": site.url, "token": site.token, "namespace": namespace, "request_timeout": "2s"}}
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
