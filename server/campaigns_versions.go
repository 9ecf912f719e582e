package server

import (
	"cmp"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"flywheel/delight/campaign"
	"flywheel/fault"
	"flywheel/manage"
	"flywheel/templates"
)

// maxVersions is how many versions the page lists, the newest.
const maxVersions = 100

// showVersions lists a campaign's versions and what differs between two.
func (s *Server) showVersions(c echo.Context, v visit) error {
	return s.versionsPage(c, v, http.StatusOK, "")
}

func (s *Server) versionsPage(c echo.Context, v visit, code int, said string) error {
	ctx, words := c.Request().Context(), speakerOf(v)
	one, err := s.desk().Campaign(ctx, v.Shop.ID, campaign.CampaignID(c.Param("campaign")))
	if err != nil {
		return err
	}
	all, err := s.Store.Versions(ctx, v.Shop.ID, one.ID)
	if err != nil {
		return err
	}
	page := templates.CampaignVersions{
		Admin: s.frameHere(c, v), ID: string(one.ID), Title: cmp.Or(words.of(one.Title), string(one.ID)), Live: one.State == campaign.Live, Said: said,
		From: int64(numberOf(c.QueryParam("from"))), To: int64(numberOf(c.QueryParam("to"))),
	}
	for _, one := range all[:min(len(all), maxVersions)] {
		page.Rows = append(page.Rows, templates.CampaignVersion{Number: int64(one.Number), At: one.At.Time(), By: one.By, Note: one.Note, Present: len(page.Rows) == 0})
	}
	if page.From == 0 && page.To == 0 && len(all) > 1 {
		page.From, page.To = int64(all[1].Number), int64(all[0].Number)
	}
	if page.From > 0 && page.To > 0 {
		old, err := s.Store.CampaignVersion(ctx, v.Shop.ID, one.ID, int(page.From))
		if err != nil {
			return err
		}
		now, err := s.Store.CampaignVersion(ctx, v.Shop.ID, one.ID, int(page.To))
		if err != nil {
			return err
		}
		page.Loads, page.Diff = true, words.changes(manage.Diff(old, now))
	}
	return s.adminPage(c, code, "campaigns_versions", v.lang, page)
}

// changes words what differs.
func (s speaker) changes(all []manage.Change) (out []templates.CampaignChange) {
	for _, one := range all {
		c := templates.CampaignChange{
			Kind: string(one.Kind), ID: one.Step, Moved: one.Moved && one.Kind != manage.Moved, Name: s.kind(one.Is),
			Tone: map[manage.ChangeKind]string{manage.Added: "good", manage.Gone: "bad", manage.Changed: "wait", manage.Moved: "off"}[one.Kind],
		}
		if one.Step == "" {
			c.Name = s.say("editor_head")
		}
		for _, f := range one.Fields {
			c.Fields = append(c.Fields, s.changed(f))
		}
		out = append(out, c)
	}
	return out
}

// changed names a field by its first part, with its language and what follows; times are written as people do.
func (s speaker) changed(f manage.FieldChange) templates.CampaignField {
	parts := strings.Split(f.Path, ".")
	label := s.field(parts[0])
	if len(parts) > 1 && (parts[0] == "email" || parts[0] == "note" || parts[0] == "title" || parts[0] == "goal") {
		label += " · " + s.language(parts[1])
		if len(parts) > 2 {
			label += " · " + s.field(parts[2])
		}
	} else if len(parts) > 1 {
		label += " · " + s.field(parts[1])
	}
	out := templates.CampaignField{Label: label, Path: f.Path, Old: f.Old, New: f.New}
	switch parts[len(parts)-1] {
	case "for", "timeout", "within", "useful", "after", "cooling_off":
		out.Old, out.New = s.spanText(f.Old), s.spanText(f.New)
	}
	return out
}

func (s speaker) spanText(text string) string {
	d, err := time.ParseDuration(text + "ns")
	if text == "" || err != nil {
		return text
	}
	return s.span(campaign.Duration(d))
}

// backToVersion keeps an older version as the next one.
func (s *Server) backToVersion(c echo.Context, v visit) error {
	id := campaign.CampaignID(c.Param("campaign"))
	if err := s.mayReach(c, v, id); err != nil {
		return err
	}
	saved, err := s.desk().GoBack(c.Request().Context(), v.Shop.ID, id, numberOf(c.FormValue("version")), noteOf(c, v))
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.Conflict) {
		return s.versionsPage(c, v, statusUnprocessable, speakerOf(v).refusal(err))
	}
	if err != nil {
		return err
	}
	return s.done(c, v, campaignPath(id, "/versions"), "campaign_saved", int64(saved.Version))
}
