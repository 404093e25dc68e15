package sandbox

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox/eda"
)

// stated is an answer of testdata/gateway/answers.json. None was recorded: they are from documents and source.
type stated struct {
	Versions  []string          `json:"version"`
	Where     string            `json:"where"`
	Request   string            `json:"request"`
	Auth      string            `json:"auth"`
	Status    int               `json:"status"`
	Headers   map[string]string `json:"headers"`
	Body      any               `json:"body"`
	Certainty string            `json:"certainty"`
	Source    string            `json:"source"`
}

func (s *stated) key() string { return s.Where + ": " + s.Request + " (" + s.Auth + ")" }

// canned is the answer that a statement about any request is about.
func (s *stated) canned() Answer {
	body, _ := s.Body.(string)
	for _, canned := range cannedAnswers() {
		if s.Request == "any" && s.Status == canned.Status && (body == "" || strings.HasPrefix(body, canned.Body[:min(len(canned.Body), 20)])) {
			return canned.Name
		}
	}
	return ""
}

// unsimulated are answers that the sandbox does not give.
var unsimulated = map[string]string{
	"POST /o/token/": "no OAuth applications are simulated",
	"POST /api/controller/v2/role_user_assignments/": "no role definitions are simulated: Grant gives roles, and users/N/roles/ of AWX",
	"POST /api/gateway/v1/role_user_assignments/":    "no role definitions are simulated",
	"/websocket/":                   "no websocket is simulated",
	"GET /api/controller/v2/jobs/?": "not the gateway's: see Conditions for rows without artifacts; exclude= is not simulated",
	"controller: GET /api/v2/jobs/": "not AAP's but Ascender's: see Conditions for rows without artifacts and extra vars",
	"with HTML, {{ }}":              "the setting ENHANCED_INPUT_VALIDATION_ENABLED is not simulated",
}

// leftOut are keys of stated bodies that the sandbox's lack.
var leftOut = map[string]string{
	"galaxy": "no automation hub is simulated",
}

// TestGatewayAnswers asks what answers.json states, of each release, and compares status, headers and body.
func TestGatewayAnswers(t *testing.T) {
	all := statements(t)
	replays, left, missed, played := gatewayReplays(), map[string]bool{}, map[string]bool{}, 0
	for _, s := range all {
		reason := ""
		for part, why := range unsimulated {
			if strings.Contains(s.key(), part) {
				reason, left[part] = why, true
			}
		}
		ask := replays[s.key()]
		if canned := s.canned(); canned != "" {
			ask = disturbed(canned)
		}
		if (ask == nil) == (reason == "") {
			t.Errorf("%q is neither replayed nor listed as unsimulated, or both", s.key())
		}
		for _, version := range s.Versions {
			if ask == nil {
				continue
			}
			version, known := map[string]string{"2.5": AAP25, "2.6": AAP26, "2.7": AAP27, "AWX 24.6": "", "AAP 2.4": ""}[version]
			if !known {
				t.Errorf("%q: there is no %q", s.key(), version)
				continue
			}
			played++
			t.Run(version+" "+s.key(), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newPlatformWorld(t, version)
					defer w.eda.Close()
					maps.Copy(missed, s.compare(t, ask(t, w)))
				})
			})
		}
	}
	for part := range unsimulated {
		if !left[part] {
			t.Errorf("unsimulated: nothing has %q", part)
		}
	}
	for key := range leftOut {
		if !missed[key] {
			t.Errorf("leftOut: %q is there, or nothing states it", key)
		}
	}
	t.Logf("%d statements, %d answers compared", len(all), played)
}

// platformWorld is an AAP with an EDA, users and tokens of all kinds.
type platformWorld struct {
	*client
	eda     *eda.Server
	release string
	stream  string
}

