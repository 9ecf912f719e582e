package manage

import (
	"cmp"
	"context"
	"math"
	"time"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/fault"
	"flywheel/store"
)

// Arm is one way of a split with what it led to. Low and High bound its true
// share of conversions, by the 95% Wilson score interval.
type Arm struct {
	Name               string
	Entered, Converted int64
	Low, High          float64
}

// Split is a split as it may be read.
type Split struct {
	Step   string
	Goal   string // orders or an event kind
	Sample int    // how many each arm needs
	Arms   []Arm
	// Enough says that every arm has its sample. Before that nothing may be
	// read from the figures: who looks every day and stops at a lead finds one where there is none.
	Enough bool
}

// Splits reads every split of a campaign's present version.
func (k Desk) Splits(ctx context.Context, shop commerce.ShopID, id campaign.CampaignID) ([]Split, error) {
	c, err := k.Campaign(ctx, shop, id)
	if err != nil {
		return nil, err
	}
	var out []Split
	for _, s := range steps(c.Definition) {
		if s.Kind != campaign.Split {
			continue
		}
		split, err := k.split(ctx, shop, id, s)
		if err != nil {
			return nil, err
		}
		out = append(out, split)
	}
	if len(out) == 0 {
		return nil, fault.New(fault.NotFound, "%s has no split", id)
	}
	return out, nil
}

func (k Desk) split(ctx context.Context, shop commerce.ShopID, id campaign.CampaignID, s *campaign.Step) (Split, error) {
	out := Split{Step: s.ID, Goal: cmp.Or(s.Goal, store.GoalOrders), Sample: s.Sample, Enough: s.Sample > 0}
	figures, err := k.Store.SplitFigures(ctx, shop, id, s.ID, out.Goal, time.Duration(s.Within))
	if err != nil {
		return out, err
	}
	for _, arm := range s.Arms {
		a := Arm{Name: arm.Name, High: 1}
		for _, f := range figures {
			if f.Arm == arm.Name {
				a.Entered, a.Converted = f.Entered, f.Converted
				a.Low, a.High = wilson(f.Converted, f.Entered)
			}
		}
		out.Enough = out.Enough && (a.Entered >= int64(s.Sample) || arm.Weight <= 0)
		out.Arms = append(out.Arms, a)
	}
	return out, nil
}

// wilson is the 95% Wilson score interval of k of n (Wilson 1927, J. Am. Stat.
// Assoc. 22, 209-212): it holds for small shares and small n. Of none it is everything.
func wilson(k, n int64) (low, high float64) {
	if n == 0 {
		return 0, 1
	}
	const z = 1.959964 // the standard normal distribution's 97.5% quantile
	size := float64(n)
	p := float64(k) / size
	middle := p + z*z/(2*size)
	half := z * math.Sqrt(p*(1-p)/size+z*z/(4*size*size))
	whole := 1 + z*z/size
	return max(0, (middle-half)/whole), min(1, (middle+half)/whole)
}
