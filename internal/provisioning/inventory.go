package provisioning

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// inventoryTimeout bounds an inventory: a loaded controller takes two seconds a page, and there may be fifty.
const inventoryTimeout = 5 * time.Minute

// Filter narrows an inventory. What is empty does not restrict.
type Filter struct {
	Namespace, Tenant, TemplateID string
}

// Inventory is what the jobs of a hub say of its live instances.
type Inventory struct {
	// Instances are in the order of their keys.
	Instances []Listed
	Warnings  []Warning
}

// Listed is a live instance: one whose newest successful job is one of the create template's. Those whose first job has
// not succeeded yet aren't.
type Listed struct {
	Key
	// ID is the instance's id, as Terraform has it.
	ID string
	// Record is what an import would read, but for the artifacts of a workflow job. It is nil alongside an error.
	Record *Record
	// History are the newest jobs of the instance's life, newest first, up to the hub's bound.
	History []JobRecord
	// Err is an [Error] that tells what can't be represented.
	Err error
}

// Inventory lists the live instances of the hub that pass the filter. Older jobs than the newest 10,000 are not read: a
// warning tells up to where.
func (h *Hub) Inventory(ctx context.Context, filter Filter) (Inventory, error) {
	ctx, cancel := context.WithTimeout(ctx, inventoryTimeout)
	defer cancel()
	uuid, jobs, err := h.allJobs(ctx)
	if err != nil {
		return Inventory{}, &Error{
			Reason: ReasonHub, Err: err, Next: remedy(err),
			What: fmt.Sprintf("The instances of hub %s at %s could not be listed.", strconv.Quote(h.settings.Key), h.client.URL()),
		}
	}
	var found Inventory
	var nameless []run
	for key := range jobs.byKey {
		if key.Name == "" || key.Namespace == "" {
			nameless = append(nameless, jobs.of(key)...)
			continue
		}
		if listed, live := h.listed(key, uuid, newHistory(jobs.of(key)), filter); live {
			found.Instances = append(found.Instances, listed)
		}
	}
	slices.SortFunc(found.Instances, func(a, b Listed) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	if len(nameless) > 0 {
		found.Warnings = append(found.Warnings, h.nameless(nameless))
	}
	if !jobs.whole {
		found.Warnings = append(found.Warnings, h.incomplete(jobs))
	}
	return found, nil
}

// allJobs lists the hub's jobs, as far back as is read at all.
func (h *Hub) allJobs(ctx context.Context) (string, *recentJobs, error) {
	asking, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	installation, err := h.installation(asking)
	if err != nil {
		return "", nil, err
	}
	jobs, err := h.inventories.newest(ctx, h.finder)
	return installation.UUID, jobs, err
}

// inventories lets the lists that one configuration asks for, with different filters, share their jobs.
type inventories struct {
	mutex sync.Mutex
	last  *recentJobs
}

func (i *inventories) newest(ctx context.Context, f *finder) (*recentJobs, error) {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	if i.last != nil && time.Since(i.last.sent) < freshEnough {
		return i.last, nil
	}
	search, err := f.search(ctx)
	if err != nil {
		return nil, err
	}
	all := newRecentJobs(f.find)
	if err := all.renew(ctx, search, time.Time{}); err != nil {
		return nil, err
	}
	if err := all.extend(ctx, search, time.Time{}, longHistoryPages-1); err != nil {
		return nil, err
	}
	i.last = all
	return all, nil
}

// listed is an instance as its jobs show it, if it is live and passes the filter.
func (h *Hub) listed(key Key, uuid string, jobs history, filter Filter) (Listed, bool) {
	live := jobs.thisLife().newest(hasSucceeded(Provision))
	if live == nil || !filter.passes(*live) {
		return Listed{}, false
	}
	listed := Listed{Key: key, ID: h.instanceID(key)}
	record := Record{Instance: Instance{Key: key}, ControllerUUID: uuid, HubIdentity: h.identity(uuid)}
	life, err := h.readFrom(&record, *live, jobs)
	if err != nil {
		listed.Err = err
		return listed, true
	}
	listed.History = boundedHistory(life, h.settings.MaxJobHistory)
	listed.Record = &record
	return listed, true
}

// passes looks at what is there also in a payload that can't be represented.
func (f Filter) passes(live run) bool {
	var spec struct {
		TemplateID string `json:"templateID"`
	}
	if json.Unmarshal(live.resource.Spec, &spec) != nil {
		spec.TemplateID = ""
	}
	fits := func(wanted, value string) bool { return wanted == "" || wanted == value }
	return fits(f.Namespace, live.key().Namespace) && fits(f.Tenant, live.annotation(AnnotationTenant)) && fits(f.TemplateID, spec.TemplateID)
}

func (h *Hub) incomplete(jobs *recentJobs) Warning {
	since := ""
	if oldest, ok := jobs.oldest(); ok {
		since = fmt.Sprintf(" (job %d of %s)", oldest.ID, oldest.Created.UTC().Format(time.RFC3339))
	}
	return Warning{
		Summary: "Not all jobs were read",
		Detail: fmt.Sprintf("Hub %s at %s has more jobs than the newest %d%s, which are read for a list. Instances whose newest job is older are not listed; import those by their names.",
			strconv.Quote(h.settings.Key), h.client.URL(), longHistoryPages*pageOfJobs, since),
	}
}

func (h *Hub) nameless(jobs []run) Warning {
	var told []string
	for _, job := range newHistory(jobs) {
		told = append(told, job.String())
	}
	const most = 5
	if len(told) > most {
		told = append(told[:most], fmt.Sprintf("and %d more", len(told)-most))
	}
	return Warning{
		Summary: "Jobs name no instance",
		Detail: fmt.Sprintf("On hub %s at %s there are jobs whose payload has no metadata.name or no metadata.namespace, so that nothing is known of their instances: %s.",
			strconv.Quote(h.settings.Key), h.client.URL(), strings.Join(told, ", ")),
	}
}
