package faults

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/integrations/mail/mailfake"
	"flywheel/store/storetest"
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
	until(t, "the claim waits", func() bool { return s.waiting("effects") == 1 })
	beforeSend, err := s.db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	locked := make(chan error, 1)
	go func() {
		_, err := beforeSend.Exec(`LOCK TABLE switches IN ACCESS EXCLUSIVE MODE`)
		locked <- err
	}()
	until(t, "the second lock waits for the claim", func() bool { return s.waiting("switches") == 1 })
	require.NoError(t, beforeClaim.Commit())
	require.NoError(t, <-locked)
	until(t, "the claimed mail waits for its last check", func() bool { return s.waiting("switches") == 1 && s.effects("claimed") == 1 })

	refund := o.Refund(time.Now(), o.Total())
	require.Equal(t, http.StatusOK, s.deliver(web, "refunds/create", refund.Body()))
	until(t, "the refund is processed", func() bool { return s.number(`SELECT COUNT(*) FROM inbox WHERE state = 0`) == 0 })
	require.NoError(t, beforeSend.Commit())
	s.settled()
	require.Zero(t, s.sink.Count(), "a refunded order is not thanked")
	require.EqualValues(t, 1, s.effects("withdrawn"))
}

// The same where a claimed mail waits because every connection to the mail
// server is busy.
func TestRefundWhileMailServerIsBusy(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, engine)
			door := s.web(engine)
			if engine == "postgres" {
				s.run("work")
			}
			dot := make(chan struct{})
			s.sink.Trouble(func(string) *mailfake.Trouble { return &mailfake.Trouble{At: "dot", Code: 250, Hold: dot} })
			const last = 20 // more than may be given to the mail server at once
			for id := range int64(last) {
				require.Equal(t, http.StatusOK, s.deliver(door, "orders/paid", order(id+1).Body()))
				until(t, "it is claimed", func() bool { return s.effects("claimed")+s.effects("sending") == id+1 })
			}
			waiting := s.effects("claimed")
			refunded := order(last)
			require.Equal(t, http.StatusOK, s.deliver(door, "refunds/create", refunded.Refund(time.Now(), refunded.Total()).Body()))
			until(t, "the refund is processed", func() bool { return s.open() == last })
			require.Positive(t, waiting)
			require.Equal(t, waiting, s.effects("claimed"), "it still waits")
			s.sink.Trouble(nil)
			close(dot)
			s.settled()
			_, mails := s.arrived()
			require.Zero(t, mails[address(last)], "a refunded order is not thanked")
			require.Len(t, mails, last-1, "the others are")
			require.EqualValues(t, 1, s.effects("withdrawn"))
		})
	}
}

// waiting counts who waits for a lock on a table.
func (s *site) waiting(table string) int64 {
	return s.number(`SELECT COUNT(*) FROM pg_locks WHERE NOT granted AND relation = $1::regclass`, table)
}
