package server

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"flywheel/club"
	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/loyalty"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/templates"
)

const loyaltyPath = "/loyalty"

// suggested is a program to begin with, for who has none: what is usual, and the
// shop's own budget.
func suggested(shop commerce.Shop, budget int64) loyalty.Program {
	return loyalty.Program{
		Rules: []loyalty.Rule{
			{ID: "spend-" + store.NewID(), Kind: loyalty.ForSpend, Points: 1, Per: tenths(shop.Currency, 10)},
			{ID: "signup-" + store.NewID(), Kind: loyalty.ForSignUp, Points: 50},
			{ID: "order-" + store.NewID(), Kind: loyalty.ForOrder, Points: 100, Nth: 1},
		},
		Policy:  loyalty.Policy{ReturnDays: 14, Months: 12, Rolling: true, ClaimDays: 90, Notice: 14},
		Rewards: []loyalty.Reward{{ID: "amount-" + store.NewID(), Kind: loyalty.AmountOff, Cost: 100, Amount: tenths(shop.Currency, 50), Sliding: true, Days: 90}},
		Budget:  budget,
	}
}

// suggestedSaid is that program in words.
func (v visit) suggestedSaid() (out []string) {
	p := suggested(v.Shop, 0)
	for _, r := range p.Rules {
		out = append(out, v.ruleSaid(r))
	}
	say := func(key string, data map[string]string) {
		out = append(out, templates.Say(v.lang, "club_suggest_"+key, data))
	}
	say("window", map[string]string{"Days": v.days(int64(p.ReturnDays))})
	say("expiry", map[string]string{"Months": v.months(int64(p.Months))})
	say("reward", map[string]string{"Points": v.points(p.Rewards[0].Cost), "Amount": v.money(p.Rewards[0].Amount)})
	return out
}

// showLoyalty says whether points are given and what is owed in them.
func (s *Server) showLoyalty(c echo.Context, v visit) error {
	p, err := s.Store.LoyaltyProgram(c.Request().Context(), v.Shop.ID)
	if err != nil {
		return err
	}
	if wantsFile(c) && p.Rev != 0 {
		return s.saveOwed(c, v)
	}
	return s.loyaltyPage(c, v, p, http.StatusOK, templates.Refusal{})
}

func (s *Server) loyaltyPage(c echo.Context, v visit, p store.Program, code int, wrong templates.Refusal) error {
	ctx := c.Request().Context()
	page := templates.Loyalty{Admin: s.frameFor(c, v, "loyalty"), State: string(p.State), Rev: p.Rev, Currency: v.Shop.Currency, Wrong: wrong}
	if p.Rev == 0 {
		page.State, page.Notes = "", v.suggestedSaid()
		if code != http.StatusOK {
			page.Budget = c.FormValue("budget")
		}
		return s.adminPage(c, code, "loyalty", v.lang, page)
	}
	page.CSV = page.Link(loyaltyPath + "?as=csv")
	for _, step := range []func(context.Context, visit, store.Program, *templates.Loyalty) error{s.fillStart, s.fillFigures, s.fillOwed, s.fillBudget} {
		if err := step(ctx, v, p, &page); err != nil {
			return err
		}
	}
	return s.adminPage(c, code, "loyalty", v.lang, page)
}

// startDays is how far back one looks for whom a start touches.
const startDays = 30

// fillStart says whom a start touches, and what is wanting for it.
func (s *Server) fillStart(ctx context.Context, v visit, p store.Program, page *templates.Loyalty) error {
	if p.State == store.ProgramLive {
		return nil
	}
	now := s.Store.Now()
	usage, err := s.Store.UsageDays(ctx, v.Shop.ID, now.Add(-startDays*24*time.Hour), now.Add(24*time.Hour))
	if err != nil {
		return err
	}
	orders := int64(0)
	for _, d := range usage {
		orders += d.Paid - d.Refunded
	}
	page.Touched = templates.Count(v.lang, v.Shop.Country, "club_touched", max(0, orders), nil)
	for key, lacks := range map[string]bool{"rules": len(p.Rules) == 0, "rewards": len(p.Rewards) == 0, "budget": p.Budget == 0} {
		if lacks {
			page.Lacks = append(page.Lacks, templates.Say(v.lang, "club_lacks_"+key, nil))
		}
	}
	if err = s.hearFirst(ctx, v, p.Program); err == errUnheard { //nolint:errorlint // it is returned as it is
		page.Welcome, err = s.toWelcome(ctx, v, page.Admin)
	}
	return err
}

