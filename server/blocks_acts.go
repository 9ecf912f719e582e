package server

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"flywheel/delight/campaign"
	"flywheel/fault"
	"flywheel/manage"
	"flywheel/store"
	"flywheel/templates"
)

// writePath stands behind a message's path where it is written.
const writePath = "/edit"

// flowPath is a step in the editor of its campaign.
func flowPath(id campaign.CampaignID, step string) string {
	return campaignPath(id, "/edit?card="+url.QueryEscape(step))
}

// addable are the languages that a step's mail can be added in: those of the shop
// and those that pages are in.
func (w *writing) addable(step *campaign.Step) (out []string) {
	for _, tag := range slices.Concat(w.langs, templates.Languages()) {
		if _, there := step.Email[tag]; !there && !slices.Contains(out, tag) {
			out = append(out, tag)
		}
	}
	return out
}

// changeMessage does one change of a mail in its campaign's draft. Every change is kept at once.
func (s *Server) changeMessage(c echo.Context, v visit) error {
	id, do := campaign.CampaignID(c.Param("campaign")), c.FormValue("do")
	lock, err := strconv.ParseInt(c.FormValue("lock"), 10, 64)
	if err != nil {
		return fault.New(fault.Invalid, "the form does not say which draft it changes: load the page again")
	}
	ctx, desk := c.Request().Context(), s.desk()
	w := &writing{lang: c.FormValue("lang"), at: -1, pick: -1, langs: shopLanguages(v)}
	w.editing = editing{speaker: speakerOf(v), form: c.Request().PostForm, shop: v.Shop, wrong: map[string]string{}}
	switch do {
	case "undo":
		err = desk.Undo(ctx, v.Shop.ID, id, lock, v.Who.Name)
	case "redo":
		err = desk.Redo(ctx, v.Shop.ID, id, lock, v.Who.Name)
	case "discard":
		if err = s.Store.DropDraft(ctx, v.Shop.ID, id, lock); err == nil {
			return s.done(c, v, campaignPath(id, ""), "campaign_discarded")
		}
	default:
		w.read()
		_, err = desk.Edit(ctx, v.Shop.ID, id, lock, v.Who.Name, "message", func(d *campaign.Definition) error {
			step := manage.Step(d, c.Param("step"))
			switch {
			case step == nil || step.Kind != campaign.SendEmail:
				return manage.ErrNoStep
			case len(w.wrong) > 0:
				return errFields
			}
			return w.does(step, do)
		})
		if errors.Is(err, errNoAct) {
			return err
		}
	}
	return s.afterWriting(c, v, w, lock, err)
}

// afterWriting shows the mail that was changed; what was refused as it was typed.
func (s *Server) afterWriting(c echo.Context, v visit, w *writing, lock int64, err error) error {
	see := wrote{lang: c.FormValue("lang"), pick: -1, code: statusUnprocessable, part: c.FormValue("part") == "1"}
	if w.has {
		see.typed = &w.text
	}
	switch {
	case err == nil:
		return s.wentOn(c, v, w)
	case errors.Is(err, store.ErrDraftMoved):
		conflict, err := s.conflict(c, v, lock)
		if err != nil {
			return err
		}
		conflict.Keep = slices.DeleteFunc(conflict.Keep, func(field templates.Choice) bool { return field.Value == "part" })
		see.conflict, see.typed = conflict, nil
	case errors.Is(err, errFields):
		see.wrong, see.form = w.wrong, w.form
	case fault.Is(err, fault.NotFound) && refusalKey(err) == "", errors.Is(err, manage.ErrNoStep):
		return err // the campaign, or the step, is not there
	case fault.KindOf(err) != "":
		see.said = w.refusal(err)
	default:
		return err
	}
	return s.blocksPage(c, v, see)
}

// wentOn leads to the page with the change on it.
func (s *Server) wentOn(c echo.Context, v visit, w *writing) error {
	q := shownOf(c, w.lang)
	if w.pick >= 0 {
		q.Set("pick", strconv.Itoa(w.pick))
	}
	if c.FormValue("part") == "1" {
		q.Set("part", "1")
	}
	to := s.frameOf(c, v).Link(messagePath(campaign.CampaignID(c.Param("campaign")), c.Param("step")) + writePath + "?" + q.Encode())
	switch {
	case w.pick >= 0:
		to += "#pick"
	case w.at >= 0:
		to += "#b" + strconv.Itoa(w.at)
	}
	return c.Redirect(http.StatusSeeOther, to)
}
