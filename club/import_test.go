package club_test

import (
	"encoding/csv"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/club"
	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/store/storetest"
)

// shelf is a shop with a program that forgets points after a year.
func shelf(t *testing.T, s *store.Store, change ...func(*loyalty.Program)) commerce.Shop {
	t.Helper()
	id := storetest.Shop(t, s)
	p := loyalty.Program{Policy: loyalty.Policy{Months: 12, Floor: true}, Rewards: []loyalty.Reward{{ID: "off", Kind: loyalty.AmountOff, Cost: 100, Amount: 500, Sliding: true}}, Budget: 10_000}
	for _, f := range change {
		f(&p)
	}
	_, err := s.SaveProgram(t.Context(), id, p, 0, "owner")
	require.NoError(t, err)
	shop, err := s.Shop(t.Context(), id)
	require.NoError(t, err)
	return shop
}

func fileOf(t *testing.T, lines ...string) club.File {
	t.Helper()
	f, err := club.ReadFile(strings.NewReader("\xef\xbb\xbf" + strings.Join(lines, "\r\n")))
	require.NoError(t, err)
	return f
}

func pointsOf(t *testing.T, d club.Desk, shop commerce.ShopID) map[string]int64 {
	t.Helper()
	out := map[string]int64{}
	lines, _, err := d.Export(t.Context(), shop, "")
	require.NoError(t, err)
	for _, l := range lines {
		var n int64
		_, err := fmt.Sscan(l[1], &n)
		require.NoError(t, err)
		out[l[0]] = n
	}
	return out
}

// A file as Smile.io has it is read once, however often it is sent, and says what it left out.
func TestImportCountsOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		shop, d := shelf(t, s), club.Desk{Store: s}
		known := storetest.Person(t, s, shop.ID, func(p *commerce.Person) { p.Email = "ada@example.com" })
		f := fileOf(t, "Email,Points Balance,State,date_of_birth", "ADA@example.com,120,member,1004-05-27", "new@example.com,30,candidate,", "no,5,,", "x@example.com,1.5,,", "y@example.com,5,king,", "z@example.com,5,,1004-13-01", "w@example.com,-9,disabled,")
		why := map[string]int{}
		for _, r := range f.Bad {
			why[r.Why] = r.Line
		}
		require.Equal(t, map[string]int{club.RefusedEmail: 4, club.RefusedPoints: 5, club.RefusedState: 6, club.RefusedBirthday: 7}, why)

		look, err := d.Preview(t.Context(), shop, f, club.ModeAdd)
		require.NoError(t, err)
		require.Equal(t, 2, look.Read)
		require.EqualValues(t, 150, look.Points)
		require.Equal(t, 2, look.New, "one of them is left out for its points, and is known all the same")
		require.Empty(t, pointsOf(t, d, shop.ID), "a look changes nothing")

		got, err := d.Import(t.Context(), shop, f, club.ModeAdd, "me", nil)
		require.NoError(t, err)
		require.Equal(t, look, got)
		require.Len(t, got.Refused, 5)
		require.Equal(t, club.RefusedBelow, got.Refused[4].Why)
		m, err := s.LoyaltyMember(t.Context(), shop.ID, known.ID)
		require.NoError(t, err)
		require.Equal(t, store.Joined, m.State)
		require.Equal(t, "import", m.How)
		require.Equal(t, 527, m.Birthday)
		require.EqualValues(t, 120, m.Points)
		require.Equal(t, commerce.At(s.Now().Time().AddDate(0, 12, 0)), m.EndsAt)

		again, err := d.Import(t.Context(), shop, f, club.ModeAdd, "me", nil)
		require.NoError(t, err)
		require.Equal(t, 2, again.Before)
		require.Zero(t, again.Points)
		require.EqualValues(t, 120, pointsOf(t, d, shop.ID)["ada@example.com"])
		n, err := d.Verify(t.Context(), shop.ID, func(x club.Difference) { t.Errorf("%+v", x) })
		require.NoError(t, err)
		require.Positive(t, n)
	})
}

func TestImportResets(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		shop, d := shelf(t, s), club.Desk{Store: s}
		_, err := d.Import(t.Context(), shop, fileOf(t, "email,points", "a@example.com,100", "b@example.com,7"), club.ModeAdd, "me", nil)
		require.NoError(t, err)
		got, err := d.Import(t.Context(), shop, fileOf(t, "email,points", "a@example.com,40", "b@example.com,7"), club.ModeReset, "me", nil)
		require.NoError(t, err)
		require.EqualValues(t, -60, got.Points)
		require.Equal(t, map[string]int64{"a@example.com": 40, "b@example.com": 7}, pointsOf(t, d, shop.ID))
		_, err = d.Import(t.Context(), shop, fileOf(t, "email,points", "a@example.com,40"), "double", "me", nil)
		require.True(t, fault.Is(err, fault.Invalid))
		empty := storetest.Shop(t, s)
		other, err := s.Shop(t.Context(), empty)
		require.NoError(t, err)
		_, err = d.Import(t.Context(), other, fileOf(t, "email,points", "a@example.com,40"), club.ModeAdd, "me", nil)
		require.True(t, fault.Is(err, fault.Conflict), "there is no program")
	})
	_, err := club.ReadFile(strings.NewReader("name,points\nx,1\n"))
	require.True(t, fault.Is(err, fault.Invalid))
}

