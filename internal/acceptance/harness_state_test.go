package acceptance

import (
	"slices"
	"testing"
)

// state is what `terraform show -json` says of state or of a plan.
type state struct {
	Values struct {
		RootModule struct {
			Resources []managed `json:"resources"`
		} `json:"root_module"`
	} `json:"values"`
	Changes []struct {
		Address string `json:"address"`
		Change  struct {
			Actions []string `json:"actions"`
		} `json:"change"`
	} `json:"resource_changes"`
}

// managed is a resource in state.
type managed struct {
	t       *testing.T
	Address string         `json:"address"`
	Tainted bool           `json:"tainted"`
	Values  map[string]any `json:"values"`
}

// stateOf returns a resource of the state, or nil.
func (w *workspace) stateOf(address string) *managed {
	w.t.Helper()
	shown := w.run("show", "-json").want(0)
	for _, found := range decode[state](w.t, shown.output).Values.RootModule.Resources {
		if found.Address == address {
			found.t = w.t
			return &found
		}
	}
	return nil
}

// inState returns the instance in state, which must be there.
func (w *workspace) inState() *managed {
	w.t.Helper()
	found := w.stateOf(address)
	if found == nil {
		w.t.Fatalf("%s is not in state", address)
	}
	return found
}

// wantGone checks that the instance is not in state.
func (w *workspace) wantGone() {
	w.t.Helper()
	if w.stateOf(address) != nil {
		w.t.Fatalf("%s is still in state", address)
	}
}

// wantPlan plans, and checks what is planned for the instance: no-op, update, create, delete; a replace is "delete",
// "create" in the order of the steps.
func (w *workspace) wantPlan(actions ...string) result {
	w.t.Helper()
	planned := w.run("plan", "-no-color", "-out=plan.tfplan").want(0)
	for _, change := range w.planned() {
		if change.Address == address {
			if !slices.Equal(change.Actions, actions) {
				w.t.Fatalf("planned %v, want %v", change.Actions, actions)
			}
			return planned
		}
	}
	w.t.Fatalf("nothing is planned for %s, want %v", address, actions)
	return planned
}

// plannedChange is what a plan does to a resource.
type plannedChange struct {
	Address string
	Actions []string
}

// planned lists the changes of the plan file.
func (w *workspace) planned() []plannedChange {
	w.t.Helper()
	var changes []plannedChange
	for _, change := range decode[state](w.t, w.run("show", "-json", "plan.tfplan").want(0).output).Changes {
		changes = append(changes, plannedChange{change.Address, change.Change.Actions})
	}
	return changes
}

// text returns an attribute; "" for null.
func (m *managed) text(attribute string) string {
	m.t.Helper()
	switch value := m.Values[attribute].(type) {
	case nil:
		return ""
	case string:
		return value
	default:
		m.t.Fatalf("%s is %v, no text", attribute, value)
		return ""
	}
}

// wantText checks an attribute.
func (m *managed) wantText(attribute, want string) *managed {
	m.t.Helper()
	if got := m.text(attribute); got != want {
		m.t.Errorf("%s is %q, want %q", attribute, got, want)
	}
	return m
}

// wantTainted checks whether Terraform will replace the instance.
func (m *managed) wantTainted(want bool) *managed {
	m.t.Helper()
	if m.Tainted != want {
		m.t.Errorf("tainted: %v, want %v", m.Tainted, want)
	}
	return m
}

// wantReconciled checks that the desired configuration is the applied one, or that it is not known to be.
func (m *managed) wantReconciled(want bool) *managed {
	m.t.Helper()
	desired, reconciled := m.text("desired_config_version"), m.text("reconciled_config_version")
	if desired == "" || (desired == reconciled) != want {
		m.t.Errorf("desired %q, reconciled %q; want them equal: %v", desired, reconciled, want)
	}
	return m
}

// recorded is a job as an instance's state, or a data source, has it.
type recorded struct {
	id, verb, kind, runID, state, message, version, url, backend string
}

func recordedIn(value any) (recorded, bool) {
	entry, ok := value.(map[string]any)
	text := func(name string) string { value, _ := entry[name].(string); return value }
	return recorded{
		id: text("id"), verb: text("type"), kind: text("kind"), runID: text("run_id"), state: text("state"), message: text("message"),
		version: text("config_version"), url: text("url"), backend: text("backend"),
	}, ok
}

// listed are the jobs of a list.
func listed(value any) []recorded {
	list, _ := value.([]any)
	var entries []recorded
	for _, each := range list {
		entry, _ := recordedIn(each)
		entries = append(entries, entry)
	}
	return entries
}

// lastJob returns the attribute last_job, which must not be null.
func (m *managed) lastJob() recorded {
	m.t.Helper()
	job, known := recordedIn(m.Values["last_job"])
	if !known {
		m.t.Fatalf("last_job is %v", m.Values["last_job"])
	}
	return job
}

// openRuns returns the attribute open_runs.
func (m *managed) openRuns() []recorded {
	m.t.Helper()
	return listed(m.Values["open_runs"])
}

// wantLastJob checks the attribute last_job, as "provision Succeeded", and that no run is open. "provision active" stands
// for any state of a job that has not ended: which one was seen last is a matter of moments.
func (m *managed) wantLastJob(want string) *managed {
	m.t.Helper()
	job := m.lastJob()
	got := job.verb + " " + job.state
	if want == job.verb+" active" && slices.Contains([]string{"Pending", "Waiting", "Running"}, job.state) {
		got = want
	}
	if got != want {
		m.t.Errorf("the last job is %q, want %q", got, want)
	}
	if open := m.openRuns(); len(open) > 0 {
		m.t.Errorf("runs are open: %+v", open)
	}
	return m
}

// wantOpenRun checks that just one run is open.
func (m *managed) wantOpenRun(verb string) *managed {
	m.t.Helper()
	open := m.openRuns()
	if len(open) != 1 || open[0].verb != verb || open[0].state != "Unknown" || open[0].id != "" || open[0].runID == "" {
		m.t.Errorf("the open runs are %+v, want one to %s", open, verb)
	}
	return m
}
