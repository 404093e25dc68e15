package sandbox

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// The page sizes of AWX: recordings 337, 901.
const (
	usualPage = 25
	maxPage   = 200
)

// sortKey is one field of order_by.
type sortKey struct {
	path       []*field
	descending bool
}

// list answers a list: it filters, orders, takes a page, and renders only that page.
func (c *call) list(s *schema, rows []any, render func(row any) document) *answer {
	found, refusal := c.selectRows(s, rows)
	if refusal != nil {
		return c.refuse(refusal)
	}
	return c.paginate(found, render)
}

// selectRows filters and orders.
func (c *call) selectRows(s *schema, rows []any) ([]any, *failure) {
	f, refusal := c.parseFilter(s)
	if refusal != nil {
		return nil, refusal
	}
	keys, refusal := c.parseOrder(s)
	if refusal != nil {
		return nil, refusal
	}
	found := make([]any, 0, min(len(rows), maxPage))
	for _, row := range rows {
		if f.matches(c, row) {
			found = append(found, row)
		}
	}
	c.sort(found, keys)
	return found, nil
}

// parseOrder reads order_by, and adds the model's own order.
func (c *call) parseOrder(s *schema) ([]sortKey, *failure) {
	var names []string
	for _, key := range []string{"order", "order_by"} {
		if values := c.query[key]; len(values) > 0 {
			names = strings.Split(values[len(values)-1], ",")
		}
	}
	if len(names) == 0 {
		names = s.order
	}
	var keys []sortKey
	for _, name := range names {
		if name == "" {
			continue
		}
		path, descending := strings.CutPrefix(name, "-")
		key := sortKey{descending: descending}
		model := s
		for part := range strings.SplitSeq(path, "__") {
			if model == nil {
				return nil, badFilter("No related model for field " + part + ".")
			}
			f, refusal := model.field(part)
			if refusal != nil {
				return nil, refusal
			}
			key.path = append(key.path, f)
			model = f.target
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// sort orders rows; as in PostgreSQL, null comes last in ascending order and first in descending order.
func (c *call) sort(rows []any, keys []sortKey) {
	if len(keys) > 0 && len(keys[0].path) == 1 && keys[0].path[0].name == "id" {
		upwards := []sortKey{{path: keys[0].path}} // ids are unique, and rows mostly come in their order
		if slices.IsSortedFunc(rows, func(a, b any) int { return c.order(upwards, a, b) }) {
			if keys[0].descending {
				slices.Reverse(rows)
			}
			return
		}
	}
	slices.SortStableFunc(rows, func(a, b any) int { return c.order(keys, a, b) })
}

func (c *call) order(keys []sortKey, a, b any) int {
	for _, key := range keys {
		x, y := c.sortValue(key, a), c.sortValue(key, b)
		result := 0
		switch {
		case x == nil && y == nil:
		case x == nil:
			result = 1
		case y == nil:
			result = -1
		default:
			result = order3(x, y)
		}
		if key.descending {
			result = -result
		}
		if result != 0 {
			return result
		}
	}
	return 0
}

func (c *call) sortValue(key sortKey, row any) any {
	for i, f := range key.path {
		if row == nil {
			return nil
		}
		if f.kind != relationField {
			return f.value(c, row)
		}
		row = first(f.follow(c, row))
		if i == len(key.path)-1 {
			return read1(c, row, f)
		}
	}
	return nil
}

// paginate answers with one page of the rows.
func (c *call) paginate(rows []any, render func(row any) document) *answer {
	size, malformed := c.pageSize()
	uncounted := c.uncounted()
	pages := max(1, (len(rows)+size-1)/size)
	if uncounted {
		pages = 1
	}
	page, ok := c.pageNumber(pages)
	if !ok {
		return c.refuse(detail(http.StatusNotFound, "Invalid page."))
	}
	if malformed && !uncounted && pages > 1 {
		return c.page(http.StatusInternalServerError, "Server Error (500)", "") // L12
	}
	from := min((page-1)*size, len(rows))
	results := make([]any, 0, size)
	for _, row := range rows[from:min(from+size, len(rows))] {
		results = append(results, render(row))
	}
	body := document{{"results", results}}
	if !uncounted {
		body = document{
			{"count", len(rows)},
			{"next", c.pageLink(page+1, page < pages)},
			{"previous", c.pageLink(page-1, page > 1)},
			{"results", results},
		}
	}
	reply := c.reply(http.StatusOK, body)
	reply.rows = len(results)
	return reply
}

// pageSize reads page_size, and reports whether it is malformed.
func (c *call) pageSize() (int, bool) {
	given := c.query.Get("page_size")
	asked, err := strconv.Atoi(given)
	if err == nil && asked > 0 {
		return min(asked, c.maxPage()), false
	}
	return min(usualPage, c.maxPage()), err != nil && given != ""
}

// uncounted reports whether the client does without the number of rows, and so without next pages.
func (c *call) uncounted() bool {
	_, uncounted := c.query["count_disabled"]
	return uncounted
}

func (c *call) pageNumber(pages int) (int, bool) {
	asked, given := c.query["page"]
	if !given || asked[len(asked)-1] == "" {
		return 1, true
	}
	last := asked[len(asked)-1]
	if last == "last" {
		return pages, true
	}
	page, err := strconv.Atoi(last)
	return page, err == nil && page >= 1 && page <= pages
}

// pageLink is the query with another page, its keys sorted as DRF sorts them (recordings 252, 309, 901).
func (c *call) pageLink(page int, exists bool) any {
	if !exists {
		return nil
	}
	query := maps.Clone(c.query)
	query.Set("page", strconv.Itoa(page))
	if asked, err := strconv.Atoi(query.Get("page_size")); err == nil && asked > c.maxPage() {
		query.Set("page_size", strconv.Itoa(c.maxPage()))
	}
	return c.in.path + "?" + query.Encode()
}
