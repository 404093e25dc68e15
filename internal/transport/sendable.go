package transport

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// sendable returns ErrUnsendable for a request that net/http refuses, or that no server could receive: a retry would
// not help. The error shows no header's value.
func sendable(req *http.Request) error {
	if port := req.URL.Port(); !ValidPort(port) {
		return fmt.Errorf("%w: the port of the URL is %s, but must be a number from 1 to 65535", ErrUnsendable, Cut(port, 20))
	}
	for name, values := range req.Header {
		for _, value := range values {
			if strings.ContainsFunc(value, isControl) {
				return fmt.Errorf("%w: the header %s would hold a line break or another control character, which no header may: "+
					"is there one in the credentials?", ErrUnsendable, name)
			}
		}
	}
	return nil
}

// ValidPort reports whether a URL's port can be connected to; an empty port means the scheme's own.
func ValidPort(port string) bool {
	number, err := strconv.ParseUint(port, 10, 16)
	return port == "" || err == nil && number > 0
}

// isControl reports whether a header's value may not hold a character (RFC 9110, 5.5).
func isControl(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }

// CleanToken returns a token without the white space at the end of files, and without the byte order mark that some
// editors put at their beginning. A header must be able to hold the rest. The error does not repeat the token.
func CleanToken(token string) (string, error) {
	token = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(token), "\ufeff"))
	if strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", errors.New("the token holds white space, a line break or another character that no token has: is it the whole text of a file, or an expression that was not evaluated?")
	}
	return token, nil
}
