package demo

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"flywheel/fault"
)

// newest is the last mail that an address got.
func (p *play) newest(email string) (received, error) {
	for _, m := range slices.Backward(p.Mail.Mails()) {
		if m.To == email {
			c, err := m.Read()
			return received{Mail: m, Content: c}, err
		}
	}
	return received{}, fault.New(fault.NotFound, "%s has no mail", email)
}

// preferences is the page behind the link that every mail to a customer has.
func (r received) preferences() string { return strings.Trim(r.Get("List-Unsubscribe"), "<>") }

// unsubscribe does what a mail program does for its reader (RFC 8058): it posts
// to the address in the header of the newest mail. A scanner has looked before.
func (p *play) unsubscribe(email string) (received, error) {
	m, err := p.newest(email)
	if err != nil {
		return m, err
	}
	form, err := url.ParseQuery(m.Get("List-Unsubscribe-Post"))
	if err != nil {
		return m, err
	}
	_, err = p.chooses(m.preferences(), func(string) url.Values { return form })
	return m, err
}

// chooses is somebody who opens a page of ours and sends one of its forms, which
// fill makes of what the page shows. It returns the page that comes back.
func (p *play) chooses(page string, fill func(page string) url.Values) (string, error) {
	shown, err := p.visit(http.MethodGet, page, nil)
	if err != nil {
		return "", err
	}
	return p.visit(http.MethodPost, page, fill(shown))
}

// presses is a form without anything to fill in.
func presses(fields ...string) func(string) url.Values {
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return func(string) url.Values { return form }
}

var topicBox = regexp.MustCompile(`name="topic" value="([^"]+)"[^>]* checked`)

// without takes the tick off one topic and leaves the others as the page shows them.
func without(topic string) func(string) url.Values {
	return func(page string) url.Values {
		form := url.Values{"do": {"save"}}
		for _, box := range topicBox.FindAllStringSubmatch(page, -1) {
			form.Add("shown", box[1])
			if box[1] != topic {
				form.Add("topic", box[1])
			}
		}
		return form
	}
}

var confirmLink = regexp.MustCompile(`https?://\S+/confirm/[\w-]+`)

// confirmPage is the page to which a mail leads that asks to confirm a yes.
func (r received) confirmPage() (string, error) {
	link := confirmLink.FindString(r.Text)
	if link == "" {
		return "", fault.New(fault.NotFound, "%q to %s has no link that confirms", r.Subject, r.To)
	}
	return link, nil
}

// visit asks for a page as a browser does.
func (p *play) visit(method, address string, form url.Values) (string, error) {
	req, err := http.NewRequestWithContext(p.ctx, method, address, strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return p.answered(req, http.StatusOK)
}

// answered makes a request that must be answered with one of codes.
func (p *play) answered(req *http.Request, codes ...int) (string, error) {
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	var page bytes.Buffer
	_, _ = page.ReadFrom(io.LimitReader(resp.Body, 1<<20))
	if !slices.Contains(codes, resp.StatusCode) {
		return "", fault.New(fault.Conflict, "%s %s was answered with %d", req.Method, req.URL.Path, resp.StatusCode)
	}
	return page.String(), nil
}
