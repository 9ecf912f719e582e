package shopifyfake

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// Limits of a bulk query (shopify.dev/docs/api/usage/bulk-operations/queries).
const (
	maxConnections = 5
	maxDepth       = 2 // connections below one another
)

// bulkCheck walks the document of a bulk operation by the rules that only those have.
type bulkCheck struct {
	connections int
	wrong       []string
}

func (c *bulkCheck) says(wrong string) {
	if !slices.Contains(c.wrong, wrong) {
		c.wrong = append(c.wrong, wrong)
	}
}

// field checks p, which lies below depth connections, and perhaps in a plain list.
func (c *bulkCheck) field(pl *planner, p *plan, depth int, listed bool) {
	if p.def == nil {
		return
	}
	def := pl.schema.Types[p.def.Type.Name()]
	if isConnection(p.def.Type) {
		if c.connections++; c.connections > maxConnections {
			c.says("Bulk queries cannot contain more than 5 connections.")
		}
		if depth++; depth > maxDepth {
			c.says("Bulk queries cannot contain connections with a nesting depth greater than 2.")
		}
		if listed {
			c.says("Queries that contain a connection field within a list field are not currently supported.")
		}
		node := pl.nodeOf(p)
		if node == nil {
			c.says("Bulk queries must select the nodes of each connection.")
			return
		}
		c.below(pl, node, pl.schema.Types[node.def.Type.Name()], depth, false)
		return
	}
	if def.IsCompositeType() {
		c.below(pl, p, def, depth, listed || p.def.Type.Elem != nil)
	}
}

func (c *bulkCheck) below(pl *planner, p *plan, def *ast.Definition, depth int, listed bool) {
	identified, nested := false, false
	for _, sub := range pl.under(p, def) {
		identified = identified || (sub.name == "id" && sub.key == "id")
		nested = nested || (sub.def != nil && isConnection(sub.def.Type))
		c.field(pl, sub, depth, listed)
	}
	if nested && !identified {
		c.says("The parent 'node' field for a nested connection must select the 'id' field without an alias and must be of 'ID' return type.")
	}
}

// nodeOf is the part of a connection that its rows are asked in: nodes, or node of edges.
func (pl *planner) nodeOf(p *plan) *plan {
	for _, sub := range pl.under(p, pl.schema.Types[p.def.Type.Name()]) {
		switch sub.name {
		case "nodes":
			return sub
		case "edges":
			for _, node := range pl.under(sub, pl.schema.Types[sub.def.Type.Name()]) {
				if node.name == "node" {
					return node
				}
			}
		}
	}
	return nil
}