func newPlatformWorld(t *testing.T, release string) *platformWorld {
	t.Helper()
	w := &platformWorld{client: newClient(Options{Gateway: release}), release: release}
	w.box.AddUser("sso", "", "sso", false, nil)
	w.box.SetProvider("sso", "NAME")
	w.box.AddToken("admin", "reader", scopeRead)
	w.box.AddComponentToken("admin", "pat", scopeWrite)
	w.eda = eda.New(eda.Options{
		Controller: w.box.RoundTripper(), ControllerURL: "http://aap/api/controller/", Token: "admin", Rulebook: eda.OSACStreamRulebook("osac"),
		Streams: []eda.Stream{{Name: "osac", Credential: eda.TokenCredential("stream")}},
		API:     eda.API{BehindGateway: true, RequireTrustedProxy: true},
	})
	w.box.AttachEDA(w.eda.APITransport())
	w.stream = "/eda-event-streams" + w.eda.StreamPath("osac")
	time.Sleep(1234567 * time.Microsecond) // Django's times have microseconds
	return w
}

// compare returns the listed keys that the body lacks.
func (s *stated) compare(t *testing.T, got reply) map[string]bool {
	t.Helper()
	expect(t, "status", got.status, s.Status)
	for name, want := range s.Headers {
		s.compareHeader(t, name, want, got)
	}
	missed := map[string]bool{}
	if text, ok := s.Body.(string); ok {
		compareText(t, text, got.text)
		return missed
	}
	var body any
	if err := json.Unmarshal([]byte(got.text), &body); err != nil {
		t.Errorf("%v in %s", err, got.text)
		return missed
	}
	compareValue(t, "body", s.Body, body, missed)
	return missed
}

func (s *stated) compareHeader(t *testing.T, name, want string, got reply) {
	t.Helper()
	have := got.header.Get(name)
	switch name {
	case "x-api-product-version": // stated for all releases at once; only for those who are known
		if before, _, ok := strings.Cut(have, "."); have != "" && (!ok || before != "4" || !strings.Contains(want, have[:4]+"x")) {
			t.Errorf("%s is %s, not %s", name, have, want)
		}
	case "content-type":
		if got.status != http.StatusNoContent && !strings.HasPrefix(have, want) {
			t.Errorf("%s is %q, not %q", name, have, want)
		}
	case "set-cookie":
		cookie, _, _ := strings.Cut(want, "…")
		if !slices.ContainsFunc(got.header.Values(name), func(has string) bool { return strings.HasPrefix(has, cookie) }) {
			t.Errorf("no cookie %s in %q", cookie, got.header.Values(name))
		}
	case "x-api-node", "x-api-time":
		expect(t, name+" is there", have != "", true)
	default:
		expect(t, name, have, want)
	}
}

// compareText compares a body that is described in words, or is no JSON.
func compareText(t *testing.T, want, got string) {
	t.Helper()
	switch {
	case strings.HasPrefix(want, "as "):
		expect(t, "an object", strings.HasPrefix(got, "{"), true)
	case strings.Contains(want, "HTML") || strings.HasPrefix(want, "<html"):
		expect(t, "a page", strings.Contains(strings.ToLower(got), "<html"), true)
	default:
		compareValue(t, "body", want, got, nil)
	}
}

// Placeholders in stated texts, and numbers, stand for any.
var placeholders = regexp.MustCompile(`<[^>]*>|…|\.x|\d+-\d+-\d+T[\d:.]+|\d+`)

func compareValue(t *testing.T, what string, want, got any, missed map[string]bool) {
	t.Helper()
	switch w := want.(type) {
	case map[string]any:
		object, _ := got.(map[string]any)
		for key, value := range w {
			has, present := object[key]
			switch {
			case key == "…", key == "active_node": // a name that an administrator has given
			case !present && leftOut[key] != "":
				missed[key] = true
			case !present:
				t.Errorf("%s: no %s", what, key)
			default:
				compareValue(t, what+" "+key, value, has, missed)
			}
		}
	case string:
		pattern, at := "^", 0
		for _, found := range placeholders.FindAllStringIndex(w, -1) {
			stands := `\d+`
			if strings.ContainsAny(w[found[0]:found[1]], "<…xT") {
				stands = ".*"
			}
			pattern, at = pattern+regexp.QuoteMeta(w[at:found[0]])+stands, found[1]
		}
		if text, ok := got.(string); !ok || !regexp.MustCompile(pattern+regexp.QuoteMeta(w[at:])+"$").MatchString(text) {
			t.Errorf("%s: %v, not %q", what, got, w)
		}
	case bool, nil:
		expect(t, what, got, want)
	default:
		expect(t, what+": kind", fmt.Sprintf("%T", got), fmt.Sprintf("%T", want))
	}
}
