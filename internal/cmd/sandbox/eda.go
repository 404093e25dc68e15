package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/osac-project/terraform-provider-osac/internal/cmd/httpserver"
	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
	"github.com/osac-project/terraform-provider-osac/internal/sandbox/eda"
)

// newEDA makes an EDA for the controller: one rulebook for the webhook, whose verb is in the path, and for an event stream,
// which has it in the body.
func newEDA(box *sandbox.Sandbox, url string, o options) *eda.Server {
	book := eda.OSACRulebook(o.sandbox.Prefix)
	for _, rule := range eda.OSACStreamRulebook(o.sandbox.Prefix).Rules {
		rule.Name += " from the event stream"
		rule.Condition += " and event.meta.eda_event_stream_name is defined"
		book.Rules = append(book.Rules, rule)
	}
	api := eda.API{BaseURL: url, Tokens: map[string]string{box.Token(): "admin"}}
	if o.sandbox.Gateway != "" {
		api = eda.API{BaseURL: url + "/eda-event-streams/", BehindGateway: true, RequireTrustedProxy: true}
	}
	return eda.New(eda.Options{
		Controller: box.RoundTripper(), ControllerURL: url + strings.TrimSuffix(box.APIPath(), "v2/"), Token: box.Token(), Rulebook: book,
		Streams: []eda.Stream{{Name: "osac", Credential: eda.TokenCredential(box.Token())}}, API: api,
	})
}

// attach puts the EDA at the controller's address, as AAP's gateway has it, and tells where it is.
func attach(box *sandbox.Sandbox, server *eda.Server, url string, o options, out io.Writer) (http.Handler, error) {
	api := server.APIHandler()
	paths, stream := []string{"/api/eda/", "/eda-event-streams/", "/sandbox/api/eda/"}, server.StreamPath("osac")
	if o.sandbox.Gateway != "" {
		box.AttachEDA(server.APITransport())
		paths, stream = paths[2:], "/eda-event-streams"+stream
	}
	_, err := fmt.Fprintf(out, "# simulated EDA: its API is at %s/api/eda/v1/ (admin, password), an event stream with the same token at\n# %s\n",
		url, url+stream)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, path := range paths {
			if strings.HasPrefix(r.URL.Path, path) {
				api.ServeHTTP(w, r)
				return
			}
		}
		box.ServeHTTP(w, r)
	}), err
}

// serveEDA adds the EDA to what is served: at the controller's address, and its webhook at another, where one is given.
func serveEDA(ctx context.Context, box *sandbox.Sandbox, server *eda.Server, served []service, o options, out io.Writer) ([]service, error) {
	var err error
	if served[0].handler, err = attach(box, server, served[0].server.URL, o, out); err != nil || o.webhook == "" {
		return served, err
	}
	hook, err := httpserver.Listen(ctx, o.webhook)
	if err != nil {
		return served, err
	}
	served = append(served, service{hook, server.WebhookHandler()})
	_, err = fmt.Fprintf(out, "export OSAC_COMPUTE_INSTANCE_PROVISION_WEBHOOK=%s/create-compute-instance\n"+
		"export OSAC_COMPUTE_INSTANCE_DEPROVISION_WEBHOOK=%s/delete-compute-instance\n", hook.URL, hook.URL)
	return served, err
}
