package acceptance

import (
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	simulated "github.com/osac-project/terraform-provider-osac/internal/sandbox/eda"
)

// nameOf is the name of a function.
func nameOf(function any) string {
	name := runtime.FuncForPC(reflect.ValueOf(function).Pointer()).Name()
	return strings.TrimPrefix(filepath.Ext(name), ".")
}

func TestAccE1_create(t *testing.T) {
	t.Parallel()
	site := StartEDA(t)
	w, name := site.instance(nil)
	w.apply()
	launched := site.wantLaunches(name, "create")[0]
	if !strings.Contains(launched.extraVars, `"ruleset": "Fulfillment webhook"`) {
		t.Errorf("no rulebook has launched the job: %s", launched.extraVars)
	}
	recorded := w.inState().wantTainted(false).wantReconciled(true).wantLastJob("provision Succeeded").lastJob()
	if recorded.id != text(launched.id) || recorded.backend != "eda" {
		t.Errorf("the job on record is %+v", recorded)
	}
	w.wantNoWork()
	if posts := site.eda.Requests(); len(posts) != 1 {
		t.Errorf("%d events were posted, want 1", len(posts))
	}
}

func TestAccE2_delete(t *testing.T) {
	t.Parallel()
	site := StartEDA(t)
	w, name := site.instance(nil)
	w.apply()
	w.destroy()
	site.wantLaunches(name, "create", "delete")
	w.wantGone()
	if posts := site.eda.Requests(); len(posts) != 2 {
		t.Errorf("%d events were posted, want 2", len(posts))
	}
}

func TestAccE3_eventRefused(t *testing.T) {
	t.Parallel()
	for name, refusal := range map[string]struct {
		fault simulated.PostFault
		says  string
	}{
		"4xx":       {simulated.PostFault{Status: 413, Body: "Maximum request body size 1048576 exceeded."}, "413"},
		"bad token": {simulated.PostFault{Status: 401, Body: "Invalid authorization token"}, "401"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			site := StartEDA(t)
			site.eda.FaultPosts(refusal.fault)
			w, instance := site.instance(nil)
			w.tryApply().want(1).says(refusal.says, site.eventURL("create"))
			site.wantLaunches(instance)
			w.wantGone()
		})
	}
	t.Run("refused connection", func(t *testing.T) {
		t.Parallel()
		site := StartEDA(t)
		site.events["create_url"] = "http://127.0.0.1:1/create-compute-instance"
		w, instance := site.instance(vars{"timeouts": vars{"create": "5s"}})
		w.tryApply().want(1).says("127.0.0.1:1/create-compute-instance")
		site.wantLaunches(instance)
		w.wantGone()
	})
	t.Run("TLS", func(t *testing.T) {
		t.Parallel()
		site := StartEDA(t)
		site.events["create_url"] = strings.Replace(site.eventURL("create"), "http://", "https://", 1)
		w, instance := site.instance(nil)
		w.tryApply().want(1).says("TLS")
		site.wantLaunches(instance)
		w.wantGone()
	})
}

func TestAccE4_nothingHappens(t *testing.T) {
	t.Parallel()
	t.Run("rule disabled", func(t *testing.T) {
		t.Parallel()
		site := StartEDA(t)
		site.events["start_timeout"] = "3s"
		site.eda.DisableRule("Create compute instance", true)
		w, name := site.instance(nil)
		w.tryApply().want(1).says("was accepted by", createTemplate, "rulebook")
		site.wantLaunches(name)
		w.inState().wantTainted(true).wantReconciled(false).wantOpenRun("provision")
		site.eda.DisableRule("Create compute instance", false)
		w.run("untaint", address).want(0)
		w.apply()
		w.inState().wantReconciled(true).wantLastJob("provision Succeeded")
		site.wantLaunches(name, "create")
	})
	t.Run("template missing", func(t *testing.T) {
		t.Parallel()
		site := StartEDA(t, func(options *simulated.Options) {
			options.Rulebook.Rules[0].Actions[0].Name = "nowhere"
			options.API.Users = []simulated.User{{Username: "auditor", Password: "audit-password", Role: "auditor"}}
		})
		site.events["api"] = vars{"url": site.serve(site.eda.APIHandler()), "username": "auditor", "password": "audit-password"}
		w, name := site.instance(nil)
		w.tryApply().want(1).says("no job was launched", "nowhere", "does not exist")
		site.wantLaunches(name)
		w.wantGone()
	})
}

