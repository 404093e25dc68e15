package acceptance

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

// byHand is the user who does by hand what Terraform knows nothing of.
const byHand = "operator"

// world is what a walk knows of its site, and what it therefore does not hold against the provider.
type world struct {
	site    *Site
	parties []*party
	// orphans are instances that may exist although no state holds them, with the reason.
	orphans map[string]string
	// unclear are instances of which nobody can know whether they exist or what they are, since a job was purged that no
	// state knew the end of, or since two jobs ran side by side: until a later job of Terraform's succeeds.
	unclear map[string]time.Time
	// purges are when jobs were purged.
	purges map[int64]time.Time
	// checked is how many of the site's jobs were checked.
	checked int
	// races are pairs of jobs that may overlap, but only for as long as settling takes.
	races [][2]int64
	// replacing is set while create_before_destroy is: it begins a new life on a machine of the same name.
	replacing bool
	// racing is set while two runs of Terraform are at work, and touched while somebody works by hand beside one.
	racing, touched bool
}

func newWorld(site *Site) *world {
	return &world{
		site: site, orphans: map[string]string{}, unclear: map[string]time.Time{},
		purges: map[int64]time.Time{},
	}
}

// party is a workspace, and so somebody with a state.
type party struct {
	*workspace
	owner string
}

func (w *walk) newParty(owner string) *party {
	p := &party{owner: owner}
	site := w.site
	p.workspace = site.workspace("chaos.tf", vars{
		"hub": "default", "owner": owner, "name": w.newName(owner == "first"), "cores": 2, "run_strategy": "Always",
		"labels": vars{}, "value": "a", "generation": 1, "take_over": false,
		"hub_extra_vars": `{"site_secret":"` + site.plant("hub_extra_vars", nowhere) + `"}`,
		"extra_vars":     `{"instance_secret":"` + site.plant("extra_vars", stateOnly) + `"}`,
		"extra_vars_wo":  `{"written_only":"` + site.plant("extra_vars_wo", nowhere) + `"}`,
	})
	return p
}

// newName is the walk's next name of an instance, or the one that it has now.
func (w *walk) newName(next bool) string {
	if next {
		w.names++
	}
	return fmt.Sprintf("vm-%d", w.names)
}

func (p *party) name() string {
	name, _ := p.variables["name"].(string)
	return name
}

// held is an instance in a state.
type held struct {
	name, uid, desired, reconciled, runStrategy string

	cores   float64
	deposed bool
	jobs    []recorded
}

