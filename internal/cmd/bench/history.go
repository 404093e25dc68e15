package main

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

const (
	// firstOwn is the lowest id of a fleet's jobs, which leaves room for a history below it.
	firstOwn = 200_000
	// gap is the distance between the ids of a fleet's jobs, which leaves room for a history between them.
	gap = 200
	// strangers is the number of other instances whose jobs fill histories: each has several jobs.
	strangers = 2000
)

// randomness is the same in every run.
func randomness() *rand.Rand { return rand.New(rand.NewPCG(7, 2026)) } //nolint:gosec // no secrets

// around returns a length that varies by 15 %.
func around(length time.Duration, random *rand.Rand) time.Duration {
	return time.Duration(float64(length) * (0.85 + 0.3*random.Float64()))
}

// others are jobs of instances that are not in the configuration, around the fleet's own jobs. Each is like one of the
// fleet's, under another name.
func others(own []sandbox.Job, count int, where place) iter.Seq[sandbox.Seed] {
	variables := make([]string, strangers)
	for i := range variables {
		like := own[i%len(own)]
		variables[i] = strings.ReplaceAll(like.ExtraVars, like.Name, fmt.Sprintf("stranger-%d", i))
	}
	first, last, now := own[0].Created, own[len(own)-1].Created, time.Now()
	return func(yield func(sandbox.Seed) bool) {
		for i := range count {
			seed := sandbox.Seed{Template: createTemplate, ExtraVars: variables[i%strangers], Length: time.Millisecond}
			share := float64(i) / float64(count)
			switch where {
			case newest:
				seed.ID = int64(1 + i)
				seed.Created = first.Add(time.Duration(i-count) * time.Minute)
				seed.Length = 20 * time.Second
			case oldest:
				seed.ID = own[len(own)-1].ID + 1 + int64(i)
				seed.Created = last.Add(time.Duration(share * float64(now.Sub(last)-time.Second)))
			case spread:
				// The n-th job between two jobs of the fleet.
				at, n := i%len(own), i/len(own)
				seed.ID, seed.Created = own[at].ID+1+int64(n), own[at].Created
			}
			if i/strangers%3 == 2 {
				seed.Template = deleteTemplate
			}
			if !yield(seed) {
				return
			}
		}
	}
}

// earlier are jobs of the same templates that show their usual duration. They belong to no instance.
func earlier(count int, length time.Duration) iter.Seq[sandbox.Seed] {
	random := randomness()
	return func(yield func(sandbox.Seed) bool) {
		for i := range count {
			name := fmt.Sprintf("earlier-%d", i)
			if !yield(sandbox.Seed{
				Template: createTemplate, Created: time.Now().Add(time.Duration(i-count) * time.Hour), Length: around(length, random),
				ExtraVars: fmt.Sprintf(`{"osac_job_vars":{"resource":{"metadata":{"name":%q,"namespace":"osac-computeinstance",`+
					`"annotations":{"osac.openshift.io/instance":"osac-computeinstance/%s"}}}}}`, name, name),
			}) {
				return
			}
		}
	}
}
