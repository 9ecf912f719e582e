package server

import (
	"context"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"flywheel/club"
	"flywheel/templates"
)

// refusedShown is how many lines that were left out a page names.
const refusedShown = 50

// showImport is where a file of members is read in.
func (s *Server) showImport(c echo.Context, v visit) error {
	if _, err := s.programOf(c, v); err != nil {
		return s.toBegin(c, v, err)
	}
	return s.importPage(c, v, http.StatusOK, func(*templates.LoyaltyImport) {})
}

func (s *Server) importPage(c echo.Context, v visit, code int, fill func(*templates.LoyaltyImport)) error {
	page := templates.LoyaltyImport{Admin: s.frameFor(c, v, "loyalty"), Columns: strings.Join(club.Columns[:7], ",")}
	fill(&page)
	return s.adminPage(c, code, "loyalty_import", v.lang, page)
}

// importMembers looks at a file and says what it would do, or does it. What was
// cut off goes on where it was when the same file is sent again.
func (s *Server) importMembers(c echo.Context, v visit) error {
	lines, err := sentLines(c)
	var file club.File
	if err == nil {
		file, err = club.ReadFile(strings.NewReader(lines))
	}
	look, mode := c.FormValue("do") != "import", club.Mode(c.FormValue("mode"))
	var got club.Imported
	if err == nil {
		_ = http.NewResponseController(c.Response()).SetWriteDeadline(time.Now().Add(10 * fileStep))
		got, err = s.readMembers(c.Request().Context(), v, file, mode, look)
	}
	if refusal, refused := refusalOf(err, v.lang); refused {
		return s.importPage(c, v, http.StatusUnprocessableEntity, func(p *templates.LoyaltyImport) { p.Wrong, p.Mode = refusal, string(mode) })
	}
	if err != nil {
		return err
	}
	shown := v.imported(got)
	return s.importPage(c, v, http.StatusOK, func(p *templates.LoyaltyImport) {
		if p.Mode = string(mode); look {
			p.Look, p.Lines = &shown, lines
			return
		}
		p.Done = &shown
		s.Log.Info("loyalty members imported", "shop", v.Shop.ID, "read", got.Read, "refused", len(got.Refused), "user", v.Who.Name)
	})
}

func (s *Server) readMembers(ctx context.Context, v visit, f club.File, mode club.Mode, look bool) (club.Imported, error) {
	if look {
		return s.staff().Preview(ctx, v.Shop, f, mode)
	}
	return s.staff().Import(ctx, v.Shop, f, mode, v.Who.Name, nil)
}

// sentLines are those of a form's file, else what was pasted or sent again.
func sentLines(c echo.Context) (string, error) {
	f, err := uploaded(c, "file", "lines")
	if err != nil {
		return "", err
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	return string(data), err
}

func (v visit) imported(got club.Imported) templates.LoyaltyImported {
	out := templates.LoyaltyImported{Read: int64(got.Read), Before: int64(got.Before), New: int64(got.New), Points: v.points(got.Points), Bad: int64(len(got.Refused))}
	for _, r := range got.Refused[:min(len(got.Refused), refusedShown)] {
		out.Refused = append(out.Refused, templates.LoyaltyRefused{Line: int64(r.Line), Why: r.Why, Has: templates.Clean(r.Has, 80)})
	}
	return out
}
