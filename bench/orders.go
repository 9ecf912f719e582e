package main

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"flywheel/integrations/shopify/shopifyfake"
)

// bodySize is how large an order's body is at least: 6 KB.
const bodySize = 6 << 10

// orders makes n signed deliveries of paid orders, each with a customer and an
// id of its own. first numbers them.
func (s *site) orders(ctx context.Context, first, n int) ([]request, error) {
	out := make([]request, n)
	at := time.Now()
	for i := range out {
		number := first + i
		body := order(number, at).Body()
		if len(body) < bodySize {
			return nil, fmt.Errorf("an order of %d bytes is smaller than a real one", len(body))
		}
		req, err := s.fake.Request(ctx, "http://"+s.Addr(), "orders/paid", body, shopifyfake.From(domain), shopifyfake.TriggeredAt(at))
		if err != nil {
			return nil, err
		}
		var b bytes.Buffer
		if err := req.Write(&b); err != nil {
			return nil, err
		}
		out[i] = request{req.Header, body, b.Bytes()}
	}
	return out, nil
}

func order(number int, at time.Time) *shopifyfake.Order {
	o := shopifyfake.NewOrder(5_000_000_000+int64(number), at)
	o.Customer.Email = email(number)
	o.Name = fmt.Sprintf("#%d", number)
	for len(o.Body()) < bodySize { // a few words more, as shops have them
		o.Tags = append(o.Tags, "gift wrapped, card written by hand")
	}
	return o
}

func email(number int) string { return fmt.Sprintf("ada%d@example.com", number) }
