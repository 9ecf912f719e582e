package server

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/delight/replay"
	"flywheel/store"
	"flywheel/templates"
)

// replayDays is how far back it is looked at who would have got a campaign: as
// far as Shopify shows orders without another permission.
const replayDays = 60

// askReplay has the past asked what a campaign would have done with it. A
// campaign that is not there is fault.NotFound.
func (s *Server) askReplay(ctx context.Context, v visit, id campaign.CampaignID) error {
	one, err := s.desk().Campaign(ctx, v.Shop.ID, id)
	if err != nil {
		return err
	}
	question, err := json.Marshal(replay.Question{Definition: one.Definition, Days: replayDays})
	if err != nil {
		return err
	}
	_, err = s.Store.AskEstimate(ctx, v.Shop.ID, store.Estimate{Kind: store.EstimateReplay, Campaign: id, Question: question})
	return err
}

// replayOf is the newest answer to that; nil = nobody has asked.
func (s *Server) replayOf(ctx context.Context, v visit, one campaign.Campaign) (*templates.Replay, error) {
	e, found, err := s.Store.LastEstimate(ctx, v.Shop.ID, store.EstimateReplay, one.ID, nil)
	if err != nil || !found {
		return nil, err
	}
	present, err := json.Marshal(replay.Question{Definition: one.Definition, Days: replayDays})
	if err != nil {
		return nil, err
	}
	var answer replay.Answer
	if err := json.Unmarshal(e.Answer, &answer); err != nil {
		return nil, err
	}
	out := &templates.Replay{
		Days: replayDays, Working: e.State.Open(), Would: answer.Would, None: answer.NotAll(), Later: answer.Later,
		Older: !bytes.Equal(present, e.Question), At: e.AskedAt.Time(),
	}
	if e.State == store.EstimateFailed {
		out.Failed = e.Note
	}
	if e.Expected > 0 {
		out.Percent = int(min(100, 100*e.Seen/e.Expected))
	}
	for _, why := range answer.Not {
		out.Why = append(out.Why, templates.FlowShare{Reason: string(why.Reason), Count: why.Count})
		out.Unread = out.Unread || why.Reason == gate.NoConsent && slices.Contains(v.Shop.Platforms, commerce.Shopify)
	}
	return out, nil
}
