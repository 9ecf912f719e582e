package store_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/store"
	"flywheel/store/storetest"
)

// stopped lists what is stopped for an address as "scope reason until".
func stopped(t *testing.T, s *store.Store, shop commerce.ShopID, hash string) (lines []string) {
	t.Helper()
	facts, err := s.AddressByHash(t.Context(), shop, hash)
	require.NoError(t, err)
	list, err := s.Suppressions(t.Context(), shop, hash)
	require.NoError(t, err)
	require.Equal(t, facts.Suppressions, append([]gate.Suppression(nil), list...))
	for _, stop := range list {
		line := string(stop.Scope) + " " + stop.Reason
		if stop.Until != 0 {
			line += " " + stop.Until.Time().Format(time.DateOnly)
		}
		lines = append(lines, line)
	}
	return lines
}

func TestPauses(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		hash, err := s.AddressHash(t.Context(), shop, "ada@example.com")
		require.NoError(t, err)
		day := func(n int) commerce.Instant { return s.Now().Add(time.Duration(n) * 24 * time.Hour) }
		pause := func(n int) {
			storetest.Do(t, s, func(tx *store.Tx) error { return tx.Pause(shop, hash, day(n)) })
		}
		pause(30)
		require.Equal(t, []string{"pause asked 2026-04-01"}, stopped(t, s, shop, hash))
		pause(7)
		require.Equal(t, []string{"pause asked 2026-03-09"}, stopped(t, s, shop, hash), "the last word counts, also a shorter one")
		storetest.Do(t, s, func(tx *store.Tx) error {
			got, err := tx.AddressByHash(shop, hash)
			require.Equal(t, []gate.Suppression{{Scope: gate.ScopePause, Reason: "asked", At: s.Now(), Until: day(7)}}, got.Suppressions)
			require.Equal(t, hash, got.Hash)
			return err
		})
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.Suppress(shop, hash, gate.ScopePause, "asked") })
		require.Equal(t, []string{"pause asked"}, stopped(t, s, shop, hash), "a stop for good takes its place")
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.Unsuppress(shop, hash, gate.ScopePause) })
		require.Empty(t, stopped(t, s, shop, hash))
	})
}

// The last word before a mail goes knows a pause, and when it is over.
func TestAPauseStopsWhatWasClaimed(t *testing.T) {
	for name, c := range map[string]struct {
		class gate.Class
		ends  time.Duration
		goes  bool
	}{
		"paused":                {gate.Service, time.Hour, false},
		"paused, an order mail": {gate.Transactional, time.Hour, true},
		"over":                  {gate.Service, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, s *store.Store) {
				w := claimedWorld(t, s)
				execute(t, s, `UPDATE effects SET class = $2 WHERE id = $1`, string(w.effect.ID), string(c.class))
				storetest.Do(t, s, func(tx *store.Tx) error { return tx.Pause(w.shop, w.hash, s.Now().Add(c.ends)) })
				going, err := s.BeginSending(t.Context(), w.shop, []store.Effect{w.effect})
				require.NoError(t, err)
				require.Equal(t, c.goes, going[w.effect.ID])
				if !c.goes {
					return
				}
				storetest.Do(t, s, func(tx *store.Tx) error { return tx.Pause(w.shop, w.hash, s.Now().Add(time.Hour)) })
				still, err := s.StillSending(t.Context(), w.shop, w.effect)
				require.NoError(t, err)
				require.Equal(t, c.class == gate.Transactional, still, "chosen while it waited for its turn")
			})
		})
	}
}

func TestLanguageIsChosen(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		ada := storetest.Person(t, s, shop)
		choose := func(tag string) commerce.Person {
			storetest.Do(t, s, func(tx *store.Tx) error { return tx.ChooseLanguage(shop, ada.ID, tag) })
			p, err := s.Person(t.Context(), shop, ada.ID)
			require.NoError(t, err)
			return p
		}
		p := choose("fa")
		require.Equal(t, "fa", p.Choice)
		require.Equal(t, ada.Language, p.Language, "what the platform says stays beside it")
		require.Equal(t, ada.Rev+1, p.Rev, "what is on its way is decided anew")
		require.Equal(t, p.Rev, choose("fa").Rev)
		p.FirstName = "Augusta"
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.SavePersons(shop, []commerce.Person{p}) })
		got, err := s.Person(t.Context(), shop, ada.ID)
		require.NoError(t, err)
		require.Equal(t, "fa", got.Choice, "a webhook changes nothing about it")
		require.Empty(t, choose("").Choice)
	})
}

