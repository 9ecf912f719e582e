package server_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/club"
	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/loyalty"
	"flywheel/store"
	"flywheel/store/storetest"
	"flywheel/templates"
)

// clubhouse is a shop whose staff run a program.
type clubhouse struct{ *bought }

func withClub(t *testing.T, story func(t *testing.T, k *clubhouse)) {
	withCustomers(t, func(t *testing.T, b *bought) {
		k := &clubhouse{b}
		require.Equal(t, http.StatusSeeOther, b.builder.post(b.base+"/loyalty", "budget", "500").Code)
		story(t, k)
	})
}

func (k *clubhouse) program() store.Program {
	k.t.Helper()
	p, err := k.store.LoyaltyProgram(k.t.Context(), k.shop)
	require.NoError(k.t, err)
	return p
}

func (k *clubhouse) member(p commerce.Person) store.LoyaltyMember {
	k.t.Helper()
	m, err := k.store.LoyaltyMember(k.t.Context(), k.shop, p.ID)
	require.NoError(k.t, err)
	return m
}

func (k *clubhouse) page(p commerce.Person) string {
	return k.base + "/loyalty/members/" + string(p.ID)
}

// change fills the form of a page in and sends it.
func (k *clubhouse) change(who *guest, path, form string, fields ...string) (int, string) {
	k.t.Helper()
	page := read(k.t, who.get(k.base+path))
	action, _, _ := strings.Cut(path, "?")
	all := formOf(k.t, page, k.base+action, form)
	for i := 0; i < len(fields); i += 2 {
		if fields[i+1] == "" {
			all.Del(fields[i])
			continue
		}
		all.Set(fields[i], fields[i+1])
	}
	rec := who.do(http.MethodPost, k.base+action, all)
	return rec.Code, read(k.t, rec)
}

// Where there is no program, its pages lead to the one that begins it, and a budget is asked for.
func TestAProgramBegins(t *testing.T) {
	withCustomers(t, func(t *testing.T, b *bought) {
		page := read(t, b.viewer.get(b.base+"/loyalty"))
		require.Contains(t, page, "Begin with a program")
		require.NotContains(t, page, `name="budget"`, "a viewer looks")
		require.Contains(t, read(t, b.builder.get(b.base+"/loyalty")), `name="budget"`)
		for _, path := range []string{"/loyalty/rules", "/loyalty/rewards", "/loyalty/tiers", "/loyalty/settings", "/loyalty/versions", "/loyalty/members", "/loyalty/members/" + string(b.sara.ID)} {
			require.Equal(t, b.base+"/loyalty", b.viewer.get(b.base+path).Header().Get("Location"), path)
		}
		require.Equal(t, http.StatusForbidden, b.viewer.post(b.base+"/loyalty", "budget", "5").Code)
		for _, wrong := range []string{"", "0", "-3", "x", "1.234", "1,2,3"} {
			rec := b.builder.post(b.base+"/loyalty", "budget", wrong)
			require.Equal(t, http.StatusUnprocessableEntity, rec.Code, wrong)
			require.Contains(t, read(t, rec), "Write an amount", wrong)
		}
		require.Equal(t, http.StatusSeeOther, b.builder.post(b.base+"/loyalty", "budget", "٥٠٠٫٥").Code, "Arabic digits are read")
		k := &clubhouse{b}
		p := k.program()
		require.EqualValues(t, 50050, p.Budget)
		require.Equal(t, store.ProgramDraft, p.State)
		require.Len(t, p.Rules, 3)
		require.NoError(t, p.Check())
		require.Equal(t, http.StatusUnprocessableEntity, b.builder.post(b.base+"/loyalty", "budget", "7").Code, "there is one already")
	})
}

