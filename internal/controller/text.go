package controller

import (
	"cmp"
	"strings"
	"unicode/utf8"

	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

// Bounds of texts, in bytes.
const (
	maxMessage = 2 << 10
	maxName    = 256
)

// shown makes what playbooks have written fit to be shown: plain, bounded, and without secrets, which are taken out before
// a text is cut, so that no part of one is left at its end.
type shown struct{ secrets transport.Secrets }

// shownWithout shows neither the secrets nor the client's credentials.
func (c *Client) shownWithout(secrets []string) shown {
	return shown{transport.NewSecrets(c.secrets, secrets)}
}

func (s shown) all(text string) string { return s.secrets.Hide(plainText(text)) }

func (s shown) message(text string) string {
	return transport.Cut(s.all(text), maxMessage-utf8.UTFMax)
}

func (s shown) name(texts ...string) string {
	return transport.Cut(s.secrets.Hide(transport.OneLine(cmp.Or(texts...))), maxName)
}

func (s shown) lastLine(text string) string { return s.message(lastLine(plainText(text))) }

func lastLine(text string) string { return text[strings.LastIndex(text, "\n")+1:] }

func plainText(text string) string { return strings.TrimSpace(transport.Plain(text)) }

func nameText(texts ...string) string { return shown{}.name(texts...) }

// tail keeps the last lines of text, within a number of bytes.
func tail(text string, lines, most int) string {
	all := strings.Split(strings.TrimRight(text, "\n"), "\n")
	text = strings.Join(all[max(0, len(all)-lines):], "\n")
	if len(text) <= most {
		return text
	}
	start := len(text) - most
	for start < len(text) && !utf8.RuneStart(text[start]) {
		start++
	}
	return "…" + text[start:]
}
