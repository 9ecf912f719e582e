package timeline

import (
	"cmp"

	"flywheel/delight/gate"
	"flywheel/templates"
)

// Because says a reason in English, to complete "Held: ..." or "Not sent: ...";
// "" for a reason that has none.
func Because(r gate.Reason) string { return templates.Because("en", string(r)) }

// Outcome says in a word or two of English what figures count; what is neither
// an effect's state nor a decision's answer stays as it is.
func Outcome(what string) string { return cmp.Or(OutcomeIn("en", what), what) }

// OutcomeIn is Outcome in the best language for lang; "" where it has no words.
func OutcomeIn(lang, what string) string {
	for _, key := range []string{"timeline_outcome_" + what, "timeline_state_" + what} {
		if templates.Known(key) {
			return templates.Say(lang, key, nil)
		}
	}
	return ""
}
