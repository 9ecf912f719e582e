package manage

import (
	"cmp"
	"context"
	"slices"
	"time"

	"flywheel/club"
	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/loyalty"
	"flywheel/message"
	"flywheel/store"
)

// What is shown of a program where the person shown has nothing of the kind yet,
// and the code of links and rewards, which are live in no preview.
const (
	samplePoints  = 240
	sampleWaiting = 60
	sampleCode    = "PREVIEW234"
)

// lastRewards are how many of somebody's rewards are looked through for one that can be used.
const lastRewards = 20

// sampleDays is how long a reward that is made up can still be used.
const sampleDays = 30 * 24 * time.Hour

// loyalty adds what the person has in the shop's program, where a step tells of
// it. What they do not have yet is made up, and the preview says so.
func (k Desk) loyalty(ctx context.Context, step *campaign.Step, base string, f *message.Facts, p *Preview) error {
	if !tellsOfLoyalty(step) {
		return nil
	}
	program, err := k.Store.LoyaltyProgram(ctx, f.Shop.ID)
	if err != nil {
		return err
	}
	l := &message.Loyalty{Program: program.Program, Points: samplePoints, Pending: sampleWaiting, About: sampleWaiting}
	p.SampleClub = true
	if f.Person.ID != "" {
		if err := k.has(ctx, *f, program, l, p); err != nil {
			return err
		}
	}
	if l.Reward == nil {
		p.SampleClub = true
		l.Reward = &message.Given{Offer: sampleOffer(program.Program, f.Shop), Code: sampleCode, EndsAt: k.Store.Now().Add(sampleDays)}
	}
	l.Referral = &message.Sends{URL: base + "/r/" + sampleCode, Code: sampleCode, Friend: issued(program.Program, program.Referral.Friend, f.Shop), Advocate: issued(program.Program, program.Referral.Advocate, f.Shop)}
	f.Loyalty, f.AccountURL = l, base+"/account/preview"
	return nil
}

// has fills in what somebody has, where they are a member.
func (k Desk) has(ctx context.Context, f message.Facts, program store.Program, l *message.Loyalty, p *Preview) error {
	m, err := k.Store.LoyaltyMember(ctx, f.Shop.ID, f.Person.ID)
	if err != nil || m.State != store.Joined {
		return err
	}
	p.SampleClub = false
	l.Points, l.Pending, l.Ending, l.EndsAt, l.Standing = m.Points, m.Pending, m.Ending, m.EndsAt, m.Standing
	rewards, err := k.Store.RewardsOf(ctx, f.Shop.ID, f.Person.ID, lastRewards)
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(rewards, func(r store.Reward) bool { return r.State == store.RewardMade }); i >= 0 {
		l.Reward = &message.Given{Offer: rewards[i].Offer, Code: sampleCode, EndsAt: rewards[i].ExpiresAt}
	}
	return k.Store.Transact(ctx, func(tx *store.Tx) error {
		points, err := club.Window(tx, f.Shop, program.Program, f.Person.ID)
		l.Sum = program.Tiers.Sum(points, tx.Now())
		return err
	})
}

func tellsOfLoyalty(step *campaign.Step) bool {
	return slices.ContainsFunc(texts(step), message.TellsOfLoyalty)
}

// sampleOffer is one of the program's rewards, the first that points buy, else a percentage.
func sampleOffer(p loyalty.Program, shop commerce.Shop) loyalty.Offer {
	for _, r := range p.Rewards {
		if o := issued(p, r.ID, shop); o != nil && r.Cost > 0 {
			return *o
		}
	}
	return loyalty.Offer{Reward: "sample", Kind: loyalty.PercentOff, Percent: 1000, Days: 30}
}

// issued is what one of a program's rewards gives now; nil where it gives nothing.
func issued(p loyalty.Program, id string, shop commerce.Shop) *loyalty.Offer {
	i := slices.IndexFunc(p.Rewards, func(r loyalty.Reward) bool { return r.ID == id })
	if i < 0 {
		return nil
	}
	o, err := p.Rewards[i].Issue(max(1, p.Rewards[i].Least), cmp.Or(shop.Currency, "USD"))
	if err != nil {
		return nil // not offered any more
	}
	return &o
}
