package sandbox

import "testing"

func TestParseJSON(t *testing.T) {
	for text, want := range map[string]string{
		`{"a":1,"b":2,"a":3}`:                              `{"a": 3, "b": 2}`,
		`"\ud83d\ude00\u00e9/\/"`:                          `"\ud83d\ude00\u00e9//"`,
		`[1.50, 1E5, 1e16, 1e-5, 0.0001, -0, -0.0, 1e400]`: `[1.5, 100000.0, 1e+16, 1e-05, 0.0001, 0, -0.0, Infinity]`,
		` [ ] `:              `[]`,
		`{"a": `:             `Expecting value: line 1 column 7 (char 6)`,
		`{"a" 1}`:            `Expecting ':' delimiter: line 1 column 6 (char 5)`,
		`{"a": 1,}`:          `Expecting property name enclosed in double quotes: line 1 column 9 (char 8)`,
		"{\"a\": 1\n \"b\"}": `Expecting ',' delimiter: line 2 column 2 (char 9)`,
		`"abc`:               `Unterminated string starting at: line 1 column 1 (char 0)`,
		`1 2`:                `Extra data: line 1 column 3 (char 2)`,
		`"\x"`:               `Invalid \escape: line 1 column 2 (char 1)`,
		"\"\n\"":             `Invalid control character at: line 1 column 2 (char 1)`,
		`nul`:                `Expecting value: line 1 column 1 (char 0)`,
	} {
		value, err := parseJSON(text)
		got := pythonStyle().dump(value)
		if err != nil {
			got = err.Error()
		}
		expect(t, text, got, want)
	}
}

func FuzzParseJSON(f *testing.F) {
	f.Add(`{"a": [1, 2.5e3, "\u00fc", null, true]}`)
	f.Add(`{"a`)
	f.Fuzz(func(t *testing.T, text string) {
		value, err := parseJSON(text)
		if err != nil {
			return
		}
		dumped := pythonStyle().dump(value)
		again, err := parseJSON(dumped)
		if err != nil || pythonStyle().dump(again) != dumped {
			t.Errorf("%q became %q: %v", text, dumped, err)
		}
	})
}

// The words are PyYAML's own, asked for each of the texts.
func TestYAMLMistakes(t *testing.T) {
	for text, want := range map[string]string{
		"not: a: valid: {":        "mapping values are not allowed here\n  in \"<unicode string>\", line 1, column 7:\n    not: a: valid: {\n          ^",
		"[1, 2":                   "while parsing a flow sequence\n  in \"<unicode string>\", line 1, column 1:\n    [1, 2\n    ^\nexpected ',' or ']', but got '<stream end>'\n  in \"<unicode string>\", line 1, column 6:\n    [1, 2\n         ^",
		"a: {b: c":                "while parsing a flow mapping\n  in \"<unicode string>\", line 1, column 4:\n    a: {b: c\n       ^\nexpected ',' or '}', but got '<stream end>'\n  in \"<unicode string>\", line 1, column 9:\n    a: {b: c\n            ^",
		"a: 'x":                   "while scanning a quoted scalar\n  in \"<unicode string>\", line 1, column 4:\n    a: 'x\n       ^\nfound unexpected end of stream\n  in \"<unicode string>\", line 1, column 6:\n    a: 'x\n         ^",
		"@x: 1":                   "while scanning for the next token\nfound character '@' that cannot start any token\n  in \"<unicode string>\", line 1, column 1:\n    @x: 1\n    ^",
		"a: %b":                   "while scanning for the next token\nfound character '%' that cannot start any token\n  in \"<unicode string>\", line 1, column 4:\n    a: %b\n       ^",
		"other: 1\nkey: value: x": "mapping values are not allowed here\n  in \"<unicode string>\", line 2, column 11:\n    key: value: x\n              ^",
	} {
		if _, err := parseYAML(text); err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
	for _, text := range []string{"a: \"x: y\"", "url: http://x:80/y", "a:\n  - b", "a: [1, 2]", "# x: y: z\na: 1"} {
		if _, err := parseYAML(text); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}
