package sandbox

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// look is what a browser gets from one of the sandbox's own pages.
func look(t *testing.T, box *Sandbox, path string) *httptest.ResponseRecorder {
	t.Helper()
	recorder := httptest.NewRecorder()
	box.ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
	return recorder
}

func lookAtOverview(t *testing.T, box *Sandbox) overview {
	t.Helper()
	var shown overview
	if err := json.Unmarshal(look(t, box, "/sandbox/api/overview").Body.Bytes(), &shown); err != nil {
		t.Fatal(err)
	}
	return shown
}

func TestOverview_strict(t *testing.T) {
	box := New(Options{})
	first, second := look(t, box, "/sandbox/"), look(t, box, "/")
	policy := first.Header().Get("Content-Security-Policy")
	nonce := regexp.MustCompile(`script-src 'nonce-(\w+)'; style-src 'nonce-(\w+)'`).FindStringSubmatch(policy)
	if nonce == nil || nonce[1] != nonce[2] || !strings.HasPrefix(policy, "default-src 'none'; ") || strings.Contains(policy, "unsafe") {
		t.Fatalf("policy: %s", policy)
	}
	page := first.Body.String()
	expect(t, "elements with the nonce", strings.Count(page, `nonce="`+nonce[1]+`"`), 2)
	if strings.Contains(second.Body.String(), nonce[1]) {
		t.Error("the nonce is used twice")
	}
	if outside := regexp.MustCompile(`(?:src|href|action)="(?:https?:)?/|style="| on\w+="|@import`).FindString(page); outside != "" {
		t.Errorf("the page loads something, or has a style or script that its policy forbids: %s", outside)
	}
}

func TestOverview_keepsSecrets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		box := New(Options{})
		box.LaunchByHand("osac-create-compute-instance", `{"password": "hunter2", "osac_job_vars": {"token": "hunter2", "resource": {
			"metadata": {"namespace": "ns", "name": "vm", "annotations": {"note": "hunter2"}},
			"spec": {"cores": 2, "memoryGiB": 4, "runStrategy": "Always", "sshKey": "hunter2", "templateParameters": "{\"key\": \"hunter2\"}"}}}}`, "admin")
		time.Sleep(time.Minute)
		shown := lookAtOverview(t, box)
		expect(t, "instances", len(shown.Instances), 1)
		expect(t, "cells", strings.Join(shown.Instances[0].Cells[:3], ", "), "ns/vm, 2 × 4 GiB, Always")
		for _, path := range []string{"/sandbox/", "/sandbox/api/overview"} {
			text := look(t, box, path).Body.String()
			for _, secret := range []string{"hunter2", box.Token(), "password"} {
				if strings.Contains(text, secret) {
					t.Errorf("%s shows %s", path, secret)
				}
			}
		}
	})
}

func TestOverview_doesNotCountItself(t *testing.T) {
	c := newClient(Options{})
	c.get(t, "ping/")
	for _, path := range []string{"/", "/sandbox/", "/sandbox/api/overview", "/favicon.ico"} {
		look(t, c.box, path)
	}
	expect(t, "requests", len(c.box.Requests()), 1)
	if rate := lookAtOverview(t, c.box).Texts["rate"]; !strings.HasSuffix(rate, "; 1 in all") {
		t.Errorf("rate: %s", rate)
	}
}

func TestOverview_rate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(Options{})
		for range 8 {
			c.get(t, "ping/")
		}
		time.Sleep(4 * time.Second)
		for range 4 {
			c.get(t, "ping/")
		}
		page := look(t, c.box, "/sandbox/").Body.String()
		for _, part := range []string{
			`viewBox="0 0 600 80"`, `in steps of 2 seconds`, `<rect x="540" y="0" width="16" height="80"/>`, `<rect x="580" y="40" width="16" height="40"/>`,
		} {
			if !strings.Contains(page, part) {
				t.Errorf("the page lacks %s", part)
			}
		}
		shown := lookAtOverview(t, c.box)
		expect(t, "rate", shown.Texts["rate"], "1.2 requests a second over the last 10 s, 4.0 at most within the last minute; 12 in all")
		heights := map[int]int{}
		for _, each := range shown.Bars {
			heights[each.Height]++
			expect(t, "bottom", each.Y+each.Height, barHeight)
		}
		if heights[barHeight] != 1 || heights[barHeight/2] != 1 || heights[0] != barCount-2 {
			t.Errorf("bars: %+v", shown.Bars)
		}
		time.Sleep(time.Hour)
		expect(t, "later", lookAtOverview(t, c.box).Texts["rate"], "0.0 requests a second over the last 10 s, 0.0 at most within the last minute; 12 in all")
	})
}

func TestOverview_jobsLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		box := New(Options{})
		box.Behave("osac-create-compute-instance", Behavior{Duration: 10 * time.Second, PendingShare: .2, WaitingShare: .2})
		id := box.LaunchByHand("osac-create-compute-instance", payload("vm"), "admin")
		for _, want := range []string{"pending ", "waiting ", "running 1 s", "successful 6.0 s"} {
			time.Sleep(time.Second)
			shown := lookAtOverview(t, box).Jobs[0]
			expect(t, "row", shown.Status+" "+shown.Cells[5], want)
			expect(t, "cells", strings.Join(shown.Cells[:4], ", "), text(id)+", osac-create-compute-instance, ns/vm, admin")
			time.Sleep(time.Second)
			if strings.HasPrefix(want, "running") {
				time.Sleep(4 * time.Second)
			}
		}
	})
}

func TestOverview_bounded(t *testing.T) {
	box := New(Options{})
	expect(t, "empty", lookAtOverview(t, box).Texts["jobs-caption"], "Jobs, newest first: none yet")
	for range overviewRows + 1 {
		box.LaunchByHand("osac-create-compute-instance", payload("vm"), "admin")
	}
	shown := lookAtOverview(t, box)
	expect(t, "rows", len(shown.Jobs), overviewRows)
	expect(t, "first", shown.Jobs[0].Key, "101")
	expect(t, "heading", shown.Texts["jobs-heading"], "Jobs (101)")
	expect(t, "caption", shown.Texts["jobs-caption"], "Jobs, newest first: the first 100 of 101")
}
