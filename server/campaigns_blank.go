package server

import (
	"slices"

	"github.com/labstack/echo/v4"

	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/fault"
	"flywheel/manage"
	"flywheel/templates"
)

// campaignClasses are what a campaign may be, the least asking first.
var campaignClasses = []gate.Class{gate.Transactional, gate.Service, gate.Marketing}

// pages below /campaigns that are no campaign's.
var campaignPages = []string{"new", "file", "blank"}

// blankForm is the form of an empty campaign, as it was filled in.
func (s speaker) blankForm(name, trigger, class, wrong string) templates.CampaignBlank {
	out := templates.CampaignBlank{Name: name, Wrong: wrong}
	for _, spec := range campaign.Triggers() {
		out.Triggers = append(out.Triggers, templates.Choice{Value: string(spec.Kind), Name: s.of(spec.Texts.Name), On: string(spec.Kind) == trigger})
	}
	for _, one := range campaignClasses {
		out.Classes = append(out.Classes, templates.Choice{Value: string(one), Name: s.say("campaigns_class_" + string(one)), On: string(one) == class})
	}
	return out
}

// beginBlank makes an empty draft and opens its editor.
func (s *Server) beginBlank(c echo.Context, v visit) error {
	words := speakerOf(v)
	title, trigger, class := templates.Clean(c.FormValue("title"), maxTitle), campaign.TriggerKind(c.FormValue("trigger")), gate.Class(c.FormValue("class"))
	if campaign.TriggerOf(trigger) == nil || !slices.Contains(campaignClasses, class) {
		return fault.New(fault.Invalid, "choose what it begins with and what it is from the lists")
	}
	if title == "" {
		form := words.blankForm("", string(trigger), string(class), words.say("campaigns_title_missing"))
		return s.newCampaignPage(c, v, statusUnprocessable, templates.CampaignsNew{Blank: form})
	}
	all, err := s.Store.ListCampaigns(c.Request().Context(), v.Shop.ID)
	if err != nil {
		return err
	}
	name := manage.BlankName(title, func(name string) bool {
		return slices.Contains(campaignPages, name) || slices.ContainsFunc(all, func(one campaign.Campaign) bool { return string(one.ID) == name })
	})
	id, err := s.desk().Begin(c.Request().Context(), v.Shop.ID, manage.Blank(name, words.lang, title, trigger, class), noteOf(c, v))
	if err != nil {
		return err
	}
	return s.done(c, v, campaignPath(id, "/edit"), "campaign_blank")
}
