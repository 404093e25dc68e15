package sandbox

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// narrow uses the query's ids, templates and payloads, so that most lists need not check every job. It leaves out only
// jobs that the filter would leave out.
func (c *call) narrow() []*job {
	if found, ok := c.narrowByID(); ok {
		return found
	}
	if found, ok := c.narrowByMention("activitystream__changes__contains"); ok {
		return found
	}
	for _, key := range []string{"unified_job_template", "job_template", "workflow_job_template"} {
		id, err := strconv.ParseInt(c.query.Get(key), 10, 64)
		if err != nil {
			continue
		}
		for _, t := range c.templates {
			if t.id == id {
				return t.jobs
			}
		}
		return nil
	}
	return c.jobs
}

func (c *call) narrowByID() ([]*job, bool) {
	for _, key := range []string{"id", "id__in"} {
		values := c.query[key]
		if len(values) != 1 {
			continue
		}
		var found []*job
		for item := range strings.SplitSeq(values[0], ",") {
			id, err := strconv.ParseInt(strings.TrimSpace(item), 10, 64)
			if err != nil {
				return nil, false
			}
			if j := c.byID[id]; j != nil {
				found = append(found, j)
			}
		}
		return inOrder(found), true
	}
	return nil, false
}

// narrowByMention finds the jobs whose extra vars have one of the strings that the query searches the activity stream
// for.
func (c *call) narrowByMention(key string) ([]*job, bool) {
	wanted := c.query[key]
	if len(wanted) == 0 {
		for other := range c.query {
			if strings.HasPrefix(other, "or__") && other != "or__"+key {
				return nil, false
			}
		}
		wanted = c.query["or__"+key]
	} else {
		wanted = wanted[:1] // all of them must be there
	}
	var found []*job
	for _, needle := range wanted {
		word, ok := mention(needle)
		if !ok {
			return nil, false
		}
		found = append(found, c.mentions[word]...)
	}
	return inOrder(found), len(wanted) > 0
}

// mention returns the string that a needle asks for as a whole, \"ns/name\", if the index has such strings.
func mention(needle string) (string, bool) {
	word, ok := unescape(needle)
	if !ok || len(word) < 2 || word[0] != '"' || word[len(word)-1] != '"' {
		return "", false
	}
	word = word[1 : len(word)-1]
	return word, strings.Contains(word, "/") && !strings.ContainsAny(word, "\"\\")
}

// index records which jobs have a string with a slash, such as ns/name, in their extra vars. A string without a slash
// could also match across two strings; one with a slash can't.
func (s *Sandbox) index(j *job) {
	for _, word := range mentioned(j.extraVars) {
		s.mentions[word] = append(s.mentions[word], j)
	}
}

// mentioned are the strings with a slash in extra vars.
func mentioned(extraVars string) []string {
	var words []string
	for rest := extraVars; ; {
		start := strings.IndexByte(rest, '"')
		if start < 0 {
			return words
		}
		end := start + 1
		for end < len(rest) && rest[end] != '"' {
			if rest[end] == '\\' {
				end++
			}
			end++
		}
		if end >= len(rest) {
			return words
		}
		if word := rest[start+1 : end]; strings.Contains(word, "/") {
			words = append(words, word)
		}
		rest = rest[end+1:]
	}
}

// inOrder sorts by id, and leaves out duplicates and deleted jobs.
func inOrder(jobs []*job) []*job {
	jobs = slices.DeleteFunc(slices.Clone(jobs), func(j *job) bool { return j.deleted })
	slices.SortFunc(jobs, func(a, b *job) int { return cmp.Compare(a.id, b.id) })
	return slices.Compact(jobs)
}
