package server

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/templates"
)

// A visitor of a Shopify storefront comes to the program through the app proxy.
// Shopify signs who is logged in, which is as good as our own session; it strips
// cookies both ways, so the page itself is another matter and lies at our own
// address. The answer is never application/liquid, which Shopify would run.

// clubAnswer is what the block "loyalty" gets. Its texts are sentences to be shown as text.
type clubAnswer struct {
	Ready   bool        `json:"ready"`
	Dir     string      `json:"dir,omitempty"`
	Title   string      `json:"title,omitempty"`
	Lines   []string    `json:"lines,omitempty"`
	Way     *clubWay    `json:"way,omitempty"` // to the next level; nil = there is none
	Rewards []clubThing `json:"rewards,omitempty"`
	Offers  []clubThing `json:"offers,omitempty"`
	Has     string      `json:"has,omitempty"`  // what Rewards are called
	Buys    string      `json:"buys,omitempty"` // what Offers are called
	Gets    string      `json:"gets,omitempty"` // what Earns are called
	Earns   []string    `json:"earns,omitempty"`
	Friends *clubLink   `json:"friends,omitempty"`
	History *clubPast   `json:"history,omitempty"`
	Join    string      `json:"join,omitempty"` // the button's word, where they may join
	Link    string      `json:"link,omitempty"`
	More    string      `json:"more,omitempty"` // what the link is called
}

// clubThing is a reward that somebody has, or may have.
type clubThing struct {
	Text string `json:"text"`
	Note string `json:"note,omitempty"`
	Code string `json:"code,omitempty"`
}

// clubWay is how far somebody has come on the way to a level, Reached of Goal.
type clubWay struct {
	Reached int64  `json:"reached"`
	Goal    int64  `json:"goal"`
	Text    string `json:"text"`
}

// clubLink is what somebody sends to friends.
type clubLink struct {
	Title string `json:"title"`
	Hint  string `json:"hint"`
	Link  string `json:"link"`
}

// clubPast is what happened to somebody's points, the latest first.
type clubPast struct {
	Title string      `json:"title"`
	Lines []clubThing `json:"lines"`
}

// shopPast is how many lines of a history stand at the storefront; the page has all.
const shopPast = 5

// visitorOf is who comes through the app proxy; the zero person = nobody is logged
// in, or they are no customer that we know yet.
func (s *Server) visitorOf(c echo.Context) (who holder, in bool, err error) {
	conn, call, err := s.readProxy(c)
	if err != nil {
		return who, false, err
	}
	if call.Customer != "" || c.Request().Method != http.MethodGet { // what is everybody's may be asked for twice in a second
		if err := s.onceProxy(c, call); err != nil {
			return who, false, err
		}
	}
	if conn.ID == "" || !conn.Open() {
		return who, false, fault.New(fault.NotFound, "there is no such shop")
	}
	ctx := c.Request().Context()
	shop, err := s.Store.Shop(ctx, conn.ShopID)
	if err != nil {
		return who, false, err
	}
	who = holder{visitor: visitor{shop: shop}, known: true, at: strings.TrimSuffix(call.Prefix, "/") + "/loyalty"}
	if call.Customer != "" {
		in = true
		who.person, err = s.Store.CustomerOf(ctx, shop.ID, commerce.Identity{Kind: commerce.ByShopify, Value: call.Customer})
		if err != nil && !fault.Is(err, fault.NotFound) {
			return who, in, err
		}
	}
	who.lang = who.speaks()
	if lang := templates.Tag(c.QueryParam("locale")); who.person.Choice == "" && slices.Contains(templates.Languages(), templates.Base(lang)) {
		who.lang = lang
	}
	return who, in, nil
}

// showShopClub answers with what somebody has, as JSON for the block and as a page
// for a browser without script.
func (s *Server) showShopClub(c echo.Context) error {
	who, in, err := s.visitorOf(c)
	if err != nil {
		return s.shopSilence(c, err)
	}
	return s.answerShopClub(c, who, in, "")
}

// joinShopClub makes who is logged in at the shop a member. A form of another
// site's brings no login along: Shopify's cookie stays behind (SameSite).
func (s *Server) joinShopClub(c echo.Context) error {
	who, in, err := s.visitorOf(c)
	if err != nil {
		return s.shopSilence(c, err)
	}
	if from := c.Request().Header.Get("Sec-Fetch-Site"); from == "cross-site" {
		return fault.New(fault.Forbidden, "another site has sent this; nothing was changed")
	}
	said := "refused"
	if who.person.ID != "" {
		if err = s.joinClub(c, who, url.Values{}); err == nil {
			said = "joined"
			s.Queue.InboxArrived(who.shop.ID)
		} else if said = refusedBy(err); said == "" {
			return err
		}
	}
	return s.answerShopClub(c, who, in, said)
}

