package controller

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

// canned answers every request for jobs with the same page, so that a benchmark measures the client alone.
type canned struct {
	http.RoundTripper
	page []byte
}

// RoundTrip lets the sandbox answer the first list, and repeats its answer.
func (c *canned) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(r.URL.Path, "/jobs/") {
		return c.RoundTripper.RoundTrip(r)
	}
	if c.page == nil {
		answer, err := c.RoundTripper.RoundTrip(r)
		if err != nil {
			return nil, err
		}
		c.page, err = io.ReadAll(answer.Body)
		if err != nil {
			return nil, err
		}
	}
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader(c.page)), ContentLength: int64(len(c.page)),
	}, nil
}

// BenchmarkPageOfJobs measures the client's cost of a page of 200 finished jobs, with extra vars of 2 kB each.
func BenchmarkPageOfJobs(b *testing.B) {
	box := sandbox.New(sandbox.Options{})
	filler := strings.Repeat("x", 2000)
	box.SeedJobs(func(yield func(sandbox.Seed) bool) {
		for i := range pageSize {
			vars := string(payload("vm-" + strconv.Itoa(i)))
			vars = strings.TrimSuffix(vars, "}") + `,"filler":"` + filler + `"}`
			if !yield(sandbox.Seed{Template: createTemplate, ExtraVars: vars, Created: time.Now().Add(-time.Hour), Length: time.Minute}) {
				return
			}
		}
	})
	c, err := New(Settings{
		URL: "https://aap.example.com", Token: box.Token(), Transport: transport.Settings{RoundTripper: &canned{RoundTripper: box.RoundTripper()}},
	})
	if err != nil {
		b.Fatal(err)
	}
	search := Search{Kinds: []Kind{KindJob}, TemplateNames: []string{createTemplate}, Limit: pageSize}
	b.ReportAllocs()
	for b.Loop() {
		if found, err := c.Find(b.Context(), search); err != nil || len(found) != pageSize {
			b.Fatal(len(found), err)
		}
	}
}
