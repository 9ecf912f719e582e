package campaign

import (
	"slices"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
)

// Every entry reads well in three languages and can be found by its kind.
func TestRegistryIsWhole(t *testing.T) {
	readable := func(name string, w Words) {
		for _, lang := range []string{"en", "ar", "fa"} {
			require.NotEmpty(t, w.Name[lang], "%s %s", name, lang)
			require.NotEmpty(t, w.Sentence[lang], "%s %s", name, lang)
			ends := []rune(w.Sentence[lang])
			require.Equal(t, '.', ends[len(ends)-1], "%s %s", name, lang)
			require.Equal(t, lang != "en", slices.ContainsFunc(ends, func(r rune) bool { return unicode.Is(unicode.Arabic, r) }), "%s %s", name, lang)
		}
	}
	seen := map[string]bool{}
	for _, s := range Triggers() {
		readable(string(s.Kind), s.Texts)
		require.Equal(t, s.Kind, TriggerOf(s.Kind).Kind)
		require.False(t, seen[string(s.Kind)], s.Kind)
		seen[string(s.Kind)] = true
		require.NotEmpty(t, s.Events, s.Kind)
		require.NotEmpty(t, s.Mode, s.Kind)
		require.NotNil(t, s.moment, s.Kind)
		require.False(t, s.Answers && s.History, s.Kind)
		for _, p := range s.Params {
			require.Contains(t, triggerFields(Trigger{}), p.Name, s.Kind)
		}
	}
	require.Len(t, seen, 39)
	for _, s := range StepKinds() {
		readable(string(s.Kind), s.Texts)
		require.Equal(t, s.Kind, StepOf(s.Kind).Kind)
		require.True(t, s.Outward || !s.Message, s.Kind)
		for _, p := range s.Params {
			require.Contains(t, (&Step{}).fieldsSet(), p.Name, s.Kind)
		}
	}
	require.Len(t, StepKinds(), 13)
	require.Nil(t, TriggerOf("order_sniffed"))
	require.Nil(t, StepOf("dance"))
}

func TestWhatCanBeWaitedFor(t *testing.T) {
	require.True(t, slices.IsSorted(WaitEvents()))
	for kind, want := range map[string]bool{
		"order_placed": true, "order_arrived": true, "dispute_won": true, "custom:quiz.done": true,
		"custom:": false, "custom:Quiz": false, "custom": false, "product_published": false, "order_deleted": false, "": false,
	} {
		require.Equal(t, want, mayWaitFor(kind), kind)
	}
}

// An event finds the campaigns that read it, and no others.
func TestIndexIsExact(t *testing.T) {
	var campaigns []Campaign
	for _, s := range Triggers() {
		campaigns = append(campaigns, live(s.Kind, func(c *Campaign) { c.Trigger.Name = "quiz" }))
	}
	campaigns = append(campaigns, live("order_sniffed"), live(OnCustomEvent, func(c *Campaign) { c.Trigger.Name = "other" }))
	x := NewIndex(campaigns)
	kinds := append(WaitEvents(), commerce.ProductPublished, commerce.OrderDeleted, commerce.CustomKind("quiz"), commerce.CustomKind("other"), "nothing")
	for _, kind := range kinds {
		var want []int
		for i, c := range campaigns {
			if spec := TriggerOf(c.Trigger.Kind); spec != nil && slices.Contains(spec.readsBy(c.Trigger), kind) {
				want = append(want, i)
			}
		}
		require.Equal(t, want, x.For(kind, ""), kind)
	}
	require.Equal(t, x.For(commerce.CustomKind("quiz"), ""), x.For(commerce.CustomEvent, "quiz"))
	require.Len(t, x.For(commerce.CustomEvent, "quiz"), 1)
	require.Empty(t, x.For(commerce.CustomEvent, "never"))
}

func TestRelatedProducts(t *testing.T) {
	fresh := commerce.Product{ID: "new", Type: "cup", Vendor: "Acme", Tags: []string{"blue", "tea"}, Collections: []string{"c1"}}
	bought := []commerce.Product{{ID: "p1", Type: "pot", Vendor: "Acme", Tags: []string{"tea"}}, {ID: "p2", Collections: []string{"c9"}}}
	for name, c := range map[string]struct {
		trigger Trigger
		want    bool
	}{
		"by product":         {Trigger{Products: []string{"p9", "p2"}}, true},
		"of another product": {Trigger{Products: []string{"p9"}}, false},
		"by vendor":          {Trigger{Related: []string{SameVendor}}, true},
		"by tag":             {Trigger{Related: []string{SameType, SameTag}}, true},
		"of another type":    {Trigger{Related: []string{SameType}}, false},
		"collection":         {Trigger{Related: []string{SameCollection}}, false},
		"by nothing":         {Trigger{}, false},
		"by a word":          {Trigger{Related: []string{"colour"}}, false},
	} {
		require.Equal(t, c.want, Related(c.trigger, fresh, bought), name)
	}
	every := Trigger{Products: []string{"p1", "new"}, Related: []string{SameType, SameVendor, SameTag, SameCollection}}
	require.True(t, Related(every, fresh, bought))
	require.False(t, Related(every, fresh, append(bought, commerce.Product{ID: "new"})), "who has it already")
	require.False(t, Related(Trigger{Related: []string{SameType, SameVendor}}, commerce.Product{ID: "x"}, []commerce.Product{{ID: "y"}}), "what nobody told is not shared")
}
