package server_test

import (
	"database/sql"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/links"
	"flywheel/store/storetest"
)

const target = "https://nour.example/tea?x=1&y=2#top"

// counting is a mail whose links count, with a look at what was counted.
type counting struct {
	*mailed
	db *sql.DB
}

// counted is a mail of a shop that counts, with a link and a picture that do.
func counted(t *testing.T, engine string) (m *counting, click, open string) {
	t.Helper()
	address := storetest.Prepared(t, engine)
	m = &counting{mail(t, storetest.OpenURL(t, address), gate.Service, "reviews"), storetest.DB(t, address)}
	m.settings(func(s *commerce.Settings) { s.Tracking = commerce.Tracking{Opens: true, Clicks: true} })
	mark := links.Mark{Shop: string(m.shop), Effect: string(m.effect)}
	open = "/o/" + marks.Sign(links.Open, mark) + ".gif"
	mark.Target = target
	return m, "/c/" + marks.Sign(links.Click, mark), open
}

func (m *counting) ask(method, path string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	for i := 1; i < len(headers); i += 2 {
		r.Header.Set(headers[i-1], headers[i])
	}
	return m.do(r)
}

// times says how often an act was counted.
func (m *counting) times(act links.Act) (n int) {
	m.t.Helper()
	require.NoError(m.t, m.db.QueryRowContext(m.t.Context(), `SELECT COALESCE(SUM(times), 0) FROM message_acts WHERE kind = $1`, string(act)).Scan(&n))
	return n
}

func TestClicksAndOpeningsAreCounted(t *testing.T) {
	for _, engine := range storetest.Engines {
		m, click, open := counted(t, engine)
		for range 2 {
			rec := m.ask(http.MethodGet, click)
			require.Equal(t, http.StatusFound, rec.Code)
			require.Equal(t, target, rec.Header().Get("Location"))
			require.Equal(t, "no-store", rec.Header().Get("Cache-Control"))
		}
		require.Equal(t, 2, m.times(links.Click))
		require.Zero(t, m.times(links.Open))
		rec := m.ask(http.MethodGet, open)
		require.Equal(t, http.StatusOK, rec.Code)
		require.Equal(t, "image/gif", rec.Header().Get("Content-Type"))
		require.Equal(t, "GIF89a", rec.Body.String()[:6])
		require.Equal(t, 1, m.times(links.Open))
	}
}

// Programs that look ahead are sent on like anybody, and not counted.
func TestWhatLooksAheadDoesNotCount(t *testing.T) {
	m, click, _ := counted(t, "sqlite")
	for _, headers := range [][]string{
		{"Sec-Purpose", "prefetch"}, {"Sec-Purpose", "prefetch;prerender"}, {"Purpose", "prefetch"}, {"X-Moz", "Prefetch"}, {"X-Purpose", "preview"},
	} {
		require.Equal(t, target, m.ask(http.MethodGet, click, headers...).Header().Get("Location"))
	}
	require.Equal(t, target, m.ask(http.MethodHead, click).Header().Get("Location"))
	require.Zero(t, m.times(links.Click))
}

// Nothing leads where the shop's mail did not: a link that was changed answers
// with a page of our own.
func TestAChangedLinkLeadsNowhere(t *testing.T) {
	m, click, open := counted(t, "sqlite")
	other := links.NewSigner([][]byte{make([]byte, 32)}).Sign(links.Click, links.Mark{Shop: string(m.shop), Effect: "e", Target: "https://evil.example/"})
	for _, path := range []string{
		click + "A", click[:len(click)-1], "/c/" + other, "/c/x", "/c/https:%2f%2fevil.example", "/c/" + open[3:len(open)-4], click + "?to=https://evil.example",
	} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			rec := m.ask(method, path, "Accept-Language", "fa")
			if path == click+"?to=https://evil.example" {
				require.Equal(t, target, rec.Header().Get("Location"))
				continue
			}
			require.Equal(t, http.StatusNotFound, rec.Code, path)
			require.Empty(t, rec.Header().Get("Location"))
			if method == http.MethodGet {
				require.Contains(t, read(t, rec), `<html lang="fa" dir="rtl">`)
			}
		}
	}
	for _, path := range []string{"/o/x.gif", open + "x", "/o/" + click[3:] + ".gif", open[:len(open)-4]} {
		require.Equal(t, http.StatusNotFound, m.ask(http.MethodGet, path).Code, path)
	}
	require.Equal(t, http.StatusMethodNotAllowed, m.ask(http.MethodPost, click).Code)
}

// A shop that has turned it off again, or is gone, counts nothing; its links go on leading where they led.
func TestLinksOutliveTracking(t *testing.T) {
	m, click, open := counted(t, "sqlite")
	m.settings(func(s *commerce.Settings) { s.Tracking = commerce.Tracking{} })
	require.Equal(t, target, m.ask(http.MethodGet, click).Header().Get("Location"))
	require.Equal(t, http.StatusOK, m.ask(http.MethodGet, open).Code)
	require.Zero(t, m.times(links.Click)+m.times(links.Open))
	m.clock.Advance(1000 * 24 * time.Hour)
	_, err := m.store.EraseShop(t.Context(), m.shop, commerce.Shopify, m.store.Now())
	require.NoError(t, err)
	require.Equal(t, target, m.ask(http.MethodGet, click).Header().Get("Location"))
}
