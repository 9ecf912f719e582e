package server_test

import (
	"html"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/store"
	"flywheel/store/storetest"
)

// waits is how the home, in the shop's Arabic, begins to tell of rewards without a code.
const waits = "مكافآت لم يصدر رمزها بعد"

// The home says that rewards wait.
func TestHomeTellsOfRewardsThatWait(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := frame(t, s)
		require.Equal(t, http.StatusOK, f.opens("/admin").Code)
		shop := f.shop().ID
		home := func() string { return html.UnescapeString(f.opens("/admin").Body.String()) }
		_, err := s.SaveProgram(t.Context(), shop, loyalty.Program{Rewards: []loyalty.Reward{{ID: "off", Kind: loyalty.AmountOff, Amount: 100, Cost: 10}}, Budget: 100}, 0, "owner")
		require.NoError(t, err)
		person := storetest.Person(t, s, shop).ID
		storetest.Do(t, s, func(tx *store.Tx) error {
			members, err := tx.LockMembers(shop, []commerce.PersonID{person})
			if err != nil {
				return err
			}
			_, _, err = tx.GiveReward(shop, members[person], store.Gift{
				Cause: store.RewardCause{Kind: store.RewardByStaff, ID: "1"}, Offer: loyalty.Offer{Reward: "off", Worth: 1, Days: 90}, Month: 202603,
			}, loyalty.Program{Budget: -1})
			return err
		})
		require.NotContains(t, home(), waits, "it was asked for just now")
		storetest.ClockOf(s).Advance(11 * time.Minute)
		require.Contains(t, home(), waits)
	})
}
