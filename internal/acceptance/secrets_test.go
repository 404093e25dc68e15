package acceptance

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
	simulated "github.com/osac-project/terraform-provider-osac/internal/sandbox/eda"
)

// TestAccSecrets plants secrets in every setting that takes one, has the controller and EDA echo them all, and looks for
// them in all that is left: output, diagnostics as JSON, Terraform's and the provider's logs, crash output, saved plans,
// state, the sandbox's page. State and plans may hold extra_vars and template_parameters, which Terraform compares with
// the configuration, and nothing else: no credential, none of the hub's extra_vars, no write-only variable.
func TestAccSecrets(t *testing.T) {
	t.Parallel()
	everything := map[string]func(*secretSite){
		"success": (*secretSite).succeeds, "failed job": (*secretSite).jobFails, "failed job's output": (*secretSite).outputOfAJob,
		"retry": (*secretSite).isRetried, "refused": (*secretSite).isRefused, "goroutine dump": (*secretSite).dumps,
		"panic": (*secretSite).panics,
	}
	// How a site is logged in to makes a difference only for what is echoed of a request.
	echoed := map[string]func(*secretSite){"retry": (*secretSite).isRetried, "refused": (*secretSite).isRefused}
	for name, site := range map[string]struct {
		start func(*testing.T) *secretSite
		paths map[string]func(*secretSite)
	}{
		"direct, token":          {withToken, everything},
		"direct, password":       {withPassword, echoed},
		"webhook, token":         {withWebhook, everything},
		"event stream, HMAC":     {withHMAC, echoed},
		"event stream, password": {withBasic, echoed},
	} {
		for path, walk := range site.paths {
			t.Run(name+"/"+path, func(t *testing.T) {
				t.Parallel()
				s := site.start(t)
				walk(s)
				s.pageShowsNone()
			})
		}
	}
	t.Run("direct, token/variables dropped", func(t *testing.T) {
		t.Parallel()
		s := withToken(t)
		s.simulated.Behave(createTemplate, sandbox.Behavior{Duration: time.Hour, DropsVariables: true, CancelDelay: -1})
		s.apply().want(1).says("dropped variables", "instance_secret")
	})
}

// secretSite is a site and a workspace with secrets.
type secretSite struct {
	*Site
	*workspace
	name string
	// echo is all secrets in one text, as a server would repeat them.
	echo string
	// echoOfDelete leaves out what a delete job is not given: the write-only variables.
	echoOfDelete string
}

// odd ends secrets, so that they are written in many ways.
const odd = `/+"<&ü`

// newSecretSite makes a workspace whose provider shows the credentials to the server that starts its runs: they may come
// back from there. An EDA is never shown the controller's.
func newSecretSite(site *Site, credentials ...string) *secretSite {
	s := &secretSite{Site: site, name: site.newName()}
	document := func(key, kind string, inState bool) string {
		value := site.plant(kind, inState) + odd
		credentials = append(credentials, value)
		return s.encoded(map[string]any{key: value})
	}
	variables := vars{
		"name":                s.name,
		"hub_extra_vars":      document("site_secret", "hub_extra_vars", nowhere),
		"extra_vars":          document("instance_secret", "extra_vars", stateOnly),
		"template_parameters": document("admin_password", "template_parameters", stateOnly),
	}
	if site.events == nil { // events can't carry them
		variables["extra_vars_wo"] = document("written_only", "extra_vars_wo", nowhere)
	}
	s.workspace = site.workspace("secrets.tf", variables)
	s.env("TF_LOG=TRACE", "TF_LOG_SDK=TRACE", "TF_LOG_SDK_FRAMEWORK=TRACE", "TF_LOG_SDK_PROTO=TRACE")
	for _, each := range credentials {
		repeated := " " + each + " " + s.encoded(each) + " " + s.encoded(s.encoded(s.encoded(each))) + " " + url.QueryEscape(url.QueryEscape(each)) +
			" " + base64.StdEncoding.EncodeToString([]byte(each)) + " " + base64.URLEncoding.EncodeToString([]byte("x"+each)) + " " + hex.EncodeToString([]byte(each))
		s.echo += repeated
		if !strings.HasPrefix(each, "extra_vars_wo-") {
			s.echoOfDelete += repeated
		}
	}
	return s
}

