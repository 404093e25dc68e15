package provisioning

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
)

// inventoryTimeout bounds an inventory: a loaded controller takes two seconds a page, and there may be fifty.
const inventoryTimeout = 5 * time.Minute

// Filter narrows an inventory. Empty fields don't restrict it.
type Filter struct {
	Namespace, Tenant, TemplateID string
}

// Inventory is a hub's live instances, according to its jobs.
type Inventory struct {
	// Instances are in the order of their keys.
	Instances []Listed
	Warnings  []jobs.Warning
}

// Listed is a live instance: one whose newest successful job is a create template's. An instance whose first job has
// not succeeded yet is not listed.
type Listed struct {
	osac.Key
	// ID is the instance's id in Terraform.
	ID string
	// Record is the record of an import, without the artifacts of a workflow job. It is nil alongside an error.
	Record *jobs.Record
	// History are the newest jobs of the instance's life, newest first, up to the hub's bound.
	History []jobs.JobRecord
	// Err is an [Error] about a value that can't be represented.
	Err error
}

// Inventory lists the live instances of the hub that pass the filter. It reads the newest 10,000 jobs; a warning says
// how far back these go.
func (h *Hub) Inventory(ctx context.Context, filter Filter) (Inventory, error) {
	ctx, cancel := context.WithTimeout(ctx, inventoryTimeout)
	defer cancel()
	uuid, history, err := h.allJobs(ctx)
	if err != nil {
		return Inventory{}, &Error{
			Reason: ReasonHub, Err: err, Next: remedy(err),
			What: fmt.Sprintf("The instances of hub %s at %s could not be listed.", strconv.Quote(h.settings.Key), h.client.URL()),
		}
	}
	var found Inventory
	var nameless []jobs.Run
	for _, key := range history.Keys() {
		if key.Name == "" || key.Namespace == "" {
			nameless = append(nameless, history.Of(key)...)
			continue
		}
		if listed, live := h.listed(key, uuid, jobs.NewHistory(history.Of(key)), filter); live {
			found.Instances = append(found.Instances, listed)
		}
	}
	slices.SortFunc(found.Instances, func(a, b Listed) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	if len(nameless) > 0 {
		found.Warnings = append(found.Warnings, h.nameless(nameless))
	}
	if !history.Whole {
		found.Warnings = append(found.Warnings, h.incomplete(history))
	}
	return found, nil
}

// allJobs lists the hub's jobs, as far back as the bound of pages allows.
func (h *Hub) allJobs(ctx context.Context) (string, *jobs.RecentJobs, error) {
	asking, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	installation, err := h.installation(asking)
	if err != nil {
		return "", nil, err
	}
	history, err := h.finder.Newest(ctx)
	return installation.UUID, history, err
}

// listed returns an instance according to its jobs, if it is live and passes the filter.
func (h *Hub) listed(key osac.Key, uuid string, history jobs.History, filter Filter) (Listed, bool) {
	live := history.ThisLife().Newest(jobs.HasSucceeded(osac.Provision))
	if live == nil || !filter.passes(*live) {
		return Listed{}, false
	}
	listed := Listed{Key: key, ID: h.instanceID(key)}
	record := jobs.Record{Instance: osac.Instance{Key: key}, ControllerUUID: uuid, HubIdentity: h.identity(uuid)}
	life, err := h.readFrom(&record, *live, history)
	if err != nil {
		listed.Err = err
		return listed, true
	}
	listed.History = boundedHistory(life, h.settings.MaxJobHistory)
	listed.Record = &record
	return listed, true
}

// passes also reads payloads that can't be represented.
func (f Filter) passes(live jobs.Run) bool {
	var spec struct {
		TemplateID string `json:"templateID"`
	}
	if json.Unmarshal(live.Resource.Spec, &spec) != nil {
		spec.TemplateID = ""
	}
	fits := func(wanted, value string) bool { return wanted == "" || wanted == value }
	return fits(f.Namespace, live.Key().Namespace) && fits(f.Tenant, live.Annotation(osac.AnnotationTenant)) && fits(f.TemplateID, spec.TemplateID)
}

func (h *Hub) incomplete(history *jobs.RecentJobs) jobs.Warning {
	since := ""
	if oldest, ok := history.Oldest(); ok {
		since = fmt.Sprintf(" (job %d of %s)", oldest.ID, oldest.Created.UTC().Format(time.RFC3339))
	}
	return jobs.Warning{
		Summary: "Not all jobs were read",
		Detail: fmt.Sprintf("Hub %s at %s has more jobs than the newest %d%s, which are read for a list. Instances whose newest job is older are not listed; import those by their names.",
			strconv.Quote(h.settings.Key), h.client.URL(), jobs.LongHistoryPages*jobs.PageOfJobs, since),
	}
}

func (h *Hub) nameless(history []jobs.Run) jobs.Warning {
	var told []string
	for _, job := range jobs.NewHistory(history) {
		told = append(told, job.String())
	}
	const most = 5
	if len(told) > most {
		told = append(told[:most], fmt.Sprintf("and %d more", len(told)-most))
	}
	return jobs.Warning{
		Summary: "Jobs name no instance",
		Detail: fmt.Sprintf("On hub %s at %s there are jobs whose payload has no metadata.name or no metadata.namespace, so that nothing is known of their instances: %s.",
			strconv.Quote(h.settings.Key), h.client.URL(), strings.Join(told, ", ")),
	}
}
