package sandbox

import "net/http"

// environmentViews are the one execution environment of all jobs, which clients read after a job has failed. Only its
// summary was recorded (107).
func environmentViews() []*view {
	one := map[string]handler{"GET": (*call).oneEnvironment, "PUT": nil, "PATCH": nil, "DELETE": nil}
	return []*view{
		{pattern: path("execution_environments/{id}"), name: "execution environment", model: "ExecutionEnvironment", methods: one},
	}
}

func (c *call) oneEnvironment() *answer {
	if c.id != environmentID {
		return c.refuse(notFound("ExecutionEnvironment"))
	}
	return c.reply(http.StatusOK, c.environment())
}

func (c *call) environment() document {
	short := environmentSummary()
	return document{
		{"id", environmentID},
		{"type", "execution_environment"},
		{"url", c.url("execution_environments", int64(environmentID))},
		{"related", document{}},
		summaryFields(document{}),
		{"created", c.created},
		{"modified", c.created},
		{"name", short.text("name")},
		{"description", ""},
		{"organization", nil},
		{"image", short.text("image")},
		{"managed", true},
		{"credential", nil},
		{"pull", ""},
	}
}