// toWelcome is where the campaign is that tells new members, or where it is taken up.
func (s *Server) toWelcome(ctx context.Context, v visit, page templates.Admin) (string, error) {
	all, err := s.Store.ListCampaigns(ctx, v.Shop.ID)
	if slices.ContainsFunc(all, func(c campaign.Campaign) bool { return c.ID == welcomePlaybook }) {
		return page.Link("/campaigns/" + welcomePlaybook), err
	}
	return page.Link("/campaigns/new"), err
}

// welcomePlaybook is the playbook that tells new members of their membership.
const welcomePlaybook = "welcome_member"

var errUnheard = fault.New(fault.Conflict, "who joins by an order hears of it first: let a campaign for new members, such as the playbook %s, go live before this", welcomePlaybook)

// hearFirst refuses a program that makes members of buyers by itself while no
// live campaign would tell them of it.
func (s *Server) hearFirst(ctx context.Context, v visit, p loyalty.Program) error {
	if p.Join != loyalty.Automatic {
		return nil
	}
	all, err := s.Store.ListCampaigns(ctx, v.Shop.ID)
	if err != nil {
		return err
	}
	for _, c := range all {
		if c.State == campaign.Live && c.Definition.Trigger.Kind == campaign.OnMemberJoined {
			return nil
		}
	}
	return errUnheard
}

// beginProgram keeps the suggested program as the first draft.
func (s *Server) beginProgram(c echo.Context, v visit) error {
	ctx, t := c.Request().Context(), typingOf(c, v)
	budget := t.money("budget", 1)
	wrong := t.wrong["budget"]
	var err error
	if wrong.Said == "" {
		_, err = s.Store.SaveProgram(ctx, v.Shop.ID, suggested(v.Shop, budget), 0, v.Who.Name)
		if refusal, refused := refusalOf(err, v.lang); refused {
			wrong, err = refusal, nil
		}
	}
	if err != nil {
		return err
	}
	if wrong.Said == "" {
		return s.done(c, v, loyaltyPath, "club_begun")
	}
	p, err := s.Store.LoyaltyProgram(ctx, v.Shop.ID)
	if err != nil {
		return err
	}
	return s.loyaltyPage(c, v, p, http.StatusUnprocessableEntity, wrong)
}

// startProgram has points given from now on, or again.
func (s *Server) startProgram(c echo.Context, v visit) error {
	return s.setProgram(c, v, store.ProgramLive, "club_started")
}

// pauseProgram has nothing new given; what was given lives on.
func (s *Server) pauseProgram(c echo.Context, v visit) error {
	return s.setProgram(c, v, store.ProgramPaused, "club_paused")
}

func (s *Server) setProgram(c echo.Context, v visit, to store.ProgramState, said string) error {
	p, err := s.programOf(c, v)
	if err != nil {
		return err
	}
	rev, _ := strconv.ParseInt(c.FormValue("rev"), 10, 64)
	switch {
	case p.State == to || to == store.ProgramPaused && p.State == store.ProgramDraft:
		err = fault.New(fault.Conflict, "the program has another state by now: load the page again")
	case to == store.ProgramLive && len(p.Rules) == 0:
		err = fault.New(fault.Conflict, "the program has no rule yet: add one first")
	default:
		if to == store.ProgramLive {
			err = s.hearFirst(c.Request().Context(), v, p.Program)
		}
		if err == nil {
			err = s.Store.SetProgramState(c.Request().Context(), v.Shop.ID, to, rev)
		}
	}
	if err != nil {
		return err
	}
	s.Log.Info("loyalty program", "shop", v.Shop.ID, "state", to, "user", v.Who.Name)
	return s.done(c, v, loyaltyPath, said)
}

// staff is the desk at which points are given by hand.
func (s *Server) staff() club.Desk { return club.Desk{Store: s.Store} }
