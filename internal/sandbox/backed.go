package sandbox

import (
	"net/http"
	"slices"
	"strings"
)

// The sandbox gives no answer without a real one behind it: it answers 501 to everything that is not in these tables.
// AWX's own refusals come first. A test holds every row to its recordings.

// backing is how much is known of a key.
type backing int

const (
	// finds: it found rows, and left others out.
	finds backing = iota
	// findsNothing: only an empty answer was seen. The sandbox answers as long as it finds nothing itself.
	findsNothing
	// isOption: it leaves no rows out.
	isOption
)

// backedKey is a key that a list's query may have, with any value. An order_by is listed with its field, for both
// directions.
type backedKey struct {
	list, key string
	// by are numbers of recordings (testdata/awx) and of facts (FACTS.md).
	by   string
	kind backing
}

// backedPath is a path with a method that the sandbox answers. Paths of AAP's gateway begin with gateway/, except for
// its roots.
type backedPath struct{ method, pattern, by string }

// absentPath is a path that AWX does not have: it is answered 404 in HTML.
type absentPath struct{ pattern, by string }

// keyTable returns the backing of each list and key.
func keyTable() map[[2]string]backing {
	table := map[[2]string]backing{}
	for _, k := range backedKeys() {
		table[[2]string{k.list, k.key}] = k.kind
	}
	return table
}

// strict passes an answer on, unless a part of the query has no backing.
func (c *call) strict(method string, reply *answer) *answer {
	if method != http.MethodGet || reply.status != http.StatusOK {
		return reply
	}
	if refusal := c.unbacked(reply.rows); refusal != nil {
		c.logged.ended = nil
		return c.refuse(refusal)
	}
	return reply
}

// unbacked refuses the first key of the query that has no backing for an answer with that many rows.
func (c *call) unbacked(rows int) *failure {
	list, anyList := c.view.row(), "*"
	if c.view.gateway {
		anyList = "gateway/*"
	}
	for _, key := range c.keys {
		names := []string{key}
		if key == "order_by" || key == "order" {
			names = orderNames(c.query[key])
		}
		for _, name := range names {
			kind, known := c.backed[[2]string{list, name}]
			if !known {
				kind, known = c.backed[[2]string{anyList, name}]
			}
			switch {
			case c.includes(name):
			case !known:
				return notImplemented("No recording of a real AWX shows what " + name + " finds and leaves out at " + list + "/.")
			case kind == findsNothing && rows > 0:
				return notImplemented("No recording of a real AWX shows a row that " + name + " finds at " + list + "/.")
			}
		}
	}
	return nil
}

// orderNames are the names of an order's fields in the table: order_by=id, for both directions.
func orderNames(values []string) []string {
	var names []string
	for _, value := range values {
		for field := range strings.SplitSeq(value, ",") {
			if field = strings.TrimPrefix(field, "-"); field != "" {
				names = append(names, "order_by="+field)
			}
		}
	}
	return names
}

func notImplemented(message string) *failure {
	return detail(http.StatusNotImplemented, "The sandbox does not answer this. "+message)
}

// unsimulated answers a view of AWX that the sandbox only describes.
func (c *call) unsimulated() *answer {
	return c.refuse(notImplemented("GET " + c.in.path + " is not simulated."))
}

// unknown answers a path without a view: 404, as AWX does, if AWX is known to have no such path, else 501.
func (c *call) unknown() *answer {
	rest, inside := strings.CutPrefix(c.in.path, c.prefix)
	segments := strings.Split(strings.Trim(rest, "/"), "/")
	linked := strings.HasPrefix(c.in.path, "/api/o/") && c.platform == nil // by the API's root (001)
	has := inside && slices.Contains(rootNames(), segments[0]) && !absent(segments) && !slices.ContainsFunc(segments, c.platform.lacks)
	if !linked && !has && !c.gatewayHas() {
		return c.page(http.StatusNotFound, "Not Found", "The requested resource was not found on this server.")
	}
	reply := &answer{status: http.StatusNotImplemented, header: c.baseHeader("Accept-Language, origin")}
	reply.header.Set("Content-Type", "application/json")
	reply.body = wireStyle().append(nil, notImplemented(c.in.method+" "+c.in.path+" is not simulated.").body)
	return reply
}

// absent reports whether AWX is known to have no such path.
func absent(segments []string) bool {
	return slices.ContainsFunc(absentPaths(), func(a absentPath) bool {
		pattern := strings.Split(a.pattern, "/")
		if len(pattern) != len(segments) {
			return false
		}
		for i, part := range pattern {
			numeric := strings.Trim(segments[i], "0123456789") == ""
			if part != segments[i] && (part != "{id}" || !numeric) && (part != "{word}" || numeric) {
				return false
			}
		}
		return true
	})
}
