package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"flywheel/app"
	"flywheel/delight/campaign"
)

const (
	crowdedRound = 1000 // deliveries
	manyLive     = 1000 // campaigns of the crowded shop
)

// crowded measures what a delivery costs a shop with 1,000 live campaigns of
// which three read it, compared with a shop that has those three alone. From
// the first request until nothing is left to do: one of the three is the
// thank-you, whose mail goes out, the others begin a wait.
func crowded(ctx context.Context, where string, rounds int, bound float64) ([]figure, error) {
	alone, err := openCampaigns(ctx, where, 0)
	if err != nil {
		return nil, err
	}
	crowd, err := openCampaigns(ctx, where, manyLive)
	if err != nil {
		return nil, joinClose(err, alone)
	}
	cost := figure{Name: "campaigns_cost_" + where, Unit: "x", Goal: atMost(bound), Note: "seconds of 1,000 deliveries with 1,000 campaigns, three of which match, by seconds with those three alone"}
	for round := range rounds + 1 {
		reference, err := alone.take(ctx, round)
		if err != nil {
			return nil, errors.Join(joinClose(err, alone), crowd.close())
		}
		ours, err := crowd.take(ctx, round)
		if err != nil {
			return nil, errors.Join(joinClose(err, alone), crowd.close())
		}
		if round > 0 {
			cost.Pairs = append(cost.Pairs, pair{Ours: ours.Seconds(), Reference: reference.Seconds()})
		}
	}
	return []figure{cost}, errors.Join(alone.close(), crowd.close())
}

// openCampaigns opens a site whose shop has three campaigns that read a paid
// order, and others up to many that do not. Two sites stand side by side, so
// each has its Redis in the process.
func openCampaigns(ctx context.Context, where string, many int) (*site, error) {
	s, err := openSiteAlone(ctx, where, app.Parts{Web: true, Work: true})
	if err != nil {
		return nil, err
	}
	save := func(name string, t campaign.Trigger) error {
		d := straight()
		d.Name, d.Trigger = name, t
		_, err := s.Store.SaveCampaign(ctx, s.shop, campaign.CampaignID(name), d, campaign.Live)
		return err
	}
	for _, name := range []string{"second", "third"} {
		err = errors.Join(err, save(name, campaign.Trigger{Kind: campaign.OnOrderPaid}))
	}
	for i := 3; i < many && err == nil; i++ {
		name := fmt.Sprintf("other_%04d", i)
		err = save(name, campaign.Trigger{Kind: campaign.OnCustomEvent, Name: name})
	}
	if err == nil {
		err = s.Store.SetCampaignState(ctx, s.shop, "review_request", campaign.Paused, "") // it reads other events
	}
	if err != nil {
		return nil, joinClose(err, s)
	}
	return s, nil
}

// take posts a round of paid orders and waits until all that follows is done.
func (s *site) take(ctx context.Context, round int) (time.Duration, error) {
	requests, err := s.orders(ctx, round*crowdedRound, crowdedRound)
	if err != nil {
		return 0, err
	}
	began := time.Now()
	if _, err := fire(lean, s.Addr(), requests); err != nil {
		return 0, err
	}
	if err := s.settle(ctx); err != nil {
		return 0, err
	}
	took := time.Since(began)
	if want := (round + 1) * crowdedRound; s.sink.Count() != want {
		return 0, fmt.Errorf("%d mails came, not %d", s.sink.Count(), want)
	}
	if round == 0 {
		err = s.analyze(ctx)
	}
	return took, err
}
