package message

import (
	"regexp"
	"strings"

	"golang.org/x/net/publicsuffix"

	"flywheel/templates"
)

// addressLike is what mail programs make a link of by themselves: an address of the
// web, or a name that looks like a host.
var addressLike = regexp.MustCompile(`(?i)(?:https?:)?(?://)?(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?\.)+\p{L}{2,}(?:[:/?#][^\s<>"]*)?`)

// joiner is a character nobody sees, at which no address goes on.
const joiner = "\u2060"

// defuse takes from everything that a mail says what would become a link by itself
// and leads where the mail may not: it stays to be read, and is no address any more.
func (f Facts) defuse(m *templates.Mail) {
	if f.LinkHosts == nil {
		return
	}
	for _, text := range []*string{&m.Subject, &m.Preheader, &m.Shop, &m.Why, &m.PreferencesLabel} {
		*text = f.harmless(*text)
	}
	f.harmlessAll(m.Foot)
	f.harmlessAll(m.Address)
	for i := range m.Parts {
		p := &m.Parts[i]
		p.Text, p.HTML = f.harmless(p.Text), f.harmlessHTML(p.HTML)
		if p.Lines != nil {
			for j := range p.Lines.Lines {
				l := &p.Lines.Lines[j]
				l.Title, l.Variant = f.harmless(l.Title), f.harmless(l.Variant)
			}
		}
	}
}

func (f Facts) harmlessAll(lines []string) {
	for i, line := range lines {
		lines[i] = f.harmless(line)
	}
}

// harmlessHTML is harmless for what stands between the elements.
func (f Facts) harmlessHTML(html string) string {
	var b strings.Builder
	for html != "" {
		open := strings.IndexByte(html, '<')
		if open < 0 {
			open = len(html)
		}
		b.WriteString(f.harmless(html[:open]))
		end := strings.IndexByte(html[open:], '>')
		if end < 0 {
			b.WriteString(html[open:])
			break
		}
		b.WriteString(html[open : open+end+1])
		html = html[open+end+1:]
	}
	return b.String()
}

// harmless breaks up the addresses in a text that may not be linked. A mail address
// stays: it leads to no page.
func (f Facts) harmless(text string) string {
	if !strings.Contains(text, ".") {
		return text
	}
	var b strings.Builder
	from := 0
	for _, at := range addressLike.FindAllStringIndex(text, -1) {
		found := text[at[0]:at[1]]
		if at[0] > 0 && text[at[0]-1] == '@' || !f.foreign(found) {
			continue
		}
		b.WriteString(text[from:at[0]])
		bare := found[len(found)-len(hostAndRest(found)):]
		b.WriteString(strings.ReplaceAll(strings.ReplaceAll(bare, "://", ":"+joiner+"//"), ".", joiner+"."+joiner))
		from = at[1]
	}
	if from == 0 {
		return text
	}
	return b.String() + text[from:]
}

// foreign reports whether what looks like an address is one, of a host that may not be linked.
func (f Facts) foreign(found string) bool {
	host, _, _ := strings.Cut(hostAndRest(found), "/")
	host = strings.ToLower(strings.TrimRight(host[:strings.IndexAny(host+":", ":?#")], "."))
	if _, real := publicsuffix.PublicSuffix(host); !real && !strings.Contains(found, "//") {
		return false // such as Node.js
	}
	return !f.mayLink("https://" + host + "/")
}

// hostAndRest is an address without what stands before its host.
func hostAndRest(address string) string {
	if _, rest, found := strings.Cut(address, "//"); found {
		return rest
	}
	return address
}
