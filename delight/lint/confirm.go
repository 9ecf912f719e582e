package lint

import (
	"strings"

	"flywheel/delight/campaign"
	"flywheel/delight/gate"
)

// Unconfirmed is the finding for a campaign of news and offers by mail in a shop
// that has customers in countries where a yes must be confirmed by a second act,
// while no live campaign asks for that: those who said yes there get nothing of
// it. What asks is in order itself, and so is what writes no mail. Which countries
// those are, and whether anything asks, is for whoever knows the shop and the policy.
func Unconfirmed(d campaign.Definition, countries []string) (f Finding, found bool) {
	l := linter{Definition: d}
	if len(countries) == 0 || d.Class != gate.Marketing || !l.mails() {
		return f, false
	}
	l.find("yes-unconfirmed", "class", "countries", strings.Join(countries, ", "))
	return l.findings[0], true
}
