package sandbox

import (
	"net/http"
	"strconv"
)

func labelViews() []*view {
	return []*view{
		{pattern: path("labels"), name: "labels", posts: "create label", model: "Label", methods: map[string]handler{
			"GET": (*call).unsimulated, "POST": (*call).createLabel,
		}},
	}
}

// createLabel needs rights in the organization; a label's name is unique there (recordings 232, 233, L6).
func (c *call) createLabel() *answer {
	if !c.user.superuser {
		return c.refuse(forbidden())
	}
	missing := document{}
	name := c.data.text("name")
	if name == "" {
		missing = append(missing, member{"name", []any{"This field is required."}})
	}
	value, given := c.data.get("organization")
	if !given {
		missing = append(missing, member{"organization", []any{"This field is required."}})
	}
	if len(missing) > 0 {
		return c.refuse(&failure{http.StatusBadRequest, missing})
	}
	wanted, _ := value.(number)
	id, _ := strconv.ParseInt(string(wanted), 10, 64)
	for _, o := range c.organizations {
		if o.id != id {
			continue
		}
		for _, l := range c.labels {
			if l.name == name && l.organization == o {
				return c.refuse(&failure{http.StatusBadRequest, document{{"__all__", []any{
					"Label with this Name and Organization already exists.",
				}}}})
			}
		}
		l := &label{id: int64(len(c.labels)) + 1, name: name, organization: o, created: c.now, createdBy: c.user}
		c.labels = append(c.labels, l)
		reply := c.reply(http.StatusCreated, c.renderLabel(l, true))
		reply.header.Set("Location", c.url("labels", l.id))
		return reply
	}
	return c.refuse(&failure{http.StatusBadRequest, document{{"organization", []any{
		`Invalid pk "` + shown(value) + `" - object does not exist.`,
	}}}})
}

func (c *call) renderLabel(l *label, detailed bool) document {
	related := document{}
	if detailed {
		related = append(related, member{"named_url", c.url("labels", encodeName(l.name)+"++"+encodeName(l.organization.name))})
	}
	return document{
		{"id", l.id},
		{"type", "label"},
		{"url", c.url("labels", l.id)},
		{"related", append(related, document{
			{"created_by", c.url("users", l.createdBy.id)},
			{"modified_by", c.url("users", l.createdBy.id)},
			{"organization", c.url("organizations", l.organization.id)},
		}...)},
		summaryFields(document{
			{"organization", l.organization.summary()}, {"created_by", l.createdBy.summary()}, {"modified_by", l.createdBy.summary()},
		}),
		{"created", l.created},
		{"modified", l.created},
		{"name", l.name},
		{"organization", l.organization.id},
	}
}
