package server

import (
	"cmp"
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/fault"
	"flywheel/manage"
	"flywheel/store"
	"flywheel/templates"
)

const suppressionPath = "/lists/suppression"

// showStops lists to whom nothing goes, or not all.
func (s *Server) showStops(c echo.Context, v visit) error {
	return s.stopsPage(c, v, http.StatusOK, func(*templates.ListSuppression) {})
}

func (s *Server) stopsPage(c echo.Context, v visit, code int, fill func(*templates.ListSuppression)) error {
	ctx, frame := c.Request().Context(), s.frameFor(c, v, "lists/suppression")
	p := pagerOf(c, frame, suppressionPath, "q")
	page := templates.ListSuppression{Admin: frame, Query: p.asked.Get("q"), Scope: string(gate.ScopeAll)}
	rows, next, err := s.stopsFound(ctx, v, page.Query, p.after)
	if err != nil {
		return err
	}
	n, err := s.namesOfStops(ctx, v, rows)
	if err != nil {
		return err
	}
	page.List = p.list("lists_suppression", next, column("lists_since"), column("lists_address"), column("lists_scope"), column("lists_reason"), column("lists_until"))
	page.List.Chosen = page.Query != ""
	page.List.Filters = []templates.Filter{{Name: "q", Key: "lists_exact", Value: page.Query}}
	if page.List.CSV = ""; v.Who.Role.Allows(commerce.RoleOwner) {
		page.List.CSV = frame.Link(suppressionPath + "/file")
	}
	for _, r := range rows {
		page.List.Rows = append(page.List.Rows, templates.Row{ID: r.Hash + " " + string(r.Scope), Cells: []templates.Cell{
			{At: moment(r.At)}, n.stopped(frame, r), {Text: scopeSaid(v, r.Scope)}, {Text: reasonSaid(v, r.Reason)}, {At: moment(r.Until)},
		}})
	}
	if v.Who.Role.Allows(commerce.RolePublisher) {
		page.List.Bulk = []templates.Bulk{{Key: "lists_lift", Path: frame.Link(suppressionPath + "/drop")}}
	}
	fill(&page)
	return s.adminPage(c, code, "lists_suppression", v.lang, page)
}

// stopsFound is a page of the list, or the lines of one address.
func (s *Server) stopsFound(ctx context.Context, v visit, query, after string) (rows []store.StopLine, next string, err error) {
	hash, email := "", ""
	if query != "" {
		if email = commerce.NormalEmail(query); email == "" {
			return nil, "", nil // no address, so nobody's
		}
		if hash, err = s.Store.AddressHash(ctx, v.Shop.ID, email); err != nil {
			return nil, "", err
		}
	}
	rows, more, err := s.Store.StopLines(ctx, v.Shop.ID, hash, stopPlace(after), listRows)
	for i := range rows {
		rows[i].Address = cmp.Or(rows[i].Address, email) // who asks by it knows it
	}
	if more {
		last := rows[len(rows)-1]
		next = strconv.FormatInt(int64(last.At), 10) + " " + last.Hash + " " + string(last.Scope)
	}
	return rows, next, err
}

// stopPlace reads a place as stopsFound writes it.
func stopPlace(text string) store.StopPlace {
	at, rest, _ := strings.Cut(text, " ")
	hash, scope, found := strings.Cut(rest, " ")
	n, err := strconv.ParseInt(at, 10, 64)
	if err != nil || !found {
		return store.StopPlace{}
	}
	return store.StopPlace{At: commerce.Instant(n), Hash: hash, Scope: gate.Scope(scope)}
}

func (s *Server) namesOfStops(ctx context.Context, v visit, rows []store.StopLine) (names, error) {
	var persons []commerce.PersonID
	for _, r := range rows {
		persons = append(persons, r.Person)
	}
	return s.namesOf(ctx, v, persons, nil)
}

// stopped is the cell of an address that is stopped: it, or whose it is.
func (n names) stopped(page templates.Admin, r store.StopLine) templates.Cell {
	if r.Address != "" {
		return templates.Cell{Text: n.address(r.Address)}
	}
	if cell := n.who(page, r.Person); cell.Text != "" {
		return cell
	}
	return templates.Cell{Text: templates.Say(n.lang, "lists_address_hidden", nil), Sub: r.Hash[:min(8, len(r.Hash))]}
}

