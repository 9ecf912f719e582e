package demo

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/timeline"
)

// letter is a mail as the pages and the JSON show it.
type letter struct {
	ID      string              `json:"id"` // X-Flywheel-ID
	Shop    string              `json:"shop"`
	At      time.Time           `json:"at"`
	From    string              `json:"from"`
	To      string              `json:"to"`
	Subject string              `json:"subject"`
	Text    string              `json:"text"`
	HTML    string              `json:"html"`
	Headers map[string][]string `json:"headers"` // by name in lower case

	Lang string         `json:"-"`
	zone *time.Location // of the shop
}

// When is the moment in the shop's zone.
func (l letter) When() string { return timeline.Moment(l.At, l.zone) }

// HeaderNames lists the headers in alphabetical order.
func (l letter) HeaderNames() []string { return slices.Sorted(maps.Keys(l.Headers)) }

// letters returns the part of the mails that a request asks for, newest first,
// with the numbers of the pages before and after.
func (p *pages) letters(r *http.Request) (out []letter, before, after int, err error) {
	shops, err := p.shopsByEmail(r)
	if err != nil {
		return nil, 0, 0, err
	}
	mails := p.world.Mail.Mails()
	slices.Reverse(mails)
	if to := strings.ToLower(r.URL.Query().Get("to")); to != "" {
		kept := mails[:0]
		for _, m := range mails {
			if m.To == to {
				kept = append(kept, m)
			}
		}
		mails = kept
	}
	from, to, before, after := pageOf(r, len(mails))
	out = []letter{}
	for _, m := range mails[from:to] {
		c, err := m.Read()
		if err != nil {
			return nil, 0, 0, err
		}
		out = append(out, asLetter(received{m, c}, shops))
	}
	return out, before, after, nil
}

func (p *pages) shopsByEmail(r *http.Request) (map[string]commerce.Shop, error) {
	shops, err := p.world.App.Store.ListShops(ctx(r), "", perPage)
	out := map[string]commerce.Shop{}
	for _, s := range shops {
		out[s.Email] = s
	}
	return out, err
}

func asLetter(m received, shops map[string]commerce.Shop) letter {
	shop := shops[m.From]
	return letter{
		ID: m.effect(), Shop: shop.Name, At: m.At.UTC(), From: m.Get("From"), To: m.To, Subject: m.Subject, Text: m.Text, HTML: m.HTML,
		Headers: m.Header, Lang: m.Get("Content-Language"), zone: timeline.Zone(shop),
	}
}

// letter finds the mail that a request's path names.
func (p *pages) letter(r *http.Request) (letter, error) {
	id := r.PathValue("mail")
	shops, err := p.shopsByEmail(r)
	if err != nil {
		return letter{}, err
	}
	for _, m := range p.world.Mail.Mails() {
		if id == "" || !bytes.Contains(m.Raw, []byte(id)) {
			continue // reading a mail costs more than looking for a word in it
		}
		c, err := m.Read()
		if err != nil {
			return letter{}, err
		}
		if l := asLetter(received{m, c}, shops); l.ID == id {
			return l, nil
		}
	}
	return letter{}, fault.New(fault.NotFound, "There is no such mail.")
}

// mailboxPage is /demo/mailbox.
type mailboxPage struct {
	frame
	Letters       []letter
	Count         int
	To            string
	Before, After int
}

// Query is the address's tail for another page of the list.
func (m mailboxPage) Query() string {
	if m.To == "" {
		return ""
	}
	return "&" + url.Values{"to": {m.To}}.Encode()
}

func (p *pages) mailbox(r *http.Request) (any, error) {
	letters, before, after, err := p.letters(r)
	return mailboxPage{
		frame: frame{Title: "Mailbox", Here: "mailbox"}, Letters: letters, Count: p.world.Mail.Count(), To: r.URL.Query().Get("to"), Before: before, After: after,
	}, err
}

// mailboxJSON is /demo/mailbox.json: what /demo/mailbox lists, with everything in it.
func (p *pages) mailboxJSON(w http.ResponseWriter, r *http.Request) {
	letters, _, _, err := p.letters(r)
	if err != nil {
		p.world.App.Log.Error("mailbox.json failed", "error", err)
		http.Error(w, "the mailbox could not be read", http.StatusInternalServerError)
		return
	}
	guard(w, "default-src 'none'; frame-ancestors 'none'")
	w.Header().Set("Content-Type", "application/json")
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	_ = enc.Encode(letters) // a visitor who has gone is no matter
}

// mailPage is one mail.
type mailPage struct {
	frame
	letter
	Unsubscribe string // the address of its one-click header
}

func (p *pages) mail(r *http.Request) (any, error) {
	l, err := p.letter(r)
	return mailPage{frame{Title: l.Subject, Here: "mailbox"}, l, strings.Trim(first(l.Headers["list-unsubscribe"]), "<>")}, err
}

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

// mailPolicy is for a mail's own HTML: it may look as it likes and do nothing.
// Its links open outside the frame. The same origin gives away nothing where no
// script can run, and lets the frame be painted with the page.
const mailPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src https: data:; form-action 'none'; frame-ancestors 'self'; " +
	"sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"

// mailHTML is the HTML part as it was sent, but for where its links open.
func (p *pages) mailHTML(w http.ResponseWriter, r *http.Request) {
	l, err := p.letter(r)
	if err != nil {
		http.Error(w, "There is no such mail.", http.StatusNotFound)
		return
	}
	guard(w, mailPolicy)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write([]byte(strings.Replace(l.HTML, "<head>", `<head><base target="_blank">`, 1)))
}
