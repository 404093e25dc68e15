package acceptance

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

// party is a workspace, and so somebody with a state.
type party struct {
	*workspace
	// title tells parties apart; owner is the provider's setting, which two of them share.
	title, owner string
	// layout is what stands in the configuration.
	layout layout
}

func (w *walk) newParty(title, owner string) *party {
	p := &party{title: title, owner: owner}
	site := w.site
	p.workspace = site.workspace("chaos.tf", vars{
		"hub": "default", "owner": owner, "name": w.newName(title == "first"), "cores": 2, "run_strategy": "Always",
		"labels": vars{}, "value": "a", "generation": 1, "take_over": false,
		"hub_extra_vars": `{"site_secret":"` + site.plant("hub_extra_vars", nowhere) + `"}`,
		"extra_vars":     `{"instance_secret":"` + site.plant("extra_vars", stateOnly) + `"}`,
		"extra_vars_wo":  `{"written_only":"` + site.plant("extra_vars_wo", nowhere) + `"}`,
	})
	p.lay(layout{form: single, machines: []laid{{address: "this"}}})
	return p
}

// name is the instance's of a party that has one.
func (p *party) name() string {
	name, _ := p.variables["name"].(string)
	return name
}

// address is that of the only instance.
func (p *party) address() string { return resourceType + "." + p.layout.machines[0].address }

const resourceType = "osac_compute_instance"

// wants are the keys of the instances that the configuration has.
func (p *party) wants() []string {
	var keys []string
	for _, each := range p.layout.machines {
		keys = append(keys, p.keyOf(each))
	}
	return keys
}

// held is an instance in a state.
type held struct {
	// name is the instance's key: its name and, at another place than the usual one, the place.
	name, address, uid, desired, reconciled, runStrategy string

	cores            float64
	deposed, tainted bool
	jobs             []recorded
}

// holds reads the party's state file, which is quicker than Terraform. Terraform writes it in place, so it may have only
// begun, while another step looks at it.
func (p *party) holds() []held {
	var content []byte
	for range 100 {
		var err error
		if content, err = os.ReadFile(p.statePath()); err != nil {
			return nil // there is none yet
		}
		if json.Valid(content) {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	if len(content) == 0 {
		return nil // Terraform was killed in its first create, and had only begun to write
	}
	var file struct {
		Resources []struct {
			Type      string `json:"type"`
			Name      string `json:"name"`
			Instances []struct {
				Key        any            `json:"index_key"`
				Status     string         `json:"status"`
				Deposed    string         `json:"deposed"`
				Attributes map[string]any `json:"attributes"`
			} `json:"instances"`
		} `json:"resources"`
	}
	if err := json.Unmarshal(content, &file); err != nil {
		p.t.Fatalf("%v in %s", err, content)
	}
	var all []held
	for _, resource := range file.Resources {
		if resource.Type != resourceType {
			continue
		}
		for _, instance := range resource.Instances {
			m := managed{t: p.t, Values: instance.Attributes}
			cores, _ := m.Values["cores"].(float64)
			all = append(all, held{
				name: placed(placeOf(m.text("hub_identity"), m.text("hub")), m.text("name")), address: resource.Name + indexed(instance.Key),
				uid: m.text("uid"), desired: m.text("desired_config_version"), reconciled: m.text("reconciled_config_version"),
				runStrategy: m.text("run_strategy"), cores: cores, deposed: instance.Deposed != "", tainted: instance.Status == "tainted",
				jobs: m.knownJobs(),
			})
		}
	}
	return all
}

func (p *party) statePath() string { return filepath.Join(p.directory, "terraform.tfstate") }

// indexed writes the key of count or for_each as it stands in an address.
func indexed(key any) string {
	if key == nil {
		return ""
	}
	encoded, _ := json.Marshal(key) // is a number or a text
	return "[" + string(encoded) + "]"
}

// knownJobs are the jobs that an instance's state names: its last one, and those of its open runs.
func (m *managed) knownJobs() []recorded {
	jobs := m.openRuns()
	if last, known := recordedIn(m.Values["last_job"]); known {
		jobs = append(jobs, last)
	}
	return jobs
}

// holding reports whether the party's state holds the instance.
func (p *party) holding(name string) bool {
	return slices.ContainsFunc(p.holds(), func(h held) bool { return h.name == name })
}

// The controller has two more pairs of templates, which make machines elsewhere: of another prefix, and of another
// organization under the same names. An instance's key begins with its place, but at the usual one.
const (
	lab   = "lab"
	annex = "annex"
)

// addPlaces gives the controller the templates of the other places.
func (w *world) addPlaces() {
	for _, place := range []string{lab, annex} {
		prefix := usualPrefix
		if place == lab {
			prefix = lab
		}
		for _, verb := range []string{"create", "delete"} {
			id := w.site.simulated.AddTemplate(sandbox.Template{
				Name: prefix + "-" + verb + "-compute-instance", Organization: map[string]string{lab: usualPrefix, annex: annex}[place],
				Playbook: verb + ".yml", AsksVariables: true, AllowSimultaneous: true,
			})
			w.places[id] = place
		}
	}
}

func placed(place, name string) string {
	if place == "" {
		return name
	}
	return place + ":" + name
}

// placeOf tells the place by a hub's identity, or by its key where state has no identity.
func placeOf(identity, hub string) string {
	switch {
	case strings.Contains(identity, "/"+lab+"-"), identity == "" && hub == lab:
		return lab
	case strings.Contains(identity, "/"+annex+"/"), identity == "" && hub == annex:
		return annex
	}
	return ""
}

// plain is an instance's key without the place.
func plain(key string) string { return key[strings.Index(key, ":")+1:] }

// jobs are all jobs ever, in the order of their making, with the keys of their instances as names. The templates of all
// places are called as those of the usual one.
func (w *world) jobs() []sandbox.Job { return w.named(w.site.simulated.AllJobs()) }

func (w *world) named(jobs []sandbox.Job) []sandbox.Job {
	for i, j := range jobs {
		jobs[i].Name = placed(w.places[j.TemplateID], j.Name)
		if verb := (job{template: j.Template}).verb(); verb == "create" || verb == "delete" {
			jobs[i].Template = usualPrefix + "-" + verb + "-compute-instance"
		}
	}
	return jobs
}
