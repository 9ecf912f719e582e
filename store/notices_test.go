package store_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/store/storetest"
)

// notify has the team told that a campaign was paused.
func notify(t *testing.T, s *store.Store, shop commerce.ShopID, subject string) {
	t.Helper()
	storetest.Do(t, s, func(tx *store.Tx) error {
		return tx.AddNotice(shop, store.NoticeFuse, subject, map[string]string{"Campaign": "Ask", "Cause": "refunds"})
	})
}

// slack gives the team a channel.
func slack(t *testing.T, s *store.Store, shop commerce.ShopID) {
	t.Helper()
	require.NoError(t, s.SetTeamChannel(t.Context(), shop, store.NoticeSlack, "https://hooks.example/one"))
}

func takeNotice(t *testing.T, s *store.Store) (store.Notice, bool) {
	t.Helper()
	n, found, err := s.NextNotice(t.Context(), time.Minute)
	require.NoError(t, err)
	return n, found
}

func noticesDue(t *testing.T, s *store.Store) bool {
	t.Helper()
	due, err := s.NoticesDue(t.Context())
	require.NoError(t, err)
	return due
}

// states are how a shop's notices stand, by channel, the oldest first.
func noticeStates(t *testing.T, s *store.Store, shop commerce.ShopID) (out []string) {
	t.Helper()
	all, err := s.LastNotices(t.Context(), shop, 100)
	require.NoError(t, err)
	for _, n := range all {
		out = append([]string{string(n.Channel) + " " + string(n.State)}, out...)
	}
	return out
}

// The same cause is told once, by each channel there is when it happens.
func TestNoticeOncePerCauseAndChannel(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		notify(t, s, shop, "ask 1")
		notify(t, s, shop, "ask 1")
		require.Equal(t, []string{"mail due"}, noticeStates(t, s, shop), "there is no other channel")
		slack(t, s, shop)
		notify(t, s, shop, "ask 1")
		require.Equal(t, []string{"mail due", "slack due"}, noticeStates(t, s, shop))
		notify(t, s, storetest.Shop(t, s), "ask 1")
		notify(t, s, shop, "ask 2")
		require.Len(t, noticeStates(t, s, shop), 4)
	})
}

// One is taken by one, again when it was put off, and is over when it is told.
func TestNoticeIsTakenPutOffAndTold(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		require.False(t, noticesDue(t, s))
		notify(t, s, shop, "ask 1")
		require.True(t, noticesDue(t, s))
		n, found := takeNotice(t, s)
		require.True(t, found)
		require.Equal(t, store.Notice{
			Shop: shop, ID: n.ID, Kind: store.NoticeFuse, Subject: "ask 1", Channel: store.NoticeMail, State: store.NoticeSending, Tries: 1,
			Data: map[string]string{"Campaign": "Ask", "Cause": "refunds"}, MadeAt: s.Now(), DueAt: s.Now().Add(time.Minute),
		}, n)
		_, found = takeNotice(t, s)
		require.False(t, found, "another has it")

		require.NoError(t, s.PutOffNotice(t.Context(), shop, n, s.Now().Add(time.Hour), "busy"))
		require.False(t, noticesDue(t, s))
		storetest.ClockOf(s).Advance(time.Hour)
		again, found := takeNotice(t, s)
		require.True(t, found)
		require.Equal(t, n.ID, again.ID, "the same id on each try")
		require.EqualValues(t, 2, again.Tries)
		require.NoError(t, s.PutOffNotice(t.Context(), shop, n, s.Now(), "who has lost it plans nothing"))
		require.NoError(t, s.FinishNotice(t.Context(), shop, n, store.NoticeFailed, "nor ends it"))
		require.Equal(t, []string{"mail sending"}, noticeStates(t, s, shop))
		require.NoError(t, s.FinishNotice(t.Context(), shop, again, store.NoticeSent, "250 ok"))
		require.Equal(t, []string{"mail sent"}, noticeStates(t, s, shop))
		storetest.ClockOf(s).Advance(1000 * time.Hour)
		require.False(t, noticesDue(t, s))
		notify(t, s, shop, "ask 1")
		require.False(t, noticesDue(t, s), "told once and for all")
	})
}

