package server

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/fault"
	"flywheel/manage"
	"flywheel/store"
)

// editing is one change of a draft by a form.
type editing struct {
	speaker
	form  url.Values
	d     *campaign.Definition
	shop  commerce.Shop
	card  string            // the card that is shown afterwards
	wrong map[string]string // fields that were not taken, and why
}

var (
	errNoKind   = fault.New(fault.Invalid, "there is no such kind of step")
	errFewArms  = fault.New(fault.Invalid, "a split needs two ways at least")
	errManyArms = fault.New(fault.Invalid, "a split has five ways at most")
	errFields   = fault.New(fault.Invalid, "some fields were not taken")
)

// edits are what the field "do" may ask for.
var edits = map[string]func(*editing) error{
	"add":       (*editing).add,
	"remove":    (*editing).remove,
	"up":        func(e *editing) error { return manage.Up(e.d, e.card) },
	"down":      func(e *editing) error { return manage.Down(e.d, e.card) },
	"in":        func(e *editing) error { return manage.Into(e.d, e.card) },
	"out":       func(e *editing) error { return manage.Out(e.d, e.card) },
	"move":      (*editing).move,
	"duplicate": (*editing).duplicate,
	"set":       (*editing).setStep,
	"start":     (*editing).setStart,
	"head":      (*editing).setHead,
	"condition": (*editing).setCondition,
}

func (e *editing) add() error {
	kind := campaign.StepKind(e.form.Get("kind"))
	if campaign.StepOf(kind) == nil {
		return errNoKind
	}
	step := e.fresh(kind)
	e.card = step.ID
	return manage.Insert(e.d, manage.Spot{Branch: e.form.Get("branch"), After: e.form.Get("after")}, step)
}

func (e *editing) remove() error {
	id := e.card
	e.card = ""
	return manage.Remove(e.d, id)
}

func (e *editing) move() error {
	return manage.Move(e.d, e.card, manage.Spot{Branch: e.form.Get("branch"), After: e.form.Get("after")})
}

func (e *editing) duplicate() (err error) {
	e.card, err = manage.Duplicate(e.d, e.card)
	return err
}

// changeDraft does one change of a draft. Every change is kept at once.
func (s *Server) changeDraft(c echo.Context, v visit) error {
	id, do := campaign.CampaignID(c.Param("campaign")), c.FormValue("do")
	lock, err := strconv.ParseInt(c.FormValue("lock"), 10, 64)
	if err != nil {
		return fault.New(fault.Invalid, "the form does not say which draft it changes: load the page again")
	}
	ctx, desk := c.Request().Context(), s.desk()
	e := &editing{speaker: speakerOf(v), form: c.Request().PostForm, shop: v.Shop, card: c.FormValue("card"), wrong: map[string]string{}}
	if to := c.FormValue("to"); do == "move" && to != "" {
		e.form = spotForm(to)
	}
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
		act, known := edits[do]
		if !known {
			return fault.New(fault.Invalid, "nobody knows how to do that to a campaign")
		}
		_, err = desk.Edit(ctx, v.Shop.ID, id, lock, v.Who.Name, do, func(d *campaign.Definition) error {
			e.d = d
			if err := act(e); err != nil {
				return err
			}
			if len(e.wrong) > 0 {
				return errFields
			}
			return nil
		})
	}
	return s.afterEdit(c, v, e, lock, err)
}

// afterEdit shows the card that was edited; what was refused as it was typed.
func (s *Server) afterEdit(c echo.Context, v visit, e *editing, lock int64, err error) error {
	see := looked{card: e.card, lang: c.FormValue("lang"), code: statusUnprocessable}
	switch {
	case err == nil:
		q := url.Values{}
		for name, value := range map[string]string{"card": e.card, "lang": see.lang} {
			if value != "" {
				q.Set(name, value)
			}
		}
		path := campaignPath(campaign.CampaignID(c.Param("campaign")), "/edit")
		if len(q) > 0 {
			path += "?" + q.Encode()
		}
		to := s.frameOf(c, v).Link(path)
		if e.card != "" {
			to += "#panel" // on a phone the form lies below the flow
		}
		return c.Redirect(http.StatusSeeOther, to)
	case errors.Is(err, store.ErrDraftMoved):
		conflict, err := s.conflict(c, v, lock)
		if err != nil {
			return err
		}
		see.conflict = conflict
	case errors.Is(err, errFields):
		see.typed, see.wrong = c.Request().PostForm, e.wrong
	case fault.Is(err, fault.NotFound) && refusalKey(err) == "":
		return err // the campaign itself is not there
	case fault.KindOf(err) != "":
		see.said = e.refusal(err)
		if see.card = c.FormValue("card"); c.FormValue("do") == "remove" {
			see.card = ""
		}
	default:
		return err
	}
	return s.editorPage(c, v, see)
}

// saveDraft keeps the draft as the campaign's next version.
func (s *Server) saveDraft(c echo.Context, v visit) error {
	id := campaign.CampaignID(c.Param("campaign"))
	lock, err := strconv.ParseInt(c.FormValue("lock"), 10, 64)
	if err != nil {
		return fault.New(fault.Invalid, "the form does not say which draft it saves: load the page again")
	}
	if err := s.mayReach(c, v, id); err != nil {
		return err
	}
	saved, err := s.desk().Publish(c.Request().Context(), v.Shop.ID, id, lock, c.FormValue("over") == "yes", noteOf(c, v))
	switch {
	case errors.Is(err, store.ErrDraftMoved):
		conflict, err := s.conflict(c, v, lock)
		if err != nil {
			return err
		}
		return s.editorPage(c, v, looked{code: statusUnprocessable, conflict: conflict})
	case fault.Is(err, fault.Invalid), fault.Is(err, fault.Conflict):
		words := speakerOf(v)
		said := words.say("editor_unfit")
		if fault.Is(err, fault.Conflict) {
			said = words.refusal(err)
		}
		return s.editorPage(c, v, looked{code: statusUnprocessable, said: said, typed: c.Request().PostForm})
	case err != nil:
		return err
	}
	s.Log.Info("campaign saved", "shop", v.Shop.ID, "campaign", id, "version", saved.Version, "user", v.Who.Name)
	return s.done(c, v, campaignPath(id, ""), "campaign_saved", int64(saved.Version))
}

// spotForm reads a place written as BRANCH|AFTER.
func spotForm(to string) url.Values {
	branch, after, _ := strings.Cut(to, "|")
	return url.Values{"branch": {branch}, "after": {after}}
}
