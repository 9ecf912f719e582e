package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/calendar"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/store"
	"flywheel/store/storetest"
)

// Pages draw what a worker has counted, with the same as a table; what was not
// counted is asked for once, and said to be on its way.
func TestDaysAreDrawnWithTheirTable(t *testing.T) {
	withCustomers(t, func(t *testing.T, b *bought) {
		s := b.store
		page := read(t, b.viewer.get(b.base))
		require.Contains(t, page, "being counted for the first time")
		require.NotContains(t, page, "<canvas", "there is nothing to draw")
		read(t, b.viewer.get(b.base+"/campaigns/thank_you"))
		open, err := s.EstimatesOpen(t.Context())
		require.NoError(t, err)
		require.True(t, open)

		shop, err := s.Shop(t.Context(), b.shop)
		require.NoError(t, err)
		today := int64(calendar.DayOf(shop.Timezone, s.Now()))
		save := func(days ...store.Day) {
			require.NoError(t, s.SaveDays(t.Context(), b.shop, today-89, today+1, days))
		}
		save(store.Day{Day: today, Campaign: "thank_you", Sent: 4})
		page = read(t, b.viewer.get(b.base))
		require.Contains(t, page, "There is not enough to draw yet")
		require.NotContains(t, page, "<canvas")

		save(store.Day{Day: today, Campaign: "thank_you", Entered: 5, Sent: 4, Held: 1}, store.Day{Day: today - 1, Campaign: "other", Sent: 3}, store.Day{Day: today - 27, Campaign: "thank_you", Sent: 2}, store.Day{Day: today - 60, Campaign: "thank_you", Sent: 100})
		page = read(t, b.viewer.get(b.base))
		require.Contains(t, page, `<canvas data-chart="bars" data-table="days" role="img"`)
		require.Contains(t, page, `<a href="`+b.base+`/lists/messages?state=sent">9 emails were sent.</a>`)
		require.Contains(t, page, `<a href="`+b.base+`/lists/held">One step was held back.</a>`)
		require.Equal(t, 28, strings.Count(page, `class="fw-normal" data-label=`), "each day is a row of the table")
		require.Contains(t, page, `data-value="4">4</td><td class="text-end" data-value="1">1</td>`)
		require.Contains(t, page, "As of")
		require.NotContains(t, page, "counted anew")

		one := read(t, b.viewer.get(b.base+"/campaigns/thank_you"))
		require.Contains(t, one, `<canvas data-chart="line"`)
		require.Contains(t, one, "6 emails were sent.")
		require.Contains(t, one, `/lists/walks?campaign=thank_you">5 people entered.</a>`)
		far := read(t, b.viewer.get(b.base+"/campaigns/thank_you?days=90"))
		require.Contains(t, far, "106 emails were sent.")
		require.Equal(t, 90, strings.Count(far, `class="fw-normal" data-label=`))

		storetest.ClockOf(s).Advance(11 * time.Minute)
		require.Contains(t, read(t, b.viewer.get(b.base)), "It is being counted anew", "old figures say so, and how old they are")
	})
}

// Who entered and what is held are lists, also as files.
func TestWhoEnteredAndWhatIsHeld(t *testing.T) {
	withCustomers(t, func(t *testing.T, b *bought) {
		page := read(t, b.viewer.get(b.base+"/lists/walks?campaign=thank_you"))
		require.Contains(t, page, "أحمدي")
		require.Contains(t, page, "on the way")
		require.Contains(t, read(t, b.viewer.get(b.base+"/lists/walks?campaign=none")), "Nothing matches")
		require.Len(t, b.sheet(b.viewer, "/lists/walks?as=csv"), 2)
		require.Contains(t, read(t, b.viewer.get(b.base+"/lists/held")), "Nothing is held back")
		storetest.Do(t, b.store, func(tx *store.Tx) error { return tx.SaveDecisions(b.shop, heldStep(b)) })
		page = read(t, b.viewer.get(b.base+"/lists/held?campaign=thank_you"))
		require.Contains(t, page, "no_consent")
		require.Contains(t, page, "#1001")
		require.Len(t, b.sheet(b.viewer, "/lists/held?as=csv"), 2)
	})
}

