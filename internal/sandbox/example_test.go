package sandbox_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

// A job of the create template fails, as a test wants it.
func Example() {
	box := sandbox.New(sandbox.Options{Token: "secret"})
	box.BehaveNext("osac-create-compute-instance", sandbox.Behavior{Outcome: "failed", Duration: 1, Message: "no room"})
	client := &http.Client{Transport: box.RoundTripper()} // or httptest.NewServer(box)

	launch := "http://controller" + box.APIPath() + "job_templates/osac-create-compute-instance++osac/launch/"
	request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, launch, strings.NewReader("{}"))
	if err != nil {
		panic(err)
	}
	request.Header.Set("Authorization", "Bearer secret")
	request.Header.Set("Content-Type", "application/json")
	response, err := client.Do(request)
	if err != nil {
		panic(err)
	}
	_ = response.Body.Close()
	fmt.Println(response.StatusCode, response.Header.Get("Location"))
	job, err := box.WaitForJob(context.Background(), func(j sandbox.Job) bool { return !j.Active() })
	fmt.Println(job.ID, job.Status, err)
	// Output:
	// 201 /api/v2/jobs/1/
	// 1 failed <nil>
}
