package redact

// The least number of digits worth decoding: the number of the shortest secret that is searched for there.
const (
	fewestBase64 = 8
	fewestHex    = 12
	// wrapped is how long the text before a blank must be, so that the blank may be a line break that was replaced.
	wrapped = 20
)

// digit is a digit of a base64 or hex run: its value and its place.
type digit struct {
	start, end int32
	value      uint8
}

// encoding is a way to write bytes in digits.
type encoding struct {
	fewest int
	// group is the number of digits after which bytes begin anew: a secret may begin at any digit of the first group.
	group, bits int
	value       func(c byte) int
	// joint reports whether a single mark between pairs of digits continues the run.
	joint func(c byte) bool
}

var encodings = []encoding{
	{fewest: fewestBase64, group: 4, bits: 6, value: base64Digit, joint: func(byte) bool { return false }},
	{fewest: fewestHex, group: 2, bits: 4, value: hexDigit, joint: func(c byte) bool { return c == ' ' || c == ':' || c == '-' }},
}

func base64Digit(c byte) int {
	switch {
	case 'A' <= c && c <= 'Z':
		return int(c - 'A')
	case 'a' <= c && c <= 'z':
		return int(c-'a') + 26
	case '0' <= c && c <= '9':
		return int(c-'0') + 52
	case c == '+' || c == '-':
		return 62
	case c == '/' || c == '_':
		return 63
	}
	return -1
}

// runs finds the runs of digits. If escaped is set, only runs that hold an escape count: the other runs were found
// before the escapes were undone.
func (e encoding) runs(units []unit, escaped bool, use func([]digit)) {
	r := run{encoding: e}
	end := func() {
		if len(r.digits) >= e.fewest && (r.escaped || !escaped) {
			use(r.digits)
		}
		r = run{encoding: e, digits: r.digits[:0]}
	}
	for i, u := range units {
		if !r.add(u, i > 0 && isBreak(units[i-1])) {
			end()
		}
	}
	end()
}

// run is a run of digits while it is being found.
type run struct {
	encoding
	digits []digit
	// since is the number of digits since the last mark between them; escaped reports whether one of them was written as
	// an escape.
	since   int
	escaped bool
}

// add appends a unit to the run, and returns false if the unit ends the run.
func (r *run) add(u unit, broken bool) bool {
	if u.n != 1 {
		return false
	}
	c := u.bytes[0]
	if value := r.value(c); value >= 0 {
		r.digits = append(r.digits, digit{start: u.start, end: u.end, value: uint8(value)}) //nolint:gosec // below 64
		r.since++
	} else if len(r.digits) == 0 || !r.passes(c, broken) {
		return false
	} else {
		r.since = 0
	}
	r.escaped = r.escaped || u.end-u.start > 1
	return true
}

// passes reports whether a run continues after a character that is not a digit: a line break with its indentation, the
// blank that replaced such a line break, or a mark between pairs.
func (r *run) passes(c byte, broken bool) bool {
	switch c {
	case '\n', '\\':
		return true
	case ' ', '\t':
		return broken || r.since >= wrapped || r.joint(c) && r.since >= 2 && r.since%2 == 0
	}
	return r.joint(c) && r.since >= 2 && r.since%2 == 0
}

// isBreak reports whether a unit is a line break or the indentation after one.
func isBreak(u unit) bool {
	return u.n == 1 && (u.bytes[0] == '\n' || u.bytes[0] == ' ' || u.bytes[0] == '\t')
}

// decode reads the run's digits, from the first-th on, as the bytes of a reading.
func (e encoding) decode(run []digit, first int, of *reading) *reading {
	digits := run[first:]
	size := len(digits) * e.bits / 8
	decoded := &reading{text: make([]byte, size), from: make([]int32, size), to: make([]int32, size)}
	for i := range size {
		begin, end := i*8/e.bits, (i*8+7)/e.bits
		value := 0
		for _, d := range digits[begin : end+1] {
			value = value<<e.bits | int(d.value)
		}
		value >>= (end+1)*e.bits - (i*8 + 8)
		decoded.text[i] = byte(value) //nolint:gosec // the lowest eight bits
		decoded.from[i], decoded.to[i] = digits[begin].start, digits[end].end
		if of.from != nil {
			decoded.from[i], decoded.to[i] = of.from[digits[begin].start], of.to[digits[end].end-1]
		}
	}
	return decoded
}
