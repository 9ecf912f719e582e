package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/store"
)

// noticesReaches are the reaches of what the team is told.
var noticesReaches = map[string]reach{
	"Tx.AddNotice": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.AddNotice(a, store.NoticeFuse, "notice of "+b.owner, nil) // b has the same
	}),
	"Tx.AddSlackNotice": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		fresh, err := tx.AddSlackNotice(a, store.NoticeFuse, "another", nil)
		require.False(b.t, fresh, "the channel is another shop's")
		return fresh, err
	}),
	"Tx.AddTrial": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		fresh, err := tx.AddTrial(a, "notice of "+b.owner, "{}")
		require.True(b.t, fresh)
		return nil, err
	}),
	"Store.NextNotice": func(t *testing.T, s *store.Store, _ commerce.ShopID, b furnished) (any, error) {
		n, _, err := s.NextNotice(t.Context(), time.Minute, b.shop) // every shop's but those that are named
		if n.Shop == b.shop {
			err = errReached
		}
		return nil, err
	},
	"Store.PutOffNotice": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return nil, s.PutOffNotice(t.Context(), a, b.notice, s.Now().Add(time.Hour), "intruder")
	},
	"Store.FinishNotice": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return nil, s.FinishNotice(t.Context(), a, b.notice, store.NoticeSent, "intruder")
	},
	"Store.LastNotices": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		got, err := s.LastNotices(t.Context(), a, 100)
		for _, n := range got {
			require.NotEqual(t, b.notice.ID, n.ID)
		}
		return nil, err
	},
	"Store.LastOrders": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		got, err := s.LastOrders(t.Context(), a, 100)
		require.Empty(t, got)
		return got, err
	},
	"Store.OrderNamed": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		got, err := s.OrderNamed(t.Context(), a, b.order.Detail.Name)
		require.True(t, fault.Is(err, fault.NotFound), "%v", err)
		return got, nil
	},
	"Store.SetTeamChannel": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return nil, s.SetTeamChannel(t.Context(), a, store.NoticeSlack, "https://example.com/intruder")
	},
	"Store.TeamChannel": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		got, err := s.TeamChannel(t.Context(), a, store.NoticeSlack)
		require.True(t, fault.Is(err, fault.NotFound), "%v", err)
		return got, err
	},
	"Store.DropTeamChannel": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return nil, s.DropTeamChannel(t.Context(), a, store.NoticeSlack)
	},
	"Store.FailTeamChannel": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return nil, s.FailTeamChannel(t.Context(), a, store.NoticeSlack, 1, "intruder")
	},
}

func furnishNotices(t *testing.T, s *store.Store, w *furnished) {
	t.Helper()
	w.t = t
	id, due := store.NewID(), s.Now()+3_600_000
	execute(t, s, `INSERT INTO notices (shop_id, id, kind, subject, channel, data, state, tries, made_at, due_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, $8)`,
		string(w.shop), id, "fuse", "notice of "+w.owner, "mail", "{}", "sending", int64(due))
	w.notice = store.Notice{Shop: w.shop, ID: id, Tries: 1}
	execute(t, s, `INSERT INTO team_channels (shop_id, kind, sealed, made_at, note) VALUES ($1, $2, $3, 1, $4)`, string(w.shop), "slack", []byte("x"), "channel of "+w.owner)
}
