package campaign

import (
	"cmp"
	"strings"

	"flywheel/commerce"
)

// Entry is why and since when somebody is in a campaign. Key is unique within
// the campaign, without its version.
type Entry struct {
	Key     string
	Cause   string           // the event, "kind|subject"
	Anchor  commerce.Instant // the cause's own time, or the moment a clock counts to; due times count from it
	Assumed bool
}

// EntryKey is the key of an enrollment that hangs on one order.
func EntryKey(id commerce.OrderID) string { return "order:" + string(id) }

// Mode says how often one person enters: what the campaign chose, else what is
// usual for its trigger.
func (d *Definition) mode(spec *TriggerSpec) EntryMode { return cmp.Or(d.Entry.Mode, spec.Mode) }

// entry makes the entry of a moment that has been found good.
func (d *Definition) entry(spec *TriggerSpec, f Facts, m moment) *Entry {
	kind, subject := f.Cause.Kind, f.Cause.Subject
	if spec.byOrder(f) {
		// One change may be told by several kinds of event: the first stands for all.
		kind, subject = spec.Events[0], string(f.Order.ID)
		if m.part != "" {
			subject += "/" + m.part
		}
	}
	person := string(cmp.Or(f.Person.ID, f.Cause.PersonID))
	e := &Entry{Cause: string(kind) + "|" + subject, Anchor: m.at, Assumed: m.assumed}
	switch mode := d.mode(spec); {
	case mode == OnceEver:
		e.Key = "person:" + person
	case mode == PerOrder && spec.byOrder(f):
		e.Key = EntryKey(f.Order.ID)
	case kind == commerce.ProductPublished: // one event for many persons
		e.Key = "event:" + string(kind) + ":" + subject + ":" + person
	default:
		e.Key = "event:" + string(kind) + ":" + subject
	}
	return e
}

// partOf is the part of an order that a cause's subject names, "" = the order itself.
func partOf(subject string) string {
	_, part, _ := strings.Cut(subject, "/")
	return part
}

// YieldsTo reports whether n should stand in the place of an enrollment of the
// same key that has not begun: its cause came after n's, or does not stand any
// more. So of several causes of one key the earliest that stands is followed,
// in whatever order they were heard of.
func (e Enrollment) YieldsTo(n Entry, stands bool) bool {
	earlier := cmp.Or(cmp.Compare(n.Anchor, e.Anchor), strings.Compare(n.Cause, e.Cause)) < 0
	return e.EntryKey == n.Key && e.Position.StepID == "" && e.Cause != n.Cause && (earlier || !stands)
}
