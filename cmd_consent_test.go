package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/apptest"
	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/store/storetest"
)

func TestConsentsAreReadWithDateAndSource(t *testing.T) {
	said, err := readConsents(strings.NewReader("\ufeffEmail,class,STATE,date,source,note\n" +
		"Sara@Example.com,marketing,double_opt_in,2026-03-01,newsletter form,x\n" +
		"\"ada@example.com\",service,unsubscribed,2026-03-02T10:00:00+03:00,\"call, 2 March\",\n"))
	require.NoError(t, err)
	require.Len(t, said, 2)
	require.Equal(t, commerce.ConsentChange{
		Email: "sara@example.com", Channel: commerce.ByMail, Class: "marketing", State: commerce.Subscribed, Double: true,
		Source: "newsletter form", At: said[0].At,
	}, said[0])
	require.Equal(t, "2026-03-01T00:00:00Z", said[0].At.Time().Format("2006-01-02T15:04:05Z07:00"))
	require.Equal(t, "call, 2 March", said[1].Source)
	require.Equal(t, "2026-03-02T07:00:00Z", said[1].At.Time().Format("2006-01-02T15:04:05Z07:00"))
	said, err = readConsents(strings.NewReader("wording,email,class,state,date,source\nYes to news,a@example.com,marketing,subscribed,2026-03-01,form\n"))
	require.NoError(t, err)
	require.Equal(t, "Yes to news", said[0].Wording)
	said, err = readConsents(strings.NewReader("email,class,state,date,source\na@example.com,marketing,subscribed,2026-03-01,form\n"))
	require.NoError(t, err)
	require.Empty(t, said[0].Wording)
}

// Every wrong line is named, and nothing of such a file is kept.
func TestConsentsNameEveryWrongLine(t *testing.T) {
	_, err := readConsents(strings.NewReader("email,class,state,date,source\n" +
		"nobody,marketing,subscribed,2026-03-01,form\n" +
		"a@example.com,orders,subscribed,2026-03-01,form\n" +
		"a@example.com,service,maybe,2026-03-01,form\n" +
		"a@example.com,service,subscribed,yesterday,form\n" +
		"a@example.com,service,subscribed,2999-01-01,form\n" +
		"a@example.com,service,subscribed,2026-03-01,\n" +
		"a@example.com,service,subscribed,2026-03-01,form\n"))
	for _, want := range []string{"line 2: the email", "line 3: class", "line 4: state", "line 5: date", "line 6: the date", "line 7: the source"} {
		require.ErrorContains(t, err, want)
	}
	require.NotContains(t, err.Error(), "line 8")
	require.NotContains(t, err.Error(), "a@example.com")

	for file, want := range map[string]string{
		"":                                       "header line",
		"email,class,state,date\n":               "column source is missing",
		"email,class,state,date,source\na,b\n":   "wrong number of fields",
		"email,class,state,date,source\n\"a,b\n": "quote",
	} {
		_, err := readConsents(strings.NewReader(file))
		require.ErrorContains(t, err, want)
	}
}

func TestWhatIsHeldForConsentIsTold(t *testing.T) {
	require.Equal(t, "nothing was held for lack of consent in the last 7 days\n", tellHeld(store.ConsentHeld{}, 7))
	held := store.ConsentHeld{Messages: 41, Persons: 12, Stripe: 3}
	require.Contains(t, tellHeld(held, 30), "in the last 30 days: 41 messages to 12 customers, 3 of them known from Stripe alone\n")
	require.Contains(t, tellHeld(held, 30), "flywheel consent import")
	held.More = true
	require.Contains(t, tellHeld(held, 30), "at least 41 messages")
}

// What is held is counted of a shop that there is, back to the day that is asked for.
func TestConsentHeldIsCountedBackToADay(t *testing.T) {
	a := apptest.WithShop(t)
	s := a.App.Store
	ada := storetest.Person(t, s, a.Shop.ID)
	e := storetest.Enroll(t, s, a.Shop.ID, storetest.Order(t, s, a.Shop.ID, ada.ID), func(e *campaign.Enrollment) { e.DueAt = e.DueAt.Add(1000 * time.Hour) })
	storetest.Do(t, s, func(tx *store.Tx) error {
		return tx.SaveDecisions(a.Shop.ID, []store.Decided{{
			Campaign: e.Campaign, EntryKey: e.EntryKey, StepID: "ask", Person: ada.ID, Decision: gate.Decision{Answer: gate.Hold, Reason: gate.NoConsent},
		}})
	})
	told := func(days int) string {
		return printed(t, func() { require.NoError(t, consentHeldCommand{string(a.Shop.ID), days}.tell(t.Context(), s)) })
	}
	require.Contains(t, told(3), "1 messages to 1 customers, 0 of them")
	require.NoError(t, a.Advance(t.Context(), 5*24*time.Hour))
	require.Contains(t, told(3), "nothing was held")
	require.Contains(t, told(6), "1 messages to 1 customers")
	require.True(t, fault.Is(consentHeldCommand{"nothing", 3}.tell(t.Context(), s), fault.NotFound))
	require.True(t, fault.Is(consentHeldCommand{string(a.Shop.ID), 0}.Run(nil), fault.Invalid))
}
