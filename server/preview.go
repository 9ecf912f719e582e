package server

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/fault"
	"flywheel/manage"
	"flywheel/message"
	"flywheel/templates"
)

// previewOrders is how many orders are offered to look at a message with.
const previewOrders = 20

// showMessage is a message of a campaign as it arrives with somebody.
func (s *Server) showMessage(c echo.Context, v visit) error { return s.preview(c, v, false) }

// showMessageNow is its main part anew, with what was chosen.
func (s *Server) showMessageNow(c echo.Context, v visit) error { return s.preview(c, v, true) }

// sendTrial sends what is shown to the team.
func (s *Server) sendTrial(c echo.Context, v visit) error {
	sample, err := s.sample(c, v)
	if err != nil {
		return err
	}
	fresh, err := s.desk().SendTrial(c.Request().Context(), v.Shop.ID, sample, "")
	if err != nil {
		return err
	}
	told := "test_asked"
	if !fresh {
		told = "test_again"
	}
	path := messagePath(sample.Campaign, sample.Step)
	if sample.Draft {
		path += writePath
	}
	path += "?" + shownOf(c, sample.Lang).Encode()
	s.Log.Info("trial asked for", "shop", v.Shop.ID, "campaign", c.Param("campaign"), "fresh", fresh, "user", v.Who.Name)
	return s.done(c, v, path, told)
}

// sample is what a request asks to see.
func (s *Server) sample(c echo.Context, v visit) (manage.Sample, error) {
	return s.byItsSender(c.Request().Context(), v.Shop, manage.Sample{
		Campaign: campaign.CampaignID(c.Param("campaign")), Step: cmp.Or(c.FormValue("step"), c.Param("step")),
		Who: strings.TrimSpace(c.FormValue("who")), Lang: c.FormValue("lang"), Draft: c.FormValue("draft") == "yes",
	})
}

// shownOf is what a request chose to look at, as its page's address keeps it.
func shownOf(c echo.Context, lang string) url.Values {
	out := url.Values{"lang": {lang}}
	for _, name := range []string{"who", "width", "scheme"} {
		if value := strings.TrimSpace(c.FormValue(name)); value != "" && len(value) <= 200 {
			out.Set(name, value)
		}
	}
	return out
}

// byItsSender adds what depends on by what the shop's mails go out.
func (s *Server) byItsSender(ctx context.Context, shop commerce.Shop, sample manage.Sample) (manage.Sample, error) {
	sample.BaseURL = s.BaseURL
	if s.Senders == nil {
		return sample, nil
	}
	way, err := s.Senders.Of(ctx, shop.ID)
	sample.LinkHosts = way.LinkHosts
	sample.Writer = func(lang string) message.From { return way.Writer(shop, lang) }
	return sample, err
}

func (s *Server) preview(c echo.Context, v visit, part bool) error {
	ctx := c.Request().Context()
	desk := s.desk()
	sample, err := s.sample(c, v)
	if err != nil {
		return err
	}
	p, err := desk.Message(ctx, v.Shop.ID, sample)
	missing := ""
	if fault.Is(err, fault.NotFound) && sample.Who != "" {
		missing, sample.Who = sample.Who, ""
		p, err = desk.Message(ctx, v.Shop.ID, sample)
	}
	if err != nil {
		return err
	}
	page := s.previewPage(p, v)
	page.Admin = s.frameOf(c, v)
	page.Part, page.Missing, page.Who, page.Lang, page.Here = part, missing, sample.Who, sample.Lang, "messages"
	page.Phone, page.Dark = c.QueryParam("width") == "phone", c.QueryParam("scheme") == "dark"
	page.Langs = previewLangs(p, sample.Lang, v.lang)
	page.Frame = s.frameAddress(page.Domain, v.Shop.ID, p, sample, page.Dark)
	if err := s.fillOrders(ctx, v, &page); err != nil {
		return err
	}
	return s.adminPage(c, http.StatusOK, "preview", v.lang, page)
}

func (s *Server) previewPage(p manage.Preview, v visit) templates.Preview {
	m := p.Message
	page := templates.Preview{
		Campaign: inLanguage(p.Campaign.Title, v.lang), Path: messagePath(p.Campaign.ID, p.Step),
		MadeUp: p.MadeUp, Club: p.SampleClub && !p.MadeUp, ToTeam: p.ToTeam, MailLang: p.Lang, Subject: m.Subject, Text: m.Text,
		From: named(m.FromName, m.From), For: named(m.ToName, m.To), State: string(message.Worst(p.Findings)),
	}
	for _, id := range p.Steps {
		page.Steps = append(page.Steps, templates.PreviewChoice{Value: id, Label: id, On: id == p.Step})
	}
	for _, f := range p.Findings {
		page.Checks = append(page.Checks, templates.PreviewCheck{Name: string(f.Check), State: string(f.State), Said: f.Say(v.lang, v.Shop.Country), Details: f.Details})
	}
	first, others := message.Team(v.Shop)
	page.Team = append([]string{first}, others...)
	return page
}

// messagePath is the page of a message below its shop's.
func messagePath(id campaign.CampaignID, step string) string {
	return "/messages/" + url.PathEscape(string(id)) + "/" + url.PathEscape(step)
}

// named is a mail address with its name, as mail programs show it; the address
// stands from left to right beside a name that does not.
func named(name, address string) string {
	if name == "" {
		return address
	}
	return name + " \u2066<" + address + ">\u2069"
}

// previewLangs are the languages to choose from, each called by its own name.
func previewLangs(p manage.Preview, chosen, lang string) []templates.PreviewChoice {
	out := []templates.PreviewChoice{{Label: templates.Say(lang, "preview_lang_auto", map[string]string{"Language": ownName(p.Reads)}), On: chosen == ""}}
	for _, tag := range p.Langs {
		out = append(out, templates.PreviewChoice{Value: tag, Label: ownName(tag), On: tag == chosen})
	}
	return out
}

// ownName is what a language calls itself; one that nobody knows keeps its tag.
func ownName(tag string) string {
	parsed, err := language.Parse(tag)
	if err != nil {
		return tag
	}
	return cmp.Or(display.Self.Name(parsed), tag)
}

func (s *Server) fillOrders(ctx context.Context, v visit, page *templates.Preview) error {
	last, err := s.Store.LastOrders(ctx, v.Shop.ID, previewOrders)
	for _, o := range last {
		page.Orders = append(page.Orders, o.Detail.Name)
	}
	return err
}
