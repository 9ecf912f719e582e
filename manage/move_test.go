package manage_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/delight/campaign"
	"flywheel/fault"
	"flywheel/manage"
	"flywheel/store"
)

// winBack has the steps help, after_help, news and more; only their ids matter here.
func withoutStep(id string) func(*campaign.Definition) {
	return func(d *campaign.Definition) {
		for i := range d.Steps {
			if d.Steps[i].ID == id {
				d.Steps[i].ID = id + "_new"
			}
		}
	}
}

// People finish the version they are in unless somebody moves them, and then
// only those move whose step is still there.
func TestPeopleAreMovedByChoice(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		id := d.live(playbook(t, "review_request"))
		d.walk(id, 1, "")
		atAsk := d.walk(id, 1, "ask")
		d.walk(id, 1, "after:settle")
		d.walk(id, 1, "ask", func(e *campaign.Enrollment) { e.Position.StepID = "after:ask" })

		d.save(playbook(t, "review_request", withoutStep("settle")))
		version, waiting, err := d.Preview(t.Context(), d.shop, id)
		require.NoError(t, err)
		require.Equal(t, 2, version)
		require.Equal(t, []manage.Waiting{
			{Version: 1, Count: 1, Moves: true},
			{Version: 1, Step: "ask", Passed: true, Count: 1, Moves: true},
			{Version: 1, Step: "settle", Passed: true, Count: 1},
			{Version: 1, Step: "ask", Count: 1, Moves: true},
		}, waiting)
		require.Equal(t, []string{"not begun", "behind ask", "behind settle", "at ask"},
			[]string{waiting[0].Where(), waiting[1].Where(), waiting[2].Where(), waiting[3].Where()})

		e, err := d.Store.Enrollment(t.Context(), d.shop, atAsk.ID)
		require.NoError(t, err)
		require.Equal(t, 1, e.Version, "saving moves nobody")

		moved, err := d.Move(t.Context(), d.shop, id)
		require.NoError(t, err)
		require.Equal(t, store.Moved{Moved: 3, Stayed: 1}, moved)
		e, err = d.Store.Enrollment(t.Context(), d.shop, atAsk.ID)
		require.NoError(t, err)
		require.Equal(t, 2, e.Version)

		again, err := d.Move(t.Context(), d.shop, id)
		require.NoError(t, err)
		require.Equal(t, store.Moved{Stayed: 1}, again, "it may be repeated")
	})
}

func TestThereMayBeNobodyToMove(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		id := d.live(playbook(t, "review_request"))
		_, err := d.Move(t.Context(), d.shop, id)
		require.True(t, fault.Is(err, fault.Conflict), "%v", err)
		require.ErrorContains(t, err, "version 1 already")
	})
}

// A step that changed its kind is another step: who stands there finishes the old version.
func TestAStepOfAnotherKindIsAnother(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		id := d.live(playbook(t, "review_request"))
		d.walk(id, 1, "after:settle")
		d.save(playbook(t, "review_request", func(def *campaign.Definition) {
			def.Steps[0] = campaign.Step{ID: "settle", Kind: campaign.WaitUntil, At: "10:00"}
		}))
		_, waiting, err := d.Preview(t.Context(), d.shop, id)
		require.NoError(t, err)
		require.False(t, waiting[0].Moves)
	})
}

// What a clock starts settles its version when the moment comes: whoever has
// not begun goes along with each new version, whoever has finishes theirs.
func TestAClocksCampaignTakesThoseAlongWhoHaveNotBegun(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		id := d.live(playbook(t, "win_back"))
		ahead := d.walk(id, 1, "")
		begun := d.walk(id, 1, "help")
		saved := d.save(playbook(t, "win_back"))
		require.Equal(t, int64(1), saved.Moved)
		for walk, version := range map[campaign.EnrollmentID]int{ahead.ID: 2, begun.ID: 1} {
			e, err := d.Store.Enrollment(t.Context(), d.shop, walk)
			require.NoError(t, err)
			require.Equal(t, version, e.Version)
		}
	})
}
