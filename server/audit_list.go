package server

import (
	"encoding/csv"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"flywheel/commerce"
	"flywheel/store"
	"flywheel/templates"
)

// showAudit lists who changed what in the shop, the latest first.
func (s *Server) showAudit(c echo.Context, v visit) error {
	ctx := c.Request().Context()
	f := store.AuditFilter{Who: c.QueryParam("who"), Act: c.QueryParam("act"), Account: commerce.AccountID(c.QueryParam("account")), Before: c.QueryParam("after")}
	if c.QueryParam("as") == "csv" {
		return s.saveAudit(c, v, f)
	}
	lines, err := s.Store.AuditLines(ctx, v.Shop.ID, f, auditShown+1)
	if err != nil {
		return err
	}
	page := templates.AuditPage{Admin: s.frameOf(c, v), Account: string(f.Account)}
	page.Here = "settings"
	link := func(after, as string) string {
		q := url.Values{}
		for name, value := range map[string]string{"who": f.Who, "act": f.Act, "account": string(f.Account), "after": after, "as": as} {
			if value != "" {
				q.Set(name, value)
			}
		}
		if len(q) == 0 {
			return page.Link("/audit")
		}
		return page.Link("/audit?" + q.Encode())
	}
	page.List = templates.List{
		Name: "audit", Here: page.Link("/audit"), Chosen: f.Who != "" || f.Act != "" || f.Account != "", CSV: link("", "csv"),
		Columns: []templates.Column{{Key: "audit_when"}, {Key: "audit_who"}, {Key: "audit_what"}, {Key: "audit_about"}},
	}
	if f.Account != "" {
		page.List.Keep = []templates.Choice{{Value: "account", Name: string(f.Account)}}
	}
	if f.Before != "" {
		page.List.First = link("", "")
	}
	if len(lines) > auditShown {
		lines = lines[:auditShown]
		page.List.Next = link(lines[auditShown-1].ID, "")
	}
	for _, a := range lines {
		page.List.Rows = append(page.List.Rows, auditRow(a, v.lang, v.Shop.Country))
	}
	if page.List.Filters, err = s.auditFilters(c, v, f); err != nil {
		return err
	}
	return s.adminPage(c, http.StatusOK, "audit", v.lang, page)
}

func (s *Server) auditFilters(c echo.Context, v visit, f store.AuditFilter) ([]templates.Filter, error) {
	any := templates.Choice{Value: "", Name: templates.Say(v.lang, "audit_any", nil)}
	who, act := []templates.Choice{any}, []templates.Choice{any}
	people, err := s.Store.AuditPeople(c.Request().Context(), v.Shop.ID)
	if err != nil {
		return nil, err
	}
	for _, one := range people {
		who = append(who, templates.Choice{Value: one, Name: one, On: one == f.Who})
	}
	acts, err := s.Store.AuditActs(c.Request().Context(), v.Shop.ID)
	for _, one := range acts {
		act = append(act, templates.Choice{Value: one, Name: templates.ActWords(v.lang, one), On: one == f.Act})
	}
	return []templates.Filter{{Name: "who", Key: "audit_who", Value: f.Who, Options: who}, {Name: "act", Key: "audit_what", Value: f.Act, Options: act}}, err
}

func auditRow(a store.Audit, lang, country string) templates.Row {
	what := templates.Cell{Text: templates.ActWords(lang, a.Act)}
	if a.Times > 1 {
		what.Sub = templates.Count(lang, country, "audit_times", a.Times, nil)
	}
	if !a.Done {
		what.Sub = strings.TrimSpace(what.Sub + " " + templates.Say(lang, "audit_unsure", nil))
	}
	when := templates.Cell{At: a.At.Time()}
	if a.Times > 1 {
		when.Until = a.Last.Time()
	}
	return templates.Row{ID: a.ID, Cells: []templates.Cell{
		when, {Text: a.Who, Sub: templates.Say(lang, "audit_via_"+string(a.Via), nil)}, what, {Code: a.Subject, Sub: detailOf(a, lang)},
	}}
}

// detailOf is what was chosen, in words where there are some. A line that stands
// for several changes has only that of the first, which says nothing.
func detailOf(a store.Audit, lang string) string {
	if a.Times > 1 {
		return ""
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(a.Detail)) {
		parts = append(parts, chosen(lang, name, a.Detail[name]))
	}
	return strings.Join(parts, "; ")
}

// chosen says one choice: a code stays as it is, apart from the words around it.
func chosen(lang, name, value string) string {
	if key := "audit_" + name + "_" + value; templates.Known(key) {
		return templates.Say(lang, key, nil)
	}
	switch key := "role_" + value; {
	case name == "role" && templates.Known(key):
		value = templates.Say(lang, key, nil)
	case name == "do" && templates.Known("editor_did_"+value):
		return templates.Say(lang, "editor_did_"+value, nil)
	default:
		value = templates.Isolated(value)
	}
	label := name
	if key := "audit_field_" + name; templates.Known(key) {
		label = templates.Say(lang, key, nil)
	}
	return label + ": " + value
}

// auditStep is how many lines are read at once for a file.
const auditStep = 500

// saveAudit hands out all lines as a file, a step at a time.
func (s *Server) saveAudit(c echo.Context, v visit, f store.AuditFilter) error {
	f.Before = ""
	lines, err := s.Store.AuditLines(c.Request().Context(), v.Shop.ID, f, auditStep)
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="audit.csv"`)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	c.Response().WriteHeader(http.StatusOK)
	if _, err := io.WriteString(c.Response(), "\uFEFF"); err != nil { // so that spreadsheets read UTF-8
		return err
	}
	w := csv.NewWriter(c.Response())
	_ = w.Write([]string{"at", "who", "via", "act", "words", "about", "detail", "done", "times", "last"}) // Flush tells
	for len(lines) > 0 {
		for _, a := range lines {
			row := []string{a.At.Time().UTC().Format(time.RFC3339), a.Who, string(a.Via), a.Act, templates.ActWords(v.lang, a.Act), a.Subject, detailOf(a, v.lang), map[bool]string{true: "yes", false: "unknown"}[a.Done], itoa(a.Times), stamp(a.Last)}
			for i := range row {
				row[i] = inert(row[i])
			}
			_ = w.Write(row)
		}
		if w.Flush(); w.Error() != nil {
			return w.Error()
		}
		if len(lines) < auditStep {
			return nil
		}
		f.Before = lines[len(lines)-1].ID
		if lines, err = s.Store.AuditLines(c.Request().Context(), v.Shop.ID, f, auditStep); err != nil {
			return err
		}
	}
	return nil
}

// inert keeps a spreadsheet from taking a cell for a formula (OWASP, CSV injection).
func inert(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
