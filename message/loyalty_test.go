package message

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/delight/loyalty"
)

// loyaltyOf is what somebody has in a program that has all there is.
func loyaltyOf(lang string) *Loyalty {
	currency := map[string]string{"en": "USD", "ar": "SAR", "fa": "IRR"}[lang]
	unit := map[string]int64{"en": 100, "ar": 100, "fa": 100_000_00}[lang]
	ends := commerce.At(time.Date(2026, 12, 24, 0, 0, 0, 0, time.UTC))
	tenth := loyalty.Offer{Reward: "tenth", Kind: loyalty.PercentOff, Percent: 1000, MinSpend: commerce.Money{Amount: 40 * unit, Currency: currency}, Days: 30}
	five := loyalty.Offer{Reward: "five", Kind: loyalty.AmountOff, Amount: commerce.Money{Amount: 5 * unit, Currency: currency}, Days: 30}
	return &Loyalty{
		Program: loyalty.Program{
			Name: map[string]string{"en": "leaves", "ar": "أوراق", "fa": "برگ"},
			Tiers: loyalty.Tiers{By: loyalty.BySpend, Months: 12, Grace: 30, Levels: []loyalty.Tier{
				{ID: "silver", Name: map[string]string{"en": "Silver", "ar": "الفضي", "fa": "نقره\u200cای"}, From: 200 * unit, Multiplier: 120},
				{ID: "gold", Name: map[string]string{"en": "Gold", "ar": "الذهبي", "fa": "طلایی"}, From: 500 * unit, Multiplier: 150},
			}},
		},
		Points: 1240, Pending: 60, Ending: 300, EndsAt: ends, Standing: loyalty.Standing{Tier: "silver", Below: ends.Add(-40 * 24 * time.Hour)}, Sum: 120 * unit, About: 60,
		Reward:   &Given{Offer: tenth, Code: "NOUR-7KQ2", EndsAt: ends},
		Referral: &Sends{URL: "https://flywheel.example/r/BCDF2345", Code: "BCDF2345", Friend: &tenth, Advocate: &five},
	}
}

// compiledAll reports whether any mail or note of a definition tells of the loyalty program.
func compiledAll(t testing.TB, d campaign.Definition) (loyal bool) {
	for step := range d.AllSteps() {
		if step.Kind == campaign.SendEmail {
			set, err := CompileAll(step.Email)
			require.NoError(t, err)
			loyal = loyal || set.Loyal()
		}
	}
	return loyal
}

func loyalMail() campaign.Email {
	return blocksMail(
		campaign.Block{Kind: campaign.BlockText, Text: "{{ greeting }}"},
		campaign.Block{Kind: campaign.BlockPoints}, campaign.Block{Kind: campaign.BlockReward}, campaign.Block{Kind: campaign.BlockReferral},
		campaign.Block{Kind: campaign.BlockButton, Button: &campaign.Button{Label: "{{ points_name }}", URL: "{{ account_url }}"}},
	)
}

func TestGoldenLoyalty(t *testing.T) {
	for _, lang := range []string{"en", "ar", "fa"} {
		f := furnished(lang)
		f.Loyalty, f.AccountURL = loyaltyOf(lang), "https://flywheel.example/account/AAAAAAAAAAAAAAAAAAAAAA"
		m, err := compiled(t, lang, loyalMail()).Render(f)
		require.NoError(t, err)
		golden(t, "cases", "loyalty_"+lang, false, m)
		require.Contains(t, m.Text, "NOUR-7KQ2")
		require.Contains(t, m.Text, "https://flywheel.example/r/BCDF2345")
		for _, found := range Check(m, Checked{Class: gate.Service}) {
			require.Equal(t, CheckOK, found.State, "%s: %s %v", lang, found.Check, found.Details)
		}
	}
}

// Without a program nothing of it shows, and without its parts no gap is left.
func TestWithoutAProgramItsBlocksAreLeftOut(t *testing.T) {
	for name, l := range map[string]*Loyalty{"no program": nil, "nothing but points": {Points: 5}} {
		f := furnished("en")
		f.Loyalty = l
		m, err := compiled(t, "en", loyalMail()).Render(f)
		require.NoError(t, err)
		require.NotContains(t, m.Text, "friends", name)
		require.NotContains(t, m.HTML, "dashed", name)
		require.Equal(t, l != nil, strings.Contains(m.Text, "To spend"), name)
		require.NotContains(t, m.Text, "more to", name)
	}
}

