package server

import (
	"cmp"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"flywheel/delight/campaign"
	"flywheel/fault"
	"flywheel/manage"
	"flywheel/templates"
)

// wrote is what the page on which a mail is written shows, and what was typed
// where it was not taken.
type wrote struct {
	lang     string
	pick     int // a block is chosen for this place; -1 = none
	code     int
	part     bool
	said     string            // why nothing was changed
	typed    *campaign.Email   // nil = the draft's
	form     url.Values        // as it was typed, where fields were not taken
	wrong    map[string]string // by field
	conflict *templates.EditorConflict
}

// showBlocks shows a mail of a campaign's draft to be written. A note to the team
// is written on its card.
func (s *Server) showBlocks(c echo.Context, v visit) error {
	see := wrote{lang: c.QueryParam("lang"), pick: -1, code: http.StatusOK, part: c.QueryParam("part") == "1"}
	if n, err := strconv.Atoi(c.QueryParam("pick")); err == nil {
		see.pick = n
	}
	return s.blocksPage(c, v, see)
}

func (s *Server) blocksPage(c echo.Context, v visit, see wrote) error {
	ctx, id := c.Request().Context(), campaign.CampaignID(c.Param("campaign"))
	d, err := s.desk().Draft(ctx, v.Shop.ID, id)
	if err != nil {
		return err
	}
	step := manage.Step(&d.Definition, c.Param("step"))
	switch {
	case step == nil:
		return manage.ErrNoStep
	case step.Kind != campaign.SendEmail:
		return c.Redirect(http.StatusSeeOther, s.frameOf(c, v).Link(flowPath(id, step.ID)))
	}
	remarks, err := s.desk().Inspect(ctx, v.Shop, d.Definition)
	if err != nil {
		return err
	}
	nonce := make([]byte, 16)
	_, _ = rand.Read(nonce) // never fails (crypto/rand)
	c.Set(nonceKey, base64.StdEncoding.EncodeToString(nonce))
	page := s.blocksOf(c, v, d, remarks)
	page.Nonce, page.Part, page.Said, page.Conflict, page.Pick = base64.StdEncoding.EncodeToString(nonce), see.part, see.said, see.conflict, see.pick
	page.Step, page.Seen, page.Flow = step.ID, messagePath(id, step.ID), flowPath(id, step.ID)
	page.Act = page.Seen + writePath
	if _, there := step.Email[see.lang]; !there {
		see.lang = firstText(step, shopLanguages(v))
		see.typed, see.form, see.wrong = nil, nil, nil // it was another language's
	}
	draw := &writer{speaker: speakerOf(v), see: see, remarks: remarks, step: step}
	draw.fill(&page, shopLanguages(v))
	if err := s.lookAt(c, v, &page, see.lang); err != nil {
		return err
	}
	return s.adminPage(c, see.code, "blocks", v.lang, page)
}

// blocksOf is the page with what it has in common with the editor of the campaign.
func (s *Server) blocksOf(c echo.Context, v visit, d manage.Draft, remarks []manage.Remark) templates.Blocks {
	words, one := speakerOf(v), d.Campaign
	page := templates.Blocks{
		Admin: s.frameOf(c, v), ID: string(one.ID), Title: cmp.Or(words.of(d.Definition.Title), string(one.ID)), State: string(one.State), Tone: stateTone[one.State],
		Version: int64(one.Version), Base: int64(d.Base), Lock: d.Lock, Undo: d.Undo, Redo: d.Redo, Changed: d.Changed, Newer: d.Newer(),
		Publishes: one.State != campaign.Live || v.Who.Role.Allows(publisherRole), Did: d.Said, By: d.By,
		Wrongs: int64(manage.Worst(remarks, manage.Wrong)), Errors: int64(manage.Worst(remarks, manage.Refused)), Hints: int64(manage.Worst(remarks, manage.Hint)),
	}
	page.Here = "messages"
	if d.At != 0 {
		page.At = d.At.Time()
	}
	return page
}

// firstText is the language that is shown where none is chosen: the first of the shop's that is there.
func firstText(step *campaign.Step, langs []string) string {
	for _, tag := range langs {
		if _, there := step.Email[tag]; there {
			return tag
		}
	}
	for _, tag := range slices.Sorted(maps.Keys(step.Email)) {
		return tag
	}
	return ""
}

// lookAt shows the draft's mail beside its text, as somebody gets it.
func (s *Server) lookAt(c echo.Context, v visit, page *templates.Blocks, lang string) error {
	ctx := c.Request().Context()
	sample, err := s.byItsSender(ctx, v.Shop, manage.Sample{
		Campaign: campaign.CampaignID(page.ID), Step: page.Step, Who: strings.TrimSpace(c.FormValue("who")), Lang: lang, Draft: true,
	})
	if err != nil {
		return err
	}
	p, err := s.desk().Message(ctx, v.Shop.ID, sample)
	missing := ""
	if fault.Is(err, fault.NotFound) && sample.Who != "" {
		missing, sample.Who = sample.Who, ""
		p, err = s.desk().Message(ctx, v.Shop.ID, sample)
	}
	page.Unread = errors.Is(err, manage.ErrUnread)
	if err != nil && !page.Unread {
		return err
	}
	page.See = s.previewPage(p, v)
	page.See.Missing, page.See.Who, page.See.Lang = missing, cmp.Or(missing, sample.Who), lang
	page.See.Phone, page.See.Dark = c.FormValue("width") == "phone", c.FormValue("scheme") == "dark"
	page.Went = page.Admin.Said == "test_asked" || page.Admin.Said == "test_again"
	if !page.Unread {
		page.See.Frame = s.frameAddress(page.Domain, v.Shop.ID, p, sample, page.See.Dark)
		page.Shown = fmt.Sprint(p.Lock, " ", lang, " ", p.Person.ID, " ", page.See.Phone, " ", page.See.Dark)
	}
	return s.fillOrders(ctx, v, &page.See)
}
