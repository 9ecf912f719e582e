package store_test

import (
	"bytes"
	"encoding/base64"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/store/storetest"
)

func secretKey(b byte) string { return base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{b}, 32)) }

func keyring(t *testing.T, keys ...string) *store.Keyring {
	t.Helper()
	k, err := store.ParseKeyring(strings.Join(keys, ", "))
	require.NoError(t, err)
	return k
}

func TestParseKeyringNamesTheKeyAndNeverShowsIt(t *testing.T) {
	for _, text := range []string{"", "short", secretKey(1) + ",", secretKey(1) + "," + secretKey(2)[1:]} {
		_, err := store.ParseKeyring(text)
		require.True(t, fault.Is(err, fault.Invalid), "%q: %v", text, err)
		if text != "" {
			require.NotContains(t, err.Error(), text)
		}
	}
	_, err := store.ParseKeyring(secretKey(1) + ",x")
	require.ErrorContains(t, err, "number 2")
}

func TestKeyringSealsForOneContext(t *testing.T) {
	k, other := keyring(t, secretKey(1)), keyring(t, secretKey(2))
	sealed, err := k.Seal([]byte("plain"), "here")
	require.NoError(t, err)
	plain, err := k.Open(sealed, "here")
	require.NoError(t, err)
	require.Equal(t, "plain", string(plain))
	again, err := k.Seal([]byte("plain"), "here")
	require.NoError(t, err)
	require.NotEqual(t, sealed, again, "never twice the same bytes")
	_, err = k.Open(sealed, "there")
	require.True(t, fault.Is(err, fault.Permanent), "%v", err)
	_, err = other.Open(sealed, "here")
	require.True(t, fault.Is(err, fault.Permanent), "%v", err)
}

// Each purpose has keys of its own, one for each of SECRET_KEY, the present one first.
func TestDerivedKeysAreOfOnePurpose(t *testing.T) {
	k := keyring(t, secretKey(2), secretKey(1))
	links := k.Derive("links")
	require.Len(t, links, 2)
	require.Len(t, links[0], 32)
	require.Equal(t, keyring(t, secretKey(1)).Derive("links"), links[1:], "always the same")
	require.NotEqual(t, links, k.Derive("mails"))
	require.NotEqual(t, links[0], links[1])
	require.NotContains(t, links, bytes.Repeat([]byte{2}, 32), "not the key itself")
}

// A new SECRET_KEY before the old one opens everything; without the old one nothing opens, and it says so.
func TestSecretKeyRotation(t *testing.T) {
	for _, engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			address := storetest.URL(t, engine)
			with := func(keys ...string) *store.Store {
				return storetest.OpenURL(t, address, func(o *store.Options) { o.Keys = keyring(t, keys...) })
			}
			s := with(secretKey(1))
			c := storetest.Connection(t, s, storetest.Shop(t, s))
			d := storetest.AddDelivery(t, s, c)
			require.NoError(t, s.AddPending(t.Context(), "later.myshopify.com", true, d))
			require.NoError(t, s.Close())

			s = with(secretKey(2), secretKey(1))
			got, err := s.NextInbox(t.Context(), c.ShopID, 1)
			require.NoError(t, err)
			require.Equal(t, d.Body, got[0].Body)
			again, err := s.ConnectionByID(t.Context(), c.ID)
			require.NoError(t, err)
			require.Equal(t, c, again)
			storetest.Connection(t, s, storetest.Shop(t, s)) // sealed with the new one
			later := storetest.Connection(t, s, c.ShopID, func(c *commerce.Connection) { c.ExternalID = "later.myshopify.com" })
			require.NoError(t, s.Close())

			s = with(secretKey(2))
			_, err = s.NextInbox(t.Context(), c.ShopID, 1)
			require.True(t, fault.Is(err, fault.Permanent), "%v", err)
			_, err = s.ConnectionByID(t.Context(), c.ID)
			require.True(t, fault.Is(err, fault.Permanent), "%v", err)
			_, err = s.TakePending(t.Context(), later)
			require.True(t, fault.Is(err, fault.Permanent), "%v", err)
		})
	}
}

// What is sealed does not stand in the database's own bytes.
func TestNothingSealedIsReadableAtRest(t *testing.T) {
	for _, engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			address := storetest.URL(t, engine)
			s := storetest.OpenURL(t, address)
			secrets := []string{"a-body-nobody-reads", "whsec_very_secret", "shpat_very_secret", "a-pending-body"}
			c := storetest.Connection(t, s, storetest.Shop(t, s), func(c *commerce.Connection) { c.Secrets, c.Token = []string{secrets[1]}, secrets[2] })
			storetest.AddDelivery(t, s, c, func(d *commerce.Delivery) { d.Body, d.Email = []byte(secrets[0]), "hidden@example.com" })
			require.NoError(t, s.AddPending(t.Context(), "x", true, storetest.Delivery(s, c, func(d *commerce.Delivery) { d.Body = []byte(secrets[3]) })))
			secrets = append(secrets, "hidden@example.com")
			if !s.Embedded() {
				dump := strings.Join(dumpAll(t, s), "\n")
				for _, secret := range secrets {
					require.NotContains(t, dump, secret)
				}
				return
			}
			require.NoError(t, s.Close()) // moves the log into the file
			data, err := os.ReadFile(strings.TrimPrefix(address, "sqlite:"))
			require.NoError(t, err)
			require.True(t, bytes.Contains(data, []byte(c.ExternalID)), "the file is the right one")
			for _, secret := range secrets {
				require.False(t, bytes.Contains(data, []byte(secret)), secret)
			}
		})
	}
}

// A sealed value is tied to its row: moved to another, it does not open.
func TestASealedBodyOpensOnlyInItsOwnRow(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		c := storetest.Connection(t, s, storetest.Shop(t, s))
		one, two := storetest.AddDelivery(t, s, c), storetest.AddDelivery(t, s, c)
		execute(t, s, `UPDATE inbox_bodies SET body = (SELECT b.body FROM inbox_bodies b WHERE b.inbox_id = $1) WHERE inbox_id = $2`, string(one.ID), string(two.ID))
		got, err := s.NextInbox(t.Context(), c.ShopID, 2)
		require.NoError(t, err)
		require.Equal(t, one.Body, got[0].Body)
		require.Nil(t, got[1].Body)
	})
}
