package jobs

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
)

// search returns a search over the hub's two templates, in the kinds of jobs that they make: in both kinds if the
// templates can't say. If a template is missing, its jobs are searched all the same. The lookup of the templates has a
// time-out of its own, as each page of jobs has, so a caller with a bound does not wait for it forever.
func (f *Finder) search(ctx context.Context) (controller.Search, error) {
	bounded, cancel := context.WithTimeout(ctx, PageTimeout)
	defer cancel()
	templates, err := f.client.Templates(bounded, f.settings.Organization, f.settings.CreateTemplate, f.settings.DeleteTemplate)
	var unusable *controller.TemplateError
	if err != nil && !errors.As(err, &unusable) {
		return controller.Search{}, err
	}
	kinds := map[controller.Kind]bool{controller.KindJob: err != nil, controller.KindWorkflowJob: err != nil}
	for _, template := range templates {
		kinds[template.Kind] = true
	}
	maps.DeleteFunc(kinds, func(_ controller.Kind, made bool) bool { return !made })
	return controller.Search{
		Kinds:         slices.Sorted(maps.Keys(kinds)),
		TemplateNames: []string{f.settings.CreateTemplate, f.settings.DeleteTemplate},
	}, nil
}

// find returns the runs that a search finds. It leaves out jobs of the same template name in another organization, or
// at another place. Alongside an error, it returns the runs that the search has found until then.
func (f *Finder) find(ctx context.Context, search controller.Search) (listing, error) {
	jobs, err := f.client.Find(ctx, search)
	found := listing{count: len(jobs)}
	for _, job := range jobs {
		found.lowest, found.oldest = job.ID, job.Created // the newest come first
		if f.settings.Organization != "" && job.Organization != "" && job.Organization != f.settings.Organization {
			continue
		}
		if read, ok := ReadRun(f.settings.Kind, job, f.verbOf(job.Name)); ok && f.ranHere(read) {
			found.runs = append(found.runs, read)
		}
	}
	return found, err
}

// ranHere reports whether a job ran at the hub's place. Places that share templates are distinguished by the place in
// their jobs. A job without a place may belong to any, unless one of the hubs has no place.
func (f *Finder) ranHere(job Run) bool {
	place := job.Annotation(osac.AnnotationPlace)
	return place == f.settings.Place || place == "" && !f.settings.PlacedOnly
}

// verbOf returns what a template's jobs do.
func (f *Finder) verbOf(template string) osac.Verb {
	if template == f.settings.DeleteTemplate {
		return osac.Deprovision
	}
	return osac.Provision
}