func TestAProgramStartsAndRests(t *testing.T) {
	withClub(t, func(t *testing.T, k *clubhouse) {
		page := read(t, k.viewer.get(k.base+"/loyalty"))
		require.Contains(t, page, "Nothing is given yet")
		require.NotContains(t, page, "/loyalty/start")
		rev := url.Values{}
		for _, path := range []string{"/loyalty/start", "/loyalty/pause"} {
			require.Equal(t, http.StatusForbidden, k.builder.do(http.MethodPost, k.base+path, rev).Code)
		}
		require.Equal(t, http.StatusConflict, k.publisher.post(k.base+"/loyalty/start", "rev", "7").Code)
		start := formOf(t, read(t, k.publisher.get(k.base+"/loyalty")), k.base+"/loyalty/start", "rev")
		require.Equal(t, http.StatusSeeOther, k.publisher.do(http.MethodPost, k.base+"/loyalty/start", start).Code)
		require.Equal(t, store.ProgramLive, k.program().State)
		require.Equal(t, http.StatusConflict, k.publisher.do(http.MethodPost, k.base+"/loyalty/start", start).Code)
		require.Contains(t, read(t, k.viewer.get(k.base+"/loyalty")), "Points are given")
		pause := formOf(t, read(t, k.publisher.get(k.base+"/loyalty")), k.base+"/loyalty/pause", "rev")
		require.Equal(t, http.StatusSeeOther, k.publisher.do(http.MethodPost, k.base+"/loyalty/pause", pause).Code)
		require.Equal(t, store.ProgramPaused, k.program().State)
		sheet := k.sheet(k.viewer, "/loyalty?as=csv")
		require.Len(t, sheet, 2)
		require.Equal(t, "points_outstanding", sheet[0][2])
	})
}

func TestRulesAreChanged(t *testing.T) {
	withClub(t, func(t *testing.T, k *clubhouse) {
		before := k.program()
		code, page := k.change(k.builder, "/loyalty/rules?add=spend", "per", "points", "۲", "per", "10.50", "per_day", "1,000")
		require.Equal(t, http.StatusSeeOther, code, page)
		p := k.program()
		require.Len(t, p.Rules, 4)
		made := p.Rules[3]
		require.Equal(t, loyalty.Rule{ID: made.ID, Kind: loyalty.ForSpend, Points: 2, Per: 1050, PerDay: 1000}, made)
		require.Equal(t, before.Version+1, p.Version)

		code, page = k.change(k.builder, "/loyalty/rules?edit="+made.ID, "per", "points", "0", "per", "nonsense")
		require.Equal(t, http.StatusUnprocessableEntity, code)
		require.Contains(t, page, "Write a whole number from 1")
		require.Contains(t, page, `value="nonsense"`, "what was typed stays")
		code, _ = k.change(k.builder, "/loyalty/rules?edit="+made.ID, "per", "points", "3", "rev", "1")
		require.Equal(t, http.StatusUnprocessableEntity, code, "somebody else was faster")
		require.Equal(t, p.Version, k.program().Version)
		code, _ = k.change(k.builder, "/loyalty/rules?edit="+made.ID, "per", "points", "3", "kind", "review")
		require.Equal(t, http.StatusSeeOther, code)
		require.Equal(t, loyalty.ForSpend, k.program().Rules[3].Kind, "a rule stays of its kind")

		rev := strconv.FormatInt(k.program().Rev, 10)
		require.Equal(t, http.StatusForbidden, k.viewer.post(k.base+"/loyalty/rules", "do", "drop", "part", made.ID, "rev", rev).Code)
		require.Equal(t, http.StatusSeeOther, k.builder.post(k.base+"/loyalty/rules", "do", "drop", "part", made.ID, "rev", rev).Code)
		require.Len(t, k.program().Rules, 3)
		require.Equal(t, http.StatusUnprocessableEntity, k.builder.post(k.base+"/loyalty/rules", "do", "drop", "part", made.ID, "rev", rev).Code)
		for _, kind := range []string{"order", "signup", "birthday", "referral", "event"} {
			fields := []string{"points", "5"}
			if kind == "event" {
				fields = append(fields, "event", "visited")
			}
			code, page := k.change(k.builder, "/loyalty/rules?add="+kind, "points", fields...)
			require.Equal(t, http.StatusSeeOther, code, "%s: %s", kind, page)
		}
		require.Len(t, k.program().Rules, 8)
		versions := read(t, k.viewer.get(k.base+"/loyalty/versions"))
		require.Contains(t, versions, "5 points for the event")
		require.Contains(t, versions, "Removed")
	})
}

