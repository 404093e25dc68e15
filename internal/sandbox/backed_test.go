package sandbox

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// witnesses are the recordings, by their numbers; several may share a number.
func witnesses(t *testing.T) map[string][]*recording {
	t.Helper()
	byNumber := map[string][]*recording{}
	for _, r := range loadRecordings(t) {
		byNumber[r.number()] = append(byNumber[r.number()], r)
	}
	return byNumber
}

// TestEveryBackedKeyHasItsWitness holds the table of keys to the recordings. The recordings of a key must have the key,
// show a row, and leave one out.
func TestEveryBackedKeyHasItsWitness(t *testing.T) {
	all, facts := witnesses(t), factNumbers(t)
	for _, k := range backedKeys() {
		what := k.list + " " + k.key
		shows, leavesOut := false, false
		for number := range strings.FieldsSeq(k.by) {
			if strings.HasPrefix(number, "F") {
				expect(t, what+": "+number+" is in FACTS.md", facts[number], true)
				shows, leavesOut = true, true
				continue
			}
			at := slices.IndexFunc(all[number], func(r *recording) bool { return r.asks(k) })
			if at < 0 {
				t.Errorf("%s: no recording %s has this key", what, number)
				continue
			}
			r := all[number][at]
			rows, _ := r.rows()
			shows, leavesOut = shows || rows > 0, leavesOut || r.leavesOut(all)
			if k.kind == findsNothing {
				expect(t, what+": rows in "+number, rows, 0)
			}
		}
		if k.kind == finds && (!shows || !leavesOut && !strings.HasPrefix(k.key, "order_by=")) {
			t.Errorf("%s: %s shows a row: %v, leaves one out: %v", what, k.by, shows, leavesOut)
		}
	}
}

// TestEveryViewHasItsWitness holds the served paths, and the paths known to be absent, to the recordings.
func TestEveryViewHasItsWitness(t *testing.T) {
	all, facts := witnesses(t), factNumbers(t)
	backed := map[string]bool{}
	for _, p := range backedPaths() {
		backed[p.method+" "+p.pattern] = true
		for number := range strings.FieldsSeq(p.by) {
			answered := slices.ContainsFunc(all[number], func(r *recording) bool {
				return r.Request.Method == p.method && r.pattern() == p.pattern && r.Response.Status < 300
			})
			expect(t, p.method+" "+p.pattern+" by "+number, answered || facts[number], true)
		}
	}
	for _, v := range slices.Concat(allViews(), gatewayViews()) {
		for method, handle := range v.methods {
			name := method + " " + v.row()
			served := handle != nil && !refuses(handle)
			expect(t, name+" is served as it is backed", served, backed[name])
			delete(backed, name)
		}
	}
	expect(t, "backed and not served", len(backed), 0)
	for _, a := range absentPaths() {
		recorded := slices.ContainsFunc(all[a.by], func(r *recording) bool {
			return r.Response.Status == http.StatusNotFound && strings.HasPrefix(r.Response.Headers["Content-Type"], "text/html")
		})
		expect(t, a.pattern+" is absent by "+a.by, recorded || facts[a.by], true)
	}
}

// factNumbers are the numbers in FACTS.md.
func factNumbers(t *testing.T) map[string]bool {
	t.Helper()
	content, err := os.ReadFile("FACTS.md")
	if err != nil {
		t.Fatal(err)
	}
	facts := map[string]bool{}
	for _, found := range regexp.MustCompile(`(?m)^- \*\*(F\d+)\*\* `).FindAllStringSubmatch(string(content), -1) {
		facts[found[1]] = true
	}
	return facts
}

func (r *recording) url() *url.URL {
	address, err := url.Parse(r.Request.Path)
	if err != nil {
		panic(err)
	}
	return address
}

// pattern is the recording's path as a view's pattern; a named URL becomes an id.
func (r *recording) pattern() string {
	switch path := strings.Trim(strings.TrimPrefix(r.url().Path, "/api/v2/"), "/"); path {
	case "api":
		return ":root"
	default:
		return regexp.MustCompile(`(^|/)(\d+|[^/]*\+\+[^/]*)(/|$)`).ReplaceAllString(path, "$1{id}$3")
	}
}

// asks reports whether the recording is of the list, with the key.
func (r *recording) asks(k backedKey) bool {
	query := r.url().Query()
	if k.list != "*" && k.list != r.pattern() || r.Response.Status != http.StatusOK {
		return false
	}
	if strings.HasPrefix(k.key, "order_by=") {
		return slices.Contains(orderNames(query["order_by"]), k.key)
	}
	return query.Has(k.key)
}

// rows are the number of rows of the answer, as far as the recorder kept it, and their ids.
func (r *recording) rows() (int, []int64) {
	if r.Rows != nil {
		return len(r.Rows), r.Rows
	}
	rows, _ := rowsOf(r.Response.Body)
	body, _ := r.Response.Body.(map[string]any)
	if text, ok := body["results"].(string); ok {
		n := 0
		_, _ = fmt.Sscan(text, &n)
		return n, nil
	}
	return len(rows), idsOf(rows)
}

// leavesOut reports whether the list has a row that the answer lacks: a row that another recording of the list shows or
// counts, or an event before or after the shown ones.
func (r *recording) leavesOut(all map[string][]*recording) bool {
	n, shown := r.rows()
	last := int64(0) // that existed for certain; but for jobs and what tells of them, nothing is added
	alike := r.alike(all)
	for _, other := range alike {
		if _, ids := other.rows(); other.number() <= r.number() && len(ids) > 0 {
			last = max(last, slices.Max(ids))
		}
	}
	for _, other := range alike {
		if other.number() <= r.number() && counted(r) >= 0 && counted(other) > counted(r) {
			return true
		}
		_, ids := other.rows()
		for _, id := range ids {
			existed := id <= last || !r.grows()
			within := r.complete(n) || len(shown) > 0 && id > slices.Min(shown) && id < slices.Max(shown) || r.newestFirst() && id > slices.Min(shown)
			if existed && within && !slices.Contains(shown, id) {
				return true
			}
		}
	}
	rows, _ := rowsOf(r.Response.Body)
	return slices.ContainsFunc(rows, func(value any) bool {
		object, _ := value.(map[string]any)
		counter, isEvent := object["counter"].(float64)
		return isEvent && int(counter) > counted(r)
	})
}

// alike are the recordings of the same list of the same AWX, as the same user.
func (r *recording) alike(all map[string][]*recording) []*recording {
	var found []*recording
	for _, others := range all {
		for _, other := range others {
			if other.lab() == r.lab() && other.url().Path == r.url().Path && other.Request.As == r.Request.As {
				found = append(found, other)
			}
		}
	}
	return found
}

// grows reports whether the list got rows between the recordings.
func (r *recording) grows() bool {
	return slices.Contains([]string{"jobs", "workflow_jobs", "unified_jobs", "activity_stream"}, r.pattern())
}

func (r *recording) newestFirst() bool { return r.url().Query().Get("order_by") == "-id" }

// complete reports whether the answer with that many rows was the whole list.
func (r *recording) complete(n int) bool {
	if counted(r) >= 0 {
		return counted(r) == n
	}
	size := usualPage
	_, _ = fmt.Sscan(r.url().Query().Get("page_size"), &size)
	return n < min(size, maxPage)
}

// counted is the count of a list, or -1.
func counted(r *recording) int {
	body, _ := r.Response.Body.(map[string]any)
	if count, ok := body["count"].(float64); ok {
		return int(count)
	}
	return -1
}
