package store_test

import (
	"errors"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/store/storetest"
)

// Two people at two pages change different things at once, and nothing is lost.
func TestChangesOfSettingsDoNotWriteOverEachOther(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		var both sync.WaitGroup
		for _, change := range []func(*commerce.Shop){
			func(now *commerce.Shop) { now.Settings.Team = append(now.Settings.Team, "a@example.com") },
			func(now *commerce.Shop) { now.Settings.Languages = append(now.Settings.Languages, "en") },
		} {
			both.Go(func() {
				for done := 0; done < 10; {
					_, err := s.ChangeSettings(t.Context(), shop, func(now *commerce.Shop) error {
						change(now)
						return nil
					})
					if err == nil {
						done++
					}
				}
			})
		}
		both.Wait()
		got, err := s.Shop(t.Context(), shop)
		require.NoError(t, err)
		require.Len(t, got.Settings.Team, 10)
		require.Len(t, got.Settings.Languages, 10)
	})
}

// Whoever was faster is not written over: the change is made anew from what they have left.
func TestAChangeOfSettingsIsMadeAnewAfterAnothers(t *testing.T) {
	s := storetest.Open(t, "postgres") // the other engine lets nobody in between
	shop := storetest.Shop(t, s)
	asked := 0
	was, err := s.ChangeSettings(t.Context(), shop, func(now *commerce.Shop) error {
		if asked++; asked == 1 {
			require.NoError(t, s.SaveSettings(t.Context(), shop, commerce.Settings{ReviewURL: "https://one.example"}))
		}
		now.Settings.StoreURL = "https://two.example"
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, 2, asked)
	require.Equal(t, commerce.Settings{ReviewURL: "https://one.example"}, was)
	got, err := s.Shop(t.Context(), shop)
	require.NoError(t, err)
	require.Equal(t, commerce.Settings{ReviewURL: "https://one.example", StoreURL: "https://two.example"}, got.Settings)
}

// A change that is refused leaves everything as it was.
func TestARefusedChangeOfSettings(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop, refused := storetest.Shop(t, s), errors.New("no")
		_, err := s.ChangeSettings(t.Context(), shop, func(now *commerce.Shop) error {
			now.Settings.ReviewURL = "https://lost.example"
			return refused
		})
		require.ErrorIs(t, err, refused)
		got, err := s.Shop(t.Context(), shop)
		require.NoError(t, err)
		require.Empty(t, got.Settings.ReviewURL)
		_, err = s.ChangeSettings(t.Context(), "none", func(*commerce.Shop) error { return nil })
		require.True(t, fault.Is(err, fault.NotFound), "%v", err)
	})
}
