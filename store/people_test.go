package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/store/storetest"
)

// somebody makes a user of an address.
func somebody(t *testing.T, s *store.Store, email string) store.User {
	t.Helper()
	var u store.User
	storetest.Do(t, s, func(tx *store.Tx) (err error) {
		u, err = tx.MakeUser(email)
		return err
	})
	return u
}

// agency makes an account of a few people, the first of whom is its owner.
func agency(t *testing.T, s *store.Store, owner store.User, others ...store.User) commerce.AccountID {
	t.Helper()
	var id commerce.AccountID
	storetest.Do(t, s, func(tx *store.Tx) (err error) {
		if id, err = tx.AddAccount("Agency", store.AgencyAccount); err != nil {
			return err
		}
		for i, u := range append([]store.User{owner}, others...) {
			role := commerce.RoleOwner
			if i > 0 {
				role = commerce.RoleViewer
			}
			if err := tx.SetMember(id, u.ID, role); err != nil {
				return err
			}
		}
		return nil
	})
	return id
}

func openTo(t *testing.T, s *store.Store, shop commerce.ShopID, account commerce.AccountID, role commerce.Role, until commerce.Instant) {
	t.Helper()
	storetest.Do(t, s, func(tx *store.Tx) error { return tx.GrantShop(shop, account, role, until) })
}

func attempt(t *testing.T, s *store.Store, fn func(tx *store.Tx) error) error {
	t.Helper()
	return s.Transact(t.Context(), fn)
}

func TestUsersAreOneByAddress(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		u := somebody(t, s, "ada@example.com")
		require.Equal(t, u, somebody(t, s, "ada@example.com"))
		require.True(t, fault.Is(attempt(t, s, func(tx *store.Tx) error { _, err := tx.MakeUser("Ada@example.com"); return err }), fault.Invalid), "the address is not normal")
		u.Name, u.Locale, u.Theme = "Ada", "fa", "dark"
		require.NoError(t, s.SaveUser(t.Context(), u))
		got, err := s.User(t.Context(), u.ID)
		require.NoError(t, err)
		require.Equal(t, u, got)
		_, err = s.UserByEmail(t.Context(), "eve@example.com")
		require.True(t, fault.Is(err, fault.NotFound))
		require.True(t, fault.Is(s.SaveUser(t.Context(), store.User{ID: "none"}), fault.NotFound))
	})
}

// Access is the lesser of two roles, the greatest of several ways, and only
// while a grant is on.
func TestAccess(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop, other := storetest.Shop(t, s), storetest.Shop(t, s)
		u := somebody(t, s, "ada@example.com")
		reads := func() commerce.Role {
			role, _, err := s.Access(t.Context(), shop, u.ID)
			if fault.Is(err, fault.NotFound) {
				return ""
			}
			require.NoError(t, err)
			return role
		}
		require.Empty(t, reads())
		first, second := agency(t, s, u), agency(t, s, somebody(t, s, "bob@example.com"), u)
		openTo(t, s, shop, first, commerce.RoleBuilder, 0)
		require.Equal(t, commerce.RoleBuilder, reads(), "an owner of the account, to whom the shop grants less")
		openTo(t, s, shop, second, commerce.RoleOwner, 0)
		require.Equal(t, commerce.RoleBuilder, reads(), "only a viewer of the account to which the shop grants more")
		open, err := s.AccountShops(t.Context(), first)
		require.NoError(t, err)
		require.Len(t, open, 1)
		require.Equal(t, shop, open[0].Shop)
		_, by, err := s.Access(t.Context(), shop, u.ID)
		require.NoError(t, err)
		require.Equal(t, first, by)

		until := s.Now().Add(time.Hour)
		openTo(t, s, shop, first, commerce.RolePublisher, until)
		require.Equal(t, commerce.RolePublisher, reads(), "the later grant counts")
		storetest.ClockOf(s).Advance(time.Hour)
		require.Equal(t, commerce.RoleViewer, reads(), "it ends on time")
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.RevokeShop(shop, second) })
		require.Empty(t, reads(), "and at once when it is revoked")
		open, err = s.AccountShops(t.Context(), first)
		require.NoError(t, err)
		require.Empty(t, open)
		require.True(t, fault.Is(attempt(t, s, func(tx *store.Tx) error { return tx.RevokeShop(shop, second) }), fault.NotFound))
		_, _, err = s.Access(t.Context(), other, u.ID)
		require.True(t, fault.Is(err, fault.NotFound))
	})
}

