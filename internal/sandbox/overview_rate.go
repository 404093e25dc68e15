package sandbox

import (
	"fmt"
	"time"
)

// The page shows the requests of the last minute: barCount times barSpan.
const (
	rateSpan  = 10 * time.Second
	barSpan   = 2 * time.Second
	barCount  = 30
	barPitch  = 20 // in the plot's units, as all below
	barWidth  = 16
	barHeight = 80
)

// plot is the constant part of the plot.
type plot struct {
	Width, Height, BarWidth int
	Label                   string
}

func ratePlot() plot {
	label := fmt.Sprintf("Requests within the last minute, in steps of %d seconds; the line above has the figures", int(barSpan.Seconds()))
	return plot{barCount * barPitch, barHeight, barWidth, label}
}

// bar is one of the plot's bars.
type bar struct {
	X      int `json:"x"`
	Y      int `json:"y"`
	Height int `json:"height"`
}

// rate is the text about the number of requests of the API: lately, and since the log was emptied.
func (s *Sandbox) rate(now time.Time) string {
	lately := len(s.requests) - s.firstSince(now.Add(-rateSpan))
	highest := 0
	for _, count := range s.counts(now) {
		highest = max(highest, count)
	}
	return fmt.Sprintf("%.1f requests a second over the last %d s, %.1f at most within the last minute; %d in all",
		float64(lately)/rateSpan.Seconds(), int(rateSpan.Seconds()), float64(highest)/barSpan.Seconds(), len(s.requests))
}

// firstSince is the index of the first request since then. The log is in the order of time.
func (s *Sandbox) firstSince(then time.Time) int {
	i := len(s.requests)
	for i > 0 && s.requests[i-1].Time.After(then) {
		i--
	}
	return i
}

// counts are the requests of the last minute, by fixed steps of the clock, so that a bar that has been drawn only
// moves.
func (s *Sandbox) counts(now time.Time) []int {
	counts := make([]int, barCount)
	last := now.UnixNano() / int64(barSpan)
	for _, each := range s.requests[s.firstSince(now.Add(-barCount*barSpan)):] {
		if at := int(each.Time.UnixNano()/int64(barSpan)-last) + barCount - 1; at >= 0 && at < barCount {
			counts[at]++
		}
	}
	return counts
}

// bars are scaled to the highest of them, or to one request a second if there are few.
func (s *Sandbox) bars(now time.Time) []bar {
	counts := s.counts(now)
	highest := int(barSpan.Seconds())
	for _, count := range counts {
		highest = max(highest, count)
	}
	bars := make([]bar, len(counts))
	for i, count := range counts {
		height := (count*barHeight + highest - 1) / highest
		bars[i] = bar{X: i * barPitch, Y: barHeight - height, Height: height}
	}
	return bars
}
