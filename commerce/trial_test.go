package commerce

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTrialIsNamedByAPlatform(t *testing.T) {
	ends := second(9)
	told := Event{Kind: SubscriptionTrialEnding, Subject: TrialSubject("sub_1", ends), Platform: Stripe}
	sub, at := told.Trial()
	require.Equal(t, "sub_1", sub)
	require.Equal(t, ends, at)
	for name, change := range map[string]func(*Event){
		"by another system": func(e *Event) { e.Platform = "" },
		"another kind":      func(e *Event) { e.Kind = SubscriptionCancelled },
		"no end":            func(e *Event) { e.Subject = "sub_1" },
	} {
		e := told
		change(&e)
		_, at := e.Trial()
		require.Zero(t, at, name)
	}
}

func TestTrialStands(t *testing.T) {
	begin := second(0)
	ends := begin.Add(72 * time.Hour)
	told := Event{Kind: SubscriptionTrialEnding, Subject: TrialSubject("sub_1", ends), Platform: Stripe, OccurredAt: begin}
	change := func(after int, to Instant) Event {
		at := begin.Add(time.Duration(after) * time.Second)
		return Event{Kind: SubscriptionChanged, Subject: ChangeSubject("sub_1", at, to), Platform: Stripe, OccurredAt: at}
	}
	other := change(5, 0)
	other.Subject = ChangeSubject("sub_12", other.OccurredAt, 0)
	for name, c := range map[string]struct {
		events []Event
		want   bool
	}{
		"nothing else":         {nil, true},
		"itself":               {[]Event{told}, true},
		"ended":                {[]Event{{Kind: SubscriptionCancelled, Subject: "sub_1", OccurredAt: begin.Add(time.Hour)}}, false},
		"ended, heard before":  {[]Event{{Kind: SubscriptionCancelled, Subject: "sub_1", OccurredAt: begin.Add(-time.Hour)}}, false},
		"another ended":        {[]Event{{Kind: SubscriptionCancelled, Subject: "sub_12", OccurredAt: begin.Add(time.Hour)}}, true},
		"another changed":      {[]Event{other}, true},
		"is to end":            {[]Event{change(5, 0)}, false},
		"was to end before":    {[]Event{change(-5, 0)}, true},
		"changed to this":      {[]Event{change(0, ends)}, true},
		"longer":               {[]Event{change(5, ends.Add(time.Hour))}, false},
		"goes on after all":    {[]Event{change(5, 0), change(6, ends)}, true},
		"ends after all":       {[]Event{change(5, ends), change(6, 0)}, false},
		"both in one second":   {[]Event{change(5, 0), change(5, ends)}, false},
		"longer, then as told": {[]Event{change(5, ends.Add(time.Hour)), change(6, ends)}, true},
	} {
		require.Equal(t, c.want, told.TrialStands(c.events), name)
		if name == "both in one second" {
			slices.Reverse(c.events)
			require.Equal(t, c.want, told.TrialStands(c.events), name)
		}
	}
}
