package provisioning

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

// rebuild brings a record up to date with the jobs of its life. It is the one place that does: refresh, apply, import and
// move end here. A job on record that the history lacks and that is newer than all that is there overtakes what it says.
func (r *Record) rebuild(life history) {
	for _, each := range life {
		r.closeRun(JobRecord{RunID: each.runID()})
		if each.Terminal() {
			r.closeRun(each.record())
		}
	}
	if ended := life.newest(hasSucceeded(Deprovision)); ended != nil {
		if r.LastJob == nil || ended.record().newer(*r.LastJob) {
			// The machine was made anew from the same payload: what is on record of it was another's.
			r.LastJob, r.LastRestartedAt = nil, nil
			r.setArtifacts(nil)
		}
		life = life.after(ended.ID)
	}
	if len(life) == 0 {
		return
	}
	newest := life.effective()[0]
	overtaken := r.LastJob != nil && !life.has(r.LastJob.number()) && life.mayHave(r.LastJob) && r.LastJob.newer(newest.record())
	r.LastRestartedAt = laterOf(r.LastRestartedAt, life.lastRestartedAt())
	if overtaken {
		return
	}
	r.takeLastJob(newest)
	if live := life.newest(hasSucceeded(Provision)); live != nil {
		r.takeArtifacts(*live)
	}
	if newest.verb != Provision || !newest.succeeded() {
		r.ReconciledConfigVersion = ""
		r.Phase = phaseDuring(newest)
		return
	}
	r.takeSuccess(newest)
}

// takeLastJob puts the newest job on record, but keeps the message of an entry that already tells its end: a list knows no
// reasons.
func (r *Record) takeLastJob(newest run) {
	entry := newest.record()
	if r.LastJob != nil && r.LastJob.ID == entry.ID && r.LastJob.State == entry.State && entry.State.Terminal() {
		return
	}
	r.LastJob = &entry
}

// takeSuccess takes over what the newest job, a successful provision, has applied. A spec that differs from the recorded
// one in nothing but the restart is the same configuration; one that can't be represented is unknown.
func (r *Record) takeSuccess(applied run) {
	spec, err := applied.spec()
	switch {
	case err != nil:
		r.ReconciledConfigVersion = ""
	case applied.applies(r.Spec):
		r.ReconciledConfigVersion = r.DesiredConfigVersion
	default:
		if r.ReconciledConfigVersion = spec.ConfigVersion(); r.ReconciledConfigVersion == r.DesiredConfigVersion {
			r.ReconciledConfigVersion = "" // they differ in keys that are no part of the version
		}
	}
	r.InputsVersion = applied.inputsVersion()
	r.Phase = phaseAfterSuccess(r.Spec)
}

// takeArtifacts takes over the outputs of the newest successful job. A list may have left them out, which is not none.
func (r *Record) takeArtifacts(live run) {
	switch size := len(live.Artifacts); {
	case size > maxArtifacts:
		r.setArtifacts(nil) // what is on record is another job's
	case size > 0:
		r.setArtifacts(live.Artifacts)
	}
}

func phaseAfterSuccess(spec Spec) Phase {
	if spec.RunStrategy == RunHalted {
		return PhaseStopped
	}
	return PhaseRunning
}

func phaseDuring(newest run) Phase {
	switch {
	case newest.Terminal():
		return PhaseFailed
	case newest.verb == Deprovision:
		return PhaseDeleting
	default:
		return PhaseStarting
	}
}

// drift says what the newest successful job has changed in the machine that the record describes, if it is somebody
// else's: a job that was relaunched or run by hand, or another state's. Nil means that nothing differs.
func (r *Record) drift(id string, life history) *Warning {
	if len(life) == 0 {
		return nil
	}
	newest := life.effective()[0]
	if newest.verb != Provision || !newest.succeeded() || r.knows(newest.record()) || newest.applies(r.Spec) {
		return nil
	}
	spec, err := newest.spec()
	if err != nil {
		return nil
	}
	return &Warning{
		Summary: "The instance was changed outside of Terraform",
		Detail: fmt.Sprintf("Job %d (launched by %s, %s) changed instance %s: %s.\n\nJob: %s",
			newest.ID, makerOf(newest.CreatedBy), newest.Created.UTC().Format(time.RFC3339), id, strings.Join(specDifferences(r.Spec, spec), ", "), newest.URL),
	}
}

// specDifferences names the keys of the spec that differ, with their values where these are short.
func specDifferences(before, after Spec) []string {
	left, right := before.keys(), after.keys()
	var told []string
	for _, name := range slices.Sorted(maps.Keys(union(left, right))) {
		from, had := left[name]
		to, has := right[name]
		switch {
		case name == "restartRequestedAt" || from == to:
		case !has:
			told = append(told, "removed "+name)
		case !had:
			told = append(told, "set "+name)
		case len(from)+len(to) > maxValueTold:
			told = append(told, "changed "+name)
		default:
			told = append(told, fmt.Sprintf("%s %s → %s", name, from, to))
		}
	}
	return told
}

// maxValueTold bounds the values that a warning repeats, in bytes.
const maxValueTold = 80

func union(a, b map[string]string) map[string]string {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

func (r *Record) setArtifacts(artifacts json.RawMessage) {
	r.Artifacts = canonicalOrNil(artifacts)
	r.IPAddress = r.ReportedAddress()
}

// ReportedAddress returns the address that the artifacts name; empty if they name none that can be shown.
func (r *Record) ReportedAddress() string {
	var known struct {
		IPAddress string `json:"ip_address"`
	}
	if json.Unmarshal(r.Artifacts, &known) != nil || len(known.IPAddress) > maxAddress || known.IPAddress != transport.OneLine(known.IPAddress) {
		return ""
	}
	return known.IPAddress
}

// describe has the record tell what the life's machine was made with, and reports whether that is another spec: a plan then
// compares the machine that is there, and replaces none that is as configured.
func (r *Record) describe(life history, hubClasses []StorageClass) bool {
	live := life.newest(hasSucceeded(Provision))
	if live == nil {
		return false
	}
	made, err := live.instance(hubClasses)
	if err != nil || live.applies(r.Spec) && made.Tenant == r.Tenant {
		return false
	}
	r.Spec, r.Tenant, r.DesiredConfigVersion = made.Spec, made.Tenant, made.Spec.ConfigVersion()
	return true
}
