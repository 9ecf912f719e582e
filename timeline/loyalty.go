package timeline

import (
	"encoding/json"

	"flywheel/commerce"
	"flywheel/store"
	"flywheel/templates"
)

// happened are the props of what happened in the loyalty program.
type happened struct {
	How     string           `json:"how"`
	Points  int64            `json:"points"`
	Pending int64            `json:"pending"`
	Tier    string           `json:"tier"`
	Reward  string           `json:"reward"`
	For     string           `json:"for"`
	EndsAt  commerce.Instant `json:"ends_at"`
}

// ours says what happened in the loyalty program, as far as its props tell.
func (t *Teller) ours(e store.Entry) Line {
	var p happened
	_ = json.Unmarshal([]byte(e.Detail), &p) // props that cannot be read tell nothing
	key, why := "event_"+e.What, ""
	switch commerce.EventKind(e.What) {
	case commerce.MemberJoined:
		why = t.word("joined_", p.How)
	case commerce.RewardReady:
		why = t.word("given_", p.For)
	case commerce.PointsEarned:
		if p.Pending > 0 {
			why = t.say("points_wait")
		}
	}
	sentence := t.say(key, "Points", t.count(p.Points), "Tier", templates.Isolate(t.lang, p.Tier), "Reward", templates.Isolate(t.lang, p.Reward))
	if why != "" {
		sentence = t.say("with_why", "Sentence", sentence, "Why", why)
	}
	if p.EndsAt != 0 {
		sentence = t.say("with_end", "Sentence", sentence, "Day", t.Day(p.EndsAt))
	}
	return Line{Sentence: sentence, Code: e.What}
}

// points says what took or gave points beside what was earned: a redemption, an
// end, a refund, somebody's hand.
func (t *Teller) points(e store.Entry) Line {
	key := "points_" + e.What
	if e.What == "adjust" && e.Times < 0 {
		key += "_down"
	}
	n := e.Times
	if n < 0 {
		n = -n
	}
	sentence := t.say(key, "Points", t.count(n))
	switch o := t.orders[e.Order]; {
	case o != nil:
		sentence = t.say("with_why", "Sentence", sentence, "Why", t.say("order", "Name", t.orderName(o)))
	case e.Detail != "":
		sentence = t.say("with_why", "Sentence", sentence, "Why", templates.Isolate(t.lang, e.Detail))
	}
	return Line{Sentence: sentence, Code: Code(e.What, e.Reason)}
}

func (t *Teller) count(n int64) string {
	return templates.Count(t.lang, t.shop.Country, "loyalty_count", n, nil)
}

// word is a word of a list; "" where it is in none.
func (t *Teller) word(list, word string) string {
	if word == "" || !templates.Known("timeline_"+list+word) {
		return ""
	}
	return t.say(list + word)
}
