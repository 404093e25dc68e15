package controller

import (
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// maxCountedPages bounds lists that are read by their next pages. Lists of templates and of a workflow's nodes usually
// have one page.
const maxCountedPages = 50

// nextPage returns the address of a list's next page, or an empty text if there is none. It takes only the page's
// number from the answer (1079): behind a gateway, the answer's path is not the path that the client uses, and the
// query is the client's own.
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
