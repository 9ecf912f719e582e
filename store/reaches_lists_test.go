package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/store"
)

// listsReaches are the reaches of what people search for and page through.
var listsReaches = map[string]reach{
	"Store.FindPersons": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		all, err := s.FindPersons(t.Context(), a, nil, "", 100)
		require.NoError(t, err)
		some, err := s.FindPersons(t.Context(), a, []string{"word"}, "", 100)
		return append(all.Persons, some.Persons...), err
	},
	"Store.ContactsOf": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		got, err := s.ContactsOf(t.Context(), a, b.person)
		if len(got) > 0 {
			err = errReached
		}
		return got, err
	},
	"Store.Addresses": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return s.Addresses(t.Context(), a, []string{b.person.Email})
	},
	"Store.MergedInto": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		got, err := s.MergedInto(t.Context(), a, b.person.ID)
		if len(got) > 0 {
			err = errReached
		}
		return got, err
	},
	"Store.SameAs": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		got, err := s.SameAs(t.Context(), a, b.person.ID)
		if len(got) > 1 {
			err = errReached
		}
		return nil, err
	},
	"Store.UnderWay": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		got, err := s.UnderWay(t.Context(), a, b.person.ID, 100)
		if len(got) > 0 {
			err = errReached
		}
		return got, err
	},
	"Store.OrdersCalled": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		byName, err := s.OrdersCalled(t.Context(), a, b.order.Detail.Name, 10)
		require.NoError(t, err)
		byKey, err := s.OrdersCalled(t.Context(), a, b.order.Keys[0].ID, 10)
		return append(byName, byKey...), err
	},
	"Store.TimelineBefore": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		got, _, err := s.TimelineBefore(t.Context(), a, b.person.ID, nil, s.Now()+1, 100)
		if len(got) > 0 {
			err = errReached
		}
		return got, err
	},
	"Store.Outwards": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		for _, f := range []store.OutwardFilter{{}, {State: store.Unknown}, {State: store.Claimed}, {Campaign: b.effect.Campaign}} {
			if got, _, err := s.Outwards(t.Context(), a, f, 100); err != nil || len(got) > 0 {
				return got, errReached
			}
		}
		return nil, nil
	},
	"Store.Outward": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return s.Outward(t.Context(), a, b.effect.ID)
	},
	"Store.Receiveds": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		bad, done := store.ReceivedQuarantined, store.ReceivedDone
		for _, f := range []store.ReceivedFilter{{}, {State: &bad}, {State: &done}, {Topic: b.bad.Topic}} {
			if got, _, err := s.Receiveds(t.Context(), a, f, 100); err != nil || len(got) > 0 {
				return got, errReached
			}
		}
		return nil, nil
	},
	"Store.ReceivedTopics": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		got, err := s.ReceivedTopics(t.Context(), a)
		if len(got) > 0 {
			err = errReached
		}
		return got, err
	},
	"Store.ReceivedWhole": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		_, body, err := s.ReceivedWhole(t.Context(), a, b.delivery.ID)
		return string(body), err
	},
	"Store.Findings": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		all, _, err := s.Findings(t.Context(), a, store.FindingFilter{}, 100)
		require.NoError(t, err)
		some, _, err := s.Findings(t.Context(), a, store.FindingFilter{Kind: "kind"}, 100)
		return append(all, some...), err
	},
	"Store.FindingKinds": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		got, err := s.FindingKinds(t.Context(), a)
		if len(got) > 0 {
			err = errReached
		}
		return got, err
	},
	"Store.StopLines": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		all, _, err := s.StopLines(t.Context(), a, "", store.StopPlace{}, 100)
		require.NoError(t, err)
		one, _, err := s.StopLines(t.Context(), a, b.hash, store.StopPlace{}, 100)
		if len(all)+len(one) > 0 {
			err = errReached
		}
		return one, err
	},
	"Store.LiftStop": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return nil, s.LiftStop(t.Context(), a, b.hash, gate.TopicScope("reviews"))
	},
}

func furnishLists(*testing.T, *store.Store, *furnished) {}
