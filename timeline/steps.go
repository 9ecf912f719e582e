package timeline

import (
	"cmp"

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
	kind := t.steps[place{e.Campaign, e.Step}]
	state := effectWords[store.EffectState(e.What)]
	if kind == campaign.CallTask && e.What == string(store.Sent) {
		state = "put on the list"
	}
	if kind == campaign.TagCustomer && e.What == string(store.Sent) {
		state = "changed"
	}
	return cmp.Or(outwardWords[kind], outwardWords[campaign.SendEmail]) + " " + state
}

// branch says which way a walk took, and why.
func (t *Teller) branch(e store.Entry) string {
	if e.What == campaign.BranchSkipped {
		return "Somebody chose to leave out the step " + e.Step
	}
	switch t.steps[place{e.Campaign, e.Step}] {
	case campaign.If:
		return map[string]string{campaign.BranchThen: "Its condition fitted", campaign.BranchElse: "Its condition did not fit"}[e.What] + ", at " + e.Step
	case campaign.WaitForEvent:
		return map[string]string{campaign.BranchThen: "What it waited for came", campaign.BranchElse: "What it waited for did not come in time"}[e.What] + ", at " + e.Step
	}
	return "It went the way " + templates.Isolate("en", e.What) + ", at " + e.Step
}
