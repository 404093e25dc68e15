package transport

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// clientPair makes a self-signed client certificate and its key, in PEM form.
func clientPair(t *testing.T) (string, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "osac"}, NotAfter: time.Now().Add(time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}))
}

func TestClientCertificate(t *testing.T) {
	t.Parallel()
	certificate, key := clientPair(t)
	otherCertificate, otherKey := clientPair(t)
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM([]byte(certificate))
	for name, version := range map[string]uint16{"1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13} {
		var asked atomic.Int32
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked.Add(1)
			_, _ = w.Write([]byte(r.TLS.PeerCertificates[0].Subject.CommonName))
		}))
		server.TLS = &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: trusted, MinVersion: version, MaxVersion: version}
		server.Config.ErrorLog = log.New(io.Discard, "", 0)
		server.StartTLS()
		t.Cleanup(server.Close)
		authority := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))

		c := newTestClient(t, Settings{CACertificate: authority, ClientCertificate: certificate, ClientKey: key})
		got, err := c.Do(deadline(t, 20*time.Second), Request{Method: "POST", URL: server.URL, Body: []byte("{}")})
		if err != nil || string(got.Body) != "osac" || asked.Load() != 1 {
			t.Errorf("%s: %v, %v", name, got, err)
		}
		for what, settings := range map[string]Settings{
			"none": {CACertificate: authority}, "another": {CACertificate: authority, ClientCertificate: otherCertificate, ClientKey: otherKey},
		} {
			for _, method := range []string{"GET", "POST"} {
				_, err := newTestClient(t, settings).Do(deadline(t, 20*time.Second), Request{Method: method, URL: server.URL, Body: []byte("{}")})
				if !errors.Is(err, ErrClientCertificate) || errors.Is(err, ErrOutcomeUnknown) || !strings.Contains(err.Error(), "client_certificate") {
					t.Errorf("%s, %s, %s: %v", name, what, method, err)
				}
			}
		}
		if asked.Load() != 1 {
			t.Errorf("%s: %d requests got through", name, asked.Load())
		}
	}
}

func TestClientCertificateIsChecked(t *testing.T) {
	t.Parallel()
	certificate, key := clientPair(t)
	_, otherKey := clientPair(t)
	for want, settings := range map[string]Settings{
		"belong together": {ClientCertificate: certificate},
		"only one":        {ClientKey: key},
		"no pair":         {ClientCertificate: certificate, ClientKey: otherKey},
		"file(":           {ClientCertificate: "client.pem", ClientKey: key},
	} {
		_, err := New(settings)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), strings.Split(key, "\n")[1]) {
			t.Errorf("%s: %v", want, err)
		}
	}
}