// shopSilence answers for a shop that is none of ours as for one without a program.
func (s *Server) shopSilence(c echo.Context, err error) error {
	if !fault.Is(err, fault.NotFound) {
		return err
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.JSON(http.StatusOK, clubAnswer{})
}

func (s *Server) answerShopClub(c echo.Context, who holder, in bool, said string) error {
	ctx := c.Request().Context()
	page, w, m, err := s.clubOf(ctx, who)
	if err != nil {
		return err
	}
	if m.State == store.Joined {
		if err := s.addAtShop(ctx, w, m, &page); err != nil {
			return err
		}
	}
	switch {
	case w.program.LiveAt == 0:
	case !in:
		page.State, page.MayJoin, page.Notes = w.say("member_shop_in"), false, nil
	case who.person.ID == "":
		page.State, page.MayJoin = w.say("member_shop_unknown"), false
	}
	if trouble, known := clubSaid[said]; known {
		page.Said, page.Trouble = w.say("member_said_"+said), trouble
	}
	page.Older = s.BaseURL + accountIn + string(who.shop.ID)
	page.Action = who.at + "?once=" + store.NewID()
	if strings.Contains(c.Request().Header.Get(echo.HeaderAccept), echo.MIMETextHTML) {
		page.Frame = frame(c, &who.shop)
		return s.page(c, http.StatusOK, "member_shop", who.lang, page)
	}
	h := c.Response().Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	return c.JSON(http.StatusOK, w.answer(page))
}

// addAtShop adds what a member sees of their own: rewards that are of use, the last of their history and their link for friends.
func (s *Server) addAtShop(ctx context.Context, w clubWords, m store.LoyaltyMember, page *templates.Club) error {
	given, err := s.Store.RewardsOf(ctx, w.who.shop.ID, w.who.person.ID, shownRewards)
	if err != nil {
		return err
	}
	past, _, err := s.history(ctx, w, given, 0)
	if err != nil {
		return err
	}
	page.History = past[:min(len(past), shopPast)]
	page.Rewards = w.rewards(slices.DeleteFunc(given, func(r store.Reward) bool {
		return r.State != store.RewardMade && r.State != store.RewardMaking || r.RecallAt != 0
	}))
	return s.addFriends(ctx, w, m, page)
}

// answer is the page for the block's script.
func (w clubWords) answer(p templates.Club) clubAnswer {
	if w.program.LiveAt == 0 {
		return clubAnswer{}
	}
	a := clubAnswer{
		Ready: true, Dir: templates.Dir(w.who.lang), Title: w.say("member_shop_title", "Shop", templates.Isolate(w.who.lang, templates.Clean(w.who.shop.Name, 80))),
		Has: w.say("member_rewards_title"), Buys: w.say("member_offers_title"), Gets: w.say("member_earns_title"), Earns: p.Earns, Link: p.Older, More: w.say("member_open"),
	}
	for _, line := range append([]string{p.Said, p.State, p.Balance}, append(slices.Clone(p.Notes), p.Tier, p.TierNote)...) {
		if line != "" {
			a.Lines = append(a.Lines, line)
		}
	}
	if p.MayJoin {
		a.Join = w.say("member_join")
	}
	if p.Goal > 0 {
		a.Way = &clubWay{min(p.Reached, p.Goal), p.Goal, p.TierNote}
	}
	if p.Share.Link != "" {
		a.Friends = &clubLink{w.say("member_friends_title"), w.say("member_friends_hint"), p.Share.Link}
	}
	for i, row := range p.History {
		if i == 0 {
			a.History = &clubPast{Title: w.say("member_history_title")}
		}
		a.History.Lines = append(a.History.Lines, clubThing{Text: row.Day + " · " + row.Text, Note: row.Points})
	}
	for _, r := range p.Rewards {
		a.Rewards = append(a.Rewards, clubThing{Text: r.Words, Note: r.State, Code: r.Code})
	}
	for _, o := range p.Offers {
		text := o.Name
		if o.Words != "" {
			text += ": " + o.Words
		}
		a.Offers = append(a.Offers, clubThing{Text: text, Note: o.Cost})
	}
	return a
}
