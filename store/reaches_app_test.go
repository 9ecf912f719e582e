package store_test

import (
	"encoding/json"
	"testing"

	"flywheel/commerce"
	"flywheel/store"
)

// appReaches are the reaches of what the people of a shop do in the app.
var appReaches = map[string]reach{
	"Store.AskEstimate": func(t *testing.T, s *store.Store, a commerce.ShopID, _ furnished) (any, error) {
		return s.AskEstimate(t.Context(), a, store.Estimate{Kind: store.EstimateReplay, Campaign: "thank_you", Question: json.RawMessage(`{}`)})
	},
	"Store.CountFor": func(t *testing.T, s *store.Store, a commerce.ShopID, _ furnished) (any, error) {
		return s.CountFor(t.Context(), a, true)
	},
	"Store.FirstMessages": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		got, err := s.FirstMessages(t.Context(), a, []commerce.PersonID{b.person.ID})
		if len(got) > 0 {
			err = errReached
		}
		return got, err
	},
	"Store.SentAndLost": func(t *testing.T, s *store.Store, a commerce.ShopID, _ furnished) (any, error) {
		_, lost, err := s.SentAndLost(t.Context(), a, 0)
		return lost, err
	},
	"Store.LastEstimate": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		e, found, err := s.LastEstimate(t.Context(), a, store.EstimateReplay, "", json.RawMessage(`"`+b.owner+`"`))
		if found {
			err = errReached
		}
		return e, err
	},
	"Store.ReleaseEstimate": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return nil, s.ReleaseEstimate(t.Context(), a, b.estimate)
	},
	"Store.SaveSetup": func(t *testing.T, s *store.Store, a commerce.ShopID, _ furnished) (any, error) {
		return nil, s.SaveSetup(t.Context(), a, "thanks", store.SetupSkipped)
	},
	"Store.Setup": func(t *testing.T, s *store.Store, a commerce.ShopID, _ furnished) (any, error) {
		got, err := s.Setup(t.Context(), a)
		if got["thanks"] == store.SetupDone {
			err = errReached
		}
		return got, err
	},
	"Store.SaveEstimate": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return nil, s.SaveEstimate(t.Context(), a, store.Estimate{ID: b.estimate, State: store.EstimateDone, Answer: json.RawMessage(`{}`)}, "")
	},
}

func furnishApp(t *testing.T, s *store.Store, w *furnished) {
	t.Helper()
	shop := string(w.shop)
	w.estimate = store.NewID()
	execute(t, s, `INSERT INTO person_words (shop_id, word, person_id) VALUES ($1, $2, $3)`, shop, "word of "+w.owner, string(w.person.ID))
	execute(t, s, `INSERT INTO audit (shop_id, id, at, user_id, who, via, act, subject) VALUES ($1, $2, 1, '', $3, 'web', 'campaign.live', $3)`, shop, store.NewID(), "clerk of "+w.owner)
	execute(t, s, `INSERT INTO drafts (shop_id, campaign_id, rev, body, said, by_whom, at) VALUES ($1, 'thank_you', 1, $2, 'begun', 'clerk', 1)`, shop, `"`+w.owner+`"`)
	execute(t, s, `INSERT INTO draft_heads (shop_id, campaign_id, rev, base) VALUES ($1, 'thank_you', 1, 1)`, shop)
	execute(t, s, `INSERT INTO setups (shop_id, step, state, answer, at) VALUES ($1, 'thanks', 'done', $2, 1)`, shop, `"`+w.owner+`"`)
	execute(t, s, `INSERT INTO estimates (shop_id, id, kind, question, state, asked_at) VALUES ($1, $2, 'replay', $3, 'asked', 1)`, shop, w.estimate, `"`+w.owner+`"`)
	execute(t, s, `INSERT INTO invitations (id, hash, shop_id, role, made_by, made_at, expires_at) VALUES ($1, $2, $3, 'viewer', $4, 1, 9)`,
		store.NewID(), "hash of "+w.owner+shop, shop, "clerk of "+w.owner)
}
