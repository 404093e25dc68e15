package acceptance

import (
	"encoding/pem"
	"io"
	"log"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestAccX20_tls(t *testing.T) {
	t.Parallel()
	t.Run("refused", func(t *testing.T) {
		t.Parallel()
		site, _ := startTLS(t)
		w, name := site.instance(nil)
		w.tryApply().want(1).says("certificate", "not trusted", "ca_certificate")
		site.wantLaunches(name)
		if got := len(site.simulated.Requests()); got > 0 {
			t.Errorf("%d requests were sent to a server that nobody trusts", got)
		}
		w.wantGone()
	})
	for name, setting := range map[string]string{
		"bundle as text":       "ca_certificate = <<-PEM\n%CA%\nPEM\n",
		"bundle as a file":     `ca_certificate = file("ca.pem")`,
		"bundle by its path":   `ca_certificate = "ca.pem"`,
		"insecure skip verify": "insecure_skip_verify = true",
	} {
		t.Run(name, func(t *testing.T) { t.Parallel(); acceptedByTLS(t, setting) })
	}
}

// startTLS starts a sandbox behind a certificate that nobody has signed, and returns the certificate as PEM text.
func startTLS(t *testing.T) (*Site, string) {
	t.Helper()
	site := StartSimulated(t)
	server := httptest.NewUnstartedServer(site.simulated)
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // refused handshakes are what the test is about
	server.StartTLS()
	t.Cleanup(server.Close)
	site.url = server.URL
	return site, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
}

func acceptedByTLS(t *testing.T, setting string) {
	site, certificate := startTLS(t)
	w, name := site.instance(nil)
	w.write("ca.pem", certificate)
	w.write("tls_override.tf", "provider \"osac\" {\n"+strings.ReplaceAll(setting, "%CA%", certificate)+"\n}\n")
	w.apply()
	site.wantLaunches(name, "create")
	w.wantNoWork()
	w.destroy()
	site.wantLaunches(name, "create", "delete")
	w.wantGone()
}