// A shop's own account keeps it, whoever asks; and an account its last owner.
func TestWhatIsKept(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		home, err := s.HomeAccount(t.Context(), shop)
		require.NoError(t, err)
		for _, refused := range []func(tx *store.Tx) error{
			func(tx *store.Tx) error { return tx.RevokeShop(shop, home) },
			func(tx *store.Tx) error { return tx.GrantShop(shop, home, commerce.RoleViewer, 0) },
		} {
			require.True(t, fault.Is(attempt(t, s, refused), fault.Conflict))
		}
		require.True(t, fault.Is(attempt(t, s, func(tx *store.Tx) error { return tx.GrantShop(shop, "x", commerce.RoleViewer, s.Now()) }), fault.Invalid), "an end that is past")

		ada, bob := somebody(t, s, "ada@example.com"), somebody(t, s, "bob@example.com")
		account := agency(t, s, ada, bob)
		drop := func(u store.User) error {
			return attempt(t, s, func(tx *store.Tx) error { return tx.DropMember(account, u.ID) })
		}
		set := func(u store.User, role commerce.Role) error {
			return attempt(t, s, func(tx *store.Tx) error { return tx.SetMember(account, u.ID, role) })
		}
		require.True(t, fault.Is(drop(ada), fault.Conflict))
		require.True(t, fault.Is(set(ada, commerce.RoleBuilder), fault.Conflict))
		require.True(t, fault.Is(set(bob, "king"), fault.Invalid))
		require.NoError(t, set(bob, commerce.RoleOwner))
		require.NoError(t, drop(ada))
		require.True(t, fault.Is(drop(ada), fault.NotFound))
		members, err := s.Members(t.Context(), account)
		require.NoError(t, err)
		require.Len(t, members, 1)
		require.Equal(t, commerce.RoleOwner, members[0].Role)
	})
}

// Whatever is done to roles in whatever order, somebody always leads an account.
func TestAnAccountAlwaysHasAnOwner(t *testing.T) {
	s := storetest.Open(t, "sqlite")
	users := []store.User{somebody(t, s, "a@example.com"), somebody(t, s, "b@example.com"), somebody(t, s, "c@example.com")}
	rapid.Check(t, func(r *rapid.T) {
		account := agency(t, s, users[0], users[1:]...)
		for range rapid.IntRange(1, 12).Draw(r, "steps") {
			u, role := rapid.SampledFrom(users).Draw(r, "who"), rapid.SampledFrom(commerce.Roles()).Draw(r, "role")
			_ = attempt(t, s, func(tx *store.Tx) error {
				if rapid.Bool().Draw(r, "drop") {
					return tx.DropMember(account, u.ID)
				}
				return tx.SetMember(account, u.ID, role)
			})
			members, err := s.Members(t.Context(), account)
			require.NoError(t, err)
			require.True(t, slices.ContainsFunc(members, func(m store.Member) bool { return m.Role == commerce.RoleOwner }), "%v", members)
		}
	})
}

// What changes somebody's rights raises their rev, by which sessions get another token.
func TestRightsHaveARevision(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop, u := storetest.Shop(t, s), somebody(t, s, "ada@example.com")
		stranger := somebody(t, s, "eve@example.com")
		rev := func(of store.User) int64 {
			got, err := s.User(t.Context(), of.ID)
			require.NoError(t, err)
			return got.Rev
		}
		last := rev(u)
		rises := func(what string) {
			t.Helper()
			now := rev(u)
			require.Greater(t, now, last, what)
			last = now
		}
		account := agency(t, s, u)
		rises("a role")
		openTo(t, s, shop, account, commerce.RoleViewer, 0)
		rises("a grant")
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.RevokeShop(shop, account) })
		rises("its end")
		require.Equal(t, stranger.Rev, rev(stranger))
	})
}

