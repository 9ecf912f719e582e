package faults

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A refund that is committed between the claim of a mail and its sending stops
// it. The moment is made with locks: one on effects halts the claim before its
// commit, and one on switches, asked for meanwhile, is granted with that commit
// and halts the last check before the mail leaves.
func TestRefundBetweenClaimAndSend(t *testing.T) {
	t.Parallel()
	s := newSite(t, "postgres")
	web := s.run("serve")
	s.run("work")
	beforeClaim, err := s.db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	_, err = beforeClaim.Exec(`LOCK TABLE effects IN SHARE MODE`)
	require.NoError(t, err)

	o := order(1)
	require.Equal(t, http.StatusOK, s.deliver(web, "orders/paid", o.Body()))
	until(t, 20*time.Second, "the claim waits", func() bool { return s.waiting("effects") == 1 })
	beforeSend, err := s.db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	locked := make(chan error, 1)
	go func() {
		_, err := beforeSend.Exec(`LOCK TABLE switches IN ACCESS EXCLUSIVE MODE`)
		locked <- err
	}()
	until(t, 20*time.Second, "the second lock waits for the claim", func() bool { return s.waiting("switches") == 1 })
	require.NoError(t, beforeClaim.Commit())
	require.NoError(t, <-locked)
	until(t, 20*time.Second, "the claimed mail waits for its last check", func() bool { return s.waiting("switches") == 1 && s.effects("claimed") == 1 })

	refund := o.Refund(time.Now(), o.Total())
	require.Equal(t, http.StatusOK, s.deliver(web, "refunds/create", refund.Body()))
	until(t, 20*time.Second, "the refund is processed", func() bool { return s.number(`SELECT COUNT(*) FROM inbox WHERE state = 0`) == 0 })
	require.NoError(t, beforeSend.Commit())
	s.settled(20 * time.Second)
	require.Zero(t, s.sink.Count(), "a refunded order is not thanked")
	require.EqualValues(t, 1, s.effects("withdrawn"))
}

// waiting counts who waits for a lock on a table.
func (s *site) waiting(table string) int64 {
	return s.number(`SELECT COUNT(*) FROM pg_locks WHERE NOT granted AND relation = $1::regclass`, table)
}
