package eda

import (
	"encoding/json"
	"errors"
	"strings"
	"time"
)

// The pages of rule audit, as they were recorded (eda 24, 26). Other forms are tolerated: an activation that is gone
// may be null, and so may times and messages.

var errNoList = errors.New("it has no list of results")

// list has the fields that all of an EDA server's lists share (eda 20).
type list[Row any] struct {
	Next    *string `json:"next"`
	Results *[]Row  `json:"results"`
}

func readList[Row any](body []byte) ([]Row, bool, error) {
	var page list[Row]
	if err := json.Unmarshal(body, &page); err != nil {
		return nil, false, err
	}
	if page.Results == nil {
		return nil, false, errNoList
	}
	more := text(page.Next) != "" && len(*page.Results) > 0
	return *page.Results, more, nil
}

// auditRule is one firing of a rule.
type auditRule struct {
	id               int64
	name, activation string
	status           string
	firedAt          time.Time
}

// rulePage is a page of /audit-rules/.
type rulePage struct {
	rows []auditRule
	more bool
}

func (p *rulePage) read(body []byte) error {
	rows, more, err := readList[struct {
		ID         int64           `json:"id"`
		Name       string          `json:"name"`
		Status     string          `json:"status"`
		FiredAt    moment          `json:"fired_at"`
		Activation json.RawMessage `json:"activation_instance"`
	}](body)
	if err != nil {
		return err
	}
	for _, row := range rows {
		var activation struct {
			Name string `json:"name"`
		}
		// Anything but an object has no name.
		_ = json.Unmarshal(row.Activation, &activation)
		p.rows = append(p.rows, auditRule{
			id: row.ID, name: row.Name, activation: activation.Name, status: row.Status, firedAt: row.FiredAt.Time,
		})
	}
	p.more = more
	return nil
}

func (r auditRule) succeeded() bool { return r.status == statusSuccessful }

// statusSuccessful is the only status that is no failure; failed was recorded (eda 26), and there may be others.
const statusSuccessful = "successful"

// eventPage is /audit-rules/{id}/events/. A payload is YAML in a string, where a text without white space is unchanged:
// it is searched, not parsed.
type eventPage struct{ payloads string }

func (p *eventPage) read(body []byte) error {
	rows, _, err := readList[struct {
		Payload json.RawMessage `json:"payload"`
	}](body)
	if err != nil {
		return err
	}
	var all strings.Builder
	for _, row := range rows {
		var text string
		if json.Unmarshal(row.Payload, &text) != nil {
			text = string(row.Payload)
		}
		all.WriteString(text + "\n")
	}
	p.payloads = all.String()
	return nil
}

// actionPage is /audit-rules/{id}/actions/.
type actionPage struct{ failures []Failure }

func (p *actionPage) read(body []byte) error {
	rows, _, err := readList[struct {
		Name    string  `json:"name"`
		Status  string  `json:"status"`
		URL     *string `json:"url"`
		Message *string `json:"status_message"`
		FiredAt moment  `json:"fired_at"`
	}](body)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if row.Status == statusSuccessful {
			continue
		}
		p.failures = append(p.failures, Failure{
			Action: row.Name, Message: text(row.Message), URL: text(row.URL), FiredAt: row.FiredAt.Time,
		})
	}
	return nil
}

func (p *actionPage) newestFailure() *Failure {
	var newest *Failure
	for i := range p.failures {
		if newest == nil || p.failures[i].FiredAt.After(newest.FiredAt) {
			newest = &p.failures[i]
		}
	}
	return newest
}

func text(value *string) string {
	if value == nil {
		return ""
	}
	return *value
}

// moment is a time that may be missing or of another form; it is then zero.
type moment struct{ time.Time }

// UnmarshalJSON reads RFC 3339.
func (m *moment) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) == nil {
		if t, err := time.Parse(time.RFC3339, text); err == nil {
			m.Time = t
		}
	}
	return nil
}