// A shop opens in the fleet in place, with what needs somebody there and its
// figures; each number leads to what it counts.
func TestAShopOpensInTheFleet(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		one := h.shop("ada@shop.example")
		ada := h.browser().enter("ada@shop.example")
		user := h.known("ada@shop.example")
		other := storetest.Shop(t, h.store, func(s *commerce.Shop) { s.Name = "Zebra" })
		h.belongs(user, other, commerce.RoleViewer)
		storetest.Connection(t, h.store, one)
		storetest.Connection(t, h.store, other)
		foreign := h.shop("eve@example.com")
		require.Contains(t, read(t, ada.get("/shops")), "The last days are being counted")
		today := int64(calendar.DayOf("", h.store.Now()))
		require.NoError(t, h.store.SaveDays(t.Context(), other, today-20, today+1, []store.Day{{Day: today, Campaign: "c", Sent: 12, Held: 2}, {Day: today - 9, Campaign: "c", Sent: 5}}))
		page := read(t, ada.get("/shops"))
		at := "/shops/" + string(other)
		require.Contains(t, page, `<a href="`+at+`/lists/messages?state=sent">12</a>`)
		require.Contains(t, page, `<a href="`+at+`/lists/held">2</a>`)
		require.Contains(t, page, "The last 14 days: 17 emails sent, 12 on the busiest day; 2 steps held")
		require.Contains(t, page, `<svg class="spark"`)
		require.NotContains(t, page, "glance-")

		open := read(t, ada.get("/shops?open="+string(other)))
		require.Contains(t, open, `id="glance-`+string(other)+`"`)
		require.Contains(t, open, `aria-expanded="true"`)
		require.Contains(t, open, `<a href="`+at+`/lists/messages?state=sent">17 emails were sent.</a>`)
		require.NotContains(t, read(t, ada.get("/shops?open="+string(foreign))), "glance-")
	})
}

// Three hundred shops come fifty at a time, in the order of what is wrong.
func TestManyShopsArePaged(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.shop("ada@shop.example")
		ada := h.browser().enter("ada@shop.example")
		user := h.known("ada@shop.example")
		for i := range 60 {
			shop := storetest.Shop(t, h.store, func(s *commerce.Shop) { s.Name = fmt.Sprintf("Branch %02d", i) })
			h.belongs(user, shop, commerce.RoleViewer)
		}
		first := read(t, ada.get("/shops"))
		require.Equal(t, 50, strings.Count(first, `<tr id="shop-`))
		next := strings.ReplaceAll(between(first, `rel="next" href="`, `"`), "&amp;", "&")
		rest := read(t, ada.get(next))
		require.Equal(t, 11, strings.Count(rest, `<tr id="shop-`))
		require.NotContains(t, rest, `rel="next"`)
		for i := range 60 {
			name := fmt.Sprintf("<bdi>Branch %02d</bdi></a>", i)
			require.Equal(t, 1, strings.Count(first, name)+strings.Count(rest, name), "%s: %d and %d", name, strings.Count(first, name), strings.Count(rest, name))
		}
		require.Equal(t, http.StatusOK, ada.get("/shops?after=nothing").Code)
	})
}

func between(text, from, to string) string {
	_, rest, _ := strings.Cut(text, from)
	got, _, _ := strings.Cut(rest, to)
	return got
}

func heldStep(b *bought) []store.Decided {
	return []store.Decided{{Campaign: "thank_you", EntryKey: campaign.EntryKey(b.order.ID), StepID: "thanks", Person: b.sara.ID, Decision: gate.Decision{Answer: gate.Hold, Reason: gate.NoConsent}}}
}
