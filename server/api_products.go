package server

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"flywheel/commerce"
	"flywheel/integrations/api"
)

func (a *restAPI) putProducts(path string, s *Server) {
	huma.Register(a.huma, operation(http.MethodPut, path, "put-products", "Tell of products of the catalogue",
		"Up to 250 as {\"products\": [...]}. Each replaces what was known of it unless that is newer. The answer comes once they are kept.",
		http.StatusAccepted), s.takeProducts)
	a.describe(path, body[api.Product, api.ProductList](a, false))
}

// takeProducts keeps products in the inbox, each telling once.
func (s *Server) takeProducts(ctx context.Context, r *request) (*counted, error) {
	now := s.Store.Now()
	products, err := api.ReadProducts(r.RawBody, now)
	if err != nil {
		return nil, s.refuse(err)
	}
	deliveries := make([]commerce.Delivery, len(products))
	for i, p := range products {
		if deliveries[i], err = p.Delivery(r.caller.Shop, now); err != nil {
			return nil, s.refuse(err)
		}
	}
	fresh, err := s.keep(ctx, r.caller.Shop, deliveries)
	if err != nil {
		return nil, s.refuse(err)
	}
	n := 0
	for _, isNew := range fresh {
		if isNew {
			n++
		}
	}
	return count(n, len(products)), nil
}