// Our own pages are linked by shops that may link to nothing else, and no click on them is counted.
func TestOurPagesAreLinkedAndNotCounted(t *testing.T) {
	f := furnished("en")
	f.Loyalty, f.AccountURL = loyaltyOf("en"), "https://flywheel.example/account/AAAAAAAAAAAAAAAAAAAAAA"
	f.LinkHosts = []string{"nour.example"}
	f.Track = func(address string) string { return "https://flywheel.example/c/" + url.QueryEscape(address) }
	m, err := compiled(t, "en", loyalMail()).Render(f)
	require.NoError(t, err)
	require.Contains(t, m.HTML, `href="https://flywheel.example/account/AAAAAAAAAAAAAAAAAAAAAA"`)
	require.Contains(t, m.HTML, `href="https://flywheel.example/r/BCDF2345"`)
	require.NotContains(t, m.HTML, "https://wa.me/?", "other hosts may not be linked here")
}

func TestLoyaltyVariables(t *testing.T) {
	vars := varsOf("en", func(f *Facts) { f.Loyalty = loyaltyOf("en") })
	for source, want := range map[string]string{
		`{{ loyalty.balance }} {{ points_name }}{% if loyalty.balance > 1000 %}, many{% endif %}`: "1,240 leaves, many",
		`{{ loyalty.earned }}/{{ loyalty.pending }}/{{ loyalty.expiring }}`:                       "60/60/300",
		`{{ loyalty.expires_at }}`:                             "December 23, 2026",
		`{{ loyalty.tier }} > {{ loyalty.next_tier }}`:         "Silver > Gold",
		`{{ loyalty.to_next }} or {{ loyalty.to_keep }}`:       "$380.00 or $80.00",
		`{{ reward.words }}: {{ reward.code }}`:                "10% off an order of $40.00 or more: NOUR-7KQ2",
		`{{ referral.friend_offer }}`:                          "10% off an order of $40.00 or more",
		`{{ referral.advocate_gets }}`:                         "$5.00 off your order",
		`{% if account_url %}page{% else %}no page{% endif %}`: "no page",
	} {
		require.Equal(t, want, filled(t, source, vars), source)
	}
	points := varsOf("en", func(f *Facts) {
		f.Loyalty = loyaltyOf("en")
		f.Loyalty.Referral.Advocate, f.Loyalty.Referral.Points = nil, 100
		f.Loyalty.Program.Tiers.By, f.Loyalty.Sum, f.Loyalty.Program.Name = loyalty.ByPoints, 49_999, nil
	})
	require.Equal(t, "100 points, 1 point more, points", filled(t, "{{ referral.advocate_gets }}, {{ loyalty.to_next }} more, {{ points_name }}", points))
	require.Equal(t, ", , ", filled(t, "{{ points_name }}, {{ loyalty.balance }}, {{ reward.code }}", varsOf("en", nil)))
}

func TestWhichTextsTellOfTheProgram(t *testing.T) {
	for name, c := range map[string]struct {
		mail campaign.Email
		want bool
	}{
		"a variable":       {campaign.Email{Subject: "{{ loyalty.balance }}", Body: []string{"x"}}, true},
		"the account page": {campaign.Email{Subject: "x", Body: []string{"x"}, Button: &campaign.Button{Label: "x", URL: "{{ account_url }}"}}, true},
		"a block":          {blocksMail(campaign.Block{Kind: campaign.BlockText, Text: "x"}, campaign.Block{Kind: campaign.BlockPoints}), true},
		"a hidden block":   {blocksMail(campaign.Block{Kind: campaign.BlockText, Text: "x"}, campaign.Block{Kind: campaign.BlockPoints, Hidden: true}), false},
		"nothing":          {campaign.Email{Subject: "A reward", Body: []string{"For your loyalty"}}, false},
	} {
		set, err := CompileAll(map[string]campaign.Email{"en": c.mail})
		require.NoError(t, err)
		require.Equal(t, c.want, set.Loyal(), name)
		require.True(t, !set.Sends() || set.Loyal(), name)
	}
	for block, sends := range map[campaign.BlockKind]bool{campaign.BlockReferral: true, campaign.BlockPoints: false} {
		set, err := CompileAll(map[string]campaign.Email{"en": blocksMail(campaign.Block{Kind: block})})
		require.NoError(t, err)
		require.Equal(t, sends, set.Sends(), block)
	}
	notes, err := CompileNotes(map[string]campaign.Note{"en": {Title: "x", Body: []string{"{{ loyalty.tier }}"}}})
	require.NoError(t, err)
	require.True(t, notes.Loyal())
}
