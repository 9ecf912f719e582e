package manage

import (
	"context"
	"slices"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/loyalty"
	"flywheel/message"
	"flywheel/store"
)

// loyaltyGaps is what a definition wants of the shop's loyalty program that it
// does not have: that it is live, and the rewards that its steps give.
func (k Desk) loyaltyGaps(ctx context.Context, shop commerce.ShopID, d campaign.Definition) (out []Remark, err error) {
	if !wantsProgram(d) {
		return nil, nil
	}
	p, err := k.Store.LoyaltyProgram(ctx, shop)
	if err != nil {
		return nil, err
	}
	welcomes := d.Trigger.Kind == campaign.OnMemberJoined && p.Rev > 0 // it is there before the first member is
	if p.State != store.ProgramLive && !welcomes {
		out = append(out, Remark{Level: Refused, Key: "no_program"})
	}
	for s := range d.AllSteps() {
		if s.Kind == campaign.GiveReward && s.Reward != campaign.RewardToChoose && !offers(p.Program, s.Reward) {
			out = append(out, Remark{Step: s.ID, Place: "reward", Level: Refused, Key: "no_reward", Data: map[string]string{"Name": s.Reward}})
		}
	}
	return out, nil
}

func offers(p loyalty.Program, reward string) bool {
	return slices.ContainsFunc(p.Rewards, func(r loyalty.Reward) bool { return r.ID == reward && !r.Hidden })
}

// wantsProgram reports whether a definition makes sense with a loyalty program alone.
func wantsProgram(d campaign.Definition) bool {
	if spec := campaign.TriggerOf(d.Trigger.Kind); spec != nil && spec.Loyal() {
		return true
	}
	for s := range d.AllSteps() {
		if s.Kind == campaign.GivePoints || s.Kind == campaign.GiveReward || slices.ContainsFunc(texts(s), message.TellsOfLoyalty) {
			return true
		}
	}
	return false
}

func texts(s *campaign.Step) (out []campaign.Email) {
	for _, e := range s.Email {
		out = append(out, e)
	}
	return out
}

// loyaltyWrong are the sentences of those gaps for who works by the command line.
var loyaltyWrong = map[string]string{
	"no_program": "the shop's loyalty program is not live: it begins on the page Loyalty [no_program]",
	"no_reward":  "the loyalty program offers no such reward: choose one of those on the page Loyalty [no_reward]",
}
