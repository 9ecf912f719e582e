package server

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"flywheel/delight/loyalty"
	"flywheel/store"
	"flywheel/templates"
)

// part is a list of the program: its rules, rewards or tiers.
type part struct {
	key string
	// rows are what there is; form is the form of one, id "" = a new one of a kind.
	rows func(visit, loyalty.Program, templates.Admin) []templates.LoyaltyPart
	adds func(visit, loyalty.Program) []templates.Choice // Value is the kind
	form func(f *programForm, p loyalty.Program, id, kind string) (title string, there bool)
	// save keeps what was typed; act does what a button says with one.
	save func(p *loyalty.Program, t *typing, id, kind string) error
	act  func(p *loyalty.Program, t *typing, id, do string) error
	// whole is the form about all of them; nil = there is none.
	whole     func(f *programForm, p loyalty.Program) (title string)
	saveWhole func(p *loyalty.Program, t *typing) error
}

func (w part) path() string { return "/loyalty/" + w.key }

// showPart shows one of the lists, with a form where one is asked for.
func (s *Server) showPart(w part) func(echo.Context, visit) error {
	return func(c echo.Context, v visit) error {
		p, err := s.programOf(c, v)
		if err != nil {
			return s.toBegin(c, v, err)
		}
		return s.partPage(c, v, w, p, http.StatusOK, c.QueryParam("edit"), c.QueryParam("add"), nil)
	}
}

func (s *Server) partPage(c echo.Context, v visit, w part, p store.Program, code int, id, kind string, no *unsaved) error {
	page := templates.LoyaltyParts{Admin: s.frameFor(c, v, "loyalty"), Part: w.key, Rev: p.Rev}
	page.Rows = w.rows(v, p.Program, page.Admin)
	for i := range page.Rows {
		page.Rows[i].Edit = page.Link(w.path() + "?edit=" + url.QueryEscape(page.Rows[i].ID))
	}
	for _, a := range w.adds(v, p.Program) {
		a.Value = page.Link(w.path() + "?add=" + url.QueryEscape(a.Value))
		page.Adds = append(page.Adds, a)
	}
	do := ""
	if no != nil {
		do = c.FormValue("do")
	}
	layOut := func(here string) *programForm {
		f := &programForm{visit: v}
		if no != nil && do == here {
			f.typed, f.wrong = c.Request().PostForm, no.wrong
		}
		return f
	}
	if (id != "" || kind != "") && do != "whole" {
		f := layOut("save")
		if title, there := w.form(f, p.Program, id, kind); there {
			page.Form = &templates.LoyaltyForm{Title: title, ID: id, Kind: kind, Do: "save", Groups: f.groups}
		}
	}
	if w.whole != nil {
		f := layOut("whole")
		page.Whole = &templates.LoyaltyForm{Title: w.whole(f, p.Program), Do: "whole", Groups: f.groups}
	}
	switch {
	case no == nil:
	case do == "whole" && page.Whole != nil:
		page.Whole.Wrong = no.whole
	case page.Form != nil:
		page.Form.Wrong = no.whole
	default: // a button at a row
		page.Form = &templates.LoyaltyForm{Wrong: no.whole, Title: templates.Say(v.lang, "club_not_done", nil)}
	}
	return s.adminPage(c, code, "loyalty_parts", v.lang, page)
}

// toBegin leads to the page that begins a program, where there is none.
func (s *Server) toBegin(c echo.Context, v visit, err error) error {
	if err == errNoProgram { //nolint:errorlint // it is returned as it is
		return c.Redirect(http.StatusSeeOther, s.frameOf(c, v).Link("/loyalty"))
	}
	return err
}

// savePart keeps what a form of the list says, or does what a button says.
func (s *Server) savePart(w part) func(echo.Context, visit) error {
	return func(c echo.Context, v visit) error {
		id, kind, do := c.FormValue("part"), c.FormValue("kind"), c.FormValue("do")
		no, err := s.changeProgram(c, v, func(p *loyalty.Program, t *typing) error {
			switch {
			case do == "save":
				return w.save(p, t, id, kind)
			case do == "whole" && w.saveWhole != nil:
				return w.saveWhole(p, t)
			}
			return w.act(p, t, id, do)
		})
		if err != nil {
			return err
		}
		if no == nil {
			return s.done(c, v, w.path(), "club_saved")
		}
		p, err := s.programOf(c, v)
		if err != nil {
			return err
		}
		if do != "save" {
			id, kind = "", ""
		}
		return s.partPage(c, v, w, p, http.StatusUnprocessableEntity, id, kind, no)
	}
}

// kindly are choices of kinds by the strings PREFIX_KIND.
func kindly[K ~string](v visit, prefix string, kinds ...K) (out []templates.Choice) {
	for _, k := range kinds {
		out = append(out, templates.Choice{Value: string(k), Name: templates.Say(v.lang, prefix+string(k), nil)})
	}
	return out
}

// dropped is a list without one.
func dropped[T any](all []T, is func(T) bool) ([]T, error) {
	i := slices.IndexFunc(all, is)
	if i < 0 {
		return all, errPartGone
	}
	return slices.Delete(all, i, i+1), nil
}