// What was said stays said: nothing in the store changes or deletes a consent,
// but for the erasure of a whole shop.
func TestConsentsAreOnlyAdded(t *testing.T) {
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	changes := regexp.MustCompile(`(?i)(UPDATE|DELETE\s+FROM|REPLACE\s+INTO|TRUNCATE)\s+consents\b`)
	inserts := regexp.MustCompile(`(?is)INSERT INTO consents .*?` + "`")
	found := 0
	for _, file := range files {
		source, err := os.ReadFile(file)
		require.NoError(t, err)
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		require.NotRegexp(t, changes, string(source), file)
		for _, insert := range inserts.FindAllString(string(source), -1) {
			found++
			require.Contains(t, insert, "ON CONFLICT DO NOTHING", file)
		}
	}
	require.Positive(t, found)

	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		hash, err := s.AddressHash(t.Context(), shop, "ada@example.com")
		require.NoError(t, err)
		yes := commerce.ConsentChange{Channel: commerce.ByMail, Class: "marketing", State: commerce.Subscribed, Source: "preference page", Wording: "en: Yes, I want news.", At: 1}
		no, other := yes, yes
		no.State, no.At = commerce.Unsubscribed, 2
		other.Wording = "en: something else"
		for _, said := range []commerce.ConsentChange{yes, no, other} {
			storetest.Do(t, s, func(tx *store.Tx) error { return tx.AddConsentOf(shop, hash, said) })
		}
		got, err := s.AddressByHash(t.Context(), shop, hash)
		require.NoError(t, err)
		require.Equal(t, []commerce.ConsentChange{yes, no}, got.Consents, "the wording of what was said before is not put in its place")
	})
}

func TestAskingToConfirmIsADeliveryOfOurOwn(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		ask := store.ConsentAsk{Person: "ada", Email: "ada@example.com", SaidAt: s.Now()}
		for range 2 {
			storetest.Do(t, s, func(tx *store.Tx) error { return tx.AskToConfirm(shop, ask) })
		}
		rows, err := s.NextInbox(t.Context(), shop, 10)
		require.NoError(t, err)
		require.Len(t, rows, 1, "once for what was said")
		require.Equal(t, store.TopicConsentAsked, rows[0].Topic)
		require.Equal(t, commerce.API, rows[0].Platform)
		got, err := store.ReadConsentAsk(rows[0].Body)
		require.NoError(t, err)
		require.Equal(t, ask, got)
		require.Equal(t, commerce.ConsentAsked, got.Happening().Kind)
		hash, err := s.AddressHash(t.Context(), shop, ask.Email)
		require.NoError(t, err)
		require.Equal(t, hash, word(t, s, `SELECT email_hash FROM inbox WHERE shop_id = $1`, shop), "an erasure finds it")
		for _, body := range []string{``, `{}`, `{"person":"ada"}`, `[]`} {
			_, err := store.ReadConsentAsk([]byte(body))
			require.Error(t, err, body)
		}
	})
}

// What is done with a message is counted, first and last; not of rehearsals, and
// not of who was erased.
func TestActsAreCounted(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		w := claimedWorld(t, s)
		for range 3 {
			require.NoError(t, s.AddAct(t.Context(), w.shop, w.effect.ID, "click"))
			storetest.ClockOf(s).Advance(time.Second)
		}
		require.NoError(t, s.AddAct(t.Context(), w.shop, w.effect.ID, "open"))
		require.NoError(t, s.AddAct(t.Context(), w.shop, "nothing", "open"))
		require.EqualValues(t, 2, number(t, s, `SELECT COUNT(*) FROM message_acts`))
		first := number(t, s, `SELECT first_at FROM message_acts WHERE kind = 'click'`)
		require.EqualValues(t, first+2000, number(t, s, `SELECT last_at FROM message_acts WHERE kind = 'click'`))
		require.EqualValues(t, 3, number(t, s, `SELECT times FROM message_acts WHERE kind = 'click'`))
		require.Equal(t, string(w.person.ID), word(t, s, `SELECT person_id FROM message_acts WHERE kind = 'open'`))
		require.Equal(t, string(w.effect.Campaign), word(t, s, `SELECT campaign_id FROM message_acts WHERE kind = 'open'`))
		for _, change := range []string{`UPDATE effects SET rehearsal = 1`, `UPDATE effects SET rehearsal = 0, address_hash = ''`} {
			execute(t, s, `DELETE FROM message_acts`)
			execute(t, s, change)
			require.NoError(t, s.AddAct(t.Context(), w.shop, w.effect.ID, "click"))
			require.Zero(t, number(t, s, `SELECT COUNT(*) FROM message_acts`), change)
		}
	})
}
