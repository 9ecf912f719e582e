package commerce

import (
	"strconv"
	"strings"
)

// TrialSubject is the subject of SubscriptionTrialEnding as a platform tells it:
// the trial of a subscription that ends at ends. A longer trial is another one.
func TrialSubject(subscription string, ends Instant) string {
	return subscription + "/" + seconds(ends)
}

// ChangeSubject is the subject of SubscriptionChanged: from at on, the trial ends
// at ends and becomes a subscription that is paid for; 0 = none does.
func ChangeSubject(subscription string, at, ends Instant) string {
	return subscription + "/" + seconds(at) + "/" + seconds(ends)
}

func seconds(i Instant) string { return strconv.FormatInt(int64(i)/1000, 10) }

// Trial returns the subscription and the end of the trial that a platform told
// of; ends is 0 where another system did, whose subjects are its own.
func (e Event) Trial() (subscription string, ends Instant) {
	if e.Kind != SubscriptionTrialEnding || e.Platform == "" {
		return "", 0
	}
	subscription, end, _ := strings.Cut(e.Subject, "/")
	unix, err := strconv.ParseInt(end, 10, 64)
	if err != nil {
		return "", 0
	}
	return subscription, Instant(unix * 1000)
}

// TrialStands reports whether it is so still that the trial of e ends as e says
// and becomes a subscription, as far as events tell: none of them is its end,
// and the last change since says the same. Of two in one second the one counts
// by which nothing is to be said.
func (e Event) TrialStands(events []Event) bool {
	subscription, ends := e.Trial()
	last, stands := e.OccurredAt.Seconds(), true
	for _, n := range events {
		switch {
		case n.Kind == SubscriptionCancelled && n.Subject == subscription:
			return false
		case n.Kind != SubscriptionChanged || !strings.HasPrefix(n.Subject, subscription+"/") || n.OccurredAt.Seconds() < last:
			continue
		}
		same := n.Subject == ChangeSubject(subscription, n.OccurredAt, ends)
		stands = same && (stands || n.OccurredAt.Seconds() > last)
		last = n.OccurredAt.Seconds()
	}
	return stands
}