// scopeSaid says what a stop stops.
func scopeSaid(v visit, scope gate.Scope) string {
	if topic, ok := scope.Topic(); ok {
		return templates.Say(v.lang, "lists_scope_topic", map[string]string{"Topic": templates.Topic(v.lang, topic)})
	}
	return templates.Say(v.lang, "lists_scope_"+string(scope), nil)
}

// reasonSaid says why, where we know the reason; a merchant's own stands as it is.
func reasonSaid(v visit, reason string) string {
	if key := "timeline_stopped_" + strings.ReplaceAll(reason, " ", "_"); templates.Known(key) {
		return templates.Say(v.lang, key, nil)
	}
	return templates.Clean(reason, 100)
}

// byHand is the reason of what staff stop where they give none.
const byHand = "by hand"

// addStop puts one address on the list.
func (s *Server) addStop(c echo.Context, v visit) error {
	address, scope, until := c.FormValue("address"), c.FormValue("scope"), templates.Western(c.FormValue("until"))
	end, err := endOfDay(until, v.Shop.Timezone)
	if err == nil {
		_, err = s.desk().AddStop(c.Request().Context(), v.Shop.ID, address, scope, byHand, end)
	}
	if refusal, ok := refusalOf(err, v.lang); ok {
		refusal.Field, refusal.Said = "address", templates.Say(v.lang, "lists_no_address", nil)
		return s.stopsPage(c, v, http.StatusUnprocessableEntity, func(p *templates.ListSuppression) {
			p.Wrong, p.Address, p.Scope, p.Until = refusal, address, scope, until
		})
	}
	if err != nil {
		return err
	}
	return s.done(c, v, suppressionPath, "lists_stopped")
}

// liftStops takes the ticked lines off the list.
func (s *Server) liftStops(c echo.Context, v visit) error {
	ids, err := ticked(c)
	if err != nil {
		return err
	}
	n := int64(0)
	for _, id := range ids {
		hash, scope, _ := strings.Cut(id, " ")
		err := s.Store.LiftStop(c.Request().Context(), v.Shop.ID, hash, gate.Scope(scope))
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		if err == nil {
			n++
		}
	}
	return s.done(c, v, suppressionPath, "lists_lifted", n)
}

// importStops reads a file of addresses, or what was pasted, and reports what became of its lines.
func (s *Server) importStops(c echo.Context, v visit) error {
	file, err := uploaded(c, "file", "lines")
	var report manage.Imported
	if err == nil {
		defer file.Close()
		report, err = s.desk().ImportStops(c.Request().Context(), v.Shop.ID, file)
	}
	if refusal, ok := refusalOf(err, v.lang); ok {
		refusal.Form, refusal.Field = "import", "file"
		return s.stopsPage(c, v, http.StatusUnprocessableEntity, func(p *templates.ListSuppression) { p.Wrong = refusal })
	}
	if err != nil {
		return err
	}
	s.Log.Info("suppression list imported", "shop", v.Shop.ID, "added", report.Added, "bad", report.Bad, "user", v.Who.Name)
	return s.stopsPage(c, v, http.StatusOK, func(p *templates.ListSuppression) {
		p.Report = &templates.ListImport{Added: report.Added, Known: report.Known, Bad: report.Bad, Why: report.Why}
	})
}

// uploaded is the file of a form, else what was pasted into a field of it.
func uploaded(c echo.Context, file, field string) (io.ReadCloser, error) {
	head, err := c.FormFile(file)
	if err == nil && head.Size > 0 {
		var f multipart.File
		f, err = head.Open()
		return f, err
	}
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return nil, fault.New(fault.TooLarge, "the file is larger than 1 MB: split it, or import it by the command line")
	}
	if pasted := c.FormValue(field); strings.TrimSpace(pasted) != "" {
		return io.NopCloser(strings.NewReader(pasted)), nil
	}
	return nil, fault.New(fault.Invalid, "choose a file, or paste its lines")
}

// saveStops hands the whole list out, with addresses: who did is written down.
func (s *Server) saveStops(c echo.Context, v visit) error {
	return s.audited(c, v, suppressionPath+"/file", func(c echo.Context, v visit) error {
		_ = http.NewResponseController(c.Response()).SetWriteDeadline(time.Now().Add(10 * fileStep))
		startFile(c, "suppression")
		_, err := s.desk().ExportStops(c.Request().Context(), v.Shop.ID, c.Response())
		return err
	})
}