func TestRewardsAndTiersAreChanged(t *testing.T) {
	withClub(t, func(t *testing.T, k *clubhouse) {
		code, page := k.change(k.builder, "/loyalty/rewards?add=percent", "percent", "percent", "12.5%", "cost", "200", "worth", "20", "name.en", "Treat")
		require.Equal(t, http.StatusSeeOther, code, page)
		p := k.program()
		treat := p.Rewards[1]
		require.Equal(t, loyalty.Reward{ID: treat.ID, Kind: loyalty.PercentOff, Percent: 1250, Cost: 200, Worth: 2000, Days: 90, Name: map[string]string{"en": "Treat"}}, treat)
		code, page = k.change(k.builder, "/loyalty/rewards?add=percent", "percent", "percent", "200")
		require.Equal(t, http.StatusUnprocessableEntity, code)
		require.Contains(t, page, "with two decimals at most")
		for kind, field := range map[string][]string{"shipping": {"worth", "5"}, "product": {"product", "gid://1", "worth", "9"}, "amount": {"amount", "5", "cost", "100", "sliding", "on", "most", "4"}} {
			code, page := k.change(k.builder, "/loyalty/rewards?add="+kind, "cost", field...)
			require.Equal(t, http.StatusSeeOther, code, "%s: %s", kind, page)
		}

		code, page = k.change(k.builder, "/loyalty/tiers?add=tier", "multiplier", "tier_name.en", "Gold & <b>", "from_spend", "500", "multiplier", "1,5", "tier_reward", treat.ID)
		require.Equal(t, http.StatusSeeOther, code, page)
		code, page = k.change(k.builder, "/loyalty/tiers?add=tier", "multiplier", "tier_name.en", "Silver", "from_spend", "100", "multiplier", "1")
		require.Equal(t, http.StatusSeeOther, code, page)
		levels := k.program().Tiers.Levels
		require.Equal(t, []string{"silver", "gold_b"}, []string{levels[0].ID, levels[1].ID}, "they stand by what they ask for")
		require.EqualValues(t, 150, levels[1].Multiplier)
		shown := read(t, k.viewer.get(k.base+"/loyalty/tiers"))
		require.Contains(t, shown, "Gold &amp; &lt;b&gt;")
		require.Contains(t, shown, "gives: Treat")
		code, page = k.change(k.builder, "/loyalty/tiers?add=tier", "multiplier", "tier_name.en", "Bronze", "from_spend", "100")
		require.Equal(t, http.StatusUnprocessableEntity, code)
		require.Contains(t, page, "Another tier begins there")
		code, page = k.change(k.builder, "/loyalty/tiers", "by", "by", "points")
		require.Equal(t, http.StatusUnprocessableEntity, code)
		require.Contains(t, page, "Remove the tiers first")
		code, _ = k.change(k.builder, "/loyalty/tiers", "by", "months", "6", "grace", "30")
		require.Equal(t, http.StatusSeeOther, code)
		require.Equal(t, 6, k.program().Tiers.Months)

		rev := strconv.FormatInt(k.program().Rev, 10)
		rec := k.builder.post(k.base+"/loyalty/rewards", "do", "drop", "part", treat.ID, "rev", rev)
		require.Equal(t, http.StatusUnprocessableEntity, rec.Code)
		require.Contains(t, read(t, rec), "a tier or the referrals give this reward")
		require.Equal(t, http.StatusSeeOther, k.builder.post(k.base+"/loyalty/tiers", "do", "drop", "part", "gold_b", "rev", rev).Code)
		require.Equal(t, http.StatusSeeOther, k.builder.post(k.base+"/loyalty/rewards", "do", "hide", "part", treat.ID, "rev", strconv.FormatInt(k.program().Rev, 10)).Code)
		require.True(t, k.program().Rewards[1].Hidden)
		require.Equal(t, http.StatusSeeOther, k.builder.post(k.base+"/loyalty/rewards", "do", "show", "part", treat.ID, "rev", strconv.FormatInt(k.program().Rev, 10)).Code)
		require.Equal(t, http.StatusSeeOther, k.builder.post(k.base+"/loyalty/rewards", "do", "drop", "part", treat.ID, "rev", strconv.FormatInt(k.program().Rev, 10)).Code)
	})
}

