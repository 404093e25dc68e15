package controller

import (
	"cmp"
	"strings"
	"unicode/utf8"

	"github.com/osac-project/terraform-provider-osac/internal/redact"
	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

// Bounds of texts, in bytes.
const (
	maxMessage = 2 << 10
	maxName    = 256
)

// shown makes playbooks' texts safe to print: plain, bounded, and without secrets. Secrets are removed before a text is
// cut, so that no part of one is left at its end.
type shown struct{ secrets *redact.Redactor }

// shownWithout hides the secrets and the client's credentials.
func (c *Client) shownWithout(secrets []redact.Secret) shown {
	return shown{redact.New(c.secrets, secrets)}
}

// searched is how much of a long text is searched for secrets, on either side of the part that is shown. An output has
// up to 16 MiB, and only some lines of it are shown.
const searched = 128 << 10

// around returns the part of a plain text around a place, without the secrets. It begins at the start of a line.
func (s shown) around(text string, at int) string {
	from, to := max(0, at-searched), min(len(text), at+searched)
	if from > 0 {
		from += strings.IndexByte(text[from:at], '\n') + 1
	}
	for to < len(text) && !utf8.RuneStart(text[to]) {
		to++
	}
	return s.secrets.Hide(strings.ToValidUTF8(text[from:to], ""))
}

func (s shown) message(text string) string {
	return transport.Cut(s.around(plainText(text), 0), maxMessage-utf8.UTFMax)
}

func (s shown) name(texts ...string) string {
	return transport.Cut(transport.OneLine(s.around(plainText(cmp.Or(texts...)), 0)), maxName)
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