// Of one whose teller is lost nobody knows; a teller that comes back does.
func TestNoticeOfALostTeller(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		notify(t, s, shop, "ask 1")
		n, _ := takeNotice(t, s)
		storetest.ClockOf(s).Advance(time.Minute - 1)
		_, found := takeNotice(t, s)
		require.False(t, found)
		require.Equal(t, []string{"mail sending"}, noticeStates(t, s, shop))
		storetest.ClockOf(s).Advance(1e6)
		require.True(t, noticesDue(t, s), "somebody has to say so")
		_, found = takeNotice(t, s)
		require.False(t, found, "it is not told again on a guess")
		require.Equal(t, []string{"mail unknown"}, noticeStates(t, s, shop))
		require.NoError(t, s.PutOffNotice(t.Context(), shop, n, s.Now(), "too late"))
		require.Equal(t, []string{"mail unknown"}, noticeStates(t, s, shop))
		require.NoError(t, s.FinishNotice(t.Context(), shop, n, store.NoticeSent, "it was slow"))
		require.Equal(t, []string{"mail sent"}, noticeStates(t, s, shop))
	})
}

// A team that is being told something is left out, and nobody else.
func TestNextNoticeOfAnother(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		one, two := storetest.Shop(t, s), storetest.Shop(t, s)
		notify(t, s, one, "a")
		notify(t, s, one, "b")
		storetest.ClockOf(s).Advance(time.Second)
		notify(t, s, two, "c")
		next := func(out ...commerce.ShopID) commerce.ShopID {
			n, _, err := s.NextNotice(t.Context(), time.Minute, out...)
			require.NoError(t, err)
			return n.Shop
		}
		require.Equal(t, one, next())
		require.Equal(t, two, next(one))
		require.Empty(t, next(one, two))
		require.Equal(t, one, next(two))
		require.Empty(t, next())
	})
}

// That a platform refuses access is told once it has done so for an hour, and again where it does so again.
func TestRefusedAccessIsTold(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		c := storetest.Connection(t, s, shop)
		for range 2 {
			c = connection(t, s, c.ID)
			for range 2 {
				_, err := s.RevokeGrant(t.Context(), c)
				require.NoError(t, err)
			}
			require.False(t, noticesDue(t, s), "the app may just have been uninstalled")
			storetest.ClockOf(s).Advance(time.Hour)
			n, found := takeNotice(t, s)
			require.True(t, found)
			require.Equal(t, store.NoticeAccessRefused, n.Kind)
			require.Equal(t, map[string]string{"Platform": "Shopify", "Connection": string(c.ID)}, n.Data)
			_, found = takeNotice(t, s)
			require.False(t, found, "once")
			again, err := s.RegainGrant(t.Context(), connection(t, s, c.ID))
			require.NoError(t, err)
			require.True(t, again)
		}
	})
}

// Of many that look at once each thing is told by one.
func TestNextNoticeIsTakenOnce(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		for _, subject := range []string{"a", "b", "c"} {
			notify(t, s, shop, subject)
		}
		var mu sync.Mutex
		taken := map[string]int{}
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				for range 6 {
					n, found, err := s.NextNotice(t.Context(), time.Minute)
					if err == nil && found {
						mu.Lock()
						taken[n.Subject]++
						mu.Unlock()
					}
				}
			})
		}
		all.Wait()
		require.Equal(t, map[string]int{"a": 1, "b": 1, "c": 1}, taken)
	})
}

// A note about a customer lies sealed while it waits, and its words are gone when it is over.
func TestNoteIsSealedAndForgotten(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		slack(t, s, shop)
		words := map[string]string{"Title": "Ada has written", "Body": "Call her"}
		storetest.Do(t, s, func(tx *store.Tx) error {
			fresh, err := tx.AddSlackNotice(shop, store.NoticeNote, "effect", words)
			require.True(t, fresh)
			return err
		})
		stored := func() string { return word(t, s, `SELECT data FROM notices`) }
		require.NotContains(t, stored(), "Ada")
		all, err := s.LastNotices(t.Context(), shop, 10)
		require.NoError(t, err)
		require.Nil(t, all[0].Data)
		n, _ := takeNotice(t, s)
		require.Equal(t, words, n.Data)
		require.NoError(t, s.PutOffNotice(t.Context(), shop, n, s.Now(), "busy"))
		n, _ = takeNotice(t, s)
		require.Equal(t, words, n.Data)
		require.NoError(t, s.FinishNotice(t.Context(), shop, n, store.NoticeSent, ""))
		require.Equal(t, "{}", stored())
	})
}

