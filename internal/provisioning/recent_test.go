package provisioning

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/jobs/jobstest"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

func TestWatermarkIsReadAsItWasWritten(t *testing.T) {
	mark := jobs.Watermark{JobID: 17, Created: time.Date(2026, 11, 23, 12, 0, 0, 123456000, time.UTC)}
	if read := jobs.ParseWatermark(mark.String()); read != mark {
		t.Errorf("%v was written as %q and read as %v", mark, mark.String(), read)
	}
	for _, text := range []string{"", "17", "x@2026-11-23T12:00:00Z", "-1@2026-11-23T12:00:00Z", "17@yesterday", (jobs.Watermark{}).String()} {
		if read := jobs.ParseWatermark(text); read != (jobs.Watermark{}) {
			t.Errorf("%q is read as %v", text, read)
		}
	}
}

// manyRecords are the records of instances that were created without trouble, among other jobs.
func manyRecords(site *testSite, count int) []jobs.Record {
	site.Helper()
	records := make([]jobs.Record, count)
	site.together(count, func(i int) {
		desired := jobstest.Instance()
		desired.Name = fmt.Sprintf("vm-%d", i)
		result, err := site.hub.Apply(site.Context(), ApplyRequest{Desired: desired, Timeout: time.Hour})
		if err != nil {
			site.Error(err)
			return
		}
		records[i] = *result.Record
	})
	if site.Failed() {
		site.FailNow()
	}
	return records
}

// together does something for each of so many, ten at a time as Terraform does.
func (s *testSite) together(count int, each func(i int)) {
	next := make(chan int)
	var workers sync.WaitGroup
	for range 10 {
		workers.Go(func() {
			for i := range next {
				each(i)
			}
		})
	}
	for i := range count {
		next <- i
	}
	close(next)
	workers.Wait()
}

// refreshAll reads all instances as one process does, and returns what became of them and what it took.
func (s *testSite) refreshAll(records []jobs.Record) ([]*jobs.Record, []sandbox.Request) {
	s.Helper()
	s.hub = s.newHub()
	before := len(s.sandbox.Requests())
	refreshed := make([]*jobs.Record, len(records))
	s.together(len(records), func(i int) {
		result, err := s.hub.Refresh(s.Context(), records[i])
		if err != nil {
			s.Error(err)
		}
		refreshed[i] = result.Record
	})
	return refreshed, s.sandbox.Requests()[before:]
}

func TestDriftOfHundredsTakesAHandfulOfRequests(t *testing.T) {
	atBusySite(t, func(site *testSite) {
		site.others(500)
		time.Sleep(time.Hour)
		records := manyRecords(site, 300)
		// Somebody without our annotations, after much else: deletes one, and changes another.
		time.Sleep(time.Hour)
		site.others(300)
		time.Sleep(time.Hour)
		byHand := func(template, name, strategy string) {
			site.sandbox.LaunchByHand(template, fmt.Sprintf(
				`{"ansible_eda":{"event":{"payload":{"metadata":{"namespace":"ns","name":%q},"spec":{"templateID":"a.b","runStrategy":%q}}}}}`, name, strategy), "admin")
		}
		byHand(deleteTemplate, "vm-7", osac.RunAlways)
		byHand(createTemplate, "vm-8", osac.RunHalted)
		time.Sleep(time.Hour)

		refreshed, requests := site.refreshAll(records)
		if len(requests) > 8 {
			site.Errorf("it took %d requests", len(requests))
		}
		for i, record := range refreshed {
			switch {
			case i == 7 && record != nil:
				site.Error("a delete by hand is not seen")
			case i == 7:
			case record == nil:
				site.Errorf("instance %d is gone", i)
			case record.NeedsRun(records[i].Instance, nil) != (i == 8):
				site.Errorf("instance %d needs a run: %v", i, record.NeedsRun(records[i].Instance, nil))
			}
		}
		// What a refresh leaves makes the next one cheap, however much there was.
		site.others(20)
		for i := range refreshed {
			if refreshed[i] != nil {
				records[i] = *refreshed[i]
			}
		}
		if _, requests = site.refreshAll(append(records[:7], records[8:]...)); len(requests) > 4 {
			site.Errorf("the second refresh took %d requests: %+v", len(requests), requests)
		}
	})
}

func TestAWatermarkOfARestoredDatabaseIsNone(t *testing.T) {
	atBusySite(t, func(site *testSite) {
		site.others(250)
		record := site.created()
		site.others(250)
		record.Seen.Created = record.Seen.Created.Add(time.Second)
		record.LastJob.CreatedAt = record.Seen.Created
		refreshed := site.refresh(record).Record
		if refreshed == nil || refreshed.LastJob.State != jobs.JobSucceeded || refreshed.NeedsRun(jobstest.Instance(), nil) {
			site.Errorf("%+v", refreshed)
		}
		var asked bool
		for _, request := range site.sandbox.Requests() {
			asked = asked || strings.Contains(request.Query, "activitystream")
		}
		if !asked {
			site.Error("the whole history was not asked for")
		}
	})
}

