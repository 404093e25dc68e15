package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/cmd/httpserver"
)

// webhook stands before the rulebook's, and notes when events are posted and accepted.
type webhook struct {
	url    string
	proxy  *httputil.ReverseProxy
	server *httpserver.Server

	mutex sync.Mutex
	posts map[string]post
}

// post is when an event came, and when it was accepted.
type post struct{ received, answered time.Time }

func startWebhook(ctx context.Context, rulebook string) (*webhook, error) {
	target, err := url.Parse(rulebook)
	if err != nil {
		return nil, err
	}
	server, err := httpserver.Listen(ctx, httpserver.Loopback)
	if err != nil {
		return nil, err
	}
	h := &webhook{
		url: server.URL, server: server, posts: map[string]post{},
		proxy: &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }},
	}
	server.Start(h)
	return h, nil
}

func (h *webhook) stop(ctx context.Context) { _ = h.server.Stop(ctx) } // nobody posts any more

// of is the post of an instance's event.
func (h *webhook) of(verb, instance string) post {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	return h.posts[verb+" "+instance]
}

// ServeHTTP hands the event on.
func (h *webhook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	seen := post{received: time.Now()}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	h.proxy.ServeHTTP(w, r)
	seen.answered = time.Now()
	var event struct {
		Metadata struct {
			Name string `json:"name"`
		} `json:"metadata"`
	}
	if json.Unmarshal(body, &event) != nil {
		return
	}
	verb, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "-")
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.posts[verb+" "+event.Metadata.Name] = seen
}
