package redact

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
)

// Secret is a text that no message may show.
type Secret struct {
	text       string
	credential bool
}

// String keeps a secret from being printed by chance.
func (Secret) String() string { return hidden }

// In reports whether a text holds the secret literally.
func (s Secret) In(text string) bool { return strings.Contains(text, s.text) }

// Credentials returns texts as secrets, whatever they look like.
func Credentials(texts ...string) []Secret {
	all := make([]Secret, len(texts))
	for i, text := range texts {
		all[i] = Secret{text: text, credential: true}
	}
	return all
}

// Values returns the strings and numbers of a JSON document as secrets. A value under a name that says so is a
// credential. A string that is JSON is searched as well, since template parameters are sent as such strings.
func Values(document json.RawMessage) []Secret { return gather(document, true) }

// NamedValues lists those strings and numbers of a JSON document only, however deep, whose name says that they are secret.
func NamedValues(document json.RawMessage) []Secret { return gather(document, false) }

func gather(document json.RawMessage, all bool) []Secret {
	g := gathering{all: all}
	g.read(document, unnamed)
	return g.found
}

// naming is what the names on the way to a value say of it.
type naming int

const (
	unnamed naming = iota
	// about is a value of which only the name is that of a secret: the name of a Kubernetes Secret, the path of a key.
	about
	named
)

type gathering struct {
	found []Secret
	all   bool
}

func (g *gathering) read(document json.RawMessage, name naming) {
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.UseNumber()
	var root any
	if decoder.Decode(&root) == nil {
		g.walk(root, name)
	}
}

func (g *gathering) walk(node any, name naming) {
	switch value := node.(type) {
	case string:
		g.add(value, name)
		if strings.ContainsAny(value, "{[") {
			g.read(json.RawMessage(value), name)
		}
	case json.Number:
		g.add(value.String(), name)
	case []any:
		for _, item := range value {
			g.walk(item, name)
		}
	case map[string]any:
		for key, item := range value {
			g.walk(item, max(name, nameOf(key)))
		}
	}
}

func (g *gathering) add(text string, name naming) {
	if g.all || name != unnamed {
		g.found = append(g.found, Secret{text: text, credential: name == named})
	}
}

var (
	secretName = regexp.MustCompile(`(?i)passw|passphrase|passcode|secret|token|credential|(private|api|access|auth|encryption)[_-]?key|(^|[_-])(pin|pwd|psk|otp)($|[_-])`)
	// secretAbout ends names of what leads to a secret and is none.
	secretAbout = regexp.MustCompile(`(?i)(name|ref|namespace|path|file|url|class|type)s?$`)
)

// nameOf tells what a key says of its value.
func nameOf(key string) naming {
	switch {
	case !secretName.MatchString(key):
		return unnamed
	case secretAbout.MatchString(key):
		return about
	default:
		return named
	}
}
