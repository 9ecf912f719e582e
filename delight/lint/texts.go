package lint

import (
	"regexp"
	"slices"

	"flywheel/delight/campaign"
	"flywheel/delight/gate"
)

// texts looks for what a mail of this class, or in this moment, must not say.
func texts(l *linter) {
	each(l.Steps, "steps", func(s *campaign.Step, where string) {
		for _, f := range fields(s, where) {
			if word := l.heard(noWayOut, f.lang, f.text); word != "" {
				l.find("no-way-out", f.where, "word", word)
			}
			if word := l.heard(promotion, f.lang, f.text); word != "" {
				l.sells(f.where, word)
			}
			if word := l.asksIn(f); word != "" {
				l.asks(f.where, word)
			}
			if l.givesBack() {
				l.sum(f)
			}
		}
		for lang, mail := range s.Email {
			l.mail(where+".email."+lang, mail)
		}
	})
}

// answers reports whether the campaign speaks to somebody for whom something
// went wrong: a refund, a cancellation, a dispute, a failure.
func (l *linter) answers() bool {
	spec := campaign.TriggerOf(l.Trigger.Kind)
	return spec != nil && spec.Answers || l.givesBack()
}

// givesBack reports whether money or goods go back.
func (l *linter) givesBack() bool {
	return l.Job == "refund_notice" || slices.Contains([]campaign.TriggerKind{
		campaign.OnRefundFull, campaign.OnRefundPartial, campaign.OnReturnProcessed, campaign.OnOrderCancelled,
		campaign.OnDisputeOpened, campaign.OnDisputeWon, campaign.OnDisputeLost,
	}, l.Trigger.Kind)
}

func (l *linter) sells(where, word string) {
	switch {
	case l.answers():
		l.find("promo-in-refund-care", where, "word", word)
	case l.Class == gate.Transactional:
		l.find("promo-in-transactional", where, "word", word)
	case l.Class == gate.Service:
		l.find("promo-in-service", where, "word", word)
	}
}

func (l *linter) asks(where, word string) {
	switch {
	case l.answers():
		l.find("ask-in-refund-care", where, "word", word)
	case l.Class == gate.Transactional:
		l.find("ask-in-transactional", where, "word", word)
	}
}

func (l *linter) asksIn(f field) string {
	if word := l.heard(review, f.lang, f.text); word != "" {
		return word
	}
	return l.heard(ask, f.lang, f.text)
}

// total is an output that shows what was paid.
var total = regexp.MustCompile(`\{\{[^}]*\border\.total\b[^}]*\}\}`)

func (l *linter) sum(f field) {
	if total.MatchString(f.text) {
		l.find("amount-in-refund-care", f.where, "word", "order.total")
	} else if word := l.heard(amount, f.lang, f.text); word != "" {
		l.find("amount-in-refund-care", f.where, "word", word)
	}
}

// mail looks at what of a mail is not text: products, friends to tell, and links.
func (l *linter) mail(where string, e campaign.Email) {
	for _, p := range shown(e) {
		switch {
		case p.Kind == campaign.BlockLines && l.givesBack():
			l.find("amount-in-refund-care", where+"."+p.at, "word", linesWord(e))
		case p.Kind == campaign.BlockShare && tellsFriends(p.Block), p.Kind == campaign.BlockReferral:
			l.asks(where+"."+p.at, string(p.Kind))
		}
	}
	if l.Class != gate.Transactional && !l.answers() {
		return
	}
	for _, to := range links(e) {
		switch {
		case l.reviewPage(to.url):
			l.asks(where+"."+to.where, "review")
		case l.store(to.url):
			l.find("store-button-in-transactional", where+"."+to.where)
		}
	}
}

// linesWord is what a mail calls its table of products.
func linesWord(e campaign.Email) string {
	if e.ShowLines {
		return "show_lines"
	}
	return string(campaign.BlockLines)
}

// tellsFriends reports whether a block asks to tell others of the shop, and does
// not only name its pages.
func tellsFriends(b campaign.Block) bool {
	return len(b.Ways) == 0 || slices.Contains(b.Ways, campaign.WayWhatsApp) || slices.Contains(b.Ways, campaign.WayMail)
}
