package eda

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// aiohttpNames are the names that aiohttp writes differently from Go (aiohttp's hdrs.py; X-Correlation-ID is recorded,
// eda 01). It leaves other names as they were sent, which Go doesn't keep.
var aiohttpNames = map[string]string{
	"Accept-Ch": "Accept-CH", "Baggage": "baggage", "Cdn-Cache-Control": "CDN-Cache-Control", "Cdn-Loop": "CDN-Loop",
	"Content-Id": "Content-ID", "Content-Md5": "Content-MD5", "Last-Event-Id": "Last-Event-ID", "Nel": "NEL",
	"Sec-Ch-Ua": "Sec-CH-UA", "Sec-Ch-Ua-Mobile": "Sec-CH-UA-Mobile", "Sec-Ch-Ua-Platform": "Sec-CH-UA-Platform",
	"Sec-Gpc": "Sec-GPC", "Sec-Websocket-Accept": "Sec-WebSocket-Accept",
	"Sec-Websocket-Extensions": "Sec-WebSocket-Extensions", "Sec-Websocket-Key": "Sec-WebSocket-Key",
	"Sec-Websocket-Protocol": "Sec-WebSocket-Protocol", "Sec-Websocket-Version": "Sec-WebSocket-Version", "Te": "TE",
	"Traceparent": "traceparent", "Tracestate": "tracestate", "Uri": "URI", "Www-Authenticate": "WWW-Authenticate",
	"X-Correlation-Id": "X-Correlation-ID", "X-Ratelimit-Limit": "X-RateLimit-Limit",
	"X-Ratelimit-Remaining": "X-RateLimit-Remaining", "X-Ratelimit-Reset": "X-RateLimit-Reset", "X-Real-Ip": "X-Real-IP",
	"X-Request-Id": "X-Request-ID", "X-Xss-Protection": "X-XSS-Protection",
}

// aiohttpHeaders are the headers in event.meta: the first of each name, without Authorization (eda 01). A signature or
// a key in another header reaches the job.
func aiohttpHeaders(r *http.Request) object {
	headers := object{}
	for _, m := range sentHeaders(r) {
		if m.key == "Authorization" {
			continue
		}
		if name, known := aiohttpNames[m.key]; known {
			m.key = name
		}
		headers = append(headers, m)
	}
	return headers
}

// sentHeaders are the request's headers, including those that Go stores elsewhere.
func sentHeaders(r *http.Request) object {
	all := r.Header.Clone()
	if all == nil {
		all = http.Header{}
	}
	if r.Host != "" {
		all.Set("Host", r.Host)
	}
	if r.ContentLength > 0 || r.ContentLength == 0 && r.Method == http.MethodPost {
		all.Set("Content-Length", fmt.Sprint(r.ContentLength))
	}
	if len(r.TransferEncoding) > 0 {
		all.Set("Transfer-Encoding", strings.Join(r.TransferEncoding, ", ")) //nolint:gosec // a copy, nothing is sent
	}
	headers := object{}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if len(all[name]) > 0 {
			headers = append(headers, member{name, all[name][0]})
		}
	}
	return headers
}