func TestSessions(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		now, idle := s.Now(), 12*time.Hour
		u := somebody(t, s, "ada@example.com")
		add := func(hash string, user commerce.UserID) {
			require.NoError(t, s.AddSession(t.Context(), store.Session{Hash: hash, User: user, Data: []byte("{}"), Agent: "Firefox", BegunAt: now, SeenAt: now, ExpiresAt: now.Add(30 * aDay)}))
		}
		add("one", u.ID)
		add("two", u.ID)
		add("stranger", "")
		is := func(hash string, at commerce.Instant) bool {
			_, found, err := s.Session(t.Context(), hash, at, idle)
			require.NoError(t, err)
			return found
		}
		require.True(t, is("one", now.Add(idle-time.Millisecond)))
		require.False(t, is("one", now.Add(idle)), "idle too long")
		require.NoError(t, s.SawSession(t.Context(), "one", u.ID, now.Add(10*time.Hour)))
		require.True(t, is("one", now.Add(20*time.Hour)))
		require.False(t, is("two", now.Add(20*time.Hour)))
		got, err := s.User(t.Context(), u.ID)
		require.NoError(t, err)
		require.Equal(t, now.Add(10*time.Hour), got.SeenAt)

		all, err := s.Sessions(t.Context(), u.ID, now, idle)
		require.NoError(t, err)
		require.Equal(t, []string{"one", "two"}, []string{all[0].Hash, all[1].Hash})
		n, err := s.DropSessions(t.Context(), u.ID, "one", "")
		require.NoError(t, err)
		require.EqualValues(t, 1, n)
		require.False(t, is("two", now))
		_, err = s.DropSessions(t.Context(), u.ID, "", "stranger")
		require.NoError(t, err)
		require.True(t, is("stranger", now), "another's")
		_, err = s.DropSessions(t.Context(), "", "", "")
		require.NoError(t, err)
		require.True(t, is("stranger", now), "nobody is not somebody")

		require.NoError(t, s.UpdateSession(t.Context(), store.Session{Hash: "two", User: u.ID, Data: []byte("{}"), ExpiresAt: now.Add(aDay)}))
		require.False(t, is("two", now), "what was signed out is not made again")
		was, err := s.DropSession(t.Context(), "one")
		require.NoError(t, err)
		require.True(t, was)
		was, err = s.DropSession(t.Context(), "one")
		require.NoError(t, err)
		require.False(t, was)
	})
}

func TestLinksToSignInAreGoodOnce(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		now := s.Now()
		link := func(hash string, at commerce.Instant) {
			require.NoError(t, s.AddSignIn(t.Context(), store.SignIn{Hash: hash, Email: "ada@example.com", Browser: "b", Code: "c", MadeAt: at, ExpiresAt: at.Add(15 * time.Minute)}))
		}
		link("one", now)
		use := func(hash string, at commerce.Instant) error {
			return attempt(t, s, func(tx *store.Tx) error { _, err := tx.UseSignIn(hash, at); return err })
		}
		require.True(t, fault.Is(use("one", now.Add(15*time.Minute)), fault.Denied), "too late")
		require.NoError(t, use("one", now.Add(15*time.Minute-1)))
		require.True(t, fault.Is(use("one", now), fault.Denied), "twice")
		require.True(t, fault.Is(use("none", now), fault.Denied))

		link("two", now.Add(time.Second))
		for range 5 {
			x, err := s.TrySignIn(t.Context(), "b", now.Add(time.Minute), 5)
			require.NoError(t, err)
			require.Equal(t, "two", x.Hash, "the last that was asked for")
		}
		_, err := s.TrySignIn(t.Context(), "b", now.Add(time.Minute), 5)
		require.True(t, fault.Is(err, fault.Denied), "a sixth guess")
		_, err = s.TrySignIn(t.Context(), "", now, 5)
		require.True(t, fault.Is(err, fault.Denied))
	})
}

