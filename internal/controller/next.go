package controller

import (
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// maxCountedPages bounds lists that are read by their next pages. The lists of templates and of a workflow's nodes have
// one page, as a rule.
const maxCountedPages = 50

// nextPage returns the address of a list's next page, empty if there is none: of what the answer names, only the number of
// the page is taken (1079). Its path is not what the controller is called in front of a gateway, and its query is ours.
func nextPage(address string, next *string) (string, error) {
	if next == nil || *next == "" {
		return "", nil
	}
	named, err := url.Parse(*next)
	if err != nil || !wholeNumber.MatchString(named.Query().Get("page")) {
		return "", errors.New("its next page has no number that can be read")
	}
	path, query, _ := strings.Cut(address, "?")
	keys := slices.DeleteFunc(strings.Split(query, "&"), func(key string) bool { return strings.HasPrefix(key, "page=") })
	following := path + "?" + strings.Join(append(keys, "page="+named.Query().Get("page")), "&")
	if following == address {
		return "", errors.New("its next page is the same page again")
	}
	return following, nil
}

var wholeNumber = regexp.MustCompile(`^[1-9][0-9]{0,8}$`)
