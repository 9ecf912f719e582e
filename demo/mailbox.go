package demo

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	netmail "net/mail"
	"net/url"
	"slices"
	"strings"
	"time"

	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/fault"
	"flywheel/integrations/mail/mailfake"
	"flywheel/store"
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

	Lang   string         `json:"-"`
	zone   *time.Location // of the shop
	mail   received
	signed []string // by whom, where one mail is looked at
}

// When is the moment in the shop's zone.
func (l letter) When() string { return timeline.Moment(l.At, l.zone) }

// HeaderNames lists the headers in alphabetical order.
func (l letter) HeaderNames() []string { return slices.Sorted(maps.Keys(l.Headers)) }

// reader makes letters of mails.
type reader struct {
	postmark
	shops map[commerce.ShopID]commerce.Shop
}

func (p *pages) reader(r *http.Request) (reader, error) {
	shops, err := p.world.App.Store.ListShops(ctx(r), "", perPage)
	rd := reader{p.world.postmark(shops), map[commerce.ShopID]commerce.Shop{}}
	for _, s := range shops {
		rd.shops[s.ID] = s
	}
	return rd, err
}

func (rd reader) letter(m mailfake.Mail) (letter, error) {
	c, err := rd.read(m)
	shop := rd.shops[c.shop]
	return letter{
		ID: c.effect(), Shop: shop.Name, At: m.At.UTC(), From: c.Get("From"), To: m.To, Subject: c.Subject, Text: c.Text, HTML: c.HTML,
		Headers: c.Header, Lang: c.Get("Content-Language"), zone: timeline.Zone(shop), mail: c,
	}, err
}

// letters returns the part of the mails that a request asks for, newest first,
// with the numbers of the pages before and after.
func (p *pages) letters(r *http.Request) (out []letter, before, after int, err error) {
	rd, err := p.reader(r)
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
		l, err := rd.letter(m)
		if err != nil {
			return nil, 0, 0, err
		}
		out = append(out, l)
	}
	return out, before, after, nil
}

// letter finds the mail that a request's path names.
func (p *pages) letter(r *http.Request) (letter, error) {
	id := r.PathValue("mail")
	rd, err := p.reader(r)
	if err != nil {
		return letter{}, err
	}
	for _, m := range p.world.Mail.Mails() {
		if id == "" || !bytes.Contains(m.Raw, []byte(id)) {
			continue // reading a mail costs more than looking for a word in it
		}
		l, err := rd.letter(m)
		if err != nil {
			return letter{}, err
		}
		if l.ID == id {
			l.signed, err = rd.signers(m)
			return l, err
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
	Writer      netmail.Address
	Unsubscribe string   // the address of its one-click header
	SignedBy    string   // whose signatures hold; "" = nobody's
	Back        []string // what was told of it afterwards
}

func (p *pages) mail(r *http.Request) (any, error) {
	l, err := p.letter(r)
	if err != nil {
		return nil, err
	}
	page := mailPage{frame: frame{Title: l.Subject, Here: "mailbox"}, letter: l, Unsubscribe: l.mail.preferences(), SignedBy: strings.Join(slices.Compact(l.signed), ", ")}
	if from, err := netmail.ParseAddress(l.From); err == nil { // a mail that the sink took has one
		page.Writer = *from
	}
	if l.mail.shop == "" {
		return page, nil
	}
	hash, err := p.world.App.Store.AddressHash(ctx(r), l.mail.shop, l.To)
	if err != nil {
		return nil, err
	}
	back, err := p.world.App.Store.Bounces(ctx(r), l.mail.shop, hash, perPage)
	for _, b := range back {
		if string(b.Effect) == l.ID {
			page.Back = append(page.Back, backWords(b))
		}
	}
	return page, err
}

// backWords says what was told of a mail, and by whom.
func backWords(b store.Bounce) string {
	what := "It came back"
	if b.Kind == gate.Complaint {
		what = "It was called spam"
	}
	who := map[string]string{"dsn": "a report of the recipient's server by mail", "arf": "a report of the recipient's provider by mail"}[b.Source]
	return strings.TrimSuffix(what+", says "+cmp.Or(who, "a signed event of the mail provider, "+b.Source)+": "+b.Note, ": ") + "."
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
