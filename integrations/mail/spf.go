package mail

import (
	"context"
	"slices"
	"strings"
)

// maxLookups is how many look-ups an SPF record may cost (RFC 7208, 4.6.4).
const maxLookups = 10

// spf looks at the domain's SPF record and at whether it lets our servers send.
func (a asker) spf(ctx context.Context, d Domain) (Finding, int) {
	f := Finding{Name: d.Name, Type: "TXT", Condition: Good}
	if d.Include != "" {
		f.Publish = "v=spf1 include:" + d.Include + " ~all"
	}
	values, failure := a.txt(ctx, d.Name)
	values = slices.DeleteFunc(values, func(v string) bool { return !isSPF(v) })
	f.Stands = shown(values)
	switch {
	case failure != "":
		f.Condition, f.Failure = Unclear, failure
		return f, 0
	case len(values) == 0:
		f.Condition = Missing
		return f, 0
	case len(values) > 1:
		f.Condition = Broken // RFC 7208, 4.5
		return f, 0
	}
	w := spfWalk{asker: a, ours: d.Include}
	w.record(ctx, values[0], true)
	switch {
	case w.lookups > maxLookups:
		f.Condition = TooMany
	case w.broken:
		f.Condition = Broken
	case w.failure != "":
		f.Condition, f.Failure = Unclear, w.failure
	case d.Include != "" && !w.found:
		f.Condition = Differs
	}
	if d.Include != "" {
		f.Publish = withInclude(values[0], d.Include, w.found)
	}
	return f, w.lookups
}

// isSPF: a record is one if its first word is v=spf1 (RFC 7208, 4.5).
func isSPF(value string) bool {
	first, _, _ := strings.Cut(value, " ")
	return strings.EqualFold(first, "v=spf1")
}

// withInclude is the record that stands there with our servers added in front.
func withInclude(record, ours string, found bool) string {
	if found {
		return record
	}
	_, rest, _ := strings.Cut(record, " ")
	return strings.TrimSpace("v=spf1 include:" + ours + " " + rest)
}

// spfWalk follows a record through its includes.
type spfWalk struct {
	asker
	ours    string
	lookups int
	found   bool // ours is named, and what it names passes
	broken  bool
	failure Failure
}

// record reads one record. passes says that what matches here passes in the end.
// The count of look-ups also ends records that include each other.
func (w *spfWalk) record(ctx context.Context, text string, passes bool) {
	redirect, all := "", false
	for _, term := range strings.Fields(strings.ToLower(text))[1:] {
		if w.lookups > maxLookups {
			return
		}
		if to, ok := strings.CutPrefix(term, "redirect="); ok {
			redirect = to
			continue
		}
		qualifier := term[0]
		name, to, _ := strings.Cut(strings.TrimLeft(term, "+-~?"), ":")
		name, _, _ = strings.Cut(name, "/") // a/24
		switch {
		case name == "include":
			w.follow(ctx, to, passes && !strings.ContainsRune("-~?", rune(qualifier)))
		case name == "a", name == "mx", name == "ptr", name == "exists":
			w.lookups++
		case name == "all":
			all = true
		case name == "ip4", name == "ip6", strings.Contains(name, "="): // a modifier we do not know means nothing (RFC 7208, 6)
		default:
			w.broken = true
		}
	}
	if redirect != "" && !all { // RFC 7208, 6.1
		w.follow(ctx, redirect, passes)
	}
}

// follow goes on with the record of another domain, which must have one (RFC 7208, 5.2).
func (w *spfWalk) follow(ctx context.Context, domain string, passes bool) {
	domain = strings.TrimSuffix(domain, ".")
	w.lookups++
	if passes && domain == strings.ToLower(w.ours) {
		w.found = true
	}
	if w.lookups > maxLookups || strings.Contains(domain, "%") { // a macro: only a mail could tell
		return
	}
	values, failure := w.txt(ctx, domain)
	values = slices.DeleteFunc(values, func(v string) bool { return !isSPF(v) })
	switch {
	case failure != "":
		w.failure = failure
	case domain == "" || len(values) != 1:
		w.broken = true
	default:
		w.record(ctx, values[0], passes)
	}
}
