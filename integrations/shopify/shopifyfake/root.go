package shopifyfake

import (
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// roots are the fields of the query's or the mutation's root.
func (f *Fake) roots(s *shop, def *ast.Definition) object {
	if def.Name == "Mutation" {
		return object{
			"customerEmailMarketingConsentUpdate": resolver(s.updateConsent),
			"tagsAdd":                             resolver(s.addTags),
			"tagsRemove":                          resolver(s.removeTags),
			"discountCodeBasicCreate":             resolver(func(args map[string]any) (any, error) { return f.createDiscount(s, args, "basicCodeDiscount") }),
			"discountCodeFreeShippingCreate":      resolver(func(args map[string]any) (any, error) { return f.createDiscount(s, args, "freeShippingCodeDiscount") }),
			"discountCodeDeactivate":              resolver(s.deactivate),
			"bulkOperationRunQuery":               resolver(func(args map[string]any) (any, error) { return f.startBulk(s, args) }),
		}
	}
	return object{
		"order":                  resolver(s.order),
		"orders":                 resolver(s.list),
		"nodes":                  resolver(s.nodes),
		"shop":                   s.object(),
		"shopLocales":            resolver(s.locales),
		"currentAppInstallation": s.installation(),
		"codeDiscountNodeByCode": resolver(s.discountByCode),
		"bulkOperation":          resolver(func(args map[string]any) (any, error) { return f.pollBulk(s, args) }),
	}
}

// nodes answers with the customers and orders of some gids; what is not in the shop is null.
func (s *shop) nodes(args map[string]any) (any, error) {
	ids, _ := args["ids"].([]any)
	if len(ids) > maxPage {
		return nil, refusal{"MAX_INPUT_SIZE_EXCEEDED", "The input array size of " + strconv.Itoa(len(ids)) + " is greater than the maximum allowed of 250."}
	}
	out := []any{}
	for _, v := range ids {
		gid, _ := v.(string)
		var node any
		switch {
		case strings.HasPrefix(gid, "gid://shopify/Customer/"):
			if n, err := number("Customer", gid); err == nil && s.persons[n] != nil {
				node = s.persons[n].object()
			}
		case strings.HasPrefix(gid, "gid://shopify/Order/"):
			if o, _ := s.order(map[string]any{"id": gid}); o != nil {
				o, _ := o.(object)
				o["__typename"] = "Order"
				node = o
			}
		}
		out = append(out, node)
	}
	return out, nil
}

// payload is the answer of a mutation: its object, and errors of the user.
func payload(userErrors []object, more object) object {
	out := object{"userErrors": userErrors}
	if userErrors == nil {
		out["userErrors"] = []object{}
	}
	for k, v := range more {
		out[k] = v
	}
	return out
}

// userError says what is wrong with an input; code is "" where the schema has none.
func userError(code, message string, field ...string) object {
	o := object{"message": message, "field": nil}
	if field != nil {
		o["field"] = field
	}
	if code != "" {
		o["code"] = code
	}
	return o
}
