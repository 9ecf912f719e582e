package message

import (
	"html"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"

	"flywheel/templates"
)

// dots are what ends a name of a host, also those that browsers read as one (UTS 46).
const dots = ".\u3002\uff0e\uff61"

// addressLike is what mail programs make a link of by themselves, up to the end of its
// host: an address of the web, or a name that looks like a host.
var addressLike = func() *regexp.Regexp {
	const name = `[\p{L}\p{N}\p{M}](?:[\p{L}\p{N}\p{M}_-]*[\p{L}\p{N}\p{M}])?`
	whole := `(?:[a-z][a-z0-9+.-]*:)?//(?:[^/?#\\]*@)?(?:\[[0-9a-z:.%_-]*\]?|[\p{L}\p{N}\p{M}_%` + dots + `-]+)`
	bare := `(?:` + name + `[` + dots + `])+(?:xn--[a-z0-9-]+|[\p{L}\p{M}]{2,})`
	return regexp.MustCompile(`(?i)` + whole + `|` + bare)
}()

// begins is what an address begins with for all programs, whatever stands before it.
var begins = regexp.MustCompile(`(?i)[a-z][a-z0-9+.-]*://|www[` + dots + `]`)

// joiner is a character nobody sees, at which no address goes on.
const joiner = "\u2060"

