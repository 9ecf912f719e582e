package message

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"

	"flywheel/delight/gate"
	"flywheel/templates"
)

// CheckName names what is looked at in a mail that is about to be used.
type CheckName string

// The checks, in the order in which people read them.
const (
	CheckSize        CheckName = "size"        // Gmail cuts mails off behind 102 KB
	CheckSubject     CheckName = "subject"     // there is one, and it is short enough to be read
	CheckLeftovers   CheckName = "leftovers"   // nothing of the template shows
	CheckLinks       CheckName = "links"       // each leads somewhere safe that may be linked
	CheckTyped       CheckName = "typed"       // no address of others is written out where links are bounded
	CheckAlt         CheckName = "alt"         // pictures have words for who does not see them
	CheckContrast    CheckName = "contrast"    // text can be read on what lies behind it, light and dark
	CheckLanguages   CheckName = "languages"   // there is a text in each language the shop writes
	CheckDirection   CheckName = "direction"   // the mail runs as its language does
	CheckPlain       CheckName = "plain"       // there is a text part
	CheckUnsubscribe CheckName = "unsubscribe" // what asks for something can be stopped with one click
)

// CheckState is what a check came to.
type CheckState string

// The states, the best first.
const (
	CheckOK   CheckState = "ok"
	CheckLook CheckState = "look" // it can go out, and somebody should look at it
	CheckBad  CheckState = "bad"  // it should not go out like this
)

// Finding is what one check came to.
type Finding struct {
	Check CheckName
	State CheckState
	// Number is what was measured or counted: kilobytes, characters, faults.
	Number int64
	// Details are what was found, one line each, as it stands in the mail.
	Details []string
}

// Checked is what a mail is held against.
type Checked struct {
	Class gate.Class
	// LinkHosts are where links may lead, each with what lies below it; nil = anywhere.
	LinkHosts []string
	// Writes are the languages in which the shop writes, Texts those that the message has.
	Writes, Texts []string
}

const (
	sizeBound = 100 << 10 // bytes of HTML; Gmail clips at 102 KB
	sizeNear  = 80 << 10
	// subjectRoom is how many characters of a subject phones and mailboxes show.
	subjectRoom = 60
	// detailsShown bounds what is listed of one fault.
	detailsShown = 10
)

// Check looks at a mail as it would go out and returns one finding for each
// check, also for those in which all is well.
func Check(m Message, c Checked) []Finding {
	page, err := html.Parse(strings.NewReader(m.HTML))
	if err != nil { // the parser takes anything; this is a reader that fails
		page = &html.Node{}
	}
	return []Finding{
		checkSize(m), checkSubject(m), checkLeftovers(m, page), checkLinks(page, c.LinkHosts), checkTyped(m, page, c.LinkHosts), checkAlt(page),
		checkContrast(page), checkLanguages(c), checkDirection(m, page), checkPlain(m), checkUnsubscribe(m, page, c.Class),
	}
}

// Worst is the worst state of findings.
func Worst(all []Finding) CheckState {
	worst := CheckOK
	for _, f := range all {
		if f.State == CheckBad || f.State == CheckLook && worst == CheckOK {
			worst = f.State
		}
	}
	return worst
}

// Say tells a finding in a sentence, in the best language for lang: the string
// check_NAME_STATE, with the number in it.
func (f Finding) Say(lang, country string) string {
	return templates.Say(lang, fmt.Sprintf("check_%s_%s", f.Check, f.State), map[string]string{"Number": templates.Number(lang, country, f.Number)})
}

// faults makes a finding of faults: none is well.
func faults(name CheckName, state CheckState, details []string) Finding {
	slices.Sort(details)
	details = slices.Compact(details)
	if len(details) == 0 {
		return Finding{Check: name, State: CheckOK}
	}
	f := Finding{Check: name, State: state, Number: int64(len(details))}
	f.Details = details[:min(len(details), detailsShown)]
	return f
}

func checkSize(m Message) Finding {
	f := Finding{Check: CheckSize, State: CheckOK, Number: int64((len(m.HTML) + 1023) / 1024)}
	switch {
	case len(m.HTML) >= sizeBound:
		f.State = CheckBad
	case len(m.HTML) >= sizeNear:
		f.State = CheckLook
	}
	return f
}

