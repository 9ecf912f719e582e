package message

import (
	"net/netip"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"flywheel/delight/campaign"
)

// hidden reports characters that no text needs: controls other than tab and
// line end, and those that override the direction of what follows (Unicode
// UAX 9), which make an address or a name read as another. Isolates and marks
// are what Arabic and Persian need.
func hidden(r rune) bool {
	return unicode.IsControl(r) && r != '\n' && r != '\t' && r != '\r' || r >= '\u202a' && r <= '\u202e'
}

// shape finds what is wrong with a text as a whole: a subject or a body that
// says nothing, a line that breaks, a button that leads nowhere safe.
func shape(e campaign.Email) (problems []Problem) {
	refuse := func(field, sentence string) {
		problems = append(problems, Problem{Field: field, Column: 1, Sentence: sentence})
	}
	if blank(e.Subject) {
		refuse("subject", "the subject is blank")
	}
	if len(e.Body) > 0 && blank(strings.Join(e.Body, "")) {
		refuse("body 1", "the body is blank")
	}
	single := []spoken{{"subject", e.Subject}, {"preheader", e.Preheader}}
	for _, p := range place(e) {
		if p.Kind == campaign.BlockHeading {
			single = append(single, spoken{p.name("text"), p.Text})
		}
	}
	for _, line := range single {
		if at := strings.IndexAny(strings.TrimSpace(line.text), "\r\n\u2028\u2029"); at >= 0 {
			column := utf8.RuneCountInString(strings.TrimSpace(line.text)[:at]) + 1
			problems = append(problems, Problem{Field: line.field, Column: column, Sentence: "it stands on one line"})
		}
	}
	for _, p := range place(e) {
		for _, to := range p.addresses() {
			if !leads(to.text) {
				refuse(p.name(to.field), "it must be an address such as https://shop.example/, or an output such as {{ shop.url }}")
			}
		}
	}
	return problems
}

type spoken struct{ field, text string }

// addresses are the fields of a block that lead somewhere.
func (p placed) addresses() (all []spoken) {
	if p.Kind == campaign.BlockImage {
		all = append(all, spoken{"image", p.Image}, spoken{"link", p.Link})
	}
	if p.Button != nil {
		all = append(all, spoken{"button url", p.Button.URL})
	}
	return all
}

// blank reports whether nothing can be seen of a text, whatever its outputs give.
func blank(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return unicode.IsGraphic(r) && !unicode.IsSpace(r) }) < 0
}

// leads reports whether a button may lead there: nowhere, which leaves it out;
// where an output says; or to a public host by https.
func leads(address string) bool {
	address = strings.TrimSpace(address)
	before, _, output := strings.Cut(address, "{{")
	if address == "" || output && before == "" {
		return true
	}
	if output { // the host must stand before it
		rest, secure := strings.CutPrefix(before, "https://")
		if !secure || !strings.ContainsAny(rest, "/?#") {
			return false
		}
		address = before
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.User != nil || webAddress(address) == "" {
		return false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return err != nil && strings.Contains(u.Hostname(), ".") || err == nil && ip.IsGlobalUnicast() && !ip.IsPrivate()
}