// broken breaks up what would be read as an address.
var broken = func() *strings.Replacer {
	pairs := []string{"://", ":" + joiner + "//"}
	for _, dot := range dots {
		pairs = append(pairs, string(dot), joiner+string(dot)+joiner)
	}
	return strings.NewReplacer(pairs...)
}()

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
		for j := range p.Ways {
			p.Ways[j].Text = f.harmless(p.Ways[j].Text)
		}
		if p.Lines != nil {
			p.Lines.Heading = f.harmless(p.Lines.Heading)
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
func (f Facts) harmlessHTML(page string) string {
	var b strings.Builder
	for page != "" {
		open := strings.IndexByte(page, '<')
		if open < 0 {
			open = len(page)
		}
		text := html.UnescapeString(page[:open])
		if clean := f.harmless(text); clean != text {
			b.WriteString(html.EscapeString(clean))
		} else {
			b.WriteString(page[:open])
		}
		end := strings.IndexByte(page[open:], '>')
		if end < 0 {
			b.WriteString(page[open:])
			break
		}
		b.WriteString(page[open : open+end+1])
		page = page[open+end+1:]
	}
	return b.String()
}

// harmless breaks up the addresses in a text that may not be linked.
func (f Facts) harmless(text string) string {
	var b strings.Builder
	from := 0
	for _, at := range f.foreign(text) {
		b.WriteString(text[from:at[0]])
		b.WriteString(broken.Replace(afterScheme(text[at[0]:at[1]])))
		from = at[1]
	}
	if from == 0 {
		return text
	}
	return b.String() + text[from:]
}

// foreign finds what looks like an address in a text and is of a host that may not
// be linked. It looks word by word, since most have no dot to be looked at closely.
func (f Facts) foreign(text string) (found [][]int) {
	for from := 0; from < len(text); from++ {
		end := strings.IndexFunc(text[from:], endsWord)
		if end < 0 {
			end = len(text) - from
		}
		if word := text[from : from+end]; dotted(word) {
			for _, at := range f.foreignIn(word) {
				found = append(found, []int{from + at[0], from + at[1]})
			}
		}
		from += end
	}
	return found
}

// endsWord reports what no program takes into an address: spaces, characters that
// nobody sees, such as isolates, and what sets an address off.
func endsWord(r rune) bool {
	if r < utf8.RuneSelf {
		return r <= ' ' || r == '<' || r == '>' || r == '"' || r == 0x7f
	}
	return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
}

// foreignIn is foreign for one word. What follows a host as path, query or port is part
// of its address up to the end of the word.
func (f Facts) foreignIn(word string) (found [][]int) {
	for from := 0; from < len(word); {
		at := addressLike.FindStringIndex(word[from:])
		if at == nil {
			break
		}
		start, host, end := from+at[0], from+at[1], from+at[1]
		path := host
		if host < len(word) && strings.IndexByte(`:/?#\`, word[host]) >= 0 {
			path, end = len(word), len(word)
			if cut := strings.IndexAny(word[host:], "/?#"); cut >= 0 {
				path = host + cut + 1
			}
		}
		switch f.leadsTo(word[:start], word[start:path]) { // its path may be long and is not looked at
		case nowhere:
			from = host
		case away:
			found, from = append(found, []int{start, end}), end
		case home:
			from = host + another(word[host:end])
		}
	}
	return found
}

// another is where another address begins in what follows a host: not every program
// takes a path as far as this one does. In a query addresses are values.
func another(rest string) int {
	at := begins.FindStringIndex(rest)
	if at == nil {
		return len(rest)
	}
	query := strings.IndexAny(rest[:at[0]], "?#")
	if query < 0 || rest[query] == '#' {
		return at[0]
	}
	hash := strings.IndexByte(rest[query:], '#')
	if hash < 0 {
		return len(rest)
	}
	return query + hash + another(rest[query+hash:])
}

// dotted reports whether a word has a dot within it, or what begins an address.
func dotted(word string) bool {
	return strings.IndexByte(strings.TrimRight(word, "."), '.') >= 0 || strings.Contains(word, "//") ||
		strings.Contains(word, "\u3002") || strings.Contains(word, "\uff0e") || strings.Contains(word, "\uff61")
}

// direction is where something leads that looks like an address.
type direction int

const (
	nowhere direction = iota // it is none, such as Node.js
	home                     // where the mail may lead
	away
)

// leadsTo is where what looks like an address leads, which is given up to where its
// path begins. A mail address is none: it leads to no page.
// Programs do not agree whose host it is where a backslash or a name of a user stands before
// it (RFC 3986 3.2 and the URL Standard 4.4 differ): nobody writes such an address in good faith.
func (f Facts) leadsTo(before, address string) direction {
	bare := afterScheme(address)
	host, plain := hostIn(bare)
	switch {
	case bare == address && plain && ofMailbox(before):
		return nowhere
	case !strings.Contains(strings.TrimSuffix(address, bare), ":") && !isDomain(host): // such as Node.js, and//or
		return nowhere
	case !f.mayLink("https://" + host + "/"):
		return away
	}
	if strings.Contains(bare, `\`) || bare != address && strings.Contains(bare, "@") {
		return away
	}
	return home
}

// ofMailbox reports whether a text ends like a mail address before its host.
func ofMailbox(before string) bool {
	local, found := strings.CutSuffix(before, "@")
	last, _ := utf8.DecodeLastRuneInString(local)
	return found && (unicode.IsLetter(last) || unicode.IsDigit(last) || strings.ContainsRune("._%+-", last))
}

// afterScheme is an address from its host on.
func afterScheme(address string) string {
	if scheme, rest, found := strings.Cut(address, "//"); found && strings.Trim(scheme, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-:") == "" && (scheme == "" || strings.HasSuffix(scheme, ":")) {
		return rest
	}
	return address
}

// hostIn is the host that an address without its scheme leads to, as DNS knows it;
// plain says that nothing else stands in it.
func hostIn(bare string) (host string, plain bool) {
	host = bare
	if end := strings.IndexAny(host, `/?#\`); end >= 0 { // to browsers a backslash is a slash
		host = host[:end]
	}
	host = host[strings.LastIndexByte(host, '@')+1:]
	if end := strings.IndexByte(host, ':'); end >= 0 && !strings.HasPrefix(host, "[") {
		host = host[:end]
	}
	plain = host == bare
	host = strings.TrimRight(strings.ToLower(host), dots)
	if ascii, err := idna.Lookup.ToASCII(host); err == nil {
		host = ascii
	}
	return host, plain
}

// isDomain reports whether names can be had below the end of a host, at a registry or
// where somebody else gives them away, such as github.io.
func isDomain(host string) bool {
	suffix, registry := publicsuffix.PublicSuffix(host)
	return suffix != host && registry || strings.Contains(suffix, ".") && strings.Trim(host, "0123456789.") != ""
}
