package eda

import (
	"strings"
	"testing"
)

func TestAddresses(t *testing.T) {
	t.Parallel()
	const stream = "https://aap.example/api/eda/v1/external_event_stream/"
	const id = "bda19b89-a64c-4c0d-9d9d-bcdc79737ee6"
	newOne := map[string]func(Settings) (*Source, error){"webhook": NewWebhook, "stream": NewEventStream}
	for _, test := range []struct{ kind, url, want string }{
		{"webhook", "http://eda:5000/create-compute-instance", ""},
		{"webhook", " https://eda.example/hooks/osac/create \n", ""},
		{"webhook", "http://eda:5000/create-compute-instance/", "slash"},
		{"webhook", "http://eda:5000/", "no path"},
		{"webhook", "http://eda:5000", "no path"},
		{"webhook", "http://eve:hidden@eda:5000/create", "credentials"},
		{"webhook", "http://eda:5000/create?token=hidden", "query"},
		{"webhook", "http://eda:5000/create?", "query"},
		{"webhook", "http://eda:5000/create#hidden", "fragment"},
		{"webhook", "ftp://eda/create", "https://"},
		{"webhook", "eda:5000/create", "https://"},
		{"webhook", "http:///create", "no host"},
		{"webhook", "http://eda:hidden/create", "malformed"},
		{"webhook", stream + id + "/post/", "event stream's"},
		{"stream", stream + id + "/post/", ""},
		{"stream", "https://aap.example/eda-event-streams/api/eda/v1/external_event_stream/" + id + "/post/", ""},
		{"stream", "https://proxy.example/osac-events/", ""},
		{"stream", stream + id + "/post", "slash"},
		{"stream", stream + id + "/", "/post/"},
		{"stream", stream + "not-a-uuid/post/", "UUID"},
		{"stream", stream + id + "/post/create-compute-instance", "no endpoints"},
		{"stream", "https://proxy.example/osac-events", "slash"},
		{"stream", "https://aap.example/", "no path"},
		{"stream", "https://eve:hidden@aap.example/x/", "credentials"},
	} {
		source, err := newOne[test.kind](Settings{URL: test.url})
		switch {
		case test.want == "" && err != nil:
			t.Errorf("%s %s: %v", test.kind, test.url, err)
		case test.want == "" && source.URL() != strings.TrimSpace(test.url):
			t.Errorf("%s %s: %s", test.kind, test.url, source.URL())
		case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "hidden")):
			t.Errorf("%s %s: %v", test.kind, test.url, err)
		}
	}
}

func TestAPIRoot(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"", "/", "/api", "/api/", "/api/eda", "/api/eda/", "/api/eda/v1", "/api/eda/v1/"} {
		for _, before := range []string{"https://aap.example", "https://aap.example:8443/gateway"} {
			a, err := NewAPI(APISettings{URL: before + path})
			if err != nil || a.URL() != before+"/api/eda/v1/" {
				t.Errorf("%s: %v, %v", before+path, a, err)
			}
		}
	}
	for _, url := range []string{"aap.example", "https://", "https://eve:hidden@aap.example", "https://aap.example/?x=hidden"} {
		if _, err := NewAPI(APISettings{URL: url}); err == nil || strings.Contains(err.Error(), "hidden") {
			t.Errorf("%s: %v", url, err)
		}
	}
	if _, err := NewAPI(APISettings{URL: "https://aap.example", Token: "a", Username: "b", Password: "c"}); err == nil {
		t.Error("two ways of authentication are taken")
	}
}
