package gate

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
)

// After three weeks of pause there is no burst of old news, whatever its class.
func TestMissedInPause(t *testing.T) {
	const day = 24 * 60 * minute
	for name, c := range map[string]struct {
		due, paused, resumed commerce.Instant
		want                 Reason
	}{
		"due in it, long past":        {after(3), after(2), after(9), MissedInPause},
		"due when it began":           {after(2), after(2), after(9), MissedInPause},
		"due just before it began":    {after(2) - 1, after(2), after(9), OK},
		"a day before it ended":       {after(9) - day, after(2), after(9), OK},
		"a little more":               {after(9) - day - 1, after(2), after(9), MissedInPause},
		"due on the last evening":     {after(9) - 60*minute, after(2), after(9), OK},
		"due after it":                {after(9), after(2), after(9), OK},
		"a short pause":               {after(3), after(3), after(3) + day, OK},
		"one that has not ended":      {after(3), after(2), 0, OK},
		"one that will end":           {after(3), after(2), after(11), OK},
		"no pause at all":             {after(3), 0, 0, OK},
		"one that ended this instant": {after(3), after(2), after(10), MissedInPause},
	} {
		for _, kind := range []func(*Facts){of(Service), of(Transactional), of(Marketing), internal} {
			f := facts(kind, func(f *Facts) { f.Self.Due, f.PausedAt, f.ResumedAt = c.due, c.paused, c.resumed })
			d := Decide(f, after(10))
			require.Equal(t, c.want, d.Reason, name)
			require.Equal(t, c.want == MissedInPause, d.Final(), name)
		}
	}
}

// Several pauses in a row are one to whoever waited through them, and what was
// put off into a pause was missed in it as well.
func TestHeldThroughSeveralPauses(t *testing.T) {
	for name, c := range map[string]struct {
		due, held, paused, resumed commerce.Instant
		want                       Reason
	}{
		"held for a week, the last pause a short one": {after(2), after(2), after(9) - 10*minute, after(9), MissedInPause},
		"due just before, put off into it":            {after(2) - 1, after(3), after(2), after(9), MissedInPause},
		"held for an hour":                            {after(9) - 61*minute, after(9) - 60*minute, after(2), after(9), OK},
		"never held":                                  {after(2) - 1, 0, after(2), after(9), OK},
		"it goes on":                                  {after(2), after(2), after(2), 0, OK},
	} {
		f := facts(func(f *Facts) { f.Self.Due, f.HeldSince, f.PausedAt, f.ResumedAt = c.due, c.held, c.paused, c.resumed })
		require.Equal(t, c.want, Decide(f, after(10)).Reason, name)
	}
}

// While a campaign or shop is paused everything waits; what is missed is settled when it goes on.
func TestAPauseHolds(t *testing.T) {
	for _, spoil := range []func(*Facts){
		func(f *Facts) { f.CampaignLive = false },
		func(f *Facts) { f.Shop.State = commerce.ShopPaused },
	} {
		f := facts(spoil, func(f *Facts) { f.PausedAt, f.ResumedAt = after(3), after(9) })
		require.Equal(t, Hold, Decide(f, after(10)).Answer)
	}
}

func TestReachable(t *testing.T) {
	byPhone := func(f *Facts) { f.Channel = commerce.ByCall }
	noPhone := func(f *Facts) { f.Person.Phone = "" }
	nothing := func(f *Facts) { to("")(f); noPhone(f) }
	for name, c := range map[string]struct {
		change func(*Facts)
		want   Reason
	}{
		"a mail without a phone":      {noPhone, OK},
		"a call without an address":   {seq(byPhone, to("")), OK},
		"a call without a phone":      {seq(byPhone, noPhone), Unreachable},
		"a mail without an address":   {to(""), Unreachable},
		"a channel nobody knows":      {func(f *Facts) { f.Channel = "pigeon" }, Unreachable},
		"the team needs no address":   {seq(nothing, internal), OK},
		"of an erased person nothing": {seq(internal, func(f *Facts) { f.Person.Erased = true }), Erased},
	} {
		require.Equal(t, c.want, Decide(facts(c.change), after(10)).Reason, name)
	}
}

func TestWhoDoesTheJob(t *testing.T) {
	owned := func(by commerce.Owner) func(*Facts) {
		return settings(func(s *commerce.Settings) { s.Owners = map[commerce.Job]commerce.Owner{commerce.JobReviewAsk: by} })
	}
	require.Equal(t, Decision{Answer: Skip, Reason: OtherTool, Detail: "Judge.me"}, Decide(facts(owned("Judge.me")), after(10)))
	require.Equal(t, Decision{Answer: Skip, Reason: OtherTool, Detail: "nobody"}, Decide(facts(owned(commerce.OwnerNobody), of(Transactional)), after(10)))
	for name, change := range map[string]func(*Facts){
		"ours":        owned(commerce.OwnerFlywheel),
		"not said":    owned(""),
		"another job": seq(owned("Judge.me"), func(f *Facts) { f.Job = commerce.JobSurvey }),
		"no job":      seq(owned("Judge.me"), func(f *Facts) { f.Job = "" }),
		"to the team": seq(owned("Judge.me"), internal),
	} {
		require.Equal(t, send(), Decide(facts(change), after(10)), name)
	}
}

// An answer to a refund, cancel, dispute or failed payment is not stopped by
// it; a case that is open holds asks alone; the team hears of everything.
func TestWhatAnOutcomeStops(t *testing.T) {
	for _, c := range cases {
		answer := Decide(facts(c.spoil, of(Transactional), func(f *Facts) { f.Answers = true }), after(10))
		switch c.reason {
		case ParcelRefused, Cancelled, Voided, Unpaid, Refunded, DisputeLost, DisputeOpen:
			require.Equal(t, send(), answer, c.reason)
			require.Equal(t, c.reason, Decide(facts(c.spoil, of(Transactional)), after(10)).Reason, "thanks")
		case OpenCase, QuietHours, QuietDay, Capped, Yielded:
			require.Equal(t, send(), answer, c.reason)
			require.Equal(t, send(), Decide(facts(c.spoil, internal), after(10)), c.reason)
		case Suppressed, NoConsent:
			require.Equal(t, send(), Decide(facts(c.spoil, internal), after(10)), c.reason)
			require.Equal(t, c.reason, answer.Reason)
		case NoOrder, Unconfirmed, Deleted, TestOrder, SamePurchase, Erased, TooLate, AwaitingMore:
			require.Equal(t, c.reason, answer.Reason)
			require.Equal(t, c.reason, Decide(facts(c.spoil, internal), after(10)).Reason)
		}
	}
}
