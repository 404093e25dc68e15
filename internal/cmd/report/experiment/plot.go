package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

const plotFile = "experiment.svg"

// Sizes of the plot, in pixels.
const (
	plotWidth  = 1000
	plotLeft   = 130 // room for titles
	plotRight  = 30
	plotTop    = 56 // room for the legend
	barHeight  = 7
	phaseGap   = 26
	plotBottom = 40
)

// plot draws a bar for each job, on one scale for all arms: from Terraform's start to the end being known, in its shares.
func (e experiment) plot() string {
	longest := 1.0
	height := float64(plotTop + plotBottom)
	for _, o := range e.Arms {
		for _, p := range o.Phases {
			longest = max(longest, p.Wall)
			height += float64(len(p.Lives)*barHeight + phaseGap)
		}
	}
	d := drawing{scale: (plotWidth - plotLeft - plotRight) / longest}
	d.add(`<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%.0f" font-family="sans-serif" font-size="11">`, plotWidth, height)
	d.add(`<rect width="100%%" height="100%%" fill="white"/>`)
	d.legend()
	d.axis(longest, height-plotBottom)
	top := float64(plotTop)
	for _, o := range e.Arms {
		for _, p := range o.Phases {
			d.phase(o.Title, p, top)
			top += float64(len(p.Lives)*barHeight + phaseGap)
		}
	}
	d.add("</svg>")
	return d.text.String()
}

// drawing is an SVG on its way.
type drawing struct {
	text strings.Builder
	// scale is pixels a second.
	scale float64
}

func (d *drawing) add(format string, arguments ...any) {
	fmt.Fprintf(&d.text, format+"\n", arguments...)
}

func (d *drawing) at(seconds float64) float64 { return plotLeft + seconds*d.scale }

func (d *drawing) legend() {
	left := 10.0
	for _, each := range shares() {
		d.add(`<rect x="%.0f" y="12" width="10" height="10" fill="%s"/>`, left, each.colour)
		d.add(`<text x="%.0f" y="21">%s</text>`, left+14, each.title)
		left += 30 + 5.6*float64(len(each.title))
	}
}

// axis draws about ten lines at round seconds.
func (d *drawing) axis(longest, bottom float64) {
	step := math.Pow(10, math.Floor(math.Log10(longest)))
	for _, finer := range []float64{2, 2.5, 2} {
		if longest/step < 6 {
			step /= finer
		}
	}
	for second := 0.0; second <= longest; second += step {
		d.add(`<line x1="%.1f" x2="%.1f" y1="%d" y2="%.0f" stroke="#e3e6ea"/>`, d.at(second), d.at(second), plotTop-10, bottom)
		d.add(`<text x="%.1f" y="%.0f" text-anchor="middle" fill="#555">%g s</text>`, d.at(second), bottom+14, second)
	}
}

// phase draws the jobs of an apply or a destroy, in the order of their ends.
func (d *drawing) phase(title string, p phase, top float64) {
	lives := slices.Clone(p.Lives)
	slices.SortFunc(lives, func(x, y life) int { return int(math.Copysign(1, x.Finished-y.Finished)) })
	height := float64(len(lives) * barHeight)
	d.add(`<text x="10" y="%.0f" font-weight="bold">%s</text>`, top+10, title)
	d.add(`<text x="10" y="%.0f">%s: %.1f s</text>`, top+24, p.Verb, p.Wall)
	for i, l := range lives {
		from, y := 0.0, top+float64(i*barHeight)
		for _, each := range shares() {
			long := each.of(l)
			d.add(`<rect x="%.1f" y="%.1f" width="%.1f" height="%d" fill="%s"/>`, d.at(from), y, max(0, long*d.scale), barHeight-1, each.colour)
			from += long
		}
	}
	d.add(`<line x1="%.1f" x2="%.1f" y1="%.0f" y2="%.0f" stroke="black"/>`, d.at(p.Wall), d.at(p.Wall), top-2, top+height+2)
}
