package server

import (
	"context"
	"slices"
	"time"

	"flywheel/commerce"
	"flywheel/templates"
)

const (
	// discounts is the scope by which codes of rewards are made at Shopify.
	discounts = "write_discounts"
	// rewardsWait is how long a reward may wait for its code before somebody is told.
	rewardsWait = 10 * time.Minute
)

// fillRewardNeeds tells of rewards that customers wait for, and of what stands in their way.
func (s *Server) fillRewardNeeds(ctx context.Context, v visit, h *templates.Home) error {
	p, err := s.Store.LoyaltyProgram(ctx, v.Shop.ID)
	if err != nil || p.Version == 0 || len(p.Rewards) == 0 {
		return err
	}
	all, err := s.Store.Connections(ctx, v.Shop.ID)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(all, lacksDiscounts) {
		h.Needs = append(h.Needs, templates.HomeNeed{Key: "rewards_scope"})
		return nil
	}
	waiting, err := s.Store.WaitingRewards(ctx, v.Shop.ID, s.Store.Now().Add(-rewardsWait))
	if err != nil || waiting.Count == 0 {
		return err
	}
	h.Needs = append(h.Needs, templates.HomeNeed{Key: "rewards", Data: map[string]string{
		"Count": templates.Number(v.lang, v.Shop.Country, waiting.Count),
	}})
	return nil
}

// lacksDiscounts reports whether a store is connected in which the app may not make codes.
func lacksDiscounts(c commerce.Connection) bool {
	return c.Open() && c.Platform == commerce.Shopify && len(c.Scopes) > 0 && !slices.Contains(c.Scopes, discounts)
}
