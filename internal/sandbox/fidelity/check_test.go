package fidelity

import (
	"os"
	"strings"
	"testing"
)

func TestCheck_tellsWhatIsNotListedAndWhatIsListedInVain(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.Mkdir("testdata", 0o755); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		differences: `[{"recordings": "0*/1", "path": "body/**/id", "reason": "random"}, {"recordings": "0*", "path": "**", "reason": "past"}]`,
		"README.md": tableStart + tableEnd,
	} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	type row = map[string]any
	c := &Comparison{Recording: "04/1 launch"}
	c.Compare("body", row{"rows": []any{row{"id": 1, "name": "a"}}, "gone": "x", "none": []any{}}, row{"rows": []any{row{"id": 2, "name": "b"}}, "new": 3, "none": nil})
	same := &Comparison{Recording: "04/2"}
	same.Compare("status", 200, 200)
	totals, err := Check([]*Comparison{c, same}, false)
	if want := "2 exchanges compared: 1 equal, 0 with listed differences only; 3 values compared, 5 differ"; totals != want {
		t.Errorf("got  %s\nwant %s", totals, want)
	}
	want := strings.Join([]string{
		"04/1 launch: body/gone: recorded x, got nothing",
		"04/1 launch: body/none: recorded 0 items, got 0 items: <nil>",
		"04/1 launch: body/rows/[]/name: recorded a, got b",
		"04/1 launch: body/new: recorded nothing, got 3",
		"testdata/differences.json: 0* ** no longer differs: take it out",
		"README.md is out of date: " + updating,
	}, "\n")
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}
