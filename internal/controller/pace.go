package controller

import (
	"slices"
	"time"
)

// The watcher asks often where an end is likely, and rarely elsewhere.
const (
	// firstTick is the time from the beginning of a wait to the first tick.
	firstTick = 2 * time.Second
	// firstLook is the least time between two ticks of a job of which nothing is known.
	firstLook = time.Second
	// shortest is the least time between two ticks.
	shortest = 500 * time.Millisecond
	// densest and dense are the least and the usual longest time between two ticks around the likely end of a job: an
	// end is then noticed within a second in the middle. steady is the longest where nothing is known, up to a minute.
	densest = 700 * time.Millisecond
	dense   = 1600 * time.Millisecond
	steady  = 1800 * time.Millisecond
	// answerShare is how many times its own answer time the controller is left alone.
	answerShare = 4
	// remembered is how many ends of a template's jobs the usual duration is taken from.
	remembered = 31
)

// progress is what is known of a job when its next look is planned.
type progress struct {
	// running is true once the controller has given the job a start.
	running bool
	// age is the time since the start of a running job, else since the wait for it began.
	age time.Duration
	// usual is how long jobs of its template run; zero if unknown.
	usual time.Duration
}

// pause is how long to leave a job alone, before the bounds of the watcher.
//
// Without a usual duration the pauses grow to steady within the first seconds, and from a minute on by a thirtieth of the
// age: an end is noticed within steady up to then. With one, they grow much faster up to the span in which the end is
// likely, and are short within it: from 15 % before to 40 % after, since the first of many jobs that end are the shortest.
func (p progress) pause() time.Duration {
	growing := max(min(firstLook+p.age/12, steady), p.age/30)
	if p.usual <= 0 {
		return growing
	}
	if !p.running {
		// It may start, and end, between two looks.
		return min(growing, max(firstLook, p.usual/3))
	}
	from := p.usual - max(time.Second, p.usual*15/100)
	to := p.usual + max(time.Second, p.usual*40/100)
	switch {
	case p.age < from:
		// Most of the way there, most of the rest, and so on: little happens before.
		return min(max(growing, (from-p.age)*2/3), from-p.age)
	case p.age <= to:
		// A share of the duration, since a minute more matters little to who waited for an hour.
		return min(max(densest, min(p.usual/14, dense), p.usual/40), max(growing, densest))
	default:
		return growing
	}
}

// bounded keeps a pause between what the controller's answer time allows and the longest.
func bounded(pause, answer, longest time.Duration) time.Duration {
	return min(max(pause, shortest, answerShare*answer), longest)
}

// durations remembers how long the successful jobs of templates ran.
type durations map[int64]*lifetimes

// lifetimes are what is remembered of one template.
type lifetimes struct {
	ran []time.Duration
	// newest is the highest id among its jobs, so that none counts twice.
	newest int64
}

// learn takes a job into account that has succeeded.
func (d durations) learn(j Job) {
	ran := j.Finished.Sub(j.Started)
	if j.Status != StatusSuccessful || j.Started.IsZero() || j.TemplateID == 0 || ran <= 0 {
		return
	}
	known := d[j.TemplateID]
	if known == nil {
		known = &lifetimes{}
		d[j.TemplateID] = known
	}
	if j.ID <= known.newest {
		return
	}
	known.newest = j.ID
	known.ran = append(known.ran, ran)
	known.ran = known.ran[max(0, len(known.ran)-remembered):]
}

// usual is the median of what is remembered of a template, or what the caller knows if that is nothing.
func (d durations) usual(id int64, known time.Duration) time.Duration {
	if d[id] == nil {
		return known
	}
	sorted := slices.Sorted(slices.Values(d[id].ran))
	return sorted[len(sorted)/2]
}