// A trial goes by mail alone, once for each subject, and lies sealed like a note.
func TestTrialIsSentOnce(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		slack(t, s, shop)
		add := func() (fresh bool) {
			storetest.Do(t, s, func(tx *store.Tx) (err error) {
				fresh, err = tx.AddTrial(shop, "thank_you/thanks/1", `{"To":"team@example.com"}`)
				return err
			})
			return fresh
		}
		require.True(t, add())
		require.False(t, add())
		require.Equal(t, []string{"mail due"}, noticeStates(t, s, shop))
		require.NotContains(t, word(t, s, `SELECT data FROM notices`), "team@")
		n, _ := takeNotice(t, s)
		require.JSONEq(t, `{"To":"team@example.com"}`, n.Data["Message"])
		require.NoError(t, s.FinishNotice(t.Context(), shop, n, store.NoticeSent, ""))
		require.Equal(t, "{}", word(t, s, `SELECT data FROM notices`))
	})
}

// Slack is only written to where the shop has it, and by the address it gave last.
func TestTeamChannel(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		_, err := s.TeamChannel(t.Context(), shop, store.NoticeSlack)
		require.True(t, fault.Is(err, fault.NotFound), "%v", err)
		require.True(t, fault.Is(s.DropTeamChannel(t.Context(), shop, store.NoticeSlack), fault.NotFound))
		slack(t, s, shop)
		c, err := s.TeamChannel(t.Context(), shop, store.NoticeSlack)
		require.NoError(t, err)
		require.Equal(t, store.TeamChannel{Kind: store.NoticeSlack, Address: "https://hooks.example/one", MadeAt: s.Now()}, c)
		for _, row := range table(t, s, `SELECT * FROM team_channels`) {
			require.False(t, strings.Contains(row, "hooks.example"), "the address is a secret")
		}

		notify(t, s, shop, "ask 1")
		require.NoError(t, s.FailTeamChannel(t.Context(), shop, store.NoticeSlack, c.MadeAt, "no such channel"))
		require.Equal(t, []string{"mail due", "slack failed"}, noticeStates(t, s, shop))
		failed, err := s.TeamChannel(t.Context(), shop, store.NoticeSlack)
		require.NoError(t, err)
		require.Equal(t, s.Now(), failed.FailedAt)
		require.Equal(t, "no such channel", failed.Note)
		notify(t, s, shop, "ask 2")
		require.Equal(t, []string{"mail due", "slack failed", "mail due"}, noticeStates(t, s, shop), "it is out of use")

		storetest.ClockOf(s).Advance(time.Second)
		require.NoError(t, s.SetTeamChannel(t.Context(), shop, store.NoticeSlack, "https://hooks.example/two"))
		require.NoError(t, s.FailTeamChannel(t.Context(), shop, store.NoticeSlack, c.MadeAt, "the former"))
		now, err := s.TeamChannel(t.Context(), shop, store.NoticeSlack)
		require.NoError(t, err)
		require.Equal(t, store.TeamChannel{Kind: store.NoticeSlack, Address: "https://hooks.example/two", MadeAt: s.Now()}, now)

		notify(t, s, shop, "ask 3")
		require.NoError(t, s.DropTeamChannel(t.Context(), shop, store.NoticeSlack))
		require.Equal(t, "slack failed", noticeStates(t, s, shop)[4])
	})
}

func TestANoticeThatCannotBeReadHoldsUpNoOther(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		for _, subject := range []string{"first", "second"} {
			storetest.Do(t, s, func(tx *store.Tx) error {
				return tx.AddNotice(shop, store.NoticeFuse, subject, map[string]string{"Campaign": subject})
			})
		}
		execute(t, s, `UPDATE notices SET data = 'not JSON' WHERE subject = 'first'`)
		var seen []store.NoticeState
		for range 2 {
			n, found, err := s.NextNotice(t.Context(), time.Minute)
			require.NoError(t, err)
			require.True(t, found)
			seen = append(seen, n.State)
		}
		require.ElementsMatch(t, []store.NoticeState{store.NoticeFailed, store.NoticeSending}, seen)
		require.EqualValues(t, 1, number(t, s, `SELECT COUNT(*) FROM notices WHERE state = 'failed' AND note = 'it cannot be read'`))
	})
}
