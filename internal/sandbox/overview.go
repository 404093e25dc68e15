package sandbox

import (
	_ "embed"
	"encoding/json"
	"fmt"
	htmltemplate "html/template"
	"net/http"
	"time"
)

//go:embed overview.html
var overviewPage string

var overviewTemplate = htmltemplate.Must(htmltemplate.New("overview").Parse(overviewPage))

// overviewRows is the most rows of a table on the page.
const overviewRows = 100

// overview is the content of the page. It has nothing that may be secret: no extra vars, no tokens, no bodies.
type overview struct {
	// Texts are keyed by the ids of their elements.
	Texts map[string]string `json:"texts"`
	// Bars are the requests of the last minute.
	Bars      []bar         `json:"bars"`
	Instances []overviewRow `json:"instances"`
	Jobs      []overviewRow `json:"jobs"`
}

// overviewRow is a row of a table. Its first cell names it; a job has a status after its cells.
type overviewRow struct {
	Key    string   `json:"key"`
	Cells  []string `json:"cells"`
	Status string   `json:"status,omitempty"`
}

// serveOverview serves the page as it is now; its script then requests the overview again and again. These requests are
// not the API's: they are neither logged nor counted.
func (s *Sandbox) serveOverview(w http.ResponseWriter) {
	nonce := randomHex(16)
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Security-Policy", "default-src 'none'; script-src 'nonce-"+nonce+"'; style-src 'nonce-"+nonce+
		"'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cache-Control", "no-store")
	_ = overviewTemplate.Execute(w, struct { // the client may be gone
		overview
		Plot  plot
		Nonce string
	}{s.overview(), ratePlot(), nonce})
}

func (s *Sandbox) overview() overview {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	s.advance(now)
	instances := s.instances(now)
	shown := overview{
		Texts: map[string]string{
			"api":               s.prefix,
			"clock":             now.Local().Format(time.TimeOnly),
			"instances-heading": fmt.Sprintf("Compute instances (%d)", len(instances)),
			"instances-caption": caption("Instances that exist, by namespace and name", len(instances)),
			"jobs-heading":      fmt.Sprintf("Jobs (%d)", len(s.jobs)),
			"jobs-caption":      caption("Jobs, newest first", len(s.jobs)),
			"rate":              s.rate(now),
		},
		Bars: s.bars(now), Instances: []overviewRow{}, Jobs: []overviewRow{},
	}
	for _, each := range instances[:min(len(instances), overviewRows)] {
		shown.Instances = append(shown.Instances, each.row())
	}
	for i := len(s.jobs) - 1; i >= max(0, len(s.jobs)-overviewRows); i-- {
		shown.Jobs = append(shown.Jobs, s.jobs[i].snapshot(now).row(now))
	}
	return shown
}

func caption(what string, count int) string {
	switch {
	case count == 0:
		return what + ": none yet"
	case count > overviewRows:
		return fmt.Sprintf("%s: the first %d of %d", what, overviewRows, count)
	default:
		return what
	}
}

// row shows only the spec's size and run strategy.
func (i Instance) row() overviewRow {
	var spec struct {
		Cores       int    `json:"cores"`
		MemoryGiB   int    `json:"memoryGiB"`
		RunStrategy string `json:"runStrategy"`
	}
	_ = json.Unmarshal([]byte(i.Spec), &spec) // a spec of another form has no size to show
	size := ""
	if spec.Cores > 0 && spec.MemoryGiB > 0 {
		size = fmt.Sprintf("%d × %d GiB", spec.Cores, spec.MemoryGiB)
	}
	name := i.Namespace + "/" + i.Name
	return overviewRow{Key: name, Cells: []string{
		name, size, spec.RunStrategy, i.Since.Local().Format(time.TimeOnly), fmt.Sprint(len(i.Restarts)), text(i.LastJob),
	}}
}

func (j Job) row(now time.Time) overviewRow {
	instance := ""
	if j.Name != "" {
		instance = j.Namespace + "/" + j.Name
	}
	took := ""
	switch {
	case j.Started.IsZero():
	case j.Active():
		took = fmt.Sprintf("%d s", int(now.Sub(j.Started).Seconds()))
	default:
		took = fmt.Sprintf("%.1f s", j.Finished.Sub(j.Started).Seconds())
	}
	return overviewRow{Key: text(j.ID), Status: j.Status, Cells: []string{
		text(j.ID), j.Template, instance, j.CreatedBy, j.Created.Local().Format(time.TimeOnly), took,
	}}
}
