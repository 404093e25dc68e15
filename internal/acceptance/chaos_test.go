package acceptance

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

// TestChaos walks at random through everything that users, administrators, the network and the operating system do to
// an instance, with real Terraform, and checks the promises of chaos_promises_test.go on the way. A seed repeats its walk:
//
//	make chaos CHAOS_SEED=17 CHAOS_WALKS=1
//
// What is drawn depends on the seed alone; which request a signal meets is also a matter of the machine's speed.
func TestChaos(t *testing.T) {
	t.Parallel()
	settings := chaosSettings(t)
	began, counts := time.Now(), &chaosCounts{}
	t.Cleanup(func() { t.Logf("%s in %s", counts, time.Since(began).Round(time.Second)) })
	for lane := range settings.lanes {
		t.Run(fmt.Sprintf("lane%d", lane), func(t *testing.T) {
			t.Parallel()
			for walked := lane; walked < settings.walks && time.Since(began) < settings.time; walked += settings.lanes {
				seed := settings.seed + walked
				t.Run(fmt.Sprintf("seed%d", seed), func(t *testing.T) {
					newWalk(t, seed, counts).goOn(settings.steps)
				})
			}
		})
	}
}

// settings say how long the chaos test goes on.
type settings struct {
	seed, lanes, walks, steps uint64
	time                      time.Duration
}

// chaosSettings reads what `make chaos` sets. Without it, as a part of `make test`, the test is one short walk that is
// always the same.
func chaosSettings(t *testing.T) settings {
	t.Helper()
	if os.Getenv("CHAOS_TIME") == "" {
		return settings{seed: 1, lanes: 1, walks: 1, steps: 2, time: time.Minute}
	}
	length, err := time.ParseDuration(os.Getenv("CHAOS_TIME"))
	if err != nil {
		t.Fatal(err)
	}
	number := func(name string, otherwise uint64) uint64 {
		if os.Getenv(name) == "" {
			return otherwise
		}
		value, err := strconv.ParseUint(os.Getenv(name), 10, 32)
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
	return settings{
		seed: number("CHAOS_SEED", rand.Uint64N(1_000_000)), lanes: 2, walks: number("CHAOS_WALKS", 1_000_000),
		steps: number("CHAOS_STEPS", 12), time: length,
	}
}

// chaosCounts tell how much was tried.
type chaosCounts struct{ walks, steps, commands, jobs, signals atomic.Int64 }

func (c *chaosCounts) String() string {
	return fmt.Sprintf("%d walks, %d steps, %d runs of Terraform, %d signals and kills, %d jobs",
		c.walks.Load(), c.steps.Load(), c.commands.Load(), c.signals.Load(), c.jobs.Load())
}

// walk is a random walk of one site and of four workspaces. Three have the same instance in mind: the twin has the first's
// owner, the second another. The fleet has several of its own, and moves them about.
type walk struct {
	*world
	t                          *testing.T
	seed                       uint64
	counts                     *chaosCounts
	random                     *rand.Rand
	first, second, twin, fleet *party
	// other is another controller, on which nothing may ever be started.
	other *Site
	names int
	// states are those that the first party has had.
	states [][]byte
	story  []string
}

func newWalk(t *testing.T, seed uint64, counts *chaosCounts) *walk {
	t.Helper()
	site := StartSimulated(t, func(o *sandbox.Options) { o.SchedulerTick = quick })
	// What people do by hand may overlap with anything: the walk has a check of its own, which knows who launched what.
	site.settling = 24 * time.Hour
	site.faults().AddUser(byHand, "password", "", true, nil)
	w := &walk{
		world: newWorld(site), t: t, seed: seed, counts: counts, random: rand.New(rand.NewPCG(seed, 0)),
		other: StartSimulated(t),
	}
	w.addPlaces()
	w.first, w.second = w.newParty("first", "first"), w.newParty("second", "second")
	w.twin, w.fleet = w.newParty("twin", "first"), w.newParty("fleet", "fleet")
	w.fleet.lay(layout{form: counted})
	w.parties = []*party{w.first, w.second, w.twin, w.fleet}
	w.drawConditions()
	t.Cleanup(w.tellStory)
	return w
}

// goOn takes the steps and then tidies up: at the end nothing may be left.
func (w *walk) goOn(steps uint64) {
	for n := range steps {
		w.counts.steps.Add(1)
		// Each step draws from a source of its own: how often the one before drew depends on what it met.
		w.random = rand.New(rand.NewPCG(w.seed, n+1))
		w.step()
		if w.t.Failed() {
			return
		}
	}
	w.finish()
	w.counts.walks.Add(1)
	w.counts.jobs.Add(int64(len(w.jobs())))
}

func (w *walk) tell(format string, arguments ...any) {
	w.story = append(w.story, clock(time.Now())+" "+fmt.Sprintf(format, arguments...))
}

// wrong tells of a broken promise.
func (w *walk) wrong(format string, arguments ...any) {
	w.t.Helper()
	w.tell("WRONG: "+format, arguments...)
	w.t.Errorf(format, arguments...)
}

// tellStory shows how the walk is repeated and what happened in it, if it has failed or is walked alone.
func (w *walk) tellStory() {
	if !w.t.Failed() && os.Getenv("CHAOS_WALKS") != "1" {
		return
	}
	w.t.Logf("repeat this walk: make chaos CHAOS_SEED=%d CHAOS_WALKS=1", w.seed)
	for _, line := range w.story {
		w.t.Log(line)
	}
}

// maybe is true once in so many times.
func (w *walk) maybe(times int) bool { return w.random.IntN(times) == 0 }

// between is a length of time.
func (w *walk) between(least, most time.Duration) time.Duration {
	return (least + time.Duration(w.random.Int64N(int64(most-least)))).Round(10 * time.Millisecond)
}