func checkSubject(m Message) Finding {
	seen := strings.Map(func(r rune) rune { // isolates and marks take no room
		if r >= '\u2066' && r <= '\u2069' || r == '\u200e' || r == '\u200f' || r == '\u061c' {
			return -1
		}
		return r
	}, m.Subject)
	f := Finding{Check: CheckSubject, State: CheckOK, Number: int64(utf8.RuneCountInString(seen))}
	switch {
	case blank(seen):
		f.State = CheckBad
	case f.Number > subjectRoom:
		f.State, f.Details = CheckLook, []string{seen}
	}
	return f
}

// checkLeftovers finds what a template left behind, also where it stands in no text.
func checkLeftovers(m Message, page *html.Node) Finding {
	var details []string
	scan := func(text string) {
		for _, mark := range []string{"{{", "}}", "{%", "%}", "LQ0", "%!"} {
			if at := strings.Index(text, mark); at >= 0 {
				details = append(details, excerptAt(text, at))
			}
		}
	}
	scan(m.Subject)
	scan(m.Text)
	eachNode(page, func(n *html.Node) {
		switch n.Type {
		case html.TextNode:
			if !insideOf(n, "style") {
				scan(n.Data)
			}
		case html.ElementNode:
			for _, a := range n.Attr {
				if a.Key == "href" || a.Key == "src" || a.Key == "alt" || a.Key == "title" {
					scan(strings.ReplaceAll(a.Val, "%7B", "{"))
				}
			}
		}
	})
	return faults(CheckLeftovers, CheckBad, details)
}

// excerptAt is a piece of text about a place in it.
func excerptAt(text string, at int) string {
	runes := []rune(text[at:])
	before := []rune(text[:at])
	return strings.TrimSpace(string(before[max(0, len(before)-20):]) + string(runes[:min(len(runes), 40)]))
}

// checkLanguages finds languages in which the shop writes but this message does not.
func checkLanguages(c Checked) Finding {
	var missing []string
	for _, tag := range c.Writes {
		if !slices.ContainsFunc(c.Texts, func(has string) bool { return templates.Base(has) == templates.Base(tag) }) {
			missing = append(missing, tag)
		}
	}
	return faults(CheckLanguages, CheckLook, missing)
}

func checkDirection(m Message, page *html.Node) Finding {
	lang, dir := "", ""
	eachNode(page, func(n *html.Node) {
		if n.Type == html.ElementNode && n.Data == "html" {
			lang, dir = attrOf(n, "lang"), attrOf(n, "dir")
		}
	})
	lang = cmp.Or(lang, m.Header("Content-Language"))
	if lang == "" || dir != templates.Dir(lang) {
		return faults(CheckDirection, CheckBad, []string{cmp.Or(lang, "?") + ": " + cmp.Or(dir, "-")})
	}
	return Finding{Check: CheckDirection, State: CheckOK}
}

func checkPlain(m Message) Finding {
	f := Finding{Check: CheckPlain, State: CheckOK}
	if blank(m.Text) {
		f.State = CheckBad
	}
	return f
}

// checkUnsubscribe demands of what asks for something that it can be stopped:
// by a button of the mail program (RFC 8058) and by a link in the mail.
func checkUnsubscribe(m Message, page *html.Node, class gate.Class) Finding {
	f := Finding{Check: CheckUnsubscribe, State: CheckOK}
	if class == gate.Transactional {
		return f
	}
	address := strings.Trim(m.Header("List-Unsubscribe"), "<>")
	linked := false
	eachNode(page, func(n *html.Node) {
		linked = linked || n.Type == html.ElementNode && n.Data == "a" && attrOf(n, "href") == address
	})
	if address == "" || m.Header("List-Unsubscribe-Post") == "" || !linked || !strings.Contains(m.Text, address) {
		f.State = CheckBad
	}
	return f
}

// eachNode visits a node and all below it.
func eachNode(n *html.Node, visit func(*html.Node)) {
	visit(n)
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		eachNode(c, visit)
	}
}

func attrOf(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func insideOf(n *html.Node, element string) bool {
	for p := n.Parent; p != nil; p = p.Parent {
		if p.Type == html.ElementNode && p.Data == element {
			return true
		}
	}
	return false
}
