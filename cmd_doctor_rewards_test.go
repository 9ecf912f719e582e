package main

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/app"
	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/store"
	"flywheel/store/storetest"
)

// Rewards that cannot be made are named with their shop and what stands in the way.
func TestDoctorNamesRewardsThatWait(t *testing.T) {
	keys, err := store.ParseKeyring(storetest.SecretKey)
	require.NoError(t, err)
	none := &session{ctx: t.Context(), config: app.Config{DatabaseURL: "sqlite:" + filepath.Join(t.TempDir(), "none.db"), Keys: keys}}
	saw, err := checkRewards(none)
	require.NoError(t, err)
	require.Equal(t, "none yet", saw)

	url := storetest.Prepared(t, "sqlite")
	st := storetest.OpenURL(t, url)
	shop := storetest.Shop(t, st)
	person := storetest.Person(t, st, shop).ID
	s := &session{ctx: t.Context(), config: app.Config{DatabaseURL: url, Keys: keys}}
	_, err = checkRewards(s)
	require.NoError(t, err)
	storetest.Do(t, st, func(tx *store.Tx) error {
		members, err := tx.LockMembers(shop, []commerce.PersonID{person})
		if err != nil {
			return err
		}
		_, _, err = tx.GiveReward(shop, members[person], store.Gift{
			Cause: store.RewardCause{Kind: store.RewardByStaff, ID: "1"}, Offer: loyalty.Offer{Reward: "off", Worth: 1, Days: 90}, Month: 202603,
		}, loyalty.Program{Budget: -1})
		return err
	})
	_, err = storetest.DB(t, url).ExecContext(t.Context(), `UPDATE rewards SET asked_at = $1`, time.Now().Add(-2*time.Hour).UnixMilli())
	require.NoError(t, err)
	_, err = checkRewards(s)
	require.ErrorContains(t, err, "is one running?")
	_, err = storetest.DB(t, url).ExecContext(t.Context(), `UPDATE rewards SET note = 'the app may not make discounts'`)
	require.NoError(t, err)
	_, err = checkRewards(s)
	for _, part := range []string{string(shop), "1 of shop", "may not make discounts"} {
		require.ErrorContains(t, err, part)
	}
}
