package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestWebhook_handsEventsOnAndNotesThem(t *testing.T) {
	asked := make(chan string, 1)
	rulebook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { asked <- r.Method + " " + r.URL.Path }))
	t.Cleanup(rulebook.Close)
	h, err := startWebhook(t.Context(), rulebook.URL)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.Post(h.url+"/create-compute-instance", "application/json", strings.NewReader(`{"metadata": {"name": "vm"}}`))
	if err != nil {
		t.Fatal(err)
	}
	if err := answer.Body.Close(); err != nil {
		t.Error(err)
	}
	if got := <-asked; got != "POST /create-compute-instance" || answer.StatusCode != http.StatusOK {
		t.Errorf("the rulebook was asked %s, and the answer is %s", got, answer.Status)
	}
	h.stop(t.Context()) // waits for what is noted behind the answer
	if seen := h.of("create", "vm"); seen.received.IsZero() || seen.answered.Before(seen.received) {
		t.Errorf("noted was %+v", seen)
	}
	if seen := h.of("delete", "vm"); !seen.received.IsZero() {
		t.Errorf("what was not posted is noted: %+v", seen)
	}
}
