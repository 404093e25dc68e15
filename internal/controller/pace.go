package controller

import (
	"slices"
	"time"
)

// The poller polls often while an end is likely, and rarely otherwise.
const (
	// firstPoll is the time from the beginning of a wait to the first poll.
	firstPoll = 2 * time.Second
	// leastUnknown is the least time between two polls of a job about which nothing is known.
	leastUnknown = time.Second
	// shortest is the least time between two polls.
	shortest = 500 * time.Millisecond
	// densest and dense are the least and the usual longest time between two polls around the likely end of a job, so
	// that an end is noticed within a second on average. steady is the longest up to a minute, if nothing is known.
	densest = 700 * time.Millisecond
	dense   = 1600 * time.Millisecond
	steady  = 1800 * time.Millisecond
	// answerShare is how many times its own answer time the controller is left alone.
	answerShare = 4
	// remembered is how many ends of a template's jobs the usual duration is computed from.
	remembered = 31
)

// progress is what the poller knows of a job when it plans the next poll.
type progress struct {
	// running is true once the controller has given the job a start.
	running bool
	// age is the time since the start of a running job, or since the wait began.
	age time.Duration
	// usual is how long jobs of its template usually run; zero if unknown.
	usual time.Duration
}

// pause returns the time until the next poll, before the bounds of the poller.
//
// Without a usual duration, the pauses grow to steady within the first seconds, and grow by a thirtieth of the age
// after a minute. Up to then, an end is noticed within steady. With a usual duration, they grow much faster up to the
// span in which the end is likely, and are short within it. The span is from 15 % before to 40 % after the usual
// duration, since the first of many jobs to end are the shortest.
func (p progress) pause() time.Duration {
	growing := max(min(leastUnknown+p.age/12, steady), p.age/30)
	if p.usual <= 0 {
		return growing
	}
	if !p.running {
		// It may start, and end, between two polls.
		return min(growing, max(leastUnknown, p.usual/3))
	}
	from := p.usual - max(time.Second, p.usual*15/100)
	to := p.usual + max(time.Second, p.usual*40/100)
	switch {
	case p.age < from:
		// Most of the way there, then most of the rest, and so on: a job seldom ends before.
		return min(max(growing, (from-p.age)*2/3), from-p.age)
	case p.age <= to:
		// A share of the duration: after an hour's wait, a minute more matters little.
		return min(max(densest, min(p.usual/14, dense), p.usual/40), max(growing, densest))
	default:
		return growing
	}
}

// bounded keeps a pause between the least that the controller's answer time allows and the longest.
func bounded(pause, answer, longest time.Duration) time.Duration {
	return min(max(pause, shortest, answerShare*answer), longest)
}

// durations remembers how long templates' successful jobs ran.
type durations map[int64]*lifetimes

// lifetimes are the durations of one template's jobs.
type lifetimes struct {
	ran []time.Duration
	// newest is the highest id among its jobs, so that none counts twice.
	newest int64
}

// learn records a job that has succeeded.
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

// usual returns the median duration of a template's jobs, or the caller's own figure if there is none.
func (d durations) usual(id int64, known time.Duration) time.Duration {
	if d[id] == nil {
		return known
	}
	sorted := slices.Sorted(slices.Values(d[id].ran))
	return sorted[len(sorted)/2]
}
