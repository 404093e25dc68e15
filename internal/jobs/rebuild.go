package jobs

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/osac"
	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

// Rebuild renews a record from the jobs of its life. No other function does: refresh, apply, import and move all end
// here. If the history lacks the job on record, and that job is newer than the whole history, the job on record counts.
func (r *Record) Rebuild(life History) {
	for _, each := range life {
		r.CloseRun(JobRecord{RunID: each.RunID()})
		if each.Terminal() {
			r.CloseRun(each.Record())
		}
	}
	if ended := life.Newest(HasSucceeded(osac.Deprovision)); ended != nil {
		if r.LastJob == nil || ended.Record().Newer(*r.LastJob) {
			// The machine was made anew from the same payload: the recorded job belonged to another life.
			r.LastJob, r.LastRestartedAt = nil, nil
			r.SetArtifacts(nil)
		}
		life = life.After(ended.ID)
	}
	if len(life) == 0 {
		return
	}
	newest := life.Effective()[0]
	overtaken := r.LastJob != nil && !life.Has(r.LastJob.Number()) && life.mayHave(r.LastJob) && r.LastJob.Newer(newest.Record())
	r.LastRestartedAt = LaterOf(r.LastRestartedAt, life.LastRestartedAt())
	if overtaken {
		return
	}
	r.takeLastJob(newest)
	if live := life.Newest(HasSucceeded(osac.Provision)); live != nil {
		r.takeArtifacts(*live)
	}
	if newest.Verb != osac.Provision || !newest.Succeeded() {
		r.ReconciledConfigVersion = ""
		r.Phase = phaseDuring(newest)
		return
	}
	r.TakeSuccess(newest)
}

// takeLastJob puts the newest job on record. It keeps the message of an entry that has the job's end already, since a
// list has no reasons.
func (r *Record) takeLastJob(newest Run) {
	entry := newest.Record()
	if r.LastJob != nil && r.LastJob.ID == entry.ID && r.LastJob.State == entry.State && entry.State.Terminal() {
		return
	}
	r.LastJob = &entry
}

// TakeSuccess records what the newest job, a successful provision, has applied. A spec that differs from the recorded
// one only in the restart is the same configuration. A spec that can't be represented is unknown.
func (r *Record) TakeSuccess(applied Run) {
	spec, err := applied.Spec()
	switch {
	case err != nil:
		r.ReconciledConfigVersion = ""
	case applied.Applies(r.Spec):
		r.ReconciledConfigVersion = r.DesiredConfigVersion
	default:
		if r.ReconciledConfigVersion = spec.ConfigVersion(); r.ReconciledConfigVersion == r.DesiredConfigVersion {
			r.ReconciledConfigVersion = "" // they differ in keys that are no part of the version
		}
	}
	r.InputsVersion = applied.InputsVersion()
	r.Phase = PhaseAfterSuccess(r.Spec)
}

// takeArtifacts records the outputs of the newest successful job. A list may have left them out, which does not mean
// that there are none.
func (r *Record) takeArtifacts(live Run) {
	switch size := len(live.Artifacts); {
	case size > MaxArtifacts:
		r.SetArtifacts(nil) // what is on record is another job's
	case size > 0:
		r.SetArtifacts(live.Artifacts)
	}
}

// PhaseAfterSuccess returns the phase of an instance whose newest job has succeeded.
func PhaseAfterSuccess(spec osac.Spec) Phase {
	if osac.Stopped(spec) {
		return PhaseStopped
	}
	return PhaseRunning
}

func phaseDuring(newest Run) Phase {
	switch {
	case newest.Terminal():
		return PhaseFailed
	case newest.Verb == osac.Deprovision:
		return PhaseDeleting
	default:
		return PhaseStarting
	}
}

// Drift warns of somebody else's change to the machine on record, by the newest successful job: a relaunch, a run by
// hand, or another state's run. Nil means that nothing differs.
func (r *Record) Drift(id string, life History) *Warning {
	if len(life) == 0 {
		return nil
	}
	newest := life.Effective()[0]
	if newest.Verb != osac.Provision || !newest.Succeeded() || r.Knows(newest.Record()) || newest.Applies(r.Spec) {
		return nil
	}
	spec, err := newest.Spec()
	if err != nil {
		return nil
	}
	return &Warning{
		Summary: "The instance was changed outside of Terraform",
		Detail: fmt.Sprintf("Job %d (launched by %s, %s) changed instance %s: %s.\n\nJob: %s",
			newest.ID, MakerOf(newest.CreatedBy), newest.Created.UTC().Format(time.RFC3339), id, strings.Join(specDifferences(r.Spec, spec), ", "), newest.URL),
	}
}

// specDifferences returns the keys of the spec that differ, with their values if these are short.
func specDifferences(before, after osac.Spec) []string {
	left, right := before.Keys(), after.Keys()
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

// maxValueTold bounds the values in a warning, in bytes.
const maxValueTold = 80

func union(a, b map[string]string) map[string]string {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

// SetArtifacts keeps the artifacts of a job.
func (r *Record) SetArtifacts(artifacts json.RawMessage) {
	r.Artifacts = osac.CanonicalOrNil(artifacts)
	r.IPAddress = r.ReportedAddress()
}

// ReportedAddress returns the address in the artifacts; empty if they have none that can be shown.
func (r *Record) ReportedAddress() string {
	var known struct {
		IPAddress string `json:"ip_address"`
	}
	if json.Unmarshal(r.Artifacts, &known) != nil || len(known.IPAddress) > MaxAddress || known.IPAddress != transport.OneLine(known.IPAddress) {
		return ""
	}
	return known.IPAddress
}

// Describe sets the record's inputs to those of the life's machine, and reports whether the spec differs. A plan then
// compares the existing machine, and does not replace one that is as configured.
func (r *Record) Describe(life History, hubClasses []osac.StorageClass) bool {
	live := life.Newest(HasSucceeded(osac.Provision))
	if live == nil {
		return false
	}
	made, err := live.Instance(hubClasses)
	if err != nil || live.Applies(r.Spec) && made.Tenant == r.Tenant {
		return false
	}
	r.Spec, r.Tenant, r.DesiredConfigVersion = made.Spec, made.Tenant, made.Spec.ConfigVersion()
	return true
}
