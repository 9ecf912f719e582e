package shopifyfake

import (
	"strconv"
)

// maxPage is how many rows one page may hold.
const maxPage = 250

// connection is a list that is asked for in pages.
type connection struct {
	size   int
	at     func(i int) object
	cursor func(i int) string               // of row i
	find   func(cursor string) (int, error) // the first row behind a cursor
}

// rows is a connection of objects that are there already; its cursors are row numbers.
func rows(list []object) *connection {
	return &connection{
		size: len(list), at: func(i int) object { return list[i] },
		cursor: func(i int) string { return strconv.Itoa(i + 1) },
		find: func(cursor string) (int, error) {
			n, err := strconv.Atoi(cursor)
			if err != nil || n < 0 {
				return 0, refusal{"INVALID_CURSOR", "Invalid cursor for current pagination sort."}
			}
			return min(n, len(list)), nil
		},
	}
}

// page is the object that holds one page, by the arguments first and after.
func (c *connection) page(args map[string]any) (object, error) {
	first, sized := whole(args["first"])
	switch {
	case args["last"] != nil || args["before"] != nil:
		return nil, refusal{"FAKE", "the fake does not page backwards"}
	case !sized:
		return nil, refusal{"BAD_REQUEST", "you must provide one of first or last"}
	case first < 0 || first > maxPage:
		return nil, refusal{"BAD_REQUEST", "first can't be above 250 or below 0"}
	}
	start := 0
	if after, ok := args["after"].(string); ok {
		n, err := c.find(after)
		if err != nil {
			return nil, err
		}
		start = n
	}
	end := min(start+int(first), c.size)
	nodes, edges := []any{}, []any{}
	for i := start; i < end; i++ {
		node := c.at(i)
		nodes, edges = append(nodes, node), append(edges, object{"node": node, "cursor": c.cursor(i)})
	}
	info := object{"hasNextPage": end < c.size, "hasPreviousPage": start > 0, "endCursor": nil, "startCursor": nil}
	if end > start {
		info["startCursor"], info["endCursor"] = c.cursor(start), c.cursor(end-1)
	}
	return object{"nodes": nodes, "edges": edges, "pageInfo": info}, nil
}
