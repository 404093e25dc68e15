package sandbox

import (
	"slices"
	"strconv"
)

// A long history must not make every page expensive. A list by id without a count is read from its end, and only as far
// as the page goes, as the database does with its index.

// within cuts jobs, which are in the order of their ids, down to the query's bounds of the id.
func (c *call) within(jobs []*job) []*job {
	byID := func(j *job, id int64) int { return int(j.id - id) }
	for _, bound := range []struct {
		key          string
		upper, shift int64
	}{{"id__gt", 0, 1}, {"id__lt", 1, 0}} {
		for _, value := range c.query[bound.key] {
			id, err := strconv.ParseInt(value, 10, 64)
			if err != nil {
				continue // the filter refuses it
			}
			at, _ := slices.BinarySearchFunc(jobs, id+bound.shift, byID)
			if bound.upper == 1 {
				jobs = jobs[:at]
			} else {
				jobs = jobs[at:]
			}
		}
	}
	return jobs
}

// firstRows are the rows of the first page, if the query asks for a list by id without a count.
func (c *call) firstRows(s *schema, jobs []*job, kind Kind) ([]any, *failure, bool) {
	f, refusal := c.parseFilter(s)
	if refusal != nil {
		return nil, refusal, false
	}
	keys, refusal := c.parseOrder(s)
	if refusal != nil {
		return nil, refusal, false
	}
	byID := len(keys) > 0 && len(keys[0].path) == 1 && keys[0].path[0].name == "id"
	if !c.uncounted() || !byID {
		return nil, nil, false
	}
	size, _ := c.pageSize()
	rows := make([]any, 0, min(size, len(jobs)))
	for i := range jobs {
		j := jobs[i]
		if keys[0].descending {
			j = jobs[len(jobs)-1-i]
		}
		if (kind == "" || j.kind == kind) && c.sees(j) && f.matches(c, j) {
			rows = append(rows, j)
		}
		if len(rows) == size {
			break
		}
	}
	return rows, nil, true
}
