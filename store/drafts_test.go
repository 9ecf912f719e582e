package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"flywheel/delight/campaign"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/store/storetest"
)

// edit keeps a title as the next state of a draft that was seen as seen.
func edit(t *testing.T, s *store.Store, seen store.Draft, w furnishedDraft, title string) (store.Draft, error) {
	t.Helper()
	d := definition("thank_you")
	d.Title = campaign.Texts{"en": title}
	return s.SaveDraft(t.Context(), w.shop, "thank_you", d, store.DraftChange{Lock: seen.Lock, Base: 3, From: definition("thank_you"), Said: title, By: "Sara"})
}

type furnishedDraft struct{ claimed }

// A change is kept step by step, and each can be undone and done again.
func TestADraftGoesBackAndForward(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		w := furnishedDraft{claimed{shop: storetest.Shop(t, s)}}
		none, err := s.Draft(t.Context(), w.shop, "thank_you")
		require.NoError(t, err)
		require.Zero(t, none.Lock)

		one, err := edit(t, s, none, w, "one")
		require.NoError(t, err)
		two, err := edit(t, s, one, w, "two")
		require.NoError(t, err)
		require.Equal(t, "two", two.Definition.Title["en"])
		require.Equal(t, []any{3, true, false, "two", "Sara", s.Now()}, []any{two.Base, two.Undo, two.Redo, two.Said, two.By, two.At})
		drafts, err := s.Drafts(t.Context(), w.shop)
		require.NoError(t, err)
		require.Equal(t, map[campaign.CampaignID]bool{"thank_you": true}, drafts)

		move := func(d store.Draft, by int) store.Draft {
			t.Helper()
			moved, err := s.MoveDraft(t.Context(), w.shop, "thank_you", by, store.DraftChange{Lock: d.Lock, Said: "moved", By: "Ali"})
			require.NoError(t, err)
			return moved
		}
		back := move(two, -1)
		require.Equal(t, []any{"one", true, true, "moved", "Ali"}, []any{back.Definition.Title["en"], back.Undo, back.Redo, back.Said, back.By})
		first := move(back, -1)
		require.Equal(t, "Thanks", first.Definition.Title["en"], "as the version had it")
		_, err = s.MoveDraft(t.Context(), w.shop, "thank_you", -1, store.DraftChange{Lock: first.Lock})
		require.True(t, fault.Is(err, fault.Conflict), "%v", err)
		require.NotErrorIs(t, err, store.ErrDraftMoved)
		again := move(move(first, 1), 1)
		require.Equal(t, "two", again.Definition.Title["en"])
		_, err = s.MoveDraft(t.Context(), w.shop, "thank_you", 1, store.DraftChange{Lock: again.Lock})
		require.True(t, fault.Is(err, fault.Conflict), "%v", err)

		other, err := edit(t, s, move(again, -1), w, "three")
		require.NoError(t, err)
		require.False(t, other.Redo, "what was undone before another change is gone")

		require.NoError(t, s.DropDraft(t.Context(), w.shop, "thank_you", other.Lock))
		gone, err := s.Draft(t.Context(), w.shop, "thank_you")
		require.NoError(t, err)
		require.Zero(t, gone)
		require.Zero(t, number(t, s, `SELECT COUNT(*) FROM drafts WHERE shop_id = $1`, w.shop))
	})
}

// Whoever changes a draft names the one they saw: the later of two hears of it, and overwrites nothing.
func TestTheLaterOfTwoEditorsIsTold(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		w := furnishedDraft{claimed{shop: storetest.Shop(t, s)}}
		one, err := edit(t, s, store.Draft{}, w, "one")
		require.NoError(t, err)
		_, err = edit(t, s, store.Draft{}, w, "late")
		require.ErrorIs(t, err, store.ErrDraftMoved, "both began")
		two, err := edit(t, s, one, w, "two")
		require.NoError(t, err)
		for name, late := range map[string]func() error{
			"change": func() error { _, err := edit(t, s, one, w, "late"); return err },
			"undo": func() error {
				_, err := s.MoveDraft(t.Context(), w.shop, "thank_you", -1, store.DraftChange{Lock: one.Lock})
				return err
			},
			"discard": func() error { return s.DropDraft(t.Context(), w.shop, "thank_you", one.Lock) },
		} {
			require.ErrorIs(t, late(), store.ErrDraftMoved, name)
			stands, err := s.Draft(t.Context(), w.shop, "thank_you")
			require.NoError(t, err)
			require.Equal(t, two, stands, name)
		}
		require.NoError(t, s.DropDraft(t.Context(), w.shop, "thank_you", two.Lock))
		_, err = edit(t, s, two, w, "late")
		require.ErrorIs(t, err, store.ErrDraftMoved, "it was put away")
	})
}

// However long somebody works, so many steps are kept, and the last of them can be undone.
func TestADraftKeepsItsLastChanges(t *testing.T) {
	s := storetest.Open(t, "sqlite")
	w := furnishedDraft{claimed{shop: storetest.Shop(t, s)}}
	var d store.Draft
	var err error
	for range 130 {
		d, err = edit(t, s, d, w, "again")
		require.NoError(t, err)
	}
	require.EqualValues(t, 101, number(t, s, `SELECT COUNT(*) FROM drafts WHERE shop_id = $1`, w.shop))
	for range 100 {
		d, err = s.MoveDraft(t.Context(), w.shop, "thank_you", -1, store.DraftChange{Lock: d.Lock})
		require.NoError(t, err)
	}
	require.False(t, d.Undo)
}

// Whatever is done, a draft shows what a list with a cursor would.
func TestADraftIsAListWithACursor(t *testing.T) {
	s := storetest.Open(t, "sqlite")
	rapid.Check(t, func(r *rapid.T) {
		w := furnishedDraft{claimed{shop: storetest.Shop(t, s)}}
		states, at := []string{"Thanks"}, 0
		d, err := edit(t, s, store.Draft{}, w, "0")
		require.NoError(r, err)
		states, at = append(states, "0"), 1
		for i := range rapid.IntRange(1, 15).Draw(r, "steps") {
			switch rapid.SampledFrom([]string{"edit", "undo", "redo"}).Draw(r, "do") {
			case "edit":
				title := string(rune('a' + i))
				d, err = edit(t, s, d, w, title)
				states = append(states[:at+1], title)
				at++
			case "undo":
				next, failed := s.MoveDraft(t.Context(), w.shop, "thank_you", -1, store.DraftChange{Lock: d.Lock})
				require.Equal(r, at == 0, failed != nil)
				if failed == nil {
					d, at = next, at-1
				}
			case "redo":
				next, failed := s.MoveDraft(t.Context(), w.shop, "thank_you", 1, store.DraftChange{Lock: d.Lock})
				require.Equal(r, at == len(states)-1, failed != nil)
				if failed == nil {
					d, at = next, at+1
				}
			}
			require.NoError(r, err)
			require.Equal(r, states[at], d.Definition.Title["en"])
		}
	})
}
