package server

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"flywheel/commerce"
	"flywheel/delight/referral"
	"flywheel/fault"
	"flywheel/message"
	"flywheel/store"
	"flywheel/templates"
)

const referralsPath = "/loyalty/referrals"

// referralTones are the badges of referrals, in the order in which the filter names them.
var referralTones = map[referral.State]string{
	referral.Waiting: "wait", referral.Flagged: "bad", referral.Paid: "good", referral.Reversed: "off", referral.Refused: "off",
}

var referralStates = []referral.State{referral.Flagged, referral.Waiting, referral.Paid, referral.Reversed, referral.Refused}

// referralWhy says a reason in words.
func referralWhy(v visit, r referral.Reason) string {
	return templates.Say(v.lang, "referrals_reason_"+string(r), nil)
}

// showReferrals lists the friends whom customers have sent, the last first.
func (s *Server) showReferrals(c echo.Context, v visit) error {
	ctx := c.Request().Context()
	page := templates.Referrals{Admin: s.frameFor(c, v, "referrals")}
	p := pagerOf(c, page.Admin, referralsPath, "state", "advocate")
	f := store.ReferralFilter{State: referral.State(p.asked.Get("state")), Advocate: commerce.PersonID(p.asked.Get("advocate"))}
	if wantsFile(c) {
		return s.saveReferrals(c, v, f)
	}
	counts, err := s.Store.ReferralCounts(ctx, v.Shop.ID)
	if err != nil {
		return err
	}
	page.Needs = counts[referral.Flagged]
	rows, more, err := s.Store.Referrals(ctx, v.Shop.ID, f, p.after, listRows)
	if err != nil {
		return err
	}
	n, err := s.namesOfReferrals(ctx, v, rows)
	if err != nil {
		return err
	}
	next := ""
	if more {
		next = rows[len(rows)-1].ID
	}
	page.List = p.list("referrals", next, column("referrals_when"), column("referrals_friend"), column("referrals_advocate"), column("referrals_order"), column("referrals_state"), column("referrals_why"))
	var states []templates.Choice
	for _, one := range referralStates {
		states = append(states, templates.Choice{Value: string(one), Name: templates.Say(v.lang, "referrals_state_"+string(one), nil)})
	}
	page.List.Filters = []templates.Filter{p.choose(v.lang, "state", "referrals_state", states...)}
	if f.Advocate != "" {
		page.List.Keep = []templates.Choice{{Value: "advocate", Name: string(f.Advocate)}}
	}
	for _, r := range rows {
		page.List.Rows = append(page.List.Rows, n.referral(page.Admin, r))
	}
	return s.adminPage(c, http.StatusOK, "referrals", v.lang, page)
}

func referralPathOf(id string) string { return referralsPath + "/" + url.PathEscape(id) }

// referral is the row of one: its friend leads to its own page.
func (n names) referral(page templates.Admin, r store.Referral) templates.Row {
	friend := n.who(page, r.Friend)
	friend.Href = page.Link(referralPathOf(r.ID))
	return templates.Row{ID: r.ID, Cells: []templates.Cell{
		{At: moment(r.SaleAt)},
		friend, n.who(page, r.Advocate), n.order(page, r.Order, r.Friend),
		{Text: templates.Say(n.lang, "referrals_state_"+string(r.State), nil), Tone: referralTones[r.State]},
		{Text: referralWhy(n.visit, r.Reason)},
	}}
}

func (s *Server) namesOfReferrals(ctx context.Context, v visit, rows []store.Referral) (names, error) {
	var persons []commerce.PersonID
	var orders []commerce.OrderID
	for _, r := range rows {
		persons, orders = append(persons, r.Advocate, r.Friend), append(orders, r.Order)
	}
	return s.namesOf(ctx, v, persons, orders)
}

func (s *Server) saveReferrals(c echo.Context, v visit, f store.ReferralFilter) error {
	head := []string{
		"id", "bought", "advocate_id", "advocate", "advocate_email", "friend_id", "friend", "friend_email", "order", "via", "code", "state", "reason",
		"blocks", "flags", "decision", "decided_by", "note", "window_ends", "paid", "payouts",
	}
	return s.file(c, "referrals", head, func(ctx context.Context, after string) (lines [][]string, next string, err error) {
		rows, more, err := s.Store.Referrals(ctx, v.Shop.ID, f, after, listStep)
		if err != nil {
			return nil, "", err
		}
		n, err := s.namesOfReferrals(ctx, v, rows)
		for _, r := range rows {
			line := append([]string{r.ID, stamp(r.SaleAt)}, n.whoLine(r.Advocate)...)
			line = append(append(line, n.whoLine(r.Friend)...), n.orders[r.Order], string(r.Via), r.Code, string(r.State), string(r.Reason))
			lines = append(lines, append(line, reasons(r.Verdict.Blocks), reasons(append(slices.Clone(r.Verdict.Flags), r.Verdict.Late...)), string(r.Decision), r.DecidedBy, r.Note, stamp(r.OpensAt), stamp(r.PaidAt), itoa(r.Payouts)))
		}
		if more {
			next = rows[len(rows)-1].ID
		}
		return lines, next, err
	})
}

func reasons(all []referral.Reason) string {
	out := make([]string, len(all))
	for i, r := range all {
		out[i] = string(r)
	}
	return strings.Join(out, " ")
}

