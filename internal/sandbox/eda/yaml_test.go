package eda

import "testing"

// TestDumpYAML is what PyYAML makes of values, by its rules for plain and quoted text.
func TestDumpYAML(t *testing.T) {
	for text, want := range map[string]string{
		`{"b": 1, "a": {"d": [], "c": {}}}`:      "a:\n  c: {}\n  d: []\nb: 1\n",
		`{"l": [1, {"x": 1, "y": [2]}, [3]]}`:    "l:\n- 1\n- x: 1\n  y:\n  - 2\n- - 3\n",
		`{"a": "yes", "b": "1", "c": "x: y"}`:    "a: 'yes'\nb: '1'\nc: 'x: y'\n",
		`{"a": "", "b": null, "c": true}`:        "a: ''\nb: null\nc: true\n",
		`{"a": "{\"cpu\":2}", "b": "it's"}`:      "a: '{\"cpu\":2}'\nb: it's\n",
		`{"a": "2026-11-23T09:20:07Z"}`:          "a: '2026-11-23T09:20:07Z'\n",
		`{"a": "u-1", "b": "-", "c": "- x"}`:     "a: u-1\nb: '-'\nc: '- x'\n",
		`{"a": "ü\n", "b": 1.50, "c": 1e20}`:     "a: \"\\xFC\\n\"\nb: 1.5\nc: 1.0e+20\n",
		`{"a": "0o7", "b": "012", "c": "1_000"}`: "a: 0o7\nb: '012'\nc: '1_000'\n",
	} {
		value, err := parseJSON([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if got := dumpYAML(value); got != want {
			t.Errorf("%s:\ngot  %q\nwant %q", text, got, want)
		}
	}
}

// TestSubstitute is Jinja with native types: whole values, text that reads as a literal, strict undefined.
func TestSubstitute(t *testing.T) {
	parsed, err := parseJSON([]byte(`{"payload": {"o": {"k": [true, "1"]}, "n": 3, "s": "12", "j": "{\"a\": 1}", "t": "{\"a\": true}", "x-y": "z"}}`))
	event, ok := parsed.(object)
	if err != nil || !ok {
		t.Fatal(err)
	}
	for template, want := range map[string]string{
		"{{ event.payload.o }}":                          `{"k":[true,"1"]}`,
		"{{event.payload.n}}":                            `3`,
		"{{ event.payload.s }}":                          `12`,
		"{{ event.payload.j }}":                          `{"a":1}`,
		"{{ event.payload.t }}":                          `"{\"a\": true}"`,
		`corr-{{ event.payload["x-y"] }}`:                `"corr-z"`,
		"{{ event.payload.o.k.1 }}{{ event.payload.n }}": `13`,
		"plain": `"plain"`,
	} {
		got, err := substitute(template, event)
		if err != nil || string(compactJSON(got)) != want {
			t.Errorf("%s: got %s %v, want %s", template, compactJSON(got), err, want)
		}
	}
	if _, err := substitute("{{ event.payload.none }}", event); err == nil || err.Error() != "'dict object' has no attribute 'none'" {
		t.Errorf("undefined: %v", err)
	}
}
