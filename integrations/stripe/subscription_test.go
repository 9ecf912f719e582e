package stripe

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/stripe/stripefake"
)

// trial is a subscription whose trial ends three days after noon.
func trial() stripefake.Object {
	return stripefake.Purchase{SubscriptionID: "sub_1", Customer: "cus_1"}.Subscription(time.Time{}, "").With(
		"status", "trialing", "trial_start", noon.AddDate(0, 0, -11).Unix(), "trial_end", noon.AddDate(0, 0, 3).Unix(), "cancel_at", nil,
	)
}

// What an update changed about a trial is told with the end that it has now.
func TestDecodeChangedTrial(t *testing.T) {
	const topic = "customer.subscription.updated"
	ended, moved := stripefake.Object{"cancel_at_period_end": false}, stripefake.Object{"trial_end": noon.AddDate(0, 0, 9).Unix()}
	yearly := noon.AddDate(1, 0, 0).Unix()
	for name, c := range map[string]struct {
		object, before stripefake.Object
		want           string
	}{
		"is to end with it":  {trial().With("cancel_at_period_end", true), ended, "sub_1/1772366400/0"},
		"is to end that day": {trial().With("cancel_at", noon.AddDate(0, 0, 3).Unix()), stripefake.Object{"cancel_at": nil}, "sub_1/1772366400/0"},
		"ends a year later":  {trial().With("cancel_at", yearly), stripefake.Object{"cancel_at": nil}, "sub_1/1772366400/1772625600"},
		"goes on after all":  {trial(), stripefake.Object{"cancel_at_period_end": true}, "sub_1/1772366400/1772625600"},
		"is longer now":      {trial(), moved, "sub_1/1772366400/1772625600"},
		"is over at once":    {trial().With("status", "active", "trial_end", noon.Unix()), moved, "sub_1/1772366400/0"},
		"is over, not yet":   {trial().With("trial_end", noon.Unix()), moved, "sub_1/1772366400/0"},
		"is none any more":   {trial().With("status", "active", "trial_end", nil), moved, "sub_1/1772366400/0"},
		"is not a trial's":   {trial().With("status", "active", "trial_end", noon.AddDate(0, 0, -9).Unix(), "cancel_at_period_end", true), ended, ""},
		"had no trial":       {trial().With("status", "active", "trial_end", nil, "cancel_at_period_end", true), ended, ""},
		"is another change":  {trial(), stripefake.Object{"metadata": stripefake.Object{}}, ""},
	} {
		d := commerce.Delivery{Body: stripefake.Event{Type: topic, Created: noon, Object: c.object, Before: c.before}.Body()}
		got, err := Decode(d)
		require.NoError(t, err, name)
		want := commerce.Change{Ignored: "it changes nothing about a trial"}
		if c.want != "" {
			want = commerce.Change{
				Person:   &commerce.PersonFacts{CustomerID: "cus_1", UpdatedAt: commerce.At(noon)},
				Happened: []commerce.Happening{{Kind: commerce.SubscriptionChanged, Subject: c.want, At: commerce.At(noon)}},
			}
		}
		same(t, want, got)
	}
	for name, o := range map[string]stripefake.Object{"no id": trial().Without("id"), "no status": trial().Without("status")} {
		_, err := Decode(commerce.Delivery{Body: stripefake.Event{Type: topic, Created: noon, Object: o, Before: ended}.Body()})
		require.Equal(t, fault.Permanent, fault.KindOf(err), name)
	}
}

func TestDecodeTrialEnding(t *testing.T) {
	const topic = "customer.subscription.trial_will_end"
	same(t, commerce.Change{
		Person:   &commerce.PersonFacts{CustomerID: "cus_1", UpdatedAt: commerce.At(noon)},
		Happened: []commerce.Happening{{Kind: commerce.SubscriptionTrialEnding, Subject: "sub_1/1772625600", At: commerce.At(noon)}},
	}, decode(t, topic, noon, trial()))

	for name, c := range map[string]struct {
		object stripefake.Object
		why    string
	}{
		"ended at once":          {trial().With("trial_end", noon.Unix(), "status", "active"), "the trial is over already"},
		"ended at once, not yet": {trial().With("trial_end", noon.Unix()), "the trial is over already"},
		"cancelled":              {trial().With("status", "canceled"), "the trial is over already"},
		"ends with its period":   {trial().With("cancel_at_period_end", true), "the subscription ends with its trial"},
		"ends on the day":        {trial().With("cancel_at", noon.AddDate(0, 0, 3).Unix()), "the subscription ends with its trial"},
	} {
		same(t, commerce.Change{Ignored: c.why}, decode(t, topic, noon, c.object))
		require.NotEmpty(t, c.why, name)
	}
	require.NotEmpty(t, decode(t, topic, noon, trial().With("cancel_at", noon.AddDate(1, 0, 0).Unix())).Happened, "ends a year later")

	for name, o := range map[string]stripefake.Object{
		"no end": trial().With("trial_end", nil), "no id": trial().Without("id"), "no status": trial().Without("status"),
	} {
		_, err := Decode(commerce.Delivery{Body: stripefake.Event{Type: topic, Created: noon, Object: o}.Body()})
		require.Equal(t, fault.Permanent, fault.KindOf(err), name)
	}
}
