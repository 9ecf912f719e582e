package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"flywheel/app"
	"flywheel/integrations/mail/mailfake"
)

// visitor is somebody signed in who asks the handler itself, so that what is
// measured is the server's time.
type visitor struct {
	app     *app.App
	handler *echo.Echo
	sink    *mailfake.Sink
	cookie  *http.Cookie
}

// visitPages opens the App over a filled database and signs its owner in.
func visitPages(ctx context.Context, p place) (*visitor, error) {
	sink, err := mailfake.Start(mailfake.Options{})
	if err != nil {
		return nil, err
	}
	v := &visitor{sink: sink}
	config, err := p.config(sink.URL())
	if err != nil {
		return v, err
	}
	config.RedisURL, config.Billing, config.AppHandle = "", "shopify", "flywheel"
	config.Extra = func(h http.Handler) http.Handler {
		v.handler, _ = h.(*echo.Echo)
		return h
	}
	if v.app, err = app.Start(ctx, config, app.Parts{Web: true}, slog.New(slog.DiscardHandler)); err != nil {
		return v, err
	}
	return v, v.signIn()
}

func (v *visitor) close() error {
	v.sink.Stop()
	if v.app == nil {
		return nil
	}
	return v.app.Stop()
}

var signInCode = regexp.MustCompile(`\b(\d{4}) (\d{4})\b`)

// signIn goes the way that people go: the code of the mail is typed.
func (v *visitor) signIn() error {
	v.ask(http.MethodPost, "/login", url.Values{"email": {pagesOwner}, "back": {"/me"}})
	v.app.People.Close() // waits for the mail
	mails := v.sink.Mails()
	if len(mails) == 0 {
		return errors.New("nobody was mailed a code to sign in by")
	}
	read, err := mails[len(mails)-1].Read()
	if err != nil {
		return err
	}
	code := signInCode.FindString(read.Text)
	if got := v.ask(http.MethodPost, "/login/code", url.Values{"code": {code}}); got.Code != http.StatusSeeOther {
		return fmt.Errorf("signing in was answered %d", got.Code)
	}
	return nil
}

// enough is how much of a file is taken before the browser goes away: its first step.
const enough = 1 << 10

// answer keeps what was answered, of a file the beginning.
type answer struct {
	*httptest.ResponseRecorder
}

func (a answer) Write(p []byte) (int, error) {
	if strings.HasPrefix(a.Header().Get("Content-Type"), "text/csv") && a.Body.Len() > enough {
		return 0, errors.New("the reader has gone")
	}
	return a.ResponseRecorder.Write(p)
}

func (v *visitor) ask(method, path string, form url.Values) answer {
	r := httptest.NewRequest(method, "http://127.0.0.1"+path, strings.NewReader(form.Encode()))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
	if v.cookie != nil {
		r.AddCookie(v.cookie)
	}
	a := answer{httptest.NewRecorder()}
	v.handler.ServeHTTP(a, r)
	for _, c := range a.Result().Cookies() {
		if strings.HasSuffix(c.Name, "flywheel") && c.MaxAge >= 0 {
			v.cookie = c
		}
	}
	return a
}

// timed asks for each of some addresses in turn, up to times in all and for about
// as long as most, and says how long the answers took. The first three, which
// prepare statements, are not counted.
func (v *visitor) timed(of []string, times int, most time.Duration) ([]float64, error) {
	var took []time.Duration
	began := time.Now()
	for i := -3; i < times && (i < leastAsked || time.Since(began) < most); i++ {
		if i%10 == 0 { // how often somebody may ask is not measured here
			if err := v.app.Queue.Redis().FlushDB(context.Background()).Err(); err != nil {
				return nil, err
			}
		}
		at := time.Now()
		got := v.ask(http.MethodGet, of[(i+3)%len(of)], nil)
		if i >= 0 {
			took = append(took, time.Since(at))
		}
		if got.Code >= 400 {
			return nil, fmt.Errorf("%s was answered %d: %.300s", of[i%len(of)], got.Code, got.Body.String())
		}
	}
	return millis(took), nil
}

// leastAsked is how often a page is asked at least, however slow it is.
const leastAsked = 40