func TestAccE5_destroyWhileProvisioning(t *testing.T) {
	t.Parallel()
	site := StartEDA(t)
	w, name := site.instance(creating(time.Hour))
	w.leaveRunning(name, "running")
	w.destroy()
	if jobs := site.wantLaunches(name, "create", "delete"); jobs[0].status != "canceled" {
		t.Errorf("the create job is %s", jobs[0].status)
	}
	w.wantGone()
}

func TestAccE6_twiceOrLate(t *testing.T) {
	t.Parallel()
	t.Run("twice", func(t *testing.T) {
		t.Parallel()
		site := StartEDA(t)
		site.settling = 12 * time.Second
		site.eda.DuplicateNext()
		w, name := site.instance(creating(5 * time.Second))
		w.apply()
		jobs := site.awaitEnd(name)
		if len(jobs) != 2 || jobs[0].status != "successful" || jobs[1].status != "canceled" {
			t.Errorf("the jobs are %+v", jobs)
		}
		w.wantNoWork()
	})
	t.Run("late", func(t *testing.T) {
		t.Parallel()
		site := StartEDA(t)
		site.eda.DelayNext(1, 6*time.Second)
		w, name := site.instance(nil)
		w.apply()
		site.wantLaunches(name, "create")
	})
	t.Run("later than an interrupt", func(t *testing.T) {
		t.Parallel()
		site := StartEDA(t)
		site.eda.DelayNext(1, 10*time.Second)
		w, name := site.instance(nil)
		applying := w.start(applyWith()...)
		site.await(name, "the event was posted", func([]job) bool { return len(site.eda.Requests()) == 1 })
		applying.signalGroup(syscall.SIGINT)
		applying.wait().want(1).says("Interrupted")
		w.inState().wantTainted(false).wantOpenRun("provision")
		w.apply()
		site.wantLaunches(name, "create")
		w.inState().wantReconciled(true).wantLastJob("provision Succeeded")
	})
}

func TestAccE7_cancelNotAllowed(t *testing.T) {
	t.Parallel()
	site := StartEDA(t)
	site.asOrdinaryUser()
	w, name := site.instance(creating(lasting()))
	w.leaveRunning(name, "running")
	w.destroy().says("could not be cancelled")
	if jobs := site.wantLaunches(name, "create", "delete"); jobs[0].status != "successful" {
		t.Errorf("the create job is %s", jobs[0].status)
	}
	w.wantGone()
}

func TestAccE8_rulebookDropsVariables(t *testing.T) {
	t.Parallel()
	for name, dropped := range map[string]string{"resource": "osac_job_vars", "extra vars": "site_secret"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			site := StartEDA(t)
			site.eda.OmitVars(dropped)
			w, instance := site.instance(creating(time.Hour))
			w.tryApply().want(1).says("The job lacks: "+dropped, "event.payload.extra_vars", "It was cancelled")
			w.wantGone()
			if jobs := site.awaitEnd(instance); len(jobs) == 1 && jobs[0].status != "canceled" {
				t.Errorf("the job is %s", jobs[0].status)
			}
		})
	}
}

func TestAccX19_backendSwitched(t *testing.T) {
	t.Parallel()
	site := StartEDA(t)
	w, name := site.instance(nil)
	w.apply()
	if last := w.inState().lastJob(); last.backend != "eda" {
		t.Errorf("the first job is %+v", last)
	}
	w.set(vars{"eda": nil})
	w.wantNoWork()
	w.change(vars{"run_strategy": "Halted"})
	w.apply()
	if last := w.inState().wantReconciled(true).wantLastJob("provision Succeeded").lastJob(); last.backend != "aap" {
		t.Errorf("the last job is %+v", last)
	}
	w.destroy()
	site.wantLaunches(name, "create", "create", "delete")
}

// An event stream has one URL; the event's body says what it is for.
func TestAccEventStream(t *testing.T) {
	t.Parallel()
	stream := simulated.Stream{UUID: "3f0e4a6c-9a53-4b2e-8d0a-0a5f6c1f9f11", Credential: simulated.HMACCredential("stream-secret")}
	site := StartEDA(t, func(options *simulated.Options) {
		options.Rulebook = simulated.OSACStreamRulebook("osac")
		options.Streams = []simulated.Stream{stream}
	})
	site.hide("stream-secret", nowhere)
	site.events = vars{
		"event_stream_url": site.serve(site.eda.APIHandler()) + "/api/eda/v1/external_event_stream/" + stream.UUID + "/post/",
		"hmac":             vars{"secret": "stream-secret"},
	}
	w, name := site.instance(nil)
	w.apply()
	w.destroy()
	site.wantLaunches(name, "create", "delete")
}
