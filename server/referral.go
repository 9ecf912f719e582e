package server

import (
	"cmp"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"flywheel/club"
	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/fault"
	"flywheel/message"
	"flywheel/store"
	"flywheel/templates"
)

// referralPath is where advocates' links lead, with their code behind it.
const referralPath = "/r/"

// referralLink is what an advocate sends to friends.
func (s *Server) referralLink(a store.Advocate) string { return s.BaseURL + referralPath + a.Code }

// sharesOf are the ways by which an advocate sends their link, with a sentence in lang.
func (s *Server) sharesOf(a store.Advocate, shop commerce.Shop, lang string) templates.Shares {
	link := s.referralLink(a)
	said := templates.Say(lang, "share_text", map[string]string{"Shop": templates.Clean(shop.Name, 80)})
	query := func(pairs ...string) string {
		q := url.Values{}
		for i := 1; i < len(pairs); i += 2 {
			q.Set(pairs[i-1], pairs[i])
		}
		return strings.ReplaceAll(q.Encode(), "+", "%20") // mail programs show a plus as it is
	}
	return templates.Shares{
		Link: link, WhatsApp: "https://wa.me/?" + query("text", said+" "+link), Telegram: "https://t.me/share/url?" + query("url", link, "text", said),
		X: "https://x.com/intent/post?" + query("url", link, "text", said), Mail: "mailto:?" + query("subject", shop.Name, "body", said+"\n\n"+link),
	}
}

// invitation is an advocate's link, as somebody follows it.
type invitation struct {
	advocate store.Advocate
	shop     commerce.Shop
	lang     string
	langs    []string       // in which the page can be read
	offer    *loyalty.Offer // nil = friends get nothing at the moment
}

// invitation finds whose link it is; one nobody has is fault.NotFound.
func (s *Server) invitation(c echo.Context) (i invitation, err error) {
	ctx := c.Request().Context()
	id, a, err := s.Store.AdvocateLink(ctx, c.Param("code"))
	if err != nil {
		return i, err
	}
	if i.shop, err = s.Store.Shop(ctx, id); err != nil {
		return i, err
	}
	if i.shop.State == commerce.ShopClosed {
		return i, fault.New(fault.NotFound, "this link is not valid")
	}
	if i.advocate, err = s.Store.AdvocateOf(ctx, id, a.Person); err != nil { // who was merged with somebody shut out is, too
		return i, err
	}
	i.advocate.Code = a.Code
	i.langs, i.lang = pageLanguages(c, i.shop)
	p, err := s.Store.LoyaltyProgram(ctx, id)
	if err != nil || p.State != store.ProgramLive || !p.Referral.On || i.advocate.BannedAt != 0 {
		return i, err
	}
	at := slices.IndexFunc(p.Rewards, func(r loyalty.Reward) bool { return r.ID == p.Referral.Friend && !r.Hidden })
	if at < 0 {
		return i, nil
	}
	r := p.Rewards[at]
	offer, err := r.Given(i.shop.Currency)
	if fault.Is(err, fault.Conflict) || fault.Is(err, fault.Invalid) {
		return i, nil
	}
	i.offer = &offer
	return i, err
}

// pageLanguages are those in which a shop's visitors can read a page of ours, and
// the one for this visitor: as they asked, else as their browser does, else the shop's.
func pageLanguages(c echo.Context, shop commerce.Shop) (all []string, chosen string) {
	for _, tag := range append(slices.Clone(shop.Settings.Languages), shop.Locale) {
		if base := templates.Base(tag); slices.Contains(templates.Languages(), base) && !slices.Contains(all, base) {
			all = append(all, base)
		}
	}
	if len(all) == 0 {
		all = []string{templates.Language(shop.Locale)}
	}
	if asked := c.QueryParam("lang"); slices.Contains(all, asked) {
		return all, asked
	}
	tags := make([]language.Tag, len(all))
	for i, tag := range all {
		tags[i] = language.Make(tag)
	}
	wanted, _, err := language.ParseAcceptLanguage(c.Request().Header.Get("Accept-Language"))
	if err != nil || len(wanted) == 0 {
		return all, cmp.Or(ours(all, shop.Locale), all[0])
	}
	_, at, sure := language.NewMatcher(tags).Match(wanted...)
	if sure == language.No {
		return all, cmp.Or(ours(all, shop.Locale), all[0])
	}
	return all, all[at]
}

