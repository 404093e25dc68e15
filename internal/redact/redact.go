package redact

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// hidden replaces a secret.
const hidden = "(hidden)"

// deepest is how many layers of hex or base64 are decoded.
const deepest = 3

// Redactor removes secrets from texts. A nil Redactor removes none.
type Redactor struct {
	patterns []pattern
	// beginning are the indexes of the patterns by their first byte, and pairs by their first two.
	beginning [256][]int
	pairs     map[[2]byte][]int
	// shortest is the length of the shortest pattern.
	shortest int
}

// New returns a redactor of lists of secrets.
func New(lists ...[]Secret) *Redactor {
	r := &Redactor{pairs: map[[2]byte][]int{}}
	for _, secret := range slices.Concat(lists...) {
		for _, p := range patternsOf(secret) {
			same := func(other pattern) bool { return slices.Equal(p.bytes, other.bytes) && slices.Equal(p.gap, other.gap) }
			if !slices.ContainsFunc(r.patterns, same) {
				r.patterns = append(r.patterns, p)
			}
		}
	}
	for i, p := range r.patterns {
		r.beginning[p.bytes[0]] = append(r.beginning[p.bytes[0]], i)
		pair := [2]byte(p.bytes)
		r.pairs[pair] = append(r.pairs[pair], i)
		if r.shortest == 0 || len(p.bytes) < r.shortest {
			r.shortest = len(p.bytes)
		}
	}
	return r
}

// Hide removes the secrets from a text, which may have several lines. Callers join the lines and cut the text
// afterwards: a line that was joined to the next by a blank looks like two words, and a part of a secret is not
// recognised.
func (r *Redactor) Hide(text string) string {
	if r == nil || len(r.patterns) == 0 || text == "" {
		return text
	}
	s := search{redactor: r, budget: 1<<20 + 64*len(text)}
	s.in(&reading{text: []byte(text)}, deepest)
	return s.cut(text)
}

// search goes through a text and everything that is encoded in it.
type search struct {
	redactor *Redactor
	// found are the parts with a secret, of the text that will be shown.
	found []part
	// budget bounds the bytes that are examined: somebody may craft a text whose every part can be decoded in many ways.
	budget int
}

type part struct{ start, end int }

func (s *search) in(r *reading, depth int) {
	if s.budget -= len(r.text); s.budget < 0 {
		return
	}
	r.read(func(level int, units []unit) {
		if depth == 0 {
			return
		}
		for _, e := range encodings {
			e.runs(units, level > 0, func(run []digit) {
				if len(run)*e.bits/8 < s.redactor.shortest {
					return
				}
				for first := range min(e.group, len(run)-e.fewest+1) {
					s.in(e.decode(run, first, r), depth-1)
				}
			})
		}
	})
	s.here(r)
}

// here searches a text, in all its readings, for the secrets.
func (s *search) here(r *reading) {
	m := match{text: r}
	for at, c := range r.text {
		special := r.special != nil && r.special[at]
		if !special && at+1 < len(r.text) && r.isPlain(at+1) {
			// The second byte comes at once, so a single check passes most places.
			if len(s.redactor.beginning[c]) > 0 {
				s.from(&m, at, s.redactor.pairs[[2]byte{c, r.text[at+1]}])
			}
			continue
		}
		s.from(&m, at, s.redactor.beginning[c])
		if !special {
			continue
		}
		for _, u := range r.escapes[int32(at)] {
			first := u.bytes[0]
			if first != c {
				s.from(&m, at, s.redactor.beginning[first])
			}
			if u.n == 1 && first >= utf8.RuneSelf { // as a character of Latin 1
				s.from(&m, at, s.redactor.beginning[0xC0|first>>6])
			}
		}
	}
}

// from searches for secrets that may begin at a place.
func (s *search) from(m *match, at int, patterns []int) {
	for _, i := range patterns {
		p := &s.redactor.patterns[i]
		if p.word && !m.text.beginsWord(at) {
			continue
		}
		m.pattern = p
		if end := m.end(at); end >= 0 {
			from, to := m.text.origin(at, end)
			s.found = append(s.found, part{from, to})
		}
	}
}

// cut returns the text without the secrets. Parts that overlap become one.
func (s *search) cut(text string) string {
	if len(s.found) == 0 {
		return text
	}
	slices.SortFunc(s.found, func(a, b part) int { return cmp.Or(a.start-b.start, b.end-a.end) })
	var out strings.Builder
	at := 0
	for i := 0; i < len(s.found); {
		one := s.found[i]
		for i++; i < len(s.found) && s.found[i].start <= one.end; i++ {
			one.end = max(one.end, s.found[i].end)
		}
		out.WriteString(text[at:one.start] + hidden)
		at = one.end
	}
	out.WriteString(text[at:])
	return out.String()
}