func TestLoyaltySettings(t *testing.T) {
	withClub(t, func(t *testing.T, k *clubhouse) {
		reward := k.program().Rewards[0].ID
		code, page := k.change(k.builder, "/loyalty/settings", "return_days", "counts.tax", "on", "return_days", "٣٠", "floor", "on", "points_months", "24", "rolling", "", "join", "automatic",
			"referral.on", "on", "referral.friend", reward, "referral.min_spend", "25", "points_name.en", "Stars", "unbounded", "on")
		require.Equal(t, http.StatusSeeOther, code, page)
		p := k.program()
		require.True(t, p.Counts.Tax && p.Floor && p.Referral.On && !p.Rolling)
		require.Equal(t, []int{30, 24}, []int{p.ReturnDays, p.Months})
		require.Equal(t, loyalty.Automatic, p.Join)
		require.EqualValues(t, 2500, p.Referral.MinSpend)
		require.EqualValues(t, -1, p.Budget)
		require.Equal(t, map[string]string{"en": "Stars"}, p.Name)
		code, page = k.change(k.builder, "/loyalty/settings", "return_days", "return_days", "400", "points_months", "", "rolling", "on")
		require.Equal(t, http.StatusUnprocessableEntity, code)
		require.Contains(t, page, "from 0 to 365")
		require.Contains(t, page, "take the tick off")
		require.Contains(t, page, `value="400"`)
		require.Contains(t, read(t, k.viewer.get(k.base+"/loyalty/settings")), "<fieldset class=\"stack\" disabled>")
		for _, lang := range []string{"ar", "fa"} {
			for _, path := range []string{"", "/rules", "/rewards", "/rewards?add=amount", "/tiers", "/tiers?add=tier", "/settings", "/versions", "/members", "/import", "/members/" + string(k.sara.ID)} {
				mark := "?"
				if strings.Contains(path, "?") {
					mark = "&"
				}
				page := read(t, k.owner.get(k.base+"/loyalty"+path+mark+"locale="+lang))
				require.NotRegexp(t, `>[^<]*\bclub_\w+`, page, "%s %s", lang, path)
			}
		}
	})
}

func TestStaffActOnMembers(t *testing.T) {
	withClub(t, func(t *testing.T, k *clubhouse) {
		at := k.page(k.sara)
		require.Contains(t, read(t, k.viewer.get(at)), "not joined")
		require.NotContains(t, read(t, k.viewer.get(at)), "/join")
		for _, act := range []string{"/join", "/leave", "/adjust", "/block", "/unblock", "/reward", "/birthday", "/rewards/x/revoke", "/rewards/x/settle"} {
			require.Equal(t, http.StatusForbidden, k.builder.post(at+act, "note", "x").Code, act)
		}
		require.Equal(t, http.StatusUnprocessableEntity, k.publisher.post(at+"/adjust", "points", "5", "note", "x", "act", "a").Code, "she is no member")
		require.Equal(t, http.StatusSeeOther, k.publisher.post(at+"/join").Code)
		page := read(t, k.publisher.get(at))
		form := formOf(t, page, at+"/adjust", "points")
		form.Set("points", "+١٥٠")
		rec := k.publisher.do(http.MethodPost, at+"/adjust", form)
		require.Equal(t, http.StatusUnprocessableEntity, rec.Code, "a reason is asked for")
		require.Contains(t, read(t, rec), `value="&#43;١٥٠"`)
		form.Set("note", "late parcel <i>")
		require.Equal(t, http.StatusSeeOther, k.publisher.do(http.MethodPost, at+"/adjust", form).Code)
		require.Equal(t, http.StatusSeeOther, k.publisher.do(http.MethodPost, at+"/adjust", form).Code, "sent twice")
		require.EqualValues(t, 150, k.member(k.sara).Points)
		page = read(t, k.viewer.get(at))
		require.Contains(t, page, "late parcel &lt;i&gt;")
		require.Contains(t, page, "&#43;150")
		require.Equal(t, http.StatusUnprocessableEntity, k.publisher.post(at+"/adjust", "points", "much", "note", "x", "act", "b").Code)

		give := formOf(t, read(t, k.publisher.get(at)), at+"/reward", "act")
		give.Set("reward", k.program().Rewards[0].ID) // browsers send the first
		give.Set("note", "sorry")
		rec = k.publisher.do(http.MethodPost, at+"/reward", give)
		require.Equal(t, http.StatusSeeOther, rec.Code, read(t, rec))
		given, err := k.store.RewardsOf(t.Context(), k.shop, k.sara.ID, 5)
		require.NoError(t, err)
		require.Len(t, given, 1)
		require.Contains(t, read(t, k.viewer.get(at)), "being made")
		other := k.page(k.ali) + "/rewards/" + given[0].ID + "/revoke"
		require.Equal(t, http.StatusNotFound, k.publisher.post(other, "note", "x").Code, "it is another's")
		require.Equal(t, http.StatusUnprocessableEntity, k.publisher.post(at+"/rewards/"+given[0].ID+"/revoke").Code)
		require.Equal(t, http.StatusSeeOther, k.publisher.post(at+"/rewards/"+given[0].ID+"/revoke", "note", "slip").Code)

		require.Equal(t, http.StatusSeeOther, k.publisher.post(at+"/birthday", "month", "2", "day", "٢٩").Code)
		require.Equal(t, 229, k.member(k.sara).Birthday)
		require.Equal(t, http.StatusUnprocessableEntity, k.publisher.post(at+"/birthday", "month", "2", "day", "30").Code)
		require.Equal(t, http.StatusUnprocessableEntity, k.publisher.post(at+"/block").Code)
		require.Equal(t, http.StatusSeeOther, k.publisher.post(at+"/block", "note", "resells <codes>").Code)
		require.Equal(t, store.Blocked, k.member(k.sara).State)
		require.Contains(t, read(t, k.viewer.get(at)), "resells &lt;codes&gt;")
		require.Equal(t, http.StatusSeeOther, k.publisher.post(at+"/unblock").Code)
		require.Equal(t, http.StatusSeeOther, k.publisher.post(at+"/leave").Code)
		require.Equal(t, store.Left, k.member(k.sara).State)
		card := read(t, k.viewer.get(k.customer(k.sara)))
		require.Contains(t, card, at, "the customer's page leads to the points")
	})
}

