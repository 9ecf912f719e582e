package server

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"flywheel/delight/campaign"
	"flywheel/manage"
	"flywheel/store"
	"flywheel/templates"
)

// looked is what an editor's page shows: which card, which language, and what
// was typed where it was not taken.
type looked struct {
	card, lang string
	add        *manage.Spot // a kind is being chosen for it
	code       int
	said       string            // why nothing was changed
	typed      url.Values        // nil = nothing was refused
	wrong      map[string]string // by field
	conflict   *templates.EditorConflict
	count      bool // ask the sample
}

// showEditor shows a campaign's draft.
func (s *Server) showEditor(c echo.Context, v visit) error {
	see := looked{card: c.QueryParam("card"), lang: c.QueryParam("lang"), code: http.StatusOK, count: true}
	if branch, after, adding := strings.Cut(c.QueryParam("add"), "|"); adding {
		see.add = &manage.Spot{Branch: branch, After: after}
	}
	return s.editorPage(c, v, see)
}

func (s *Server) editorPage(c echo.Context, v visit, see looked) error {
	ctx, words := c.Request().Context(), speakerOf(v)
	d, err := s.desk().Draft(ctx, v.Shop.ID, campaign.CampaignID(c.Param("campaign")))
	if err != nil {
		return err
	}
	remarks, err := s.desk().Inspect(ctx, v.Shop, d.Definition)
	if err != nil {
		return err
	}
	draw := words.cards(d.Campaign.ID, remarks)
	draw.on = see.card
	one := d.Campaign
	page := templates.Editor{
		Admin: s.frameHere(c, v), ID: string(one.ID), Title: cmp.Or(words.of(d.Definition.Title), words.of(one.Title), string(one.ID)), State: string(one.State), Tone: stateTone[one.State], Act: campaignPath(one.ID, "/edit"),
		Version: int64(one.Version), Base: int64(d.Base), Lock: d.Lock, Undo: d.Undo, Redo: d.Redo, Changed: d.Changed, Newer: d.Newer(),
		Publishes: one.State != campaign.Live || v.Who.Role.Allows(publisherRole), Did: d.Said, By: d.By,
		Wrongs: int64(manage.Worst(remarks, manage.Wrong)), Errors: int64(manage.Worst(remarks, manage.Refused)), Hints: int64(manage.Worst(remarks, manage.Hint)),
		Start: draw.start(d.Definition), Cards: draw.list(d.Definition.Steps, false), Loose: draw.loose(), Edits: true, Said: see.said, Conflict: see.conflict, Note: see.typed.Get("why"),
	}
	if d.At != 0 {
		page.At = d.At.Time()
	}
	if err := s.panel(c, v, d, see, draw, &page); err != nil {
		return err
	}
	return s.adminPage(c, see.code, "editor", v.lang, page)
}

// panel fills the side of the editor: the picker, a card's form, or the head's.
func (s *Server) panel(c echo.Context, v visit, d manage.Draft, see looked, draw *cards, page *templates.Editor) error {
	step := manage.Step(&d.Definition, see.card)
	switch {
	case see.add != nil:
		page.Panel, page.Picker = "picker", draw.picker(*see.add)
	case step != nil:
		page.Panel = "step"
		form, err := s.stepForm(c, v, d, see, draw, step)
		if err != nil {
			return err
		}
		page.Form = form
		if step.Kind == campaign.If {
			page.Conditions, err = s.conditions(c, v, d, see, draw, step.ID, step.Condition, step.Rows)
			return err
		}
	case see.card == startCard:
		page.Panel, page.Form = "start", draw.startForm(d.Definition, see)
		var err error
		page.Conditions, err = s.conditions(c, v, d, see, draw, "", d.Definition.Condition, d.Definition.Rows)
		return err
	default:
		page.Panel, page.Form = "head", draw.headForm(d.Definition, see, shopLanguages(v))
	}
	return nil
}

// picker offers every kind of step for a place.
func (c *cards) picker(to manage.Spot) *templates.EditorPicker {
	out := &templates.EditorPicker{Branch: to.Branch, After: to.After}
	for _, spec := range campaign.StepKinds() {
		out.Kinds = append(out.Kinds, templates.EditorKind{Kind: string(spec.Kind), Name: c.of(spec.Texts.Name), Says: c.of(spec.Texts.Sentence), Icon: stepIcons[spec.Kind]})
	}
	return out
}

// refusals are the strings for what a change may be refused for.
var refusals = []struct {
	err error
	key string
}{
	{manage.ErrNoStep, "editor_no_step"},
	{manage.ErrNoSpot, "editor_no_spot"},
	{manage.ErrWithin, "editor_within"},
	{manage.ErrTooDeep, "editor_too_deep"},
	{manage.ErrTooMany, "editor_too_many"},
	{manage.ErrNowhere, "editor_nowhere"},
	{manage.ErrNoBranch, "editor_no_branch"},
	{manage.ErrTooMuch, "editor_too_much"},
	{manage.ErrNoReason, "campaigns_why_missing"},
	{store.ErrNoFurther, "editor_no_further"},
	{errNoKind, "editor_no_kind"},
	{errFewArms, "editor_few_arms"},
	{errManyArms, "editor_many_arms"},
	{errNoVariable, "condition_no_variable"},
	{errManyRows, "condition_many_rows"},
	{manage.ErrNoBlock, "blocks_no_block"},
	{manage.ErrManyBlocks, "blocks_many_blocks"},
	{manage.ErrLastBlock, "blocks_last_block"},
	{manage.ErrOneOfIt, "blocks_one_of_it"},
	{manage.ErrFooterShows, "blocks_footer_shows"},
	{manage.ErrBlocksAlready, "blocks_already"},
	{manage.ErrNoText, "blocks_no_text"},
	{manage.ErrLangThere, "blocks_lang_there"},
	{manage.ErrLastText, "blocks_last_text"},
}

func refusalKey(err error) string {
	for _, one := range refusals {
		if errors.Is(err, one.err) {
			return one.key
		}
	}
	return ""
}

// conflict says what somebody else did meanwhile, and keeps the form so that it can be sent again.
func (s *Server) conflict(c echo.Context, v visit, lock int64) (*templates.EditorConflict, error) {
	d, err := s.desk().Draft(c.Request().Context(), v.Shop.ID, campaign.CampaignID(c.Param("campaign")))
	if err != nil {
		return nil, err
	}
	out := &templates.EditorConflict{By: d.By, Did: d.Said, Gone: d.Lock == 0, Mine: c.FormValue("do")}
	if d.At != 0 {
		out.At = d.At.Time()
	}
	if n := d.Lock - lock; lock != 0 && n > 0 && n < 1000 {
		out.Count = n
	}
	for name, values := range c.Request().PostForm {
		if name == "lock" {
			continue
		}
		for _, value := range values {
			out.Keep = append(out.Keep, templates.Choice{Value: name, Name: value})
		}
	}
	return out, nil
}
