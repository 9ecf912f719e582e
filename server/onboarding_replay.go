package server

import (
	"context"
	"encoding/json"
	"time"

	"flywheel/delight/campaign"
	"flywheel/delight/replay"
	"flywheel/fault"
	"flywheel/manage"
	"flywheel/store"
	"flywheel/templates"
)

// setupDays is how far back setting up looks: as far as Shopify shows orders without another permission.
const setupDays = 60

// askReplay has the past asked what a campaign would have done with it.
func (s *Server) askReplay(ctx context.Context, v visit, id campaign.CampaignID) error {
	present, err := manage.Desk{Store: s.Store}.Campaign(ctx, v.Shop.ID, id)
	if fault.Is(err, fault.NotFound) {
		return nil // it was removed; there is nothing to ask
	}
	if err != nil {
		return err
	}
	question, err := json.Marshal(replay.Question{Definition: present.Definition, Days: setupDays})
	if err != nil {
		return err
	}
	_, err = s.Store.AskEstimate(ctx, v.Shop.ID, store.Estimate{Kind: store.EstimateReplay, Campaign: id, Question: question})
	return err
}

// replayOf is the newest answer to that; nil = nobody has asked.
func (s *Server) replayOf(ctx context.Context, v visit, id campaign.CampaignID) (*templates.SetupReplay, error) {
	e, found, err := s.Store.LastEstimate(ctx, v.Shop.ID, store.EstimateReplay, id, nil)
	if err != nil || !found {
		return nil, err
	}
	var question struct {
		Days int64 `json:"days"`
	}
	var answer replay.Answer
	if err := json.Unmarshal(e.Question, &question); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(e.Answer, &answer); err != nil {
		return nil, err
	}
	out := &templates.SetupReplay{
		Days: question.Days, Working: e.State.Open(), Would: answer.Would, None: answer.NotAll(), Later: answer.Later, At: time.UnixMilli(int64(e.AskedAt)),
	}
	if e.State == store.EstimateFailed {
		out.Failed = e.Note
	}
	if e.Expected > 0 {
		out.Percent = int(min(100, 100*e.Seen/e.Expected))
	}
	for _, why := range answer.Not {
		out.Why = append(out.Why, templates.SetupWhy{Reason: string(why.Reason), Count: why.Count})
	}
	return out, nil
}

// fillSetupCampaign shows what a campaign would have done, and whether it may go live.
func (s *Server) fillSetupCampaign(ctx context.Context, v visit, page *templates.SetupPage) error {
	id := setupCampaigns[page.Step]
	desk := manage.Desk{Store: s.Store}
	present, err := desk.Campaign(ctx, v.Shop.ID, id)
	if fault.Is(err, fault.NotFound) {
		page.State = "missing"
		return nil
	}
	if err != nil {
		return err
	}
	page.Campaign, page.Title, page.Goal, page.State = string(id), inLanguage(present.Title, v.lang), inLanguage(present.Goal, v.lang), string(present.State)
	page.Preview = page.Link("/messages/" + string(id))
	page.Replay, err = s.replayOf(ctx, v, id)
	return err
}
