package acceptance

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

// manyInstances makes a workspace with so many instances, and returns their names as well.
func (s *Site) manyInstances(count int, attributes vars) (*workspace, []string) {
	s.t.Helper()
	prefix, names, changes := s.newName(), []string{}, []vars{}
	for i := range count {
		names, changes = append(names, fmt.Sprintf("%s-%d", prefix, i)), append(changes, vars{})
	}
	base := with(vars{"cores": 2, "memory_gib": 4}, attributes)
	return s.workspace("instances.tf", vars{"prefix": prefix, "base": base, "changes": changes}), names
}

func TestAccX21_manyAtOnce(t *testing.T) {
	t.Parallel()
	const count = 50
	site := StartSimulated(t)
	w, names := site.manyInstances(count, creating(lasting()))
	w.run("plan", "-no-color", "-parallelism=50", "-out=plan.tfplan").want(0)
	site.faults().ClearRequests()
	w.run("apply", "-no-color", "-parallelism=50", "plan.tfplan").want(0)
	for _, name := range names {
		site.wantLaunches(name, "create")
	}
	if got := site.countRequests("POST", "launch"); got != count {
		t.Errorf("%d launches were sent, want %d", got, count)
	}
	// One process applies a saved plan: by kind, each of the two templates is looked up once.
	if got := site.countRequests("GET", "templates"); got > 4 {
		t.Errorf("templates were looked up %d times", got)
	}
	if got := site.countRequests("GET", "job"); got > 0 {
		t.Errorf("%d jobs were asked for by themselves", got)
	}
	if got := site.mostPolledAtOnce(); got < count {
		t.Errorf("at most %d jobs were asked for at once, want %d", got, count)
	}
}

// mostPolledAtOnce is the highest number of jobs in one look of the watcher's.
func (s *Site) mostPolledAtOnce() int {
	s.t.Helper()
	most := 0
	for _, request := range s.simulated.Requests() {
		query, err := url.ParseQuery(request.Query)
		if err != nil {
			s.t.Fatal(err)
		}
		if ids := query.Get("id__in"); ids != "" {
			most = max(most, strings.Count(ids, ",")+1)
		}
	}
	return most
}

func TestAccX22_controllerRestarts(t *testing.T) {
	t.Parallel()
	const count = 10
	site := StartSimulated(t)
	// The answers of later launches are lost in the restart, too.
	site.faults().Fault(sandbox.Fault{Method: "POST", Path: "launch", AfterHandling: true, Delay: quick})
	w, names := site.manyInstances(count, creating(2*time.Second))
	applying := w.start(applyWith()...)
	site.awaitRequest(func(_ int, request sandbox.Request) bool { return request.Route == "launch" && request.Answered })
	site.faults().Down(5 * time.Second)
	applying.wait().want(0)
	for _, name := range names {
		site.wantLaunches(name, "create")
	}
	w.wantNoWork()
}
