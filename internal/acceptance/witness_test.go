package acceptance

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

// TestWitness_readsAllPages has a witness look at more jobs than a page has, by the API of a sandbox: it misses none, and
// goes on to know those that have been deleted since.
func TestWitness_readsAllPages(t *testing.T) {
	t.Parallel()
	const count = 250
	box := sandbox.New(sandbox.Options{Token: "token", JobDuration: time.Millisecond})
	t.Cleanup(box.Close)
	site := &Site{t: t, prefix: usualPrefix}
	site.startReal(site.serve(box), "token", "token")
	name := site.newName()
	var given payload
	given.OSACJobVars.Resource.Metadata.Name = name
	extraVars, err := json.Marshal(given)
	if err != nil {
		t.Fatal(err)
	}
	for range count {
		box.LaunchByHand(createTemplate, string(extraVars), "admin")
	}
	jobs := site.awaitEnd(name)
	if len(jobs) != count {
		t.Fatalf("the witness knows %d jobs, want %d", len(jobs), count)
	}
	site.operator.purge(jobs[0])
	box.LaunchByHand(deleteTemplate, string(extraVars), "admin")
	jobs = site.awaitEnd(name)
	if len(jobs) != count+1 || !jobs[0].purged || jobs[count].verb() != "delete" {
		t.Errorf("after a purge and a delete the witness knows %d jobs, the first purged: %v", len(jobs), jobs[0].purged)
	}
}
