package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/osac-project/terraform-provider-osac/internal/cmd/httpserver"
	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
	"github.com/osac-project/terraform-provider-osac/internal/sandbox/eda"
)

// serveEDA serves the controller together with an EDA before it: the webhook at an address of its own, the EDA server's
// API and an event stream at that of the controller, as AAP's gateway has them.
func serveEDA(ctx context.Context, front *httpserver.Server, box *sandbox.Sandbox, prefix, webhook string, out io.Writer) error {
	hook, err := httpserver.Listen(ctx, webhook)
	if err != nil {
		return errors.Join(err, front.Stop(ctx))
	}
	url := front.URL
	// One rulebook for both: the webhook's verb is in the path, the event stream's in the body.
	book := eda.OSACRulebook(prefix)
	for _, rule := range eda.OSACStreamRulebook(prefix).Rules {
		rule.Name += " from the event stream"
		rule.Condition += " and event.meta.eda_event_stream_name is defined"
		book.Rules = append(book.Rules, rule)
	}
	server := eda.New(eda.Options{
		Controller: box.RoundTripper(), ControllerURL: url + strings.TrimSuffix(box.APIPath(), "v2/"), Token: box.Token(), Rulebook: book,
		Streams: []eda.Stream{{Name: "osac", Credential: eda.TokenCredential(box.Token())}},
		API:     eda.API{BaseURL: url, Tokens: map[string]string{box.Token(): "admin"}},
	})
	defer server.Close()
	if _, err := fmt.Fprintf(out, "# simulated EDA: its API is at %s/api/eda/v1/ (admin, password), an event stream with the same token at\n# %s\n"+
		"export OSAC_COMPUTE_INSTANCE_PROVISION_WEBHOOK=%s/create-compute-instance\nexport OSAC_COMPUTE_INSTANCE_DEPROVISION_WEBHOOK=%s/delete-compute-instance\n",
		url, url+server.StreamPath("osac"), hook.URL, hook.URL); err != nil {
		return err
	}
	api := server.APIHandler()
	both := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, path := range []string{"/api/eda/", "/eda-event-streams/", "/sandbox/api/eda/"} {
			if strings.HasPrefix(r.URL.Path, path) {
				api.ServeHTTP(w, r)
				return
			}
		}
		box.ServeHTTP(w, r)
	})
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, 2)
	go func() { ended <- front.Serve(ctx, both) }()
	go func() { ended <- hook.Serve(ctx, server.WebhookHandler()) }()
	first := <-ended
	cancel()
	server.Close()
	return errors.Join(first, <-ended)
}
