package eda

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
)

// answer is an answer of the EDA server.
type answer struct {
	status      int
	body        any // nil: no body, and no Content-Type (eda 22)
	html        string
	allow, vary string
	header      map[string]string
}

// refuse makes the answer an error's, if there is an error.
func (a *answer) refuse(err error) {
	if err == nil {
		return
	}
	a.status, a.body = http.StatusInternalServerError, object{{"detail", err.Error()}}
	if refused, ok := errors.AsType[*problem](err); ok {
		a.status = refused.status
	}
}

func (a *answer) write(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	for name, value := range map[string]string{
		"Allow": a.allow, "Vary": a.vary, "X-Frame-Options": "DENY", "Content-Language": "en", "X-Content-Type-Options": "nosniff",
		"Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin", "X-Request-Id": randomUUID(), "Server": "daphne",
	} {
		if value != "" {
			header.Set(name, value)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(a.header)) {
		header.Set(name, a.header[name])
	}
	text := a.html
	switch {
	case a.html != "":
		header.Set("Content-Type", "text/html; charset=utf-8")
	case a.body != nil:
		header.Set("Content-Type", "application/json")
		text = string(compactJSON(a.body))
	}
	header.Set("Content-Length", fmt.Sprint(len(text)))
	w.WriteHeader(a.status)
	if r.Method != http.MethodHead {
		_, _ = io.WriteString(w, text) // the client may be gone
	}
}

// moved is Django's answer to a path that only lacks the slash at its end, for any method (eda 22).
func moved(w http.ResponseWriter, r *http.Request, path string) {
	if r.URL.RawQuery != "" {
		path += "?" + r.URL.RawQuery
	}
	header := w.Header()
	for name, value := range map[string]string{
		"Content-Type": "text/html; charset=utf-8", "Location": path, "Vary": "Accept-Language", "Content-Language": "en",
		"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
		"X-Request-Id": randomUUID(), "Server": "daphne",
	} {
		header.Set(name, value)
	}
	w.WriteHeader(http.StatusMovedPermanently)
}

// unknownPath is Django's page for an unknown path (eda 22).
func unknownPath() answer {
	return answer{
		status: http.StatusNotFound, vary: "Accept-Language",
		html: "\n<!doctype html>\n<html lang=\"en\">\n<head>\n  <title>Not Found</title>\n</head>\n<body>\n  <h1>Not Found</h1>" +
			"<p>The requested resource was not found on this server.</p>\n</body>\n</html>\n",
	}
}
