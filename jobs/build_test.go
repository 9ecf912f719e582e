package jobs

import (
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/store"
	"flywheel/store/storetest"
	"flywheel/templates"
)

const day = 24 * time.Hour

func days(n int) campaign.Duration { return campaign.Duration(time.Duration(n) * day) }

// alone archives the playbooks of every shop, so that only a test's own campaigns speak.
func (w *world) alone() {
	w.t.Helper()
	for _, name := range templates.DefaultPlaybooks() {
		w.set(name, campaign.Archived)
	}
}

// set changes a campaign's state, as somebody of the shop would.
func (w *world) set(name string, state campaign.State) {
	w.t.Helper()
	require.NoError(w.t, w.Store.SetCampaignState(w.t.Context(), w.shop, campaign.CampaignID(name), state, ""))
}

// playbook reads one of those that come with the program.
func (w *world) playbook(name string) campaign.Definition {
	w.t.Helper()
	data, err := templates.Playbook(name)
	require.NoError(w.t, err)
	d, err := campaign.Parse(data)
	require.NoError(w.t, err)
	return d
}

// save keeps a definition as the next version of its campaign, which is live if it is new.
func (w *world) save(d campaign.Definition) {
	w.t.Helper()
	require.NoError(w.t, d.Check())
	_, err := w.Store.SaveCampaign(w.t.Context(), w.shop, campaign.CampaignID(d.Name), d, campaign.Live)
	require.NoError(w.t, err)
}

// mails is a campaign that thanks for a paid order, as a part of the purchase:
// no cap and no hour keeps it back.
func (w *world) mails(name string, steps ...campaign.Step) campaign.Definition {
	w.t.Helper()
	d := w.playbook("thank_you")
	d.Name, d.Condition, d.Steps = name, "", steps
	return d
}

// asks is a campaign that asks something after a paid order: caps count it.
func (w *world) asks(name string, priority int, steps ...campaign.Step) campaign.Definition {
	d := w.mails(name, steps...)
	d.Class, d.Topic, d.Priority, d.Job = gate.Service, "care", priority, ""
	return d
}

// mail is a step that writes to the customer; it makes sense for so many days.
func (w *world) mail(id string, useful int) campaign.Step {
	w.t.Helper()
	steps := w.playbook("thank_you").Steps
	s := steps[len(steps)-1]
	s.ID, s.Useful = id, days(useful)
	return s
}

// later is a wait of so many days.
func later(n int) campaign.Step { return campaign.Step{ID: "later", Kind: campaign.Wait, For: days(n)} }

// waitFor waits a week for an event and then takes steps, which are not taken without it.
func waitFor(event string, steps ...campaign.Step) campaign.Step {
	return campaign.Step{ID: "await", Kind: campaign.WaitForEvent, Event: event, Timeout: days(7), Then: steps}
}

// hear merges what a delivery says and does all that is to be done at once.
func (w *world) hear(topic string, bodies ...[]byte) {
	w.t.Helper()
	w.runStep(w.t.Context(), w.shop, w.work(w.shop, w.tell(topic, bodies...)))
	w.settle()
}

// pass lets time go by, n times d, and does each time what is due.
func (w *world) pass(n int, d time.Duration) {
	w.t.Helper()
	for range n {
		storetest.ClockOf(w.Store).Advance(d)
		w.settle()
	}
}

// buyer is the nth customer who is not Ada.
func buyer(n int64) shopifyfake.Customer {
	names := []string{"bo", "cy", "di", "ed", "flo", "gus"}
	name := names[int(n)%len(names)]
	return shopifyfake.Customer{ID: 7000 + n, Email: name + "@example.com", FirstName: name, Phone: "+44770090010" + string(rune('0'+n))}
}

// orderOf is a paid order of the nth customer who is not Ada.
func (w *world) orderOf(n, id int64) *shopifyfake.Order {
	return w.order(id).For(buyer(n), "GB")
}

// sent is how many mails the server has taken.
func (w *world) sent() int { return len(w.sink.Mails()) }

// suppress stops all mails and calls to an address.
func (w *world) suppress(address string) {
	w.t.Helper()
	storetest.Do(w.t, w.Store, func(tx *store.Tx) error {
		hash, err := tx.AddressHash(w.shop, address)
		if err != nil {
			return err
		}
		return tx.Suppress(w.shop, hash, gate.ScopeAll, "complained")
	})
}

// cap lets an address get so many asks a week.
func (w *world) cap(limit int) {
	w.t.Helper()
	s, err := w.Store.Shop(w.t.Context(), w.shop)
	require.NoError(w.t, err)
	s.Settings.Caps.Asks.Limit, s.Settings.Caps.Asks.Days = limit, 7
	require.NoError(w.t, w.Store.SaveSettings(w.t.Context(), w.shop, s.Settings))
}

// text looks up one value.
func (w *world) text(query string, args ...any) (out string) {
	w.t.Helper()
	require.NoError(w.t, storetest.DB(w.t, w.db).QueryRowContext(w.t.Context(), query, args...).Scan(&out))
	return out
}

// walk is the only walk through a campaign.
func (w *world) walk(name string) campaign.Enrollment {
	w.t.Helper()
	require.Equal(w.t, 1, w.count(`SELECT COUNT(*) FROM enrollments WHERE campaign_id = $1`, name))
	e, err := w.Store.Enrollment(w.t.Context(), w.shop, campaign.EnrollmentID(w.text(`SELECT id FROM enrollments WHERE campaign_id = $1`, name)))
	require.NoError(w.t, err)
	return e
}

// of keeps the runs of a campaign.
func of(es []campaign.Enrollment, name string) []campaign.Enrollment {
	return slices.DeleteFunc(slices.Clone(es), func(e campaign.Enrollment) bool { return string(e.Campaign) != name })
}