func TestMembersAreFoundAndReadIn(t *testing.T) {
	withClub(t, func(t *testing.T, k *clubhouse) {
		require.Equal(t, http.StatusForbidden, k.publisher.get(k.base+"/loyalty/import").Code)
		require.Equal(t, http.StatusForbidden, k.publisher.get(k.base+"/loyalty/members/file").Code)
		lines := "email,points\n" + k.sara.Email + ",120\nnew@nour.example,7\nno,1\n"
		rec := k.owner.post(k.base+"/loyalty/import", "do", "look", "mode", "add", "lines", lines)
		require.Equal(t, http.StatusOK, rec.Code)
		page := read(t, rec)
		require.Contains(t, page, "127 points")
		require.Contains(t, page, "the address is not one")
		require.Zero(t, k.member(k.sara).Points, "a look does nothing")
		again := formOf(t, page, k.base+"/loyalty/import", "lines")
		require.Equal(t, "import", again.Get("do"))
		for range 2 {
			rec = k.owner.do(http.MethodPost, k.base+"/loyalty/import", again)
			require.Equal(t, http.StatusOK, rec.Code)
			require.EqualValues(t, 120, k.member(k.sara).Points)
		}
		require.Contains(t, read(t, rec), "done before")
		require.Equal(t, http.StatusUnprocessableEntity, k.owner.post(k.base+"/loyalty/import", "do", "import", "mode", "add", "lines", "x").Code)

		list := read(t, k.viewer.get(k.base+"/loyalty/members"))
		require.Contains(t, list, "أحمدي")
		require.NotContains(t, list, k.sara.Email, "a viewer sees no whole address")
		require.NotContains(t, list, "/members/file")
		require.Contains(t, read(t, k.builder.get(k.base+"/loyalty/members?q="+url.QueryEscape("fatima@nour.example"))), "أحمدي")
		require.NotContains(t, read(t, k.viewer.get(k.base+"/loyalty/members?state=blocked")), "أحمدي")
		require.Equal(t, http.StatusOK, k.viewer.get(k.base+"/loyalty/members?after=%27x&state=%27&tier=%27").Code)
		rows := k.sheet(k.owner, "/loyalty/members/file")
		require.Equal(t, "email", rows[0][0])
		require.Len(t, rows, 3)
		lined, err := k.store.AuditLines(t.Context(), k.shop, store.AuditFilter{Act: "/loyalty/members/file"}, 10)
		require.NoError(t, err)
		require.Len(t, lined, 1, "who took the list along is written down")
	})
}

