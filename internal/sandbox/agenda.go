package sandbox

import (
	"container/heap"
	"time"
)

// agenda holds the events with a known time: the next job of a queue starts, a workflow goes on. A request first
// carries out all due events, in the order of time. So the outcome does not depend on the time of a request.
type agenda []appointment

type appointment struct {
	at       time.Time
	sequence int
	happen   func(at time.Time)
}

// Len, Less, Swap, Push and Pop make it a heap.
func (a agenda) Len() int { return len(a) }

// Less orders by time, then by the order of scheduling.
func (a agenda) Less(i, k int) bool {
	if a[i].at.Equal(a[k].at) {
		return a[i].sequence < a[k].sequence
	}
	return a[i].at.Before(a[k].at)
}

// Swap swaps two appointments.
func (a agenda) Swap(i, k int) { a[i], a[k] = a[k], a[i] }

// Push adds an appointment.
func (a *agenda) Push(x any) {
	if appointed, ok := x.(appointment); ok {
		*a = append(*a, appointed)
	}
}

// Pop removes the last one.
func (a *agenda) Pop() any {
	last := len(*a) - 1
	taken := (*a)[last]
	(*a)[last] = appointment{}
	*a = (*a)[:last]
	return taken
}

func (s *Sandbox) schedule(at time.Time, happen func(at time.Time)) {
	s.appointments++
	heap.Push(&s.agenda, appointment{at: at, sequence: s.appointments, happen: happen})
	s.wakeAt(at)
}

// advance carries out all due events.
func (s *Sandbox) advance(now time.Time) {
	for len(s.agenda) > 0 && !s.agenda[0].at.After(now) {
		if due, ok := heap.Pop(&s.agenda).(appointment); ok {
			due.happen(due.at)
		}
	}
}
