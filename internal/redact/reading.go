package redact

import (
	"bytes"
	"slices"
)

// unit is a part of a text as it is read: one byte, or an escape undone.
type unit struct {
	// start and end are the unit's place in the text.
	start, end int32
	// bytes hold the unit's meaning in their first n.
	bytes [4]byte
	n     uint8
}

// maxLevels bounds how often escapes are undone: each layer of JSON, percent or HTML takes one level.
const maxLevels = 10

// reading is a text with all meanings of its places.
type reading struct {
	text []byte
	// escapes are the further readings of the places where special is set.
	escapes map[int32][]unit
	special []bool
	// from and to give, for each byte, its origin in the text that will be shown; nil if that text is this one.
	from, to []int32
}

// read undoes all escapes of a text, level by level, and calls visit with each level.
func (r *reading) read(visit func(level int, units []unit)) {
	if len(r.text) < fewestBase64 && !bytes.ContainsAny(r.text, `\%&`) {
		return
	}
	level := make([]unit, len(r.text))
	for i, c := range r.text {
		level[i] = unit{start: int32(i), end: int32(i) + 1, bytes: [4]byte{c}, n: 1}
	}
	visit(0, level)
	for n := 1; n <= maxLevels; n++ {
		next, changed := r.undoOnce(level)
		if !changed {
			return
		}
		visit(n, next)
		level = next
	}
}

// undoOnce returns the next level. It adds the escapes that it undoes to the readings.
func (r *reading) undoOnce(level []unit) ([]unit, bool) {
	next := make([]unit, 0, len(level))
	changed := false
	for i := 0; i < len(level); {
		first, other, after := undone(level, i)
		if first.n == 0 {
			next = append(next, level[i])
			i++
			continue
		}
		r.add(first)
		r.add(other)
		next = append(next, first)
		i, changed = after, true
	}
	return next, changed
}

func (r *reading) add(u unit) {
	if u.n == 0 {
		return
	}
	if r.escapes == nil {
		r.escapes = map[int32][]unit{}
		r.special = make([]bool, len(r.text))
	}
	r.special[u.start] = true
	if !slices.Contains(r.escapes[u.start], u) {
		r.escapes[u.start] = append(r.escapes[u.start], u)
	}
}

// origin returns the place of a part of the text in the text that will be shown.
func (r *reading) origin(start, end int) (int, int) {
	if r.from == nil {
		return start, end
	}
	return int(r.from[start]), int(r.to[end-1])
}