// Of what nobody can find out for an hour, staff say what became of it, for a reason.
func TestStaffSettleAStuckReward(t *testing.T) {
	withClub(t, func(t *testing.T, k *clubhouse) {
		d, at := club.Desk{Store: k.store}, k.page(k.sara)
		shop, err := k.store.Shop(t.Context(), k.shop)
		require.NoError(t, err)
		require.NoError(t, d.Join(t.Context(), shop, k.sara.ID, "staff"))
		r, err := d.GiveByStaff(t.Context(), shop, k.sara.ID, k.program().Rewards[0].ID, "act", "Omar", "sorry")
		require.NoError(t, err)
		settle := at + "/rewards/" + r.ID + "/settle"
		require.NotContains(t, read(t, k.publisher.get(at)), settle)
		storetest.Do(t, k.store, func(tx *store.Tx) error {
			members, err := tx.LockMembers(k.shop, []commerce.PersonID{k.sara.ID})
			require.NoError(t, err)
			_, err = tx.SetReward(k.shop, members[k.sara.ID], r, store.RewardOutcome{State: store.RewardUnknown, Note: "no answer"}, k.program().Policy)
			return err
		})
		require.Equal(t, http.StatusUnprocessableEntity, k.publisher.post(settle, "is", "none", "note", "x").Code, "it may still be found out")
		storetest.ClockOf(k.store).Advance(time.Hour)
		require.Contains(t, read(t, k.publisher.get(at)), settle)
		require.NotContains(t, read(t, k.viewer.get(at)), settle, "a viewer looks")
		require.Equal(t, http.StatusUnprocessableEntity, k.publisher.post(settle, "is", "none").Code, "a reason is asked for")
		require.Equal(t, http.StatusUnprocessableEntity, k.publisher.post(settle, "is", "perhaps", "note", "x").Code)
		require.Equal(t, http.StatusNotFound, k.publisher.post(k.page(k.ali)+"/rewards/"+r.ID+"/settle", "is", "none", "note", "x").Code, "it is another's")
		require.Equal(t, http.StatusSeeOther, k.publisher.post(settle, "is", "none", "note", "nothing there").Code)
		got, err := k.store.Reward(t.Context(), k.shop, r.ID)
		require.NoError(t, err)
		require.Equal(t, store.RewardFailed, got.State)
		require.Contains(t, read(t, k.viewer.get(at)), "nothing there")
	})
}

// Buyers become members by themselves only while a live campaign tells them so.
func TestWhoJoinsByItselfHearsOfItFirst(t *testing.T) {
	withClub(t, func(t *testing.T, k *clubhouse) {
		welcome := k.base + "/campaigns/welcome_member"
		code, page := k.change(k.builder, "/loyalty/settings", "join", "join", "automatic")
		require.Equal(t, http.StatusSeeOther, code, page)
		start := func() int {
			return k.publisher.post(k.base+"/loyalty/start", "rev", strconv.FormatInt(k.program().Rev, 10)).Code
		}
		require.Contains(t, read(t, k.publisher.get(k.base+"/loyalty")), k.base+"/campaigns/new", "it leads to what is wanting")
		require.Equal(t, http.StatusConflict, start())
		require.Equal(t, store.ProgramDraft, k.program().State)
		tell := func(state campaign.State) {
			require.NoError(t, k.store.SetCampaignState(t.Context(), k.shop, "welcome_member", state, ""))
		}
		data, err := templates.Playbook("welcome_member")
		require.NoError(t, err)
		d, err := campaign.Parse(data)
		require.NoError(t, err)
		_, err = k.store.SaveCampaign(t.Context(), k.shop, "welcome_member", d, campaign.Draft)
		require.NoError(t, err)
		require.Contains(t, read(t, k.publisher.get(k.base+"/loyalty")), welcome)
		require.Equal(t, http.StatusConflict, start(), "a draft tells nobody")
		tell(campaign.Live)
		require.NotContains(t, read(t, k.publisher.get(k.base+"/loyalty")), welcome)
		require.Equal(t, http.StatusSeeOther, start())
		tell(campaign.Paused)
		code, page = k.change(k.builder, "/loyalty/settings", "join", "return_days", "7")
		require.Equal(t, http.StatusUnprocessableEntity, code, page)
		require.Contains(t, page, "hears of it first")
		code, page = k.change(k.builder, "/loyalty/settings", "join", "join", "")
		require.Equal(t, http.StatusSeeOther, code, page)
	})
}

// What nothing gives points for yet is neither offered to staff nor promised to members.
func TestWhatNothingGivesIsNotOffered(t *testing.T) {
	withClub(t, func(t *testing.T, k *clubhouse) {
		page := read(t, k.builder.get(k.base+"/loyalty/rules"))
		require.Contains(t, page, "add=birthday")
		for _, kind := range []string{"review", "survey"} {
			require.NotContains(t, page, "add="+kind)
			require.NotContains(t, read(t, k.builder.get(k.base+"/loyalty/rules?add="+kind)), `name="points"`)
			require.Equal(t, http.StatusUnprocessableEntity, k.builder.post(k.base+"/loyalty/rules", "do", "save", "kind", kind, "points", "5", "rev", strconv.FormatInt(k.program().Rev, 10)).Code)
		}
	})
}
