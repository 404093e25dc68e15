package eda

import (
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Shape is a form of request to an EDA server's API, or to a source of events.
type Shape struct {
	Method string
	// Path is below the API's root, with {id} in place of a number. An event's path is its source's own address.
	Path string
	// Query are the keys, sorted.
	Query []string
	// Recordings are the numbers of the files in internal/sandbox/eda/testdata/eda in which a real server answers.
	Recordings []string
}

// String returns the shape as errors show it.
func (s Shape) String() string {
	text := s.Method + " " + s.Path
	if len(s.Query) > 0 {
		text += "?" + strings.Join(s.Query, "&")
	}
	return text
}

// eventPath stands for the address of a source.
const eventPath = "{event}"

// shapes are all forms of requests that this package can send.
var shapes = []Shape{
	{Method: http.MethodPost, Path: eventPath, Recordings: []string{"04", "22"}},
	{Method: http.MethodGet, Path: "audit-rules/", Query: []string{"order_by"}, Recordings: []string{"24"}},
	// Every answer has the number of a page; a second page was never recorded.
	{Method: http.MethodGet, Path: "audit-rules/", Query: []string{"order_by", "page"}, Recordings: []string{"24"}},
	{Method: http.MethodGet, Path: "audit-rules/{id}/events/", Recordings: []string{"24", "26"}},
	{Method: http.MethodGet, Path: "audit-rules/{id}/actions/", Recordings: []string{"24", "26"}},
}

// Shapes returns all forms of requests that this package can send. Any other is refused before it is sent.
func Shapes() []Shape { return slices.Clone(shapes) }

// errUnlisted is the error of a request whose form is not among Shapes.
var errUnlisted = errors.New("a request of a form that was never recorded")

var (
	apiPath = regexp.MustCompile(`^.*?/api/eda/v1/`)
	number  = regexp.MustCompile(`/[0-9]+/`)
)

// shapeOf returns the shape of a request by its method and its target, and reports whether it is among Shapes.
func shapeOf(method, target string) (Shape, bool) {
	asked := Shape{Method: method, Path: eventPath}
	if method != http.MethodPost {
		at, err := url.Parse(target)
		if err != nil {
			return asked, false
		}
		asked.Path = number.ReplaceAllString(apiPath.ReplaceAllString(at.Path, ""), "/{id}/")
		for part := range strings.SplitSeq(at.RawQuery, "&") {
			if key, _, _ := strings.Cut(part, "="); key != "" {
				asked.Query = append(asked.Query, key)
			}
		}
		slices.Sort(asked.Query)
	}
	for _, known := range shapes {
		if known.Method == asked.Method && known.Path == asked.Path && slices.Equal(known.Query, asked.Query) {
			return known, true
		}
	}
	return asked, false
}

// Witnessed returns the recordings that show a request's shape, e.g. "24+26", by its method and its path with the
// query. It returns false for a request that this package can't send.
func Witnessed(method, target string) (string, bool) {
	found, ok := shapeOf(method, target)
	return strings.Join(found.Recordings, "+"), ok
}