func ours(all []string, tag string) string {
	if base := templates.Base(tag); slices.Contains(all, base) {
		return base
	}
	return ""
}

// showInvitation shows what a shop offers an advocate's friends. It gives nothing:
// scanners and previews follow links, too. A person who comes is counted.
func (s *Server) showInvitation(c echo.Context) error {
	i, err := s.invitation(c)
	if err != nil {
		return err
	}
	if looksIn(c.Request()) {
		if err := s.Store.CountVisit(c.Request().Context(), i.shop.ID, i.advocate.Code); err != nil {
			s.Log.Warn("visit not counted", "shop", i.shop.ID, "error", err) // the visitor has no part in it
		}
	}
	return s.friendPage(c, i, http.StatusOK, func(*templates.Friend) {})
}

// looksIn reports whether a browser shows the page to somebody who follows the
// link: what fetches previews, or fetches ahead, is no visit (w3c.github.io/webappsec-fetch-metadata).
func looksIn(r *http.Request) bool {
	h := r.Header
	return h.Get("Sec-Fetch-Dest") == "document" && h.Get("Sec-Fetch-Mode") == "navigate" && h.Get("Sec-Purpose") == "" && h.Get("Purpose") == ""
}

// askInvitation has the link to the offer mailed, where the address is new here. What it
// answers, and how long that takes, is the same for every address.
func (s *Server) askInvitation(c echo.Context) error {
	if err := sameSite(c); err != nil {
		return err
	}
	c.Request().Body = http.MaxBytesReader(c.Response(), c.Request().Body, maxForm)
	i, err := s.invitation(c)
	if err != nil {
		return err
	}
	form, err := c.FormParams()
	if err != nil {
		return errForm
	}
	if i.offer == nil {
		return s.friendPage(c, i, http.StatusOK, func(*templates.Friend) {})
	}
	email, net := form.Get("email"), ""
	if ip, err := netip.ParseAddr(c.RealIP()); err == nil {
		net = commerce.NetOf(ip)
	}
	err = s.Store.Transact(c.Request().Context(), func(tx *store.Tx) error {
		return tx.AskOffer(i.shop.ID, store.OfferAsk{Email: email, Advocate: i.advocate, Lang: i.lang, Net: net})
	})
	if fault.Is(err, fault.Invalid) {
		return s.friendPage(c, i, http.StatusUnprocessableEntity, func(p *templates.Friend) { p.Wrong, p.Email = true, email })
	}
	if err != nil {
		return err
	}
	return s.friendPage(c, i, http.StatusOK, func(p *templates.Friend) { p.Sent = true })
}

// ogLocales are the languages of our pages as open-graph names them.
var ogLocales = map[string]string{"en": "en_US", "ar": "ar_AR", "fa": "fa_IR"}

func (s *Server) friendPage(c echo.Context, i invitation, code int, fill func(*templates.Friend)) error {
	page := templates.Friend{
		Frame: frame(c, &i.shop), Closed: i.advocate.BannedAt != 0, Action: referralPath + i.advocate.Code, Lang: i.lang,
		Way: club.FriendsWay(i.shop, i.advocate.Code, ""),
	}
	name := templates.Clean(i.shop.Name, 80)
	page.Card = templates.FriendCard{
		Title: templates.Say(i.lang, "friend_title", map[string]string{"Shop": name}), Text: templates.Say(i.lang, "friend_body", nil),
		URL: s.referralLink(i.advocate), Picture: page.Logo, Locale: ogLocales[i.lang],
	}
	if i.offer != nil {
		page.Offer = message.OfferWords(*i.offer, i.lang, i.shop)
		page.Days = i.style().Count("friend_days", int64(i.offer.Days), nil)
		page.Card.Text = templates.Say(i.lang, "friend_card", map[string]string{"Offer": page.Offer})
	}
	if len(i.langs) > 1 {
		for _, tag := range i.langs {
			page.Langs = append(page.Langs, templates.Choice{Value: tag, Name: display.Self.Name(language.Make(tag)), On: tag == i.lang})
		}
	}
	fill(&page)
	return s.page(c, code, "friend", i.lang, page)
}