// What is written out is read in again with the same balances and the same ends.
func TestExportIsReadBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		shop, d := shelf(t, s), club.Desk{Store: s}
		_, err := d.Import(t.Context(), shop, fileOf(t, "email,points,first_name,lots,state", `a@example.com,170,"Ada, née B",120@2027-03-01T00:00:00Z 50,member`, "b@example.com,0,,,disabled", "c@example.com,3,,2 2,"), club.ModeAdd, "me", nil)
		require.NoError(t, err)
		lines, next, err := d.Export(t.Context(), shop.ID, "")
		require.NoError(t, err)
		require.Empty(t, next)
		require.Len(t, lines, 2, "lots that come to another number are left out")
		var text strings.Builder
		w := csv.NewWriter(&text)
		require.NoError(t, w.Write(club.Columns))
		require.NoError(t, w.WriteAll(lines))

		there := shelf(t, s)
		f, err := club.ReadFile(strings.NewReader(text.String()))
		require.NoError(t, err)
		require.Empty(t, f.Bad)
		_, err = d.Import(t.Context(), there, f, club.ModeReset, "me", nil)
		require.NoError(t, err)
		back, _, err := d.Export(t.Context(), there.ID, "")
		require.NoError(t, err)
		require.Len(t, back, 2)
		byMail := map[string][]string{}
		for _, l := range back {
			byMail[l[0]] = l
		}
		for _, l := range lines {
			require.Equal(t, l[:7], byMail[l[0]][:7])
		}
		require.Equal(t, "120@2027-03-01T00:00:00Z 50", byMail["a@example.com"][6])
	})
}

// More lines than one transaction has, cut off in between, go on where they were.
func TestImportGoesOn(t *testing.T) {
	s := storetest.Open(t, "sqlite")
	shop, d := shelf(t, s), club.Desk{Store: s}
	lines := []string{"email,points"}
	for i := range 1200 {
		lines = append(lines, fmt.Sprintf("p%d@example.com,1", i))
	}
	part := fileOf(t, lines...)
	portions := []int{}
	got, err := d.Import(t.Context(), shop, part, club.ModeAdd, "me", func(done int) { portions = append(portions, done) })
	require.NoError(t, err)
	require.Len(t, portions, 12)
	require.Equal(t, []int{100, 1200}, []int{portions[0], portions[11]})
	require.Equal(t, 1200, got.New)
	again, err := d.Import(t.Context(), shop, part, club.ModeAdd, "me", nil)
	require.NoError(t, err)
	require.Equal(t, 1200, again.Before)
}

// Verify finds what somebody has changed behind the ledger's back, and Rebuild mends it.
func TestVerifyAndRebuild(t *testing.T) {
	address := storetest.Prepared(t, "sqlite")
	s := storetest.OpenURL(t, address)
	shop, d := shelf(t, s), club.Desk{Store: s}
	_, err := d.Import(t.Context(), shop, fileOf(t, "email,points", "a@example.com,100", "b@example.com,7"), club.ModeAdd, "me", nil)
	require.NoError(t, err)
	_, err = storetest.DB(t, address).ExecContext(t.Context(), `UPDATE loyalty_members SET points = 99 WHERE points = 100`)
	require.NoError(t, err)
	var wrong []club.Difference
	n, err := d.Verify(t.Context(), shop.ID, func(x club.Difference) { wrong = append(wrong, x) })
	require.NoError(t, err)
	require.Equal(t, 2, n)
	require.Len(t, wrong, 1)
	require.EqualValues(t, 99, wrong[0].Kept.Points)
	require.EqualValues(t, 100, wrong[0].Rows.Points)
	_, changed, err := d.Rebuild(t.Context(), shop.ID)
	require.NoError(t, err)
	require.Equal(t, 1, changed)
	_, err = d.Verify(t.Context(), shop.ID, func(x club.Difference) { t.Errorf("%+v", x) })
	require.NoError(t, err)
}

func TestOwed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		shop, d := shelf(t, s, func(p *loyalty.Program) {
			p.Rewards = append(p.Rewards, loyalty.Reward{ID: "ship", Kind: loyalty.FreeShipping, Cost: 300, Worth: 900}, loyalty.Reward{ID: "old", Kind: loyalty.AmountOff, Cost: 1, Amount: 100, Hidden: true})
		}), club.Desk{Store: s}
		_, err := d.Import(t.Context(), shop, fileOf(t, "email,points", "a@example.com,1000"), club.ModeAdd, "me", nil)
		require.NoError(t, err)
		o, err := d.Owed(t.Context(), shop.ID)
		require.NoError(t, err)
		require.EqualValues(t, 1000, o.Points)
		require.EqualValues(t, 100, o.Per)
		require.EqualValues(t, 5000, o.Worth, "by the reward that asks for the fewest points, hidden ones left out")
		require.False(t, o.Known, "nothing has run its course yet")
	})
}

// Who has left comes back by a file only where it says that they are members.
func TestImportLetsNobodyBackIn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		shop, d := shelf(t, s), club.Desk{Store: s}
		ada := storetest.Person(t, s, shop.ID, func(p *commerce.Person) { p.Email = "ada@example.com" })
		require.NoError(t, d.Join(t.Context(), shop, ada.ID, "staff"))
		require.NoError(t, d.Leave(t.Context(), shop, ada.ID))
		after := func(head, line string) store.MemberState {
			_, err := d.Import(t.Context(), shop, fileOf(t, head, line), club.ModeAdd, "owner", nil)
			require.NoError(t, err)
			m, err := s.LoyaltyMember(t.Context(), shop.ID, ada.ID)
			require.NoError(t, err)
			return m.State
		}
		require.Equal(t, store.Left, after("email,points", "ada@example.com,5"))
		require.Equal(t, store.Left, after("email,points,state", "ada@example.com,5,candidate"))
		require.Equal(t, store.Joined, after("email,points,state", "ada@example.com,5,member"))
	})
}
