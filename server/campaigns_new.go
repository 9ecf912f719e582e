package server

import (
	"io"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/fault"
	"flywheel/manage"
	"flywheel/templates"
)

const (
	statusUnprocessable = http.StatusUnprocessableEntity
	publisherRole       = commerce.RolePublisher
	maxTitle            = 120      // characters
	maxUpload           = 64 << 10 // as campaign.Parse takes it
)

// showNewCampaign offers playbooks, an empty campaign, and to read a file.
func (s *Server) showNewCampaign(c echo.Context, v visit) error {
	return s.newCampaignPage(c, v, http.StatusOK, templates.CampaignsNew{})
}

func (s *Server) newCampaignPage(c echo.Context, v visit, code int, page templates.CampaignsNew) error {
	words := speakerOf(v)
	books, err := s.desk().Playbooks(c.Request().Context(), v.Shop.ID)
	if err != nil {
		return err
	}
	page.Admin = s.frameHere(c, v)
	if page.Blank.Triggers == nil {
		page.Blank = words.blankForm("", string(campaign.OnOrderPaid), string(gate.Service), "")
	}
	for _, b := range books {
		d := b.Definition
		steps := int64(0)
		for range d.AllSteps() {
			steps++
		}
		book := templates.CampaignBook{
			Name: d.Name, Title: words.of(d.Title), Goal: words.of(d.Goal), Trigger: words.trigger(d.Trigger.Kind), Class: words.say("campaigns_class_" + string(d.Class)),
			Topic: words.topic(d.Topic), Steps: steps, Taken: string(b.Taken), Owner: string(b.Owner),
		}
		seen := map[string]bool{}
		for _, r := range b.Missing {
			if one := words.remark(r); !seen[one.Text] { // each language's text may lack the same
				seen[one.Text], book.Missing = true, append(book.Missing, one)
			}
		}
		page.Books = append(page.Books, book)
	}
	return s.adminPage(c, code, "campaigns_new", v.lang, page)
}

// takePlaybook makes a draft of a playbook.
func (s *Server) takePlaybook(c echo.Context, v visit) error {
	id, err := s.desk().TakeUp(c.Request().Context(), v.Shop.ID, c.FormValue("playbook"), noteOf(c, v))
	if fault.Is(err, fault.Conflict) {
		return s.newCampaignPage(c, v, statusUnprocessable, templates.CampaignsNew{Said: speakerOf(v).say("campaigns_taken")})
	}
	if err != nil {
		return err
	}
	return s.done(c, v, campaignPath(id, ""), "campaign_new")
}

// readCampaign makes a draft of a file, or the next version of the campaign that it names.
func (s *Server) readCampaign(c echo.Context, v visit) error {
	text, err := fileOf(c)
	if err != nil {
		return err
	}
	ctx, words := c.Request().Context(), speakerOf(v)
	page := templates.CampaignsNew{Text: text}
	d, wrong := manage.ReadDefinition([]byte(text))
	if len(wrong) > 0 {
		for _, w := range wrong {
			page.Errors = append(page.Errors, templates.CampaignError{Line: int64(w.Line), Column: int64(w.Column), Says: w.Says})
		}
		return s.newCampaignPage(c, v, statusUnprocessable, page)
	}
	id := campaign.CampaignID(d.Name)
	if c.FormValue("do") == "over" {
		if err := s.mayReach(c, v, id); err != nil {
			return err
		}
		_, err = s.desk().Save(ctx, v.Shop.ID, d, noteOf(c, v))
	} else {
		_, err = s.desk().Begin(ctx, v.Shop.ID, d, noteOf(c, v))
	}
	switch {
	case fault.Is(err, fault.Conflict) && c.FormValue("do") != "over":
		page.Over = string(id)
	case fault.Is(err, fault.Invalid), fault.Is(err, fault.Conflict):
		page.Said = words.refusal(err)
	case err != nil:
		return err
	default:
		return s.done(c, v, campaignPath(id, ""), "campaign_read")
	}
	return s.newCampaignPage(c, v, statusUnprocessable, page)
}

// fileOf is a file that was given, else the text that was pasted.
func fileOf(c echo.Context) (string, error) {
	file, err := c.FormFile("file")
	if err != nil || file.Size == 0 {
		return c.FormValue("text"), nil //nolint:nilerr // no file: the text counts
	}
	f, err := file.Open()
	if err != nil {
		return "", err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxUpload+1))
	return strings.ToValidUTF8(string(data), "\uFFFD"), err
}

// refusal words why something was not done: in the reader's language where
// there is a string for it, else as it was noted.
func (s speaker) refusal(err error) string {
	if key := refusalKey(err); key != "" {
		return s.say(key)
	}
	if s.lang == "en" {
		return fault.Sentence(err)
	}
	return s.say("problem_"+string(fault.KindOf(err))) + " " + templates.Isolated(fault.Sentence(err))
}
