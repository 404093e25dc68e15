package sandbox

import (
	"cmp"
	"iter"
	"slices"
	"time"
)

// Seed is a past job: the superuser has launched it, and it has run and ended.
type Seed struct {
	// ID is the job's id; zero: the next one.
	ID       int64
	Template string
	// ExtraVars is a JSON object. Jobs with the same one share its memory.
	ExtraVars string
	Created   time.Time
	// Length is the job's whole life.
	Length time.Duration
	// Outcome is the job's final status; empty: successful.
	Outcome string
}

// seedVars is what all seeds with the same extra vars share.
type seedVars struct {
	text      string
	target    target
	mentioned []string
}

// SeedJobs adds past jobs, in any order of their ids: a history of 100,000 takes seconds. It leaves out seeds whose
// template does not exist, whose extra vars can't be parsed, or whose id is taken.
func (s *Sandbox) SeedJobs(seeds iter.Seq[Seed]) {
	defer s.change()()
	known := map[string]*seedVars{}
	for seed := range seeds {
		vars := known[seed.ExtraVars]
		if vars == nil {
			vars = readSeedVars(seed.ExtraVars)
			known[seed.ExtraVars] = vars
		}
		if t := s.anyTemplate(seed.Template); t != nil && vars != nil && s.byID[seed.ID] == nil {
			s.seed(t, seed, vars)
		}
	}
	byID := func(a, b *job) int { return cmp.Compare(a.id, b.id) }
	slices.SortFunc(s.jobs, byID)
	for _, t := range s.templates {
		slices.SortFunc(t.jobs, byID)
	}
	s.wake()
}

func readSeedVars(extraVars string) *seedVars {
	variables, err := parseVariables(extraVars)
	if err != nil {
		return nil
	}
	text := pythonStyle().dump(variables)
	return &seedVars{text: text, target: readTarget(variables), mentioned: mentioned(text)}
}

// seed makes a job; the lists are sorted later.
func (s *Sandbox) seed(t *template, seed Seed, vars *seedVars) {
	if seed.ID == 0 {
		seed.ID = s.nextJob
	}
	s.nextJob = max(s.nextJob, seed.ID+1)
	created := seed.Created.UTC().Truncate(time.Microsecond)
	j := &job{
		id: seed.ID, kind: t.kind, template: t, name: t.Name, organization: t.organization, created: created,
		modified: created, createdBy: s.users[0], launchType: "manual", extraVars: vars.text, target: vars.target,
		behavior: Behavior{Duration: max(seed.Length, time.Microsecond), Outcome: seed.Outcome},
		random:   derive(s.options.InstallUUID, text(seed.ID)),
	}
	j.life.eventsDelay = usual(j.behavior.EventDelay, time.Second)
	j.artifacts = j.makeArtifacts()
	j.entry = &activity{id: int64(len(s.activity)) + 1, timestamp: created, actor: s.users[0], job: j}
	s.activity = append(s.activity, j.entry)
	s.plan(j, created)
	j.noticed = j.life.ended
	s.jobs, t.jobs, s.ledger = append(s.jobs, j), append(t.jobs, j), append(s.ledger, j)
	s.byID[j.id] = j
	for _, word := range vars.mentioned {
		s.mentions[word] = append(s.mentions[word], j)
	}
}
