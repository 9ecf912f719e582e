package message

import (
	"regexp"
	"strings"

	"golang.org/x/net/html"
)

// brokenUp is a word that defuse broke up; it ends where endsWord says, but not at a joiner.
var brokenUp = func() *regexp.Regexp {
	const within = `(?:[^\p{Z}\p{Cc}\p{Cf}<>"]|` + joiner + `)*`
	return regexp.MustCompile(within + joiner + `[` + dots + `]` + joiner + within)
}()

// checkTyped finds addresses of others that are written out in a mail whose links
// are bounded. They are broken up, so that no mail program makes links of them: who
// wrote them should know before the mail goes out.
func checkTyped(m Message, page *html.Node, hosts []string) Finding {
	if hosts == nil {
		return Finding{Check: CheckTyped, State: CheckOK}
	}
	f := Facts{LinkHosts: hosts, UnsubscribeURL: strings.Trim(m.Header("List-Unsubscribe"), "<>")}
	var details []string
	scan := func(text string) {
		for _, word := range brokenUp.FindAllString(text, -1) {
			details = append(details, shortened(strings.ReplaceAll(word, joiner, ""), 80))
		}
		for _, at := range f.foreign(text) {
			details = append(details, shortened(text[at[0]:at[1]], 80))
		}
	}
	scan(m.Subject)
	scan(m.Text)
	eachNode(page, func(n *html.Node) {
		if n.Type == html.TextNode && !insideOf(n, "head") && !insideOf(n, "style") {
			scan(n.Data)
		}
	})
	return faults(CheckTyped, CheckLook, details)
}
