package store

import (
	"context"

	"flywheel/commerce"
	"flywheel/delight/campaign"
)

// RewardOfWalk reads the last reward that a walk through a campaign has given; found = false: none.
func (s *Store) RewardOfWalk(ctx context.Context, shop commerce.ShopID, walk campaign.EnrollmentID) (r Reward, found bool, err error) {
	all, err := s.query(ctx).rewards(`shop_id = $1 AND cause_kind = $2 AND cause_id IN
		(SELECT id FROM effects WHERE shop_id = $1 AND enrollment_id = $3 AND kind = 'give_reward') ORDER BY id DESC LIMIT 1`, shop, RewardCampaign, walk)
	if err != nil || len(all) == 0 {
		return Reward{}, false, err
	}
	return all[0], true, nil
}
