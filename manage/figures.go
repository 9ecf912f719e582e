package manage

import (
	"context"
	"slices"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/store"
)

// Share is one outcome with its part of the whole, in tenths of a percent. The
// parts of one whole add up to 1000.
type Share struct {
	What   string // sent, send (at work), defer, hold, skip, or an effect's state
	Reason gate.Reason
	Count  int64
	Tenths int64
}

// StepFigures is what became of one step that reaches out.
type StepFigures struct {
	Step    string
	Kind    campaign.StepKind // "" where the present version has it no more
	Waiting int64             // people on whose way it is next and not due yet
	Due     int64             // for so many it has been due
	Sent    int64
	Held    int64 // put off or held at this moment, or at work
	Not     int64 // not sent, for good
	Shares  []Share
}

// Figures are what a campaign has come to; of one in rehearsal, what the team has seen.
type Figures struct {
	Rehearsal       bool
	Newest          bool // of the shop's newest walks alone; who was kept out is not counted then
	Entered, Active int64
	Ended, KeptOut  []Share
	Steps           []StepFigures
}

// Figures counts what became of a campaign's people and steps. Of each step the
// shares of all that was due add up to the whole.
func (k Desk) Figures(ctx context.Context, shop commerce.ShopID, id campaign.CampaignID) (Figures, error) {
	return k.figures(ctx, shop, id, false)
}

// FiguresNow is Figures at once: of a campaign with very many people the newest walks alone.
func (k Desk) FiguresNow(ctx context.Context, shop commerce.ShopID, id campaign.CampaignID) (Figures, error) {
	many, err := k.Store.ManyWalks(ctx, shop, id)
	if err != nil {
		return Figures{}, err
	}
	return k.figures(ctx, shop, id, many)
}

func (k Desk) figures(ctx context.Context, shop commerce.ShopID, id campaign.CampaignID, newest bool) (Figures, error) {
	out := Figures{Newest: newest}
	c, err := k.Campaign(ctx, shop, id)
	if err != nil {
		return out, err
	}
	out.Rehearsal = c.State == campaign.Rehearsal
	entryOutcomes, stepOutcomes := k.Store.EntryOutcomes, k.Store.StepOutcomes
	if newest {
		entryOutcomes, stepOutcomes = k.Store.NewestEntryOutcomes, k.Store.NewestStepOutcomes
	}
	entries, err := entryOutcomes(ctx, shop, id)
	if err != nil {
		return out, err
	}
	for _, e := range entries {
		share := Share{What: e.What, Reason: gate.Reason(e.Reason), Count: e.Count}
		switch e.What {
		case "refused":
			out.KeptOut = append(out.KeptOut, share)
			continue
		case "ended":
			out.Ended = append(out.Ended, share)
		default:
			out.Active += e.Count
		}
		out.Entered += e.Count
	}
	portion(out.Ended)
	portion(out.KeptOut)
	outcomes, err := stepOutcomes(ctx, shop, id)
	if err != nil {
		return out, err
	}
	by := waiters(k.Store.WaitingByStep)
	if newest {
		by = k.Store.WaitingNow
	}
	waiting, err := k.waitingFor(ctx, shop, c, by)
	out.Steps = figuresOf(c.Definition, outcomes, waiting)
	return out, err
}

// figuresOf gives each step its outcomes, in the order of the definition, and
// those that an older version had behind them.
func figuresOf(d campaign.Definition, outcomes []store.Outcome, waiting map[string]int64) (out []StepFigures) {
	at := map[string]int{}
	add := func(step string, kind campaign.StepKind) *StepFigures {
		if i, known := at[step]; known {
			return &out[i]
		}
		at[step] = len(out)
		out = append(out, StepFigures{Step: step, Kind: kind})
		return &out[at[step]]
	}
	for _, s := range steps(d) {
		if spec := campaign.StepOf(s.Kind); spec != nil && spec.Outward {
			add(s.ID, s.Kind)
		}
	}
	for _, o := range outcomes {
		f := add(o.StepID, "")
		f.Due += o.Count
		switch {
		case o.What == string(store.Sent):
			f.Sent += o.Count
		case slices.Contains(final, o.What):
			f.Not += o.Count
		default:
			f.Held += o.Count
		}
		f.Shares = append(f.Shares, Share{What: o.What, Reason: gate.Reason(o.Reason), Count: o.Count})
	}
	for i := range out {
		portion(out[i].Shares)
		out[i].Waiting = max(0, waiting[out[i].Step]-out[i].Held)
	}
	return out
}

// final are the outcomes that nothing changes any more.
var final = []string{string(gate.Skip), string(store.Failed), string(store.Expired)}

// waitingFor counts the people on their way by the step ahead of them.
func (k Desk) waitingFor(ctx context.Context, shop commerce.ShopID, c campaign.Campaign, by waiters) (map[string]int64, error) {
	counts, err := by(ctx, shop, c.ID)
	if err != nil {
		return nil, err
	}
	versions := map[int]campaign.Definition{c.Version: c.Definition}
	out := map[string]int64{}
	for _, n := range counts {
		d, known := versions[n.Version]
		if !known {
			if d, err = k.Store.CampaignVersion(ctx, shop, c.ID, n.Version); err != nil {
				return nil, err
			}
			versions[n.Version] = d
		}
		if s := ahead(d, campaign.Position{StepID: n.StepID}); s != nil {
			out[s.ID] += n.Count
		}
	}
	return out, nil
}

// portion gives every share its tenths of a percent: the whole ones, and what
// is left over to the largest remainders, so that they add up.
func portion(shares []Share) {
	var sum int64
	for _, s := range shares {
		sum += s.Count
	}
	if sum == 0 {
		return
	}
	left, order := int64(1000), make([]int, len(shares))
	for i := range shares {
		order[i] = i
		shares[i].Tenths = shares[i].Count * 1000 / sum
		left -= shares[i].Tenths
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return int(shares[b].Count*1000%sum - shares[a].Count*1000%sum)
	})
	for _, i := range order[:left] {
		shares[i].Tenths++
	}
}