// showReferral is one, with all that decided about it.
func (s *Server) showReferral(c echo.Context, v visit) error {
	r, err := s.Store.Referral(c.Request().Context(), v.Shop.ID, c.Param("referral"))
	if err != nil {
		return err
	}
	return s.referralPage(c, v, r, http.StatusOK, templates.Refusal{})
}

func (s *Server) referralPage(c echo.Context, v visit, r store.Referral, code int, wrong templates.Refusal) error {
	ctx := c.Request().Context()
	page := templates.Referral{
		Admin: s.frameFor(c, v, "referrals"), ID: r.ID, State: string(r.State), Tone: referralTones[r.State], Why: referralWhy(v, r.Reason), Via: string(r.Via), Code: r.Code,
		Bought: moment(r.SaleAt), Window: moment(r.OpensAt), Counts: v.money(r.Counts), Paid: moment(r.PaidAt), Decision: string(r.Decision),
		DecidedBy: templates.Clean(r.DecidedBy, 120), Note: templates.Clean(r.Note, maxReason), Decided: moment(r.DecidedAt), Wrong: wrong, Typed: c.FormValue("note"),
	}
	n, err := s.namesOfReferrals(ctx, v, []store.Referral{r})
	if err != nil {
		return err
	}
	page.Advocate, page.Friend, page.Order = n.party(r.Advocate), n.party(r.Friend), n.order(page.Admin, r.Order, r.Friend)
	for _, b := range r.Verdict.Blocks {
		page.Blocks = append(page.Blocks, referralWhy(v, b))
	}
	for _, f := range append(slices.Clone(r.Verdict.Flags), r.Verdict.Late...) {
		page.Flags = append(page.Flags, referralWhy(v, f))
	}
	if r.Reward != "" {
		given, err := s.Store.Reward(ctx, v.Shop.ID, r.Reward)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		if err == nil {
			page.Reward = message.OfferWords(given.Offer, v.lang, v.Shop)
		}
	}
	a, err := s.Store.AdvocateOf(ctx, v.Shop.ID, r.Advocate)
	if err != nil {
		return err
	}
	if page.Visits, page.Banned, page.BannedBy, page.BanNote = a.Visits, moment(a.BannedAt), templates.Clean(a.BannedBy, 120), templates.Clean(a.BanNote, maxReason); a.Code != "" {
		page.Sends = s.referralLink(a)
	}
	return s.adminPage(c, code, "referral", v.lang, page)
}

// party is one of the two people of a referral, as who they are now.
func (n names) party(id commerce.PersonID) templates.ReferralParty {
	p := n.people[id]
	out := templates.ReferralParty{ID: string(p.ID), Name: n.callsWho(p)}
	if sub := n.address(p.Email); sub != out.Name {
		out.Sub = sub
	}
	return out
}

// maxReason bounds why somebody decides so.
const maxReason = 500

// onReferral acts on one, for a reason where it needs one, and goes back to its page.
func (s *Server) onReferral(c echo.Context, v visit, form, said string, needs bool, do func(context.Context, store.Referral, string) error) error {
	ctx := c.Request().Context()
	r, err := s.Store.Referral(ctx, v.Shop.ID, c.Param("referral"))
	if err != nil {
		return err
	}
	note := strings.TrimSpace(templates.Clean(c.FormValue("note"), maxReason))
	if needs && note == "" {
		return s.referralPage(c, v, r, http.StatusUnprocessableEntity, templates.Refusal{Form: form, Said: templates.Say(v.lang, "referrals_no_note", nil)})
	}
	if err := do(ctx, r, note); err != nil {
		return err
	}
	return s.done(c, v, referralPathOf(r.ID), said)
}

// decideReferral keeps what somebody says about a referral, or that they say nothing any more.
func (s *Server) decideReferral(c echo.Context, v visit) error {
	d := referral.Decision(c.FormValue("decision"))
	if d != referral.Let && d != referral.Turn && d != referral.Undecided {
		return errForm
	}
	return s.onReferral(c, v, "decide", "referrals_decided", d != referral.Undecided, func(ctx context.Context, r store.Referral, note string) error {
		return s.Store.DecideReferral(ctx, v.Shop.ID, r.ID, d, v.Who.Name, note)
	})
}

// banAdvocate keeps who sent a friend from sending more, unbanAdvocate lets them again.
func (s *Server) banAdvocate(c echo.Context, v visit) error {
	return s.onReferral(c, v, "ban", "referrals_banned", true, func(ctx context.Context, r store.Referral, note string) error {
		return s.ban(ctx, v, r.Advocate, note)
	})
}

func (s *Server) unbanAdvocate(c echo.Context, v visit) error {
	return s.onReferral(c, v, "ban", "referrals_unbanned", false, func(ctx context.Context, r store.Referral, _ string) error {
		return s.ban(ctx, v, r.Advocate, "")
	})
}

func (s *Server) ban(ctx context.Context, v visit, advocate commerce.PersonID, note string) error {
	return s.Store.Transact(ctx, func(tx *store.Tx) error {
		persons, err := tx.LockPersons(v.Shop.ID, []commerce.PersonID{advocate})
		if err != nil {
			return err
		}
		return tx.BanAdvocate(v.Shop.ID, persons[advocate].ID, v.Who.Name, note)
	})
}
