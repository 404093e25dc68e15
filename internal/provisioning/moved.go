package provisioning

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
)

// Moved completes the record of an instance whose job another tool has launched and that nobody has looked up yet: its
// one job is only known by its address. The job must be one of the create template's, for this instance; then the record
// says what an import would. Where the job was purged, only the record itself can tell, and the instance needs a run.
//
// The result has no record if the instance was deleted since.
func (h *Hub) Moved(ctx context.Context, record jobs.Record) (Result, error) {
	reading, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	id := h.instanceID(record.Key)
	ref, ok := controller.RefOf(record.LastJob.URL)
	if !ok {
		return Result{}, h.notMovable(id, record.LastJob, fmt.Sprintf("its address %s is no job's", strconv.Quote(record.LastJob.URL)))
	}
	if _, err := h.controllerUUID(reading, id, ""); err != nil {
		return Result{}, err
	}
	job, err := h.client.Job(reading, ref)
	if errors.Is(err, controller.ErrNotFound) {
		return h.Refresh(ctx, record)
	}
	if err != nil {
		return Result{}, h.unusable(id, err)
	}
	launched, isRun := jobs.ReadRun(h.settings.Kind, job, osac.Provision)
	entry := launched.Record()
	switch {
	case !isRun:
		return Result{}, h.notMovable(id, &entry, "its extra vars hold no ComputeInstance")
	case job.Name != h.settings.CreateTemplate:
		return Result{}, h.notMovable(id, &entry, fmt.Sprintf("it ran template %s, and the hub's create template is %s", strconv.Quote(job.Name), strconv.Quote(h.settings.CreateTemplate)))
	case launched.Key() != record.Key:
		return Result{}, h.notMovable(id, &entry, fmt.Sprintf("it ran for instance %s", h.instanceID(launched.Key())))
	}
	instance, err := launched.Instance(h.settings.StorageClasses)
	if err != nil {
		return Result{}, h.notMovable(id, &entry, err.Error())
	}
	// Hub settings can't be distinguished from the instance's own variables, so the other tool's record counts.
	instance.ExtraVars = record.ExtraVars
	record.Instance = instance
	record.DesiredConfigVersion = instance.Spec.ConfigVersion()
	record.InputsVersion = launched.InputsVersion()
	if record.InputsVersion == "" {
		record.InputsVersion = instance.InputsVersion()
	}
	record.LastJob = &entry
	return h.Refresh(ctx, record)
}

func (h *Hub) notMovable(id string, job *jobs.JobRecord, why string) error {
	return &Error{
		Reason: ReasonMove, Instance: id, Job: job,
		What: fmt.Sprintf("The job that this resource's state was moved from has not provisioned instance %s on hub %s at %s: %s.", id, strconv.Quote(h.settings.Key), h.client.URL(), why),
		Next: "Only jobs of OSAC's create template can be moved. Check the hub's url, template_prefix and create_template; or take the moved block back, and let the other provider keep the job.",
	}
}
