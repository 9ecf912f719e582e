package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/fault"
	"flywheel/store"
)

// engineReaches are the reaches of what campaigns are run and managed by.
var engineReaches = map[string]reach{
	"Store.OrderNames": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return s.OrderNames(t.Context(), a, []commerce.OrderID{b.order.ID})
	},
	"Store.LastMessages": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return s.LastMessages(t.Context(), a, 100)
	},
	"Store.AddEndpoint": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return nil, s.AddEndpoint(t.Context(), a, "erp", "https://example.com", "s")
	},
	"Store.AddToken": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return s.AddToken(t.Context(), a, "another", store.Viewer, []byte(a))
	},
	"Store.AddTouch": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		fresh, err := s.AddTouch(t.Context(), a, store.Touch{Email: b.person.Email, Source: "touch of " + b.owner, ExternalID: "1"})
		require.True(t, fresh, "another shop's")
		return nil, err
	},
	"Store.Causes": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		got, err := s.Causes(t.Context(), a, []string{"order_paid|event of " + b.owner})
		require.Empty(t, got)
		return got, err
	},
	"Store.DisableEndpoint": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return nil, s.DisableEndpoint(t.Context(), a, "erp", true)
	},
	"Store.Endpoint": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return s.Endpoint(t.Context(), a, "erp")
	},
	"Store.Enrollment": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		_, err := s.Enrollment(t.Context(), a, b.enrollment.ID)
		require.True(t, fault.Is(err, fault.NotFound), "%v", err)
		return nil, err
	},
	"Store.Event": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		_, err := s.Event(t.Context(), a, commerce.OrderPaid, "event of "+b.owner)
		require.True(t, fault.Is(err, fault.NotFound), "%v", err)
		return nil, err
	},
	"Store.EventsOf": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return s.EventsOf(t.Context(), a, []commerce.PersonID{b.person.ID}, []commerce.EventKind{commerce.OrderPaid}, 0)
	},
	"Store.FinishTask": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return nil, s.FinishTask(t.Context(), a, b.effect.ID, "reached", "")
	},
	"Store.FuseFigures": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		f, err := s.FuseFigures(t.Context(), a, "thank-you", 0)
		require.Zero(t, f)
		return f, err
	},
	"Store.GoNow": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return nil, s.GoNow(t.Context(), a, b.enrollment.ID)
	},
	"Store.Histories": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		got, err := s.Histories(t.Context(), a, []commerce.PersonID{b.person.ID})
		require.Empty(t, got[b.person.ID])
		return got, err
	},
	"Store.KeptBody": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		got, err := s.KeptBody(t.Context(), a, b.delivery)
		require.Nil(t, got)
		return got, err
	},
	"Store.ListEndpoints": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return s.ListEndpoints(t.Context(), a)
	},
	"Store.ListEnrollments": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		got, err := s.ListEnrollments(t.Context(), a, "thank-you", store.WalkFilter{}, "", 100)
		require.Empty(t, got)
		return got, err
	},
	"Store.ListFanouts": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return s.ListFanouts(t.Context(), a, 100)
	},
	"Store.ListTasks": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return s.ListTasks(t.Context(), a, store.TaskOpen, store.Task{}, 100)
	},
	"Store.ListTokens": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return s.ListTokens(t.Context(), a)
	},
	"Store.MoveToVersion": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		_, err := s.SaveCampaign(t.Context(), a, "thank-you", definition("a"), campaign.Draft)
		require.NoError(t, err)
		got, err := s.MoveToVersion(t.Context(), a, "thank-you", 1, 1, []string{"thanks"})
		require.Zero(t, got)
		return got, err
	},
	"Store.OrdersAfter": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		got, err := s.OrdersAfter(t.Context(), a, "", 100)
		require.Empty(t, got)
		return got, err
	},
	"Store.Products": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return s.Products(t.Context(), a, []string{"7"})
	},
	"Store.ReleaseFanout": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return nil, s.ReleaseFanout(t.Context(), a, b.fanout.ID, b.owner)
	},
	"Store.RemoveEndpoint": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return nil, s.RemoveEndpoint(t.Context(), a, "erp")
	},
	"Store.ReopenTask": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return nil, s.ReopenTask(t.Context(), a, b.effect.ID)
	},
	"Store.RevokeToken": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return nil, s.RevokeToken(t.Context(), a, b.token)
	},
	"Store.RotateEndpoint": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return nil, s.RotateEndpoint(t.Context(), a, "erp", "s")
	},
	"Store.ChangeSettings": func(t *testing.T, s *store.Store, a commerce.ShopID, _ furnished) (any, error) {
		_, err := s.ChangeSettings(t.Context(), a, func(shop *commerce.Shop) error {
			shop.Settings.PayOnDelivery = []string{"cod"}
			return nil
		})
		touchAll(t, s)
		return nil, err
	},
	"Store.SaveSettings": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		err := s.SaveSettings(t.Context(), a, commerce.Settings{PayOnDelivery: []string{"cod"}})
		touchAll(t, s)
		return nil, err
	},
	"Store.SaveVersion": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		version, err := s.SaveVersion(t.Context(), a, "thank-you", definition("a"), store.Saving{State: campaign.Draft})
		require.Equal(t, 1, version)
		return version, err
	},
	"Store.SkipStep": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return nil, s.SkipStep(t.Context(), a, b.enrollment.ID, "thanks")
	},
	"Store.SplitFigures": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return s.SplitFigures(t.Context(), a, "thank-you", "split", store.GoalOrders, time.Hour)
	},
	"Store.StopEnrollment": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return nil, s.StopEnrollment(t.Context(), a, b.enrollment.ID)
	},
	"Store.Task": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return s.Task(t.Context(), a, b.effect.ID)
	},
	"Store.Versions": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		got, err := s.Versions(t.Context(), a, "thank-you")
		require.Empty(t, got)
		return got, err
	},
	"Store.WaitingByStep": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		got, err := s.WaitingByStep(t.Context(), a, "thank-you")
		require.Empty(t, got)
		return got, err
	},
	"Store.EntryOutcomes": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		got, err := s.EntryOutcomes(t.Context(), a, "thank-you")
		require.Empty(t, got)
		return got, err
	},
	"Store.StepOutcomes": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		got, err := s.StepOutcomes(t.Context(), a, "thank-you")
		require.Empty(t, got)
		return got, err
	},
	"Store.WalksOf": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		got, err := s.WalksOf(t.Context(), a, b.person.ID, "thank-you")
		require.Empty(t, got)
		return got, err
	},
	"Store.Why": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		got, err := s.Why(t.Context(), a, b.person.ID, "")
		require.Empty(t, got)
		return got, err
	},
	"Tx.AddEvents": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		_, err := tx.AddEvents(a, []commerce.Event{{Kind: commerce.OrderPaid, Subject: "event of " + b.owner}})
		return nil, err
	}),
	"Tx.AddFanout": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		fresh, err := tx.AddFanout(a, b.fanout)
		if err == nil && !fresh {
			return nil, errReached
		}
		return nil, err
	}),
	"Tx.AddPasses": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.AddPasses(a, []store.Pass{{Enrollment: b.enrollment.ID, StepID: "split"}})
	}),
	"Tx.AddTask": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.AddTask(a, store.Task{ID: b.effect.ID})
	}),
	"Tx.AddTransit": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.AddTransit(a, "DE", "method of "+b.owner, 3)
	}),
	"Tx.AdvanceFanout": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.AdvanceFanout(a, b.fanout.ID, b.owner, "x", 1, true)
	}),
	"Tx.CustomerIDs": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return tx.CustomerIDs(a, []commerce.PersonID{b.person.ID})
	}),
	"Tx.DropTasks": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.DropTasks(a, b.order.ID, "")
	}),
	"Tx.EnrollmentsByKey": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		got, err := tx.EnrollmentsByKey(a, []store.EntryName{{Campaign: "thank-you", Key: b.enrollment.EntryKey}})
		if len(got) > 0 {
			return nil, errReached
		}
		return nil, err
	}),
	"Tx.EventsOf": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return tx.EventsOf(a, []commerce.PersonID{b.person.ID}, []commerce.EventKind{commerce.OrderPaid}, 0)
	}),
	"Tx.Histories": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		got, err := tx.Histories(a, []commerce.PersonID{b.person.ID})
		if len(got[b.person.ID]) > 0 {
			return nil, errReached
		}
		return nil, err
	}),
	"Tx.LockAddresses": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.LockAddresses(a, []string{b.hash})
	}),
	"Tx.OrdersOfPersons": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		got, err := tx.OrdersOfPersons(a, []commerce.PersonID{b.person.ID}, 9)
		if len(got[b.person.ID]) > 0 {
			return nil, errReached
		}
		return nil, err
	}),
	"Tx.RecauseEnrollments": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.RecauseEnrollments(a, []campaign.Enrollment{{ID: b.enrollment.ID, Cause: "intruder"}})
	}),
	"Tx.Rivals": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		got, err := tx.Rivals(a, []commerce.PersonID{b.person.ID}, tx.Now())
		if len(got[b.person.ID]) > 0 {
			return nil, errReached
		}
		return nil, err
	}),
	"Tx.SaveProducts": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.SaveProducts(a, []commerce.Product{{ID: "7", Title: "intruder", UpdatedAt: 9}})
	}),
	"Tx.SetCampaignState": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.SetCampaignState(a, "thank-you", campaign.Paused, "")
	}),
	"Tx.SuppressBy": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.SuppressBy(a, b.hash, gate.ScopeAll, "intruder", b.effect.ID)
	}),
	"Tx.TouchWaiting": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.TouchWaiting(a, []store.Waiting{{Person: b.person.ID, Kind: commerce.OrderArrived}})
	}),
	"Tx.Uses": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		got, err := tx.Uses(a, []string{b.hash}, 0)
		if len(got) > 0 {
			return nil, errReached
		}
		return nil, err
	}),
	"Store.FuseSeen": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return nil, s.FuseSeen(t.Context(), store.FuseAsk{Shop: a, Times: 1})
	},
	"Store.FuseAsked": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		_, err := s.FuseAsked(t.Context(), a, 10) // the sweep sees every shop, by id alone
		return nil, err
	},
	"Store.FuseAskedOf": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		ask, err := s.FuseAskedOf(t.Context(), a)
		if ask.Times > 0 {
			return nil, errReached
		}
		return nil, err
	},
	"Store.Asked": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		asked, err := s.Asked(t.Context(), a, []commerce.PersonID{b.person.ID})
		if len(asked[b.person.ID]) > 0 {
			return nil, errReached
		}
		return nil, err
	},
	"Tx.HeldSince": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		held, err := tx.HeldSince(a, []store.StepName{{EntryName: store.EntryName{Campaign: b.enrollment.Campaign, Key: b.enrollment.EntryKey}, StepID: "ask"}})
		if len(held) > 0 {
			return nil, errReached
		}
		return nil, err
	}),
	"Tx.AskFuse": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) { return nil, tx.AskFuse(a) }),
	"Tx.BlowFuse": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		blown, err := tx.BlowFuse(a, "thank-you")
		if blown {
			return nil, errReached
		}
		return nil, err
	}),
	"Tx.Event": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		_, found, err := tx.Event(a, commerce.OrderPaid, "event of "+b.owner)
		if found {
			return nil, errReached
		}
		return nil, err
	}),
	"Tx.Orders": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return tx.Orders(a, []commerce.OrderID{b.order.ID})
	}),
	"Tx.Products": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return tx.Products(a, []string{"7"})
	}),
}
