package timeline

import (
	"flywheel/delight/campaign"
	"flywheel/store"
	"flywheel/templates"
)

// place names a step of a campaign; its id is never used for another.
type place struct{ campaign, step string }

// learn notes what kind each step is, those in branches too.
func (t *Teller) learn(id string, steps []campaign.Step) {
	for i := range steps {
		s := &steps[i]
		t.steps[place{id, s.ID}] = s.Kind
		t.learn(id, s.Then)
		t.learn(id, s.Else)
		for _, arm := range s.Arms {
			t.learn(id, arm.Steps)
		}
	}
}

// outward names an effect and how far it has come: "Mail sent".
func (t *Teller) outward(e store.Entry) string {
	kind, state := t.steps[place{e.Campaign, e.Step}], e.What
	switch {
	case kind == campaign.CallTask && state == string(store.Sent):
		state = "listed"
	case kind == campaign.TagCustomer && state == string(store.Sent):
		state = "changed"
	case (kind == campaign.GivePoints || kind == campaign.GiveReward) && state == string(store.Sent):
		state = "given"
	}
	if !templates.Known("timeline_kind_" + string(kind)) {
		kind = campaign.SendEmail // a step that is gone
	}
	return t.say("outward", "Kind", t.say("kind_"+string(kind)), "State", t.say("state_"+state))
}

// branch says which way a walk took, and why.
func (t *Teller) branch(e store.Entry) string {
	step := templates.IsolateLTR(t.lang, e.Step)
	if e.What == campaign.BranchSkipped {
		return t.say("branch_skipped", "Step", step)
	}
	if key := "branch_" + string(t.steps[place{e.Campaign, e.Step}]) + "_" + e.What; templates.Known("timeline_" + key) {
		return t.say(key, "Step", step)
	}
	return t.say("branch_way", "Way", templates.Isolate(t.lang, e.What), "Step", step)
}
