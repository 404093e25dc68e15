package sandbox

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// BenchmarkManyJobs measures the requests of a plan among many finished jobs.
func BenchmarkManyJobs(b *testing.B) {
	box := New(Options{Token: "admin", JobDuration: 1})
	filler := strings.Repeat(`{"key": "some value"}, `, 80) + "{}"
	for i := range 100000 {
		box.LaunchByHand("osac-create-compute-instance", fmt.Sprintf(
			`{"osac_job_vars": {"resource": {"metadata": {"name": "vm-%d", "namespace": "ns", "annotations": {"osac.openshift.io/instance": "ns/vm-%d"}}, "spec": {"x": [%s]}}}}`,
			i, i, filler), "admin")
	}
	for name, path := range map[string]string{
		"activity": `jobs/?activitystream__changes__contains=%5C%22ns/vm-50000%5C%22&activitystream__operation=create&name=osac-create-compute-instance&order_by=-id&page_size=1`,
		"ids":      "jobs/?id__in=1,2,3,4,5,6,7,8,9,10&count_disabled=1",
		"newest":   "jobs/?name=osac-create-compute-instance&order_by=-id&page_size=50",
		"template": "job_templates/?name=osac-create-compute-instance",
		"detail":   "jobs/10000/",
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				request, err := http.NewRequestWithContext(b.Context(), http.MethodGet, "http://awx/api/v2/"+path, nil)
				if err != nil {
					b.Fatal(err)
				}
				request.Header.Set("Authorization", "Bearer admin")
				response, err := box.RoundTripper().RoundTrip(request)
				if err != nil || response.StatusCode != http.StatusOK {
					b.Fatal(err, response)
				}
				_ = response.Body.Close()
			}
		})
	}
}