// encoded is a value as JSON.
func (s *secretSite) encoded(value any) string {
	encoded, err := json.Marshal(value)
	if err != nil {
		s.Site.t.Fatal(err)
	}
	return string(encoded)
}

func withToken(t *testing.T) *secretSite {
	site := StartSimulated(t)
	return newSecretSite(site, site.token)
}

func withPassword(t *testing.T) *secretSite {
	site := StartSimulated(t)
	s := newSecretSite(site, site.password, base64.StdEncoding.EncodeToString([]byte("admin:"+site.password)))
	s.set(vars{"token": nil, "username": "admin", "password": site.password})
	return s
}

func withWebhook(t *testing.T) *secretSite {
	site := StartEDA(t)
	token, _ := site.events["token"].(string)
	return newSecretSite(site, token)
}

func withHMAC(t *testing.T) *secretSite {
	return withStream(t, func(site *Site) (simulated.Credential, string, vars) {
		secret := site.plant("hmac", nowhere)
		return simulated.HMACCredential(secret), secret, vars{"hmac": vars{"secret": secret}}
	})
}

func withBasic(t *testing.T) *secretSite {
	return withStream(t, func(site *Site) (simulated.Credential, string, vars) {
		password := site.plant("stream_password", nowhere)
		return simulated.BasicCredential("eve", password), password, vars{"username": "eve", "password": password}
	})
}

// withStream has an event stream, and a client certificate that nobody asks for.
func withStream(t *testing.T, authentication func(*Site) (simulated.Credential, string, vars)) *secretSite {
	stream := simulated.Stream{UUID: "3f0e4a6c-9a53-4b2e-8d0a-0a5f6c1f9f11"}
	site := StartSimulated(t)
	credential, given, events := authentication(site)
	stream.Credential = credential
	site.startEDA(func(options *simulated.Options) {
		options.Rulebook = simulated.OSACStreamRulebook("osac")
		options.Streams = []simulated.Stream{stream}
	})
	certificate, key := clientPair(t)
	for line := range strings.Lines(key) {
		if line = strings.TrimSpace(line); len(line) > 20 && !strings.HasPrefix(line, "-----") {
			site.hide(line, nowhere)
		}
	}
	site.events = events
	site.events["event_stream_url"] = site.serve(site.eda.APIHandler()) + "/api/eda/v1/external_event_stream/" + stream.UUID + "/post/"
	site.events["client_certificate"], site.events["client_key"] = certificate, key
	return newSecretSite(site, given)
}

// apply applies with diagnostics as JSON.
func (s *secretSite) apply() result { return s.run("apply", "-auto-approve", "-json") }

// succeeds goes through the life of an instance, by way of a saved plan.
func (s *secretSite) succeeds() {
	s.run("plan", "-out=create"+planSuffix, "-no-color").want(0)
	s.run("apply", "-no-color", "create"+planSuffix).want(0)
	s.run("plan", "-detailed-exitcode", "-json").want(0)
	s.run("apply", "-auto-approve", "-destroy", "-json").want(0)
	s.wantLaunches(s.name, "create", "delete")
}

// jobFails has the failed task, its host and its message repeat what the job was given.
func (s *secretSite) jobFails() {
	s.simulated.Behave(createTemplate, sandbox.Behavior{Outcome: "failed", EventDelay: -1, Task: "Use" + s.echo, Host: "h", Message: "refused:" + s.echo, Stderr: s.echo})
	s.simulated.Behave(deleteTemplate, sandbox.Behavior{Outcome: "failed", EventDelay: -1, Message: strings.Repeat("x", 2000) + s.echoOfDelete})
	s.apply().want(1).says("refused:", "(hidden)")
	s.tryDestroy().want(1).says("xxxx")
}

// outputOfAJob has jobs whose reason is in their output or in their explanation.
func (s *secretSite) outputOfAJob() {
	s.simulated.BehaveNext(createTemplate,
		sandbox.Behavior{Outcome: "failed", EventDelay: -1, Stdout: "ERROR! can't read" + s.echo + "\n"},
		sandbox.Behavior{Outcome: "error", Traceback: "Traceback:\nValueError:" + s.echo + "\n"},
		sandbox.Behavior{Outcome: "failed", Explanation: "stopped:" + s.echo})
	for _, says := range []string{"ERROR! can't read", "ValueError:", "stopped:"} {
		s.apply().want(1).says(says, "(hidden)")
		s.run("untaint", address) // only a create that fails is tainted
	}
}

