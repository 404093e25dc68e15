package controller

import (
	"errors"
	"net/url"
	"strings"
)

// maxCountedPages bounds lists that are read by their next pages. The lists of templates and of a workflow's nodes have
// one page, as a rule.
const maxCountedPages = 50

// nextPage returns the address of a list's next page, empty if there is none. Only the query of what the answer names is
// taken (1079): its path is the controller's own, which is not what it is called in front of a gateway.
func nextPage(address string, next *string) (string, error) {
	if next == nil || *next == "" {
		return "", nil
	}
	named, err := url.Parse(*next)
	if err != nil || named.RawQuery == "" {
		return "", errors.New("its next page has no query that can be read")
	}
	path, query, _ := strings.Cut(address, "?")
	if named.RawQuery == query {
		return "", errors.New("its next page is the same page again")
	}
	return path + "?" + named.RawQuery, nil
}
