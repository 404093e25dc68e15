package redact

import (
	"net/netip"
	"regexp"
	"strings"
	"unicode/utf8"
)

// The lengths that decide, in characters; doc.go has the rule in words.
const (
	shortestCredential = 4
	shortestValue      = 6
	// wholeWords is the length from which a secret is also searched for within words.
	wholeWords = 8
	// shortestLineOfValue is the least length of a single line of a value that has several lines.
	shortestLineOfValue = 12
	longestWord         = 11
	mostDigits          = 7
)

var (
	wordPattern   = regexp.MustCompile(`^[[:alpha:]]+$`)
	numberPattern = regexp.MustCompile(`^[-+]?[0-9]+(?:[-.,:/][0-9]+)*[eE%]?[+-]?[0-9]*$`)
)

// commonly are longer and joined words that playbooks' variables often have as values, and that messages consist of.
var commonly = func() map[string]bool {
	words := map[string]bool{}
	for word := range strings.FieldsSeq(`osac-computeinstance administrator authentication authorization certificate cluster-admin
		configuration containerdisk containerdisks development environment ifnotpresent infrastructure installation kube-system
		kubernetes linux-bridge local-storage maintenance multi-network network-attachment openshift openshift-cnv
		organization persistentvolume persistentvolumeclaim preproduction production readonlymany readwritemany
		readwriteonce registry.redhat.io rollingupdate service-account standardized storageclass successfully terraform
		unauthenticated unavailable unknown-host unreachable unschedulable virtual-machine virtualmachine virtualmachines
		virtualmachineinstance waitforfirstconsumer workflow-template`) {
		words[word] = true
	}
	return words
}()

// everyday reports whether a value is a word or a number that messages consist of.
func everyday(text string) bool {
	text = strings.TrimSpace(text)
	if commonly[strings.ToLower(text)] {
		return true
	}
	if numberPattern.MatchString(text) {
		digits := 0
		for _, c := range []byte(text) {
			if '0' <= c && c <= '9' {
				digits++
			}
		}
		if digits <= mostDigits {
			return true
		}
	}
	if _, err := netip.ParseAddr(text); err == nil {
		return true
	}
	if _, err := netip.ParsePrefix(text); err == nil {
		return true
	}
	return utf8.RuneCountInString(text) <= longestWord && wordPattern.MatchString(text)
}