// isRetried echoes the secrets in answers after which requests are repeated.
func (s *secretSite) isRetried() {
	body := s.encoded(map[string]string{"detail": s.echo})
	again := http.Header{"Retry-After": {"1"}}
	s.simulated.Fault(sandbox.Fault{Method: "GET", Path: "id__in=", Status: 503, Body: body, Times: 1})
	s.simulated.Fault(sandbox.Fault{Method: "GET", Path: "ping", Status: 502, Body: s.echo, Times: 1})
	s.simulated.Fault(sandbox.Fault{Method: "POST", Path: "launch", Status: 429, Header: again, Body: body, Times: 1})
	if s.eda != nil {
		s.eda.FaultPosts(simulated.PostFault{Status: 429, Body: s.echo, Times: 1})
	}
	s.apply().want(0)
	s.wantLaunches(s.name, "create")
}

// isRefused echoes the secrets in the answer that a launch, or a post, is refused with.
func (s *secretSite) isRefused() {
	for _, body := range []map[string]any{{"detail": s.echo}, {"extra_vars": []string{s.echo}}} {
		encoded := s.encoded(body)
		s.simulated.ClearFaults()
		s.simulated.Fault(sandbox.Fault{Method: "POST", Path: "launch", Status: 400, Body: encoded})
		if s.eda != nil {
			s.eda.FaultPosts(simulated.PostFault{Status: 413, Body: encoded, Times: 1})
		}
		s.apply().want(1).says("could not be started")
	}
}

// dumps has the provider die with the stacks of all its goroutines, as a panic would print them, while a job runs.
func (s *secretSite) dumps() {
	s.env("GOTRACEBACK=all")
	s.simulated.Behave(createTemplate, sandbox.Behavior{Duration: time.Hour})
	applying := s.start("apply", "-auto-approve", "-json")
	s.awaitStatus(s.name, 1, "running")
	applying.signalProvider(syscall.SIGQUIT)
	applying.wait().want(1)
	s.wantLogged("goroutine ", "internal/provisioning.(*Hub).Apply(")
}

// wantLogged looks for texts in Terraform's log, which has what the provider prints when it dies.
func (s *secretSite) wantLogged(texts ...string) {
	log := read(s.Site.t, filepath.Join(s.directory, "trace.log"))
	for _, text := range texts {
		if !strings.Contains(log, text) {
			s.Site.t.Errorf("the log does not hold %q", text)
		}
	}
}

// panics has the provider panic while a job runs. The next apply finds the job.
func (s *secretSite) panics() {
	config, err := panickingConfigPath()
	if err != nil {
		s.Site.t.Fatal(err)
	}
	sound := s.environment
	s.env("GOTRACEBACK=all", "TF_CLI_CONFIG_FILE="+config)
	s.apply().want(1)
	s.wantLogged("panic: runtime error: invalid memory address", "internal/provisioning.(*operationState).follow(")
	s.environment = sound
	s.apply().want(0)
	s.wantLaunches(s.name, "create", "create")
}

// pageShowsNone looks for the secrets in what the sandbox shows people, and for credentials in its log of requests, which
// holds bodies as they were sent.
func (s *secretSite) pageShowsNone() {
	t := s.Site.t
	for _, page := range []string{"/", "/sandbox/", "/sandbox/api/instances", "/sandbox/api/jobs", "/sandbox/api/requests"} {
		answer, err := http.Get(s.url + page)
		if err != nil {
			t.Fatal(err)
		}
		shown, err := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if err != nil || answer.StatusCode != http.StatusOK || len(shown) == 0 {
			t.Fatalf("%s: %d, %v", page, answer.StatusCode, err)
		}
		for _, each := range s.secrets {
			sent := strings.Contains(each.text, "extra_vars") || strings.HasPrefix(each.text, "template_parameters")
			if sent && slices.Contains([]string{"/sandbox/api/instances", "/sandbox/api/jobs", "/sandbox/api/requests"}, page) {
				continue
			}
			if form := each.shownIn(string(shown)); form != "" {
				t.Errorf("%s shows %.12s… %s", page, each.text, form)
			}
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// clientPair makes a client certificate and its key, in PEM form.
func clientPair(t *testing.T) (string, string) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, public, private)
	if err != nil {
		t.Fatal(err)
	}
	key, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate})), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}))
}
