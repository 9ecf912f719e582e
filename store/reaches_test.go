package store_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/fault"
	"flywheel/store"
)

// reach is a call that names the shop a, with everything else taken from the shop b. It returns what a gets to see.
type reach func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error)

var errReached = errors.New("reached a row of another shop")

// in makes a reach of a call inside a transaction.
func in(fn func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error)) reach {
	return func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (got any, err error) {
		err = s.Transact(t.Context(), func(tx *store.Tx) error {
			got, err = fn(tx, a, b)
			return err
		})
		return got, err
	}
}

var reaches = map[string]reach{
	"Store.AddInbox": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		d := b.delivery
		d.ExternalID = "another"
		return s.AddInbox(t.Context(), a, d)
	},
	"Store.AddressHash": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return s.AddressHash(t.Context(), a, b.person.Email)
	},
	"Store.Backlogs": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return nil, nil // it walks all shops, for the sweep; the shop is a cursor
	},
	"Store.BeginSending": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		going, err := s.BeginSending(t.Context(), a, []store.Effect{b.effect})
		require.Empty(t, going)
		return going, err
	},
	"Store.BumpGeneration": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return nil, s.BumpGeneration(t.Context(), a, 1)
	},
	"Store.CampaignRevs": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		rev, err := s.CampaignRevs(t.Context(), a)
		require.Zero(t, rev)
		return nil, err
	},
	"Store.CampaignVersion": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return s.CampaignVersion(t.Context(), a, "thank-you", 1)
	},
	"Store.Connect": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return s.Connect(t.Context(), a, b.connection)
	},
	"Store.Connections": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return s.Connections(t.Context(), a)
	},
	"Store.DueShops": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return nil, nil // a cursor again
	},
	"Store.EnrollmentsForRun": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		es, err := s.EnrollmentsForRun(t.Context(), a, []store.Run{b.due, {ID: b.enrollment.ID, Dispatch: b.enrollment.Dispatch}})
		require.Empty(t, es)
		return es, err
	},
	"Store.EraseShop": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return s.EraseShop(t.Context(), a, commerce.Shopify, s.Now())
	},
	"Store.Generation": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return s.Generation(t.Context(), a)
	},
	"Store.LeaseInbox": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		lease, _, err := s.LeaseInbox(t.Context(), a, "intruder")
		return lease, err
	},
	"Store.ListCampaigns": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return s.ListCampaigns(t.Context(), a)
	},
	"Store.ListPersons": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return s.ListPersons(t.Context(), a, "", 100)
	},
	"Store.ListShops": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return nil, nil // for the operator; the shop is a cursor
	},
	"Store.NextInbox": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		got, err := s.NextInbox(t.Context(), a, 100)
		require.Empty(t, got)
		return got, err
	},
	"Store.Order": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return s.Order(t.Context(), a, b.order.ID)
	},
	"Store.Orders": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return s.Orders(t.Context(), a, []commerce.OrderID{b.order.ID})
	},
	"Store.OrdersOf": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		got, err := s.OrdersOf(t.Context(), a, b.person.ID)
		require.Empty(t, got)
		return got, err
	},
	"Store.ParkedEffects": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		got, err := s.ParkedEffects(t.Context(), a, "", 100)
		require.Empty(t, got)
		return got, err
	},
	"Store.Person": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return s.Person(t.Context(), a, b.person.ID)
	},
	"Store.Persons": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return s.Persons(t.Context(), a, []commerce.PersonID{b.person.ID, b.from.ID})
	},
	"Store.Quarantined": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return s.Quarantined(t.Context(), a, "", 100)
	},
	"Store.QueueDue": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		chunks, err := s.QueueDue(t.Context(), []commerce.ShopID{a})
		require.Empty(t, chunks)
		return chunks, err
	},
	"Store.ReplayInbox": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return nil, s.ReplayInbox(t.Context(), a, b.bad.ID)
	},
	"Store.Resend": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return nil, s.Resend(t.Context(), a, b.parked)
	},
	"Store.SaveCampaign": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		version, err := s.SaveCampaign(t.Context(), a, "thank-you", definition("a"), campaign.Live)
		require.Equal(t, 1, version)
		return version, err
	},
	"Store.SetCampaignState": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return nil, s.SetCampaignState(t.Context(), a, "thank-you", campaign.Live, "")
	},
	"Store.SetShopState": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		err := s.SetShopState(t.Context(), a, commerce.ShopActive)
		touchAll(t, s)
		return nil, err
	},
	"Store.Shop": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return s.Shop(t.Context(), a)
	},
	"Store.Suppressions": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return s.Suppressions(t.Context(), a, b.hash)
	},
	"Store.Timeline": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		got, err := s.Timeline(t.Context(), a, b.person.ID, 100)
		require.Empty(t, got)
		return got, err
	},
	"Store.TreatAsSent": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return nil, s.TreatAsSent(t.Context(), a, b.parked)
	},
	"Store.UndoMerge": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return nil, s.UndoMerge(t.Context(), a, b.from.ID)
	},
	"Store.WhoIs": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		_, err := s.WhoIs(t.Context(), a, b.person.Email, "")
		require.True(t, fault.Is(err, fault.NotFound), "%v", err)
		return s.WhoIs(t.Context(), a, "", b.order.Keys[0].ID)
	},
	// These take the shop inside another argument.
	"Store.ReleaseInbox": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return nil, s.ReleaseInbox(t.Context(), store.InboxLease{Shop: a, Owner: b.owner})
	},
	"Store.RenewLeases": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return nil, s.RenewLeases(t.Context(), "one", []store.ShopRow{{Shop: a, ID: b.enrollment.ID}})
	},
	"Store.TakePending": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		c := b.connection
		c.ShopID, c.ExternalID = a, "none"
		return s.TakePending(t.Context(), c)
	},
	"Tx.HoldLease": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.HoldLease(store.InboxLease{Shop: a, Owner: b.owner})
	}),

	"Tx.AddConsents": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.AddConsents(a, []commerce.ConsentChange{{Email: b.person.Email, Channel: commerce.ByMail, Class: "marketing", State: commerce.Unsubscribed, At: 1}})
	}),
	"Tx.AddEnrollments": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return tx.AddEnrollments(a, []campaign.Enrollment{b.enrollment}, "intruder")
	}),
	"Tx.AddFinding": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.AddFinding(a, "kind", "x", "")
	}),
	"Tx.AddIdentities": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.AddIdentities(a, map[commerce.Identity]commerce.PersonID{{Kind: commerce.ByEmail, Value: b.person.Email}: "intruder"})
	}),
	"Tx.AddLinks": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.AddLinks(a, []store.Link{{Hash: []byte("link of " + b.owner), Effect: "intruder"}})
	}),
	"Tx.AddOrderKeys": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.AddOrderKeys(a, map[commerce.SourceKey]commerce.OrderID{b.order.Keys[0]: "intruder"})
	}),
	"Tx.AddPrivacyRequest": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return tx.AddPrivacyRequest(a, store.PrivacyRequest{Kind: commerce.EraseShop})
	}),
	"Tx.AddressHash": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return tx.AddressHash(a, b.person.Email)
	}),
	"Tx.Addresses": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		got, err := tx.Addresses(a, []string{b.person.Email})
		return got[b.person.Email], err
	}),
	"Tx.CampaignStates": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return tx.CampaignStates(a, []campaign.CampaignID{"thank-you"})
	}),
	"Tx.ClaimEffects": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		got, err := tx.ClaimEffects(a, []store.Effect{b.effect})
		if got[b.enrollment.ID].ID == b.effect.ID {
			return nil, errReached
		}
		return nil, err
	}),
	"Tx.CloseConnection": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return tx.CloseConnection(a, b.connection.ID, tx.Now())
	}),
	"Tx.CloseEffects": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.CloseEffects(a, b.enrollment.ID, store.Expired, "")
	}),
	"Tx.DeleteEvent": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.DeleteEvent(a, commerce.OrderPaid, "event of "+b.owner)
	}),
	"Tx.FinishEffects": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.FinishEffects(a, []store.EffectResult{{ID: b.effect.ID, Dispatch: b.effect.Dispatch, State: store.Sent}})
	}),
	"Tx.FinishInbox": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.FinishInbox(a, []store.InboxResult{{ID: b.delivery.ID}, {ID: b.bad.ID}})
	}),
	"Tx.JoinEnrollments": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.JoinEnrollments(a, b.order.ID, "intruder")
	}),
	"Tx.KeepConsents": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.KeepConsents(a, []commerce.ConsentChange{{Email: b.person.Email, Channel: commerce.ByMail, Class: "service", State: commerce.Unsubscribed, At: 1}})
	}),
	"Tx.LockOrders": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return tx.LockOrders(a, []commerce.OrderID{b.order.ID})
	}),
	"Store.StillSending": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		ok, err := s.StillSending(t.Context(), a, b.effect)
		if ok {
			return ok, errReached
		}
		return ok, err
	},
	"Tx.DropNameless": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.DropNameless(a, b.person.ID)
	}),
	"Tx.Enrolled": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		got, err := tx.Enrolled(a, []commerce.OrderID{b.order.ID})
		if len(got) > 0 {
			return got, errReached
		}
		return got, err
	}),
	"Tx.LockPersons": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return tx.LockPersons(a, []commerce.PersonID{b.person.ID, b.from.ID})
	}),
	"Tx.MergePersons": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.MergePersons(a, b.person.ID, "intruder", "")
	}),
	"Tx.MoveEnrollments": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.MoveEnrollments(a, []store.Move{{ID: b.enrollment.ID, Dispatch: b.enrollment.Dispatch, Rev: 1, Ended: true}})
	}),
	"Tx.OrdersByKey": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		got, err := tx.OrdersByKey(a, b.order.Keys)
		if len(got) > 0 {
			return nil, errReached
		}
		return nil, err
	}),
	"Tx.PersonsByIdentity": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		got, err := tx.PersonsByIdentity(a, []commerce.Identity{{Kind: commerce.ByEmail, Value: b.person.Email}})
		if len(got) > 0 {
			return nil, errReached
		}
		return nil, err
	}),
	"Tx.PlanFetch": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.PlanFetch(a, b.order.ID, 1, 1)
	}),
	"Tx.Reopen": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.Reopen(a, []campaign.EnrollmentID{b.enrollment.ID})
	}),
	"Tx.ReopenEnrollments": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.ReopenEnrollments(a, []commerce.OrderID{b.order.ID})
	}),
	"Tx.RepointOrderKeys": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.RepointOrderKeys(a, b.order.Keys, "intruder")
	}),
	"Tx.RepointPerson": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.RepointPerson(a, b.order.ID, b.person.ID, "intruder")
	}),
	"Tx.Resend": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.Resend(a, b.parked)
	}),
	"Tx.SaveDecisions": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.SaveDecisions(a, []store.Decided{{Campaign: "c", EntryKey: campaign.EntryKey(b.order.ID), Person: "intruder"}})
	}),
	"Tx.SaveEvents": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.SaveEvents(a, []commerce.Event{{Kind: commerce.OrderPaid, Subject: "event of " + b.owner, OccurredAt: 99}})
	}),
	"Tx.SaveOrders": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.SaveOrders(a, []*store.StoredOrder{{Order: commerce.Order{ID: b.order.ID, PersonID: "intruder"}}})
	}),
	"Tx.SavePersons": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.SavePersons(a, []commerce.Person{{ID: b.person.ID, Email: "intruder"}})
	}),
	"Tx.SetShopState": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.SetShopState(a, commerce.ShopPaused)
	}),
	"Tx.Shop": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) { return tx.Shop(a) }),
	"Tx.Suppress": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.Suppress(a, b.hash, gate.ScopeAll, "intruder")
	}),
	"Tx.TakeEnrollments": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		got, err := tx.TakeEnrollments(a, "one", []campaign.Enrollment{b.enrollment, {ID: b.due.ID, Dispatch: b.due.Dispatch, Rev: 1}})
		if len(got) > 0 {
			return nil, errReached
		}
		return nil, err
	}),
	"Tx.Ties": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) { return tx.Ties(a) }),
	"Tx.TouchEnrollments": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.TouchEnrollments(a, []commerce.OrderID{b.order.ID})
	}),
	"Tx.TouchPersons": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.TouchPersons(a, []commerce.PersonID{b.person.ID, b.from.ID})
	}),
	"Tx.TouchShop": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) { return nil, tx.TouchShop(a) }),
	"Tx.TwinCandidates": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return tx.TwinCandidates(a, []string{"twin"})
	}),
	"Tx.Unsuppress": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.Unsuppress(a, b.hash, gate.TopicScope("reviews"))
	}),
	"Tx.UpdateShop": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.UpdateShop(a, commerce.ShopUpdate{Name: "intruder", Country: "XX"})
	}),
}
