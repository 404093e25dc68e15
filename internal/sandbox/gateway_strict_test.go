package sandbox

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// TestGatewayRefusesWhatNothingBacks asks AAP's gateway, and the controller behind it, for more than is known of them.
func TestGatewayRefusesWhatNothingBacks(t *testing.T) {
	for _, release := range Gateways() {
		c := newClient(Options{Gateway: release})
		componentToken := map[bool]int{true: 404, false: 501}[release == AAP27]
		for _, check := range []struct {
			method, path string
			status       int
		}{
			{"GET", "/api/gateway/v1/tokens/?page_size=1&page=1", 200},
			{"GET", "/api/gateway/v1/tokens/?order_by=-id", 501},
			{"GET", "/api/gateway/v1/tokens/?count_disabled", 501},
			{"GET", "/api/gateway/v1/users/?username=admin", 501},
			{"GET", "/api/gateway/v1/ping/?format=json", 501},
			{"GET", "/api/gateway/v1/teams/", 501},
			{"GET", "/api/gateway/v1/role_definitions/1/", 501},
			{"POST", "/o/token/", 501},
			{"GET", "/api/controller/v2/websocket/", 501},
			{"GET", "/api/controller/v2/users/?username=admin", 200},
			{"GET", "/api/controller/v2/jobs/?playbook=site.yml", 501},
			{"GET", "/api/controller/v2/teams/", 501},
			{"GET", "/api/controller/v2/tokens/1/", componentToken},
			{"GET", "/api/controller/v2/nowhere/", 404},
			{"GET", "/api/galaxy/", 404},
			{"GET", "/api/v2/teams/", 404},
		} {
			expect(t, release+" "+check.method+" "+check.path, c.ask(t, check.method, check.path, "").status, check.status)
		}
	}
}

// TestGatewayConditions is what conditions and late requests are through Envoy.
func TestGatewayConditions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const launch, jobs = "/api/controller/v2/job_templates/9/launch/", "/api/controller/v2/jobs/"
		c := newClient(Options{Gateway: AAP27, Conditions: Conditions{RequestCost: routeLimit + time.Second, ClockSkew: time.Hour}})
		began := time.Now()
		slow := c.ask(t, "POST", launch, "")
		expect(t, "status", slow.status, http.StatusGatewayTimeout)
		expect(t, "text", slow.text, "upstream request timeout")
		expect(t, "after", time.Since(began), routeLimit)
		c.box.SetConditions(Conditions{ClockSkew: time.Hour})
		expect(t, "it was launched", c.ask(t, "GET", jobs, "").str("count"), "1")
		pong, err := time.Parse("2006-01-02T15:04:05", c.ask(t, "GET", "/api/gateway/v1/ping/", "").str("pong"))
		expect(t, "the gateway's clock", err == nil && pong.Equal(time.Now().UTC().Add(time.Hour).Truncate(time.Microsecond)), true)

		c.box.Fault(Fault{Path: "launch", Times: 1, Late: time.Minute})
		late := c.ask(t, "POST", launch, "")
		expect(t, "a late launch", late.text, "upstream request timeout")
		expect(t, "of Envoy", late.header.Get("Server"), "envoy")
		expect(t, "not yet", c.ask(t, "GET", jobs, "").str("count"), "1")
		time.Sleep(time.Minute)
		expect(t, "a minute later", c.ask(t, "GET", jobs, "").str("count"), "2")
		own := c.box.ComponentTransport()
		c.box.SetConditions(Conditions{RequestCost: routeLimit + time.Second})
		expect(t, "past Envoy", askThrough(t, own, "GET", "/api/v2/ping/", "").status, http.StatusUnauthorized)
	})
}
