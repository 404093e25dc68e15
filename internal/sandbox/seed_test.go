package sandbox

import (
	"fmt"
	"net/http"
	"testing"
	"time"
)

func TestSeededJobsAreAHistory(t *testing.T) {
	t.Parallel()
	box := New(Options{Token: "admin"})
	past := time.Now().Add(-time.Hour)
	box.SeedJobs(func(yield func(Seed) bool) {
		for i := range 300 {
			id := int64(1000 - i) // out of order
			vars := fmt.Sprintf(`{"osac_job_vars":{"resource":{"metadata":{"name":"vm-%d","annotations":{"k":"ns/vm-%d"}}}}}`, i, i)
			seed := Seed{ID: id, Template: "osac-create-compute-instance", ExtraVars: vars, Created: past, Length: time.Minute}
			if !yield(seed) {
				return
			}
		}
	})
	c := &client{box, "admin"}
	for query, want := range map[string]string{
		`jobs/?order_by=-id&page_size=2&count_disabled=1`:                                                    "1000 999",
		`jobs/?order_by=id&page_size=2&count_disabled=1`:                                                     "701 702",
		`jobs/?order_by=-id&page_size=2&count_disabled=1&id__lt=800`:                                         "799 798",
		`jobs/?order_by=-id&page_size=9&count_disabled=1&id__gt=998&name=osac-create-compute-instance`:       "1000 999",
		`jobs/?order_by=id&page_size=2&id__gt=997`:                                                           "998 999",
		`jobs/?activitystream__changes__contains=%5C%22ns/vm-7%5C%22&activitystream__operation=create`:       "993",
		`jobs/?order_by=-id&count_disabled=1&page_size=1&name__in=osac-create-compute-instance,x&id__lt=901`: "900",
	} {
		if got := c.get(t, query).ids(); got != want {
			t.Errorf("%s finds %s, want %s", query, got, want)
		}
	}
	if got := c.get(t, "jobs/1000/"); got.status != http.StatusOK || got.str("status") != statusSuccessful {
		t.Errorf("job 1000: %d %s", got.status, got.str("status"))
	}
	if id := box.LaunchByHand("osac-create-compute-instance", "{}", "admin"); id != 1001 {
		t.Errorf("the next job is %d, want 1001", id)
	}
}

func TestFirstAnswerThatShowsAnEndIsKept(t *testing.T) {
	t.Parallel()
	box := New(Options{Token: "admin", JobDuration: 50 * time.Millisecond})
	id := box.LaunchByHand("osac-create-compute-instance", "{}", "admin")
	c := &client{box, "admin"}
	c.get(t, "jobs/1/")
	time.Sleep(60 * time.Millisecond)
	if noticed := box.Jobs()[0].Noticed; !noticed.IsZero() {
		t.Errorf("job %d: its end was noticed at %s, before anybody asked", id, noticed)
	}
	c.get(t, "jobs/?id__in=1")
	first := box.Jobs()[0]
	if first.Noticed.Before(first.Finished) || first.Noticed.IsZero() {
		t.Errorf("noticed at %s, finished at %s", first.Noticed, first.Finished)
	}
	c.get(t, "jobs/1/")
	if again := box.Jobs()[0]; !again.Noticed.Equal(first.Noticed) {
		t.Errorf("noticed at %s and again at %s", first.Noticed, again.Noticed)
	}
}
