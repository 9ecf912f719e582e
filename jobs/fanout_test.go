package jobs

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/delight/campaign"
	"flywheel/fault"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/store"
	"flywheel/store/storetest"
)

// lapsed is a campaign whose moments lie behind their events, so that going live
// concerns everybody who has bought.
func (w *world) lapsed() campaign.Definition {
	d := w.asks("story", 10, outward(campaign.NotifyTeam))
	d.Trigger = campaign.Trigger{Kind: campaign.OnLapsed, After: days(60)}
	d.Entry = campaign.EntryRule{}
	return d
}

// goLive notes the fan-out of a campaign that went live.
func (w *world) goLive(name string) {
	w.t.Helper()
	storetest.Do(w.t, w.Store, func(tx *store.Tx) error {
		_, err := tx.AddFanout(w.shop, store.Fanout{Kind: store.FanGoLive, Campaign: campaign.CampaignID(name), Subject: "1"})
		return err
	})
}

// comeOut has a scarf come out that goes with the scarf of every order's first
// line, for those who bought that.
func (w *world) comeOut() {
	w.t.Helper()
	d := w.asks("story", 10, outward(campaign.NotifyTeam))
	d.Trigger, d.Entry = campaign.Trigger{Kind: campaign.OnNewProduct, Related: []string{campaign.SameType}}, campaign.EntryRule{}
	w.save(d)
	scarf := shopifyfake.NewProduct(501, w.now())
	scarf.Type = "Scarves"
	w.hear("products/create", scarf.Body())
	fresh := shopifyfake.NewProduct(502, w.now())
	fresh.Type = "Scarves"
	storetest.ClockOf(w.Store).Advance(time.Hour)
	w.hear("products/update", fresh.Publish(w.now()).Body())
}

// bought is an order of the product that the new one goes with.
func bought(product int64, o *shopifyfake.Order) *shopifyfake.Order {
	return o.With(shopifyfake.Line{Product: product, Title: "Scarf", Quantity: 1, Price: 4900})
}

// A worker is killed in the middle of a fan-out: another goes on where it stood,
// nobody is left out or entered twice, and the first, back from a pause, does no harm.
func TestFanOutGoesOnAfterACrash(t *testing.T) {
	for name, c := range map[string]struct {
		begin func(w *world) // six orders, and what makes the fan-out
		first int            // walks after the first two orders
		all   int
	}{
		"a campaign went live": {func(w *world) {
			for n := range int64(6) {
				w.hear("orders/paid", w.orderOf(n, n+1).Body())
			}
			storetest.ClockOf(w.Store).Advance(time.Hour)
			w.save(w.lapsed())
			w.goLive("story")
		}, 2, 6},
		"a product came out": {func(w *world) {
			for id, who := range []int64{0, 1, 1, 2, 3, 0} { // one buys on both sides of the crash, and so does another
				product := int64(501)
				if who == 2 {
					product = 777
				}
				w.hear("orders/paid", bought(product, w.orderOf(who, int64(id+1))).Body())
			}
			storetest.ClockOf(w.Store).Advance(time.Hour)
			w.comeOut()
		}, 2, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, w *world) {
				w.alone()
				c.begin(w)
				walks := func() int { return w.count(`SELECT COUNT(*) FROM enrollments WHERE campaign_id = 'story'`) }
				require.Zero(t, walks())

				f, found, err := w.Store.NextFanout(t.Context(), w.id)
				require.NoError(t, err)
				require.True(t, found)
				cursor, finished, err := w.fanStep(t.Context(), f, f.Cursor, 2)
				require.NoError(t, err)
				require.False(t, finished)
				require.Equal(t, c.first, walks())

				// Killed here: its lease stands until it ends, or until `all` starts anew.
				other := w.worker(w.Store)
				require.NoError(t, other.handleFanout(t.Context(), nil))
				require.Equal(t, c.first, walks())
				_, err = w.Store.RecoverLeases(t.Context(), other.id)
				require.NoError(t, err)
				require.NoError(t, other.handleFanout(t.Context(), nil))
				require.Equal(t, c.all, walks())
				require.Equal(t, c.all, w.count(`SELECT COUNT(DISTINCT person_id) FROM enrollments WHERE campaign_id = 'story'`))
				require.Equal(t, 6, w.count(`SELECT SUM(done) FROM fanouts`))
				require.Zero(t, w.count(`SELECT COUNT(*) FROM fanouts WHERE state = 'open'`))

				_, _, err = w.fanStep(t.Context(), f, cursor, 2)
				require.True(t, fault.Is(err, fault.Conflict))
				require.Equal(t, c.all, walks())
			})
		})
	}
}

// A drain that began before a campaign went live knows it as a draft, and so
// does not ask it. What it merges is found by the fan-out, which waits for it.
func TestOrderOfADrainThatKnowsTheCampaignAsADraft(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		w.hear("orders/paid", w.orderOf(0, 1).Body())
		d := w.lapsed()
		_, err := w.Store.SaveCampaign(t.Context(), w.shop, "story", d, campaign.Draft)
		require.NoError(t, err)

		drain := w.worker(w.Store)
		campaigns, err := drain.campaigns.ofShop(t.Context(), w.shop)
		require.NoError(t, err)
		lease, ok, err := w.Store.LeaseInbox(t.Context(), w.shop, store.NewID())
		require.NoError(t, err)
		require.True(t, ok)
		w.set("story", campaign.Live)
		w.goLive("story")
		fanned := make(chan error, 1)
		go func() { fanned <- w.handleFanout(t.Context(), nil) }()
		require.Eventually(t, func() bool { return w.count(`SELECT COUNT(*) FROM fanouts WHERE lease_owner = $1`, w.id) == 1 }, patience, time.Millisecond)

		batch := w.decode("orders/paid", w.orderOf(1, 2).Body())
		_, err = drain.apply(t.Context(), lease, campaigns, batch)
		require.NoError(t, err)
		require.Zero(t, w.count(`SELECT COUNT(*) FROM enrollments WHERE campaign_id = 'story'`))
		require.NoError(t, w.Store.ReleaseInbox(t.Context(), lease))
		require.NoError(t, <-fanned)
		require.Equal(t, 2, w.count(`SELECT COUNT(*) FROM enrollments WHERE campaign_id = 'story'`))
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM fanouts WHERE state = 'done' AND done = 2`))
	})
}

// A fan-out of a campaign that is not live any more ends, and enters nobody.
func TestFanOutOfACampaignThatWasPaused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		w.hear("orders/paid", w.orderOf(0, 1).Body())
		w.save(w.lapsed())
		w.goLive("story")
		w.set("story", campaign.Paused)
		require.NoError(t, w.handleFanout(t.Context(), nil))
		require.Zero(t, w.count(`SELECT COUNT(*) FROM enrollments WHERE campaign_id = 'story'`))
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM fanouts WHERE state = 'done'`))
	})
}
