package faults

import (
	"bytes"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/store/storetest"
)

// poison are signed bodies that cannot become facts, by what is wrong with them.
func poison(id int64) map[string][]byte {
	good := order(id).Body()
	return map[string][]byte{
		"cut off":      good[:len(good)/2],
		"not JSON":     []byte("id=1"),
		"wrong types":  bytes.Replace(good, []byte(`"line_items":[`), []byte(`"line_items":"none","x":[`), 1),
		"wrong amount": bytes.ReplaceAll(good, []byte(`"amount":"`), []byte(`"amount":"many`)),
		"no order":     []byte(`{"id":null}`),
	}
}

// Deliveries that cannot be read stand aside with a reason; the good ones of
// the same batch do not wait for them.
func TestPoisonAmongGoodOrders(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, engine)
			s.refuse(engine, "#1025")
			door := s.web(engine)
			var orders []int64
			for id := int64(1); id <= 30; id++ {
				body := order(id).Body()
				if id == 15 { // a letter that no PostgreSQL text can hold
					body = bytes.Replace(body, []byte(`"Ada"`), []byte(`"A\u0000da"`), 1)
				}
				require.Equal(t, http.StatusOK, s.deliver(door, "orders/paid", body, shopifyfake.WebhookID(webhook(id))))
				if id == 25 { // it can be read, but the database does not take it
					s.aside++
				} else {
					orders = append(orders, id)
				}
				if id%10 == 0 {
					for what, body := range poison(1000 + id) {
						require.Equal(t, http.StatusOK, s.deliver(door, "orders/paid", body), what)
						s.aside++
					}
				}
			}
			if engine == "postgres" {
				s.run("work") // it finds them all in one batch
			}
			s.settled()
			require.Equal(t, tally{sent: 29}, s.balance(orders))
		})
	}
}

// refuse lets the database refuse an order of that name, as it would a value it cannot hold.
func (s *site) refuse(engine, name string) {
	s.t.Helper()
	text := `CREATE TRIGGER refused BEFORE INSERT ON orders WHEN NEW.name = '` + name + `' BEGIN SELECT RAISE(ABORT, 'refused'); END`
	if engine == "postgres" {
		text = `ALTER TABLE orders ADD CHECK (name <> '` + name + `')`
	}
	_, err := s.db.Exec(text)
	require.NoError(s.t, err)
}
