package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

// The templates that the sandbox is made with.
const (
	createTemplate = "osac-create-compute-instance"
	deleteTemplate = "osac-delete-compute-instance"
)

// lengths are those of an instance's jobs in seconds, under the names by which the sandbox knows them.
type lengths struct {
	Create float64 `json:"seconds"`
	Delete float64 `json:"delete_seconds"`
}

// jobs are the lengths of all instances' jobs: the same for each arm, since they follow from the seed.
func (s settings) jobs() map[string]lengths {
	random := rand.New(rand.NewPCG(s.seed, 2026)) //nolint:gosec // no secrets
	around := func() float64 { return s.length.Seconds() * (0.85 + 0.3*random.Float64()) }
	all := map[string]lengths{}
	for i := range s.instances {
		all[fmt.Sprintf("experiment-%03d", i)] = lengths{Create: around(), Delete: around()}
	}
	return all
}

// play applies and destroys the instances with an arm.
func (s settings) play(ctx context.Context, a arm, scratch string) (outcome, error) {
	played := outcome{Name: a.name, Title: a.title}
	if err := os.Mkdir(scratch, 0o750); err != nil {
		return played, err
	}
	site, err := startController(ctx)
	if err != nil {
		return played, err
	}
	defer site.stop(ctx)
	w, err := newWorkspace(filepath.Join(scratch, "workspace"), s.provider, site, s.jobs())
	if err != nil {
		return played, err
	}
	var hook *webhook
	if a.strategy != "" {
		say("%s: ansible-rulebook starts", a.title)
		book, err := startRulebook(ctx, s.programs, s.rulebook, a.strategy, filepath.Join(scratch, "rulebook"), site)
		if err != nil {
			return played, err
		}
		defer book.stop()
		if hook, err = startWebhook(ctx, book.url); err != nil {
			return played, err
		}
		defer hook.stop(ctx)
		if err := w.sendEventsTo(hook.url); err != nil {
			return played, err
		}
	}
	parallelism := fmt.Sprintf("-parallelism=%d", s.instances)
	for _, verb := range []string{"apply", "destroy"} {
		site.box.ClearRequests()
		from, done := site.box.NextJobID(), showProgress(a, verb, site, s.instances)
		started := time.Now()
		err := w.run(ctx, verb, "-auto-approve", "-no-color", parallelism)
		wall := time.Since(started)
		done()
		if err != nil {
			return played, err
		}
		p := phase{Verb: verb, Wall: wall.Seconds(), Ours: map[string]int{}, Rulebook: map[string]int{}}
		p.take(site, hook, from, started)
		if len(p.Lives) != s.instances {
			return played, fmt.Errorf("%s has led to %d jobs instead of %d", verb, len(p.Lives), s.instances)
		}
		say("%s: %s took %.1f s", a.title, verb, p.Wall)
		played.Phases = append(played.Phases, p)
	}
	return played, nil
}

// showProgress tells now and then how many jobs have ended, until it is stopped.
func showProgress(a arm, verb string, site *controller, count int) func() {
	template := createTemplate
	if verb == "destroy" {
		template = deleteTemplate
	}
	stopped := make(chan struct{})
	started := time.Now()
	go func() {
		ticker := time.NewTicker(15 * time.Second)
		defer ticker.Stop()
		for {
			select {
			case <-stopped:
				return
			case <-ticker.C:
			}
			launched, ended := 0, 0
			for _, j := range site.box.AllJobs() {
				if j.Template != template {
					continue
				}
				launched++
				if !j.Active() {
					ended++
				}
			}
			say("%s: %s for %.0f s, %d of %d jobs launched, %d ended", a.title, verb, time.Since(started).Seconds(), launched, count, ended)
		}
	}()
	return func() { close(stopped) }
}

func say(format string, arguments ...any) { fmt.Printf(format+"\n", arguments...) }

// take collects what is known of the jobs that were launched since an id, and of the requests.
func (p *phase) take(site *controller, hook *webhook, launchedFrom int64, started time.Time) {
	for _, request := range site.box.Requests() {
		if request.User == rulebookUser {
			p.Rulebook[request.Route]++
		} else {
			p.Ours[request.Route]++
		}
	}
	after := func(at time.Time) float64 {
		if at.IsZero() {
			return 0
		}
		return at.Sub(started).Seconds()
	}
	for _, j := range site.box.AllJobs() {
		if j.ID < launchedFrom {
			continue
		}
		one := life{
			Instance: j.Name, Status: j.Status, Created: after(j.Created), Finished: after(j.Finished),
			Seen: after(site.ours.shown(j.ID)), Noticed: after(site.ours.ended(j.ID)), Freed: after(site.rulebook.ended(j.ID)),
		}
		if hook != nil {
			posted := hook.of(verbOf(j), j.Name)
			one.Posted, one.Accepted = after(posted.received), after(posted.answered)
		}
		p.Lives = append(p.Lives, one)
	}
}

func verbOf(j sandbox.Job) string {
	if strings.Contains(j.Template, "delete") {
		return "delete"
	}
	return "create"
}