// holds reads the party's state file, which is quicker than Terraform. Terraform writes it in place, so it may have only
// begun, while another step looks at it.
func (p *party) holds() []held {
	var content []byte
	for range 100 {
		var err error
		if content, err = os.ReadFile(filepath.Join(p.directory, "terraform.tfstate")); err != nil {
			return nil // there is none yet
		}
		if json.Valid(content) {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	if len(content) == 0 {
		return nil // Terraform was killed in its first create (contract/terraform/README.md, c)
	}
	var file struct {
		Resources []struct {
			Type      string `json:"type"`
			Instances []struct {
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
		if resource.Type != "osac_compute_instance" {
			continue
		}
		for _, instance := range resource.Instances {
			m := managed{t: p.t, Values: instance.Attributes}
			cores, _ := m.Values["cores"].(float64)
			all = append(all, held{
				name: m.text("name"), uid: m.text("uid"), desired: m.text("desired_config_version"), reconciled: m.text("reconciled_config_version"),
				runStrategy: m.text("run_strategy"), cores: cores, deposed: instance.Deposed != "", jobs: m.knownJobs(),
			})
		}
	}
	return all
}

// knownJobs are the jobs that an instance's state names: its last one, and those of its open runs.
func (m *managed) knownJobs() []recorded {
	jobs := m.openRuns()
	if last, known := recordedIn(m.Values["last_job"]); known {
		jobs = append(jobs, last)
	}
	return jobs
}

// holding tells whether the party's state holds the instance.
func (p *party) holding(name string) bool {
	return slices.ContainsFunc(p.holds(), func(h held) bool { return h.name == name })
}

// exists tells whether the instance exists: what Terraform and the provider can't see.
func (w *world) exists(name string) bool {
	return slices.ContainsFunc(w.site.simulated.Instances(), func(i sandbox.Instance) bool { return i.Name == name })
}

// jobsNamed are all jobs ever of an instance, in the order of their making.
func (w *world) jobsNamed(name string) []sandbox.Job {
	return slices.DeleteFunc(w.site.simulated.AllJobs(), func(j sandbox.Job) bool { return j.Name != name })
}

// allNames are those of all instances that anybody has heard of.
func (w *world) allNames() []string {
	var names []string
	for _, j := range w.site.simulated.AllJobs() {
		names = append(names, j.Name)
	}
	for _, p := range w.parties {
		for _, h := range p.holds() {
			names = append(names, h.name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// goneBy tells whether the job was purged by then.
func (w *world) goneBy(j sandbox.Job, then time.Time) bool {
	at, purged := w.purges[j.ID]
	return purged && at.Before(then)
}

// activeAt tells whether the job had not ended by then.
func activeAt(j sandbox.Job, then time.Time) bool {
	return j.Created.Before(then) && (j.Finished.IsZero() || j.Finished.After(then))
}

// given is what a job was given.
func given(j sandbox.Job) computeInstance {
	var vars payload
	_ = json.Unmarshal([]byte(j.ExtraVars), &vars) // the walk's jobs are the provider's own, or copies of them
	return vars.OSACJobVars.Resource
}

// ownerOf is the owner for whom a job was run; empty where its payload names none.
func ownerOf(j sandbox.Job) string { return given(j).Metadata.Annotations["osac.openshift.io/owner"] }

// inputs are all that tells one run from another: the inputs' version and the spec, restart included.
func inputs(c computeInstance) string {
	spec, _ := json.Marshal(c.Spec) // was decoded just now
	return c.Metadata.Annotations["osac.openshift.io/inputs-version"] + string(spec)
}

// restart is the restart that the job's playbook would do; empty for none. It compares the two as strings.
func restart(c computeInstance) string {
	if requested, _ := c.Spec["restartRequestedAt"].(string); requested > c.Status.LastRestartedAt {
		return requested
	}
	return ""
}

// newest is the job that decides what the instance is: the youngest but for cancelled twins, which an older job has
// outlived.
func newest(jobs []sandbox.Job) *sandbox.Job {
	for i := range slices.Backward(jobs) {
		j := jobs[i]
		outlived := j.Template == createTemplate && j.Status == "canceled" && slices.ContainsFunc(jobs[:i], func(older sandbox.Job) bool {
			return older.Template == createTemplate && older.Status == "successful" && older.Finished.After(j.Finished)
		})
		if !outlived {
			return &j
		}
	}
	return nil
}

// purge drops a job, and notes whose end nobody will ever know.
func (w *world) purge(j sandbox.Job) {
	w.site.simulated.Purge(j.ID)
	w.purges[j.ID] = time.Now()
	if !w.everybodyKnows(j) {
		w.unclear[j.Name] = time.Now()
	}
}

// everybodyKnows reports whether each state that holds the job's instance knows the job's end, or a later job.
func (w *world) everybodyKnows(j sandbox.Job) bool {
	for _, p := range w.parties {
		for _, h := range p.holds() {
			if h.name != j.Name {
				continue
			}
			if !slices.ContainsFunc(h.jobs, func(r recorded) bool {
				id, _ := strconv.ParseInt(r.id, 10, 64)
				return id > j.ID || id == j.ID && slices.Contains([]string{"Succeeded", "Failed", "Canceled"}, r.state)
			}) {
				return false
			}
		}
	}
	return !j.Active()
}