func TestPasskeysAreTheirOwners(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		ada, eve := somebody(t, s, "ada@example.com"), somebody(t, s, "eve@example.com")
		key := store.Passkey{ID: "key", User: ada.ID, Name: "Phone", Credential: "{}"}
		require.NoError(t, s.AddPasskey(t.Context(), key))
		key.User = eve.ID
		require.True(t, fault.Is(s.AddPasskey(t.Context(), key), fault.Conflict), "it is another's")
		require.True(t, fault.Is(s.DropPasskey(t.Context(), eve.ID, "key"), fault.NotFound))
		require.True(t, fault.Is(s.UsePasskey(t.Context(), eve.ID, "key", "{}"), fault.NotFound))
		require.NoError(t, s.UsePasskey(t.Context(), ada.ID, "key", `{"n":1}`))
		all, err := s.Passkeys(t.Context(), ada.ID)
		require.NoError(t, err)
		require.Len(t, all, 1)
		require.Equal(t, `{"n":1}`, all[0].Credential)
		require.NotZero(t, all[0].UsedAt)
		for i := range 19 {
			require.NoError(t, s.AddPasskey(t.Context(), store.Passkey{ID: fmt.Sprint(i), User: ada.ID, Credential: "{}"}))
		}
		require.True(t, fault.Is(s.AddPasskey(t.Context(), store.Passkey{ID: "more", User: ada.ID, Credential: "{}"}), fault.Conflict))
		require.NoError(t, s.DropPasskey(t.Context(), ada.ID, "key"))
	})
}

func TestInvitationsAreTakenUpOnce(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		offer := func(hash string, change ...func(*store.Invitation)) (id string) {
			i := store.Invitation{Hash: hash, Email: hash + "@example.com", Role: commerce.RoleBuilder, ExpiresAt: s.Now().Add(7 * aDay), By: "Ada"}
			for _, c := range change {
				c(&i)
			}
			storetest.Do(t, s, func(tx *store.Tx) (err error) { id, err = tx.AddInvitation(shop, i); return err })
			return id
		}
		take := func(hash string) error {
			return attempt(t, s, func(tx *store.Tx) error { _, err := tx.TakeInvitation(hash, "a"); return err })
		}
		offer("one")
		invited, err := s.Invited(t.Context(), "one@example.com")
		require.NoError(t, err)
		require.True(t, invited)
		got, err := s.InvitationByHash(t.Context(), "one")
		require.NoError(t, err)
		require.Equal(t, shop, got.Shop)
		require.NoError(t, take("one"))
		require.True(t, fault.Is(take("one"), fault.NotFound))
		invited, err = s.Invited(t.Context(), "one@example.com")
		require.NoError(t, err)
		require.False(t, invited)

		id := offer("two")
		other := storetest.Shop(t, s)
		require.True(t, fault.Is(attempt(t, s, func(tx *store.Tx) error { return tx.RevokeShopInvitation(other, id) }), fault.NotFound), "another shop's")
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.RevokeShopInvitation(shop, id) })
		require.True(t, fault.Is(take("two"), fault.NotFound))

		offer("three")
		open, err := s.ShopInvitations(t.Context(), shop)
		require.NoError(t, err)
		require.Len(t, open, 1)
		storetest.ClockOf(s).Advance(7 * aDay)
		require.True(t, fault.Is(take("three"), fault.NotFound), "too old")
		none, err := s.Invited(t.Context(), "")
		require.NoError(t, err)
		require.False(t, none)
		require.Error(t, attempt(t, s, func(tx *store.Tx) error {
			_, err := tx.AddInvitation("", store.Invitation{Hash: "x", Role: commerce.RoleViewer})
			return err
		}), "to nothing")
	})
}
