package sandbox

import (
	"net/http"
	"strings"
)

// baseHeader has the headers of every answer.
func (c *call) baseHeader(vary string) http.Header {
	requestID := c.in.header.Get("X-Api-Request-Id")
	if requestID == "" {
		requestID = randomHex(16)
	}
	header := http.Header{}
	header.Set("Vary", vary)
	header.Set("Content-Language", "en")
	header.Set("X-API-Total-Time", "0.002s")
	header.Set("X-API-Request-Id", requestID)
	header.Set("Access-Control-Expose-Headers", "X-API-Request-Id")
	return header
}

// page is an answer of Django itself, in HTML, for an unknown path (016, 017, 347).
func (c *call) page(status int, title, message string) *answer {
	header := c.baseHeader("Accept-Language, origin")
	header.Set("Content-Type", "text/html; charset=utf-8")
	body := "\n<!doctype html>\n<html lang=\"en\">\n<head>\n  <title>" + title + "</title>\n</head>\n<body>\n  <h1>" + title +
		"</h1><p>" + message + "</p>\n</body>\n</html>\n"
	return &answer{status: status, header: header, body: []byte(body)}
}

// tooLong is gunicorn's answer to a request line that is too long (L13). Django never sees the request.
func (c *call) tooLong() *answer {
	header := http.Header{}
	header.Set("Content-Type", "text/html")
	header.Set("Connection", "close")
	body := "<html>\n  <head>\n    <title>Request-URI Too Large</title>\n  </head>\n  <body>\n" +
		"    <h1><p>Request-URI Too Large</p></h1>\n  </body>\n</html>\n"
	return &answer{status: http.StatusRequestURITooLong, header: header, body: []byte(body)}
}

// header has the headers of the API's answers.
func (c *call) header(contentType string) http.Header {
	vary := "Accept, Accept-Language, origin"
	if c.basic || c.session || c.user == nil && !c.view.public {
		vary += ", Cookie"
	}
	if c.view.name == "root" {
		vary = "Accept, Cookie, Accept-Language, origin"
	}
	header := c.baseHeader(vary)
	if contentType != "" {
		header.Set("Content-Type", contentType)
	}
	header.Set("Allow", c.view.allow())
	if c.view.events {
		header.Set("X-UI-Max-Events", "4000")
	}
	if c.user != nil && !c.unversioned {
		header.Set("X-API-Product-Version", c.productVersion())
	}
	header.Set("X-API-Product-Name", c.productName())
	header.Set("X-API-Node", nodeName)
	header.Set("X-API-Time", "0.001s")
	return header
}

// nodeName is the only node of the simulated cluster.
const nodeName = "awx-1"

// reply answers with JSON.
func (c *call) reply(status int, body any) *answer {
	return &answer{status: status, header: c.header("application/json"), body: c.wire().append(nil, body)}
}

// wire is the style of answers: with times by the controller's clock.
func (c *call) wire() jsonStyle {
	style := wireStyle()
	style.skew = c.conditions.ClockSkew
	return style
}

// empty answers without a body, and so without a content type (recordings 415, 601).
func (c *call) empty(status int) *answer { return &answer{status: status, header: c.header("")} }

// refuse answers with a failure. On a rewritten path, missing rights look like a missing object (L2, L3), and the
// headers don't name the view (recording 118).
func (c *call) refuse(f *failure) *answer {
	if c.rewritten && f.status == http.StatusForbidden {
		f = detail(http.StatusNotFound, "Not found.")
	}
	reply := c.reply(f.status, f.body)
	if f.status == http.StatusUnauthorized {
		reply.header.Set("WWW-Authenticate", c.challenge())
	}
	if c.rewritten && f.status == http.StatusNotFound {
		for key := range reply.header {
			if key == "Allow" || strings.HasPrefix(key, "X-Api-Product") || key == "X-Api-Node" || key == "X-Api-Time" {
				delete(reply.header, key)
			}
		}
	}
	return reply
}
