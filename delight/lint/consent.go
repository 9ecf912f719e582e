package lint

import (
	"slices"
	"strings"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
)

// consent looks at whether class and topic let people have their say. The link
// in the footer is put there by the layout and cannot be left out; what can go
// wrong is a class that needs no consent, a topic that cannot be stopped alone,
// and a text that denies the way out (texts).
func consent(l *linter) {
	if l.ofMarketing() {
		name := trigger(l.Trigger.Kind)
		switch l.Class {
		case gate.Transactional:
			l.find("consent-bypass", "class", name...)
		case gate.Service:
			l.find("service-on-marketing-trigger", "class", name...)
		}
	}
	if l.Class == gate.Transactional {
		if !l.ofMarketing() && !l.ofOrder() {
			l.find("transactional-without-order", "class", trigger(l.Trigger.Kind)...)
		}
		return
	}
	switch strings.TrimSpace(l.Topic) {
	case "":
		l.find("topic-missing", "topic")
	case "orders":
		l.find("topic-of-orders", "topic")
	}
	if l.Class == gate.Marketing && strings.TrimSpace(l.shop.Settings.PostalAddress) == "" && l.mails() {
		l.find("no-postal-address", "class")
	}
}

// ofMarketing reports whether the occasion is ours and not the customer's.
func (l *linter) ofMarketing() bool {
	return l.Job == commerce.JobWinBack || l.Job == commerce.JobReferral || slices.Contains([]campaign.TriggerKind{
		campaign.OnLapsed, campaign.OnNewProduct, campaign.OnReplenishment, campaign.OnAnniversary, campaign.OnBirthday,
	}, l.Trigger.Kind)
}

// ofOrder reports whether there is an order, a subscription or a yes of theirs that
// a mail can be part of.
func (l *linter) ofOrder() bool {
	spec := campaign.TriggerOf(l.Trigger.Kind)
	return spec == nil || spec.ByOrder || slices.Contains([]campaign.TriggerKind{
		campaign.OnTrialEnding, campaign.OnSubscriptionEnded, campaign.OnConsentAsked,
	}, l.Trigger.Kind)
}

func (l *linter) mails() (any bool) {
	each(l.Steps, "steps", func(s *campaign.Step, _ string) { any = any || s.Kind == campaign.SendEmail })
	return any
}

// trigger is the name of a trigger in the three languages, as fill.
func trigger(kind campaign.TriggerKind) []string {
	spec := campaign.TriggerOf(kind)
	if spec == nil {
		return []string{"trigger", string(kind)}
	}
	names := spec.Texts.Name
	return []string{"trigger.en", names["en"], "trigger.ar", names["ar"], "trigger.fa", names["fa"]}
}