// A page of 200 rows takes 16 s, as on a loaded controller: a long history takes minutes, and is read to its end.
func TestASlowHistoryIsReadToItsEnd(t *testing.T) {
	atBusySite(t, func(site *testSite) {
		record := site.created()
		site.others(900)
		time.Sleep(time.Hour)
		site.sandbox.SetConditions(sandbox.Conditions{RowCost: 80 * time.Millisecond})
		before := len(site.sandbox.Requests())
		result, err := site.newHub().Refresh(site.Context(), record)
		if err != nil || result.Record == nil || len(result.Warnings) > 0 || result.Record.NeedsRun(jobstest.Instance(), nil) {
			t.Errorf("%v, %v, %+v", err, result.Warnings, result.Record)
		}
		if asked := len(site.sandbox.Requests()) - before; asked > 12 {
			t.Errorf("it took %d requests", asked)
		}
	})
}

// A page of 200 rows takes longer than an attempt has: it is read in parts, and those that came before an answer failed are
// not asked for again. A refresh has a minute for each page, however small.
func TestAVerySlowHistoryIsReadInParts(t *testing.T) {
	atBusySite(t, func(site *testSite) {
		record := site.created()
		for range 28 {
			site.others(20)
			time.Sleep(time.Hour)
		}
		site.sandbox.SetConditions(sandbox.Conditions{RowCost: 250 * time.Millisecond})
		site.sandbox.Fault(sandbox.Fault{Path: `jobs/.*name__in.*id__lt`, Skip: 6, Times: 1, Status: 400, Body: `{"detail":"not now"}`})
		hub := site.newHub()
		if _, err := hub.Refresh(site.Context(), record); err == nil || !strings.Contains(err.Error(), "not now") {
			t.Fatalf("a refusal is no error: %v", err)
		}
		before := len(site.sandbox.Requests())
		result, err := hub.Refresh(site.Context(), record)
		if err != nil || result.Record == nil || len(result.Warnings) > 0 || result.Record.NeedsRun(jobstest.Instance(), nil) {
			t.Errorf("%v, %v, %+v", err, result.Warnings, result.Record)
		}
		if asked := len(site.sandbox.Requests()) - before; asked > 561/25-7+3 {
			t.Errorf("reading on took %d requests of 25 rows, of which 7 had been read", asked)
		}
	})
}

// What was read before an answer failed is kept: it is not asked for again.
func TestAHistoryThatIsBrokenOffIsReadOn(t *testing.T) {
	atBusySite(t, func(site *testSite) {
		record := site.created()
		for range 9 {
			site.others(100)
			time.Sleep(time.Hour)
		}
		site.sandbox.Fault(sandbox.Fault{Path: `jobs/.*name__in.*id__lt`, Skip: 2, Times: 1, Status: 400, Body: `{"detail":"not now"}`})
		hub := site.newHub()
		if _, err := hub.Refresh(site.Context(), record); err == nil {
			t.Fatal("a refusal is no error")
		}
		before := len(site.sandbox.Requests())
		if result, err := hub.Refresh(site.Context(), record); err != nil || result.Record == nil {
			t.Fatalf("%v, %+v", err, result.Record)
		}
		if asked := len(site.sandbox.Requests()) - before; asked > 4 {
			t.Errorf("reading on took %d requests: the history has 5 pages, of which 3 were read", asked)
		}
	})
}

// TestSharedLookupsAreTheHubsOwn looks at the contexts of the requests for lists: the framework takes a caller's logger
// away once the caller was answered, and nothing more would be logged of what goes on for others.
func TestSharedLookupsAreTheHubsOwn(t *testing.T) {
	type maker struct{}
	atSite(t, func(site *testSite) {
		b := &between{next: site.sandbox.RoundTripper()}
		var asked atomic.Int64
		b.ask = func(r *http.Request) {
			if r.Method != http.MethodGet || !strings.HasSuffix(r.URL.Path, "/jobs/") {
				return
			}
			asked.Add(1)
			if made := r.Context().Value(maker{}); made != "hub" {
				t.Errorf("%s has the context of %v", r.URL, made)
			}
		}
		own := context.WithValue(site.Context(), maker{}, "hub")
		site.hub = site.newHub(func(settings *HubSettings) {
			settings.Controller.Transport.RoundTripper, settings.Controller.Context = b, own
		})
		caller := context.WithValue(site.Context(), maker{}, "caller")
		if _, err := site.hub.Apply(caller, ApplyRequest{Desired: jobstest.Instance(), Timeout: time.Hour}); err != nil {
			t.Fatal(err)
		}
		if asked.Load() < 3 {
			t.Errorf("%d lists were asked for", asked.Load())
		}
	})
}
