package gate

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
)

// What the sender does not take is held or skipped, after what the person has
// stopped and before what they must have agreed to.
func TestTheSenderHasASay(t *testing.T) {
	for name, c := range map[string]struct {
		sender Sender
		change func(*Facts)
		answer Answer
		reason Reason
	}{
		"nothing to say":            {Sender{}, nil, Send, OK},
		"stopped":                   {Sender{Stopped: true}, nil, Hold, SenderStopped},
		"stopped, a note to staff":  {Sender{Stopped: true}, func(f *Facts) { f.Internal = true }, Send, OK},
		"stopped, a call":           {Sender{Stopped: true}, func(f *Facts) { f.Channel, f.Person.Phone = commerce.ByCall, "+441" }, Send, OK},
		"a buyer":                   {Sender{OnlyBuyers: true, Bought: true}, nil, Send, OK},
		"a stranger":                {Sender{OnlyBuyers: true}, nil, Skip, NoOrderHere},
		"a stranger, a note":        {Sender{OnlyBuyers: true}, func(f *Facts) { f.Internal = true }, Send, OK},
		"stopped before a stranger": {Sender{Stopped: true, OnlyBuyers: true}, nil, Hold, SenderStopped},
		"suppressed before stopped": {Sender{Stopped: true}, func(f *Facts) { f.Suppressions = []Suppression{{Scope: ScopeAll, Reason: "bounced"}} }, Skip, Suppressed},
		"before consent":            {Sender{Stopped: true}, func(f *Facts) { f.Class, f.Rule = Marketing, Rule{Need: NeedOptIn} }, Hold, SenderStopped},
	} {
		f := facts(func(f *Facts) { f.Sender = c.sender })
		if c.change != nil {
			c.change(&f)
		}
		d := Decide(f, noon)
		require.Equal(t, c.answer, d.Answer, name)
		require.Equal(t, c.reason, d.Reason, name)
	}
}
