package main

import (
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/stripe/stripefake"
	"flywheel/store"
)

// withShop is a command line with a shop that is connected live and in test mode.
func withShop(t *testing.T) (b *stripeBench, shop string) {
	t.Helper()
	b = atStripe(t)
	for _, live := range []bool{true, false} {
		b.fake.Connect("acct_1", live, stripefake.AccountInfo{})
		b.fake.Put("acct_1", stripefake.Object{"id": "cus_1", "object": "customer", "livemode": live})
	}
	_, err := b.add("--account", "acct_1", "--name", "Nour", "--email", "hello@nour.example", "--timezone", "Asia/Riyadh")
	require.NoError(t, err)
	shops, err := b.store().ListShops(t.Context(), "", 10)
	require.NoError(t, err)
	require.Len(t, shops, 1)
	_, err = b.store().Connect(t.Context(), shops[0].ID, commerce.Connection{Platform: commerce.Stripe, ExternalID: "acct_1"})
	require.NoError(t, err)
	return b, string(shops[0].ID)
}

// code runs flywheel code.
func (b *stripeBench) code(args ...string) (said string, err error) {
	b.t.Helper()
	var cli codeCommand
	parsed, err := kong.Must(&cli).Parse(args)
	if err != nil {
		return "", err
	}
	said = printed(b.t, func() { err = parsed.Run(b.session) })
	return said, err
}

func TestCodesAreGivenListedAndEnded(t *testing.T) {
	b, shop := withShop(t)
	order := []string{"--shop", shop, "--cause", "order:1001", "--rule", "loyalty"}
	give := append([]string{"give"}, order...)

	said, err := b.code(append(give, "--percent", "12.5", "--customer", "cus_1", "--days", "30")...)
	require.NoError(t, err)
	require.Regexp(t, `^code [2-9A-Z]{12}, good until \w+`, said)
	code := strings.TrimSuffix(strings.Fields(said)[1], ",")
	said, err = b.code(append(give, "--percent", "12.50", "--customer", "cus_1", "--days", "30")...)
	require.NoError(t, err)
	require.Contains(t, said, "code "+code+", given before")
	_, err = b.code(append(give, "--percent", "13")...)
	require.True(t, fault.Is(err, fault.Conflict), "%v", err)
	said, err = b.code(append(give, "--amount", "5.000", "--currency", "KWD", "--minimum", "20", "--test")...)
	require.NoError(t, err)
	require.NotContains(t, said, code)

	said, err = b.code("list", "--shop", shop)
	require.NoError(t, err)
	require.Contains(t, said, "GIVEN (Asia/Riyadh)")
	require.Regexp(t, code+`\s+made\s+order:1001\s+loyalty\s+12.5%, 30 days\s+cus_1\s+acct_1 `, said)
	require.Regexp(t, `made\s+order:1001\s+loyalty\s+5.000 KWD from 20.000 KWD\s+acct_1 \(test\)`, said)

	said, err = b.code(append([]string{"end"}, order...)...)
	require.NoError(t, err)
	require.Contains(t, said, "ended")
	said, err = b.code("list", "--shop", shop)
	require.NoError(t, err)
	require.Equal(t, 2, strings.Count(said, "taken back"))
	_, err = b.code(append(give, "--percent", "12.5", "--customer", "cus_1", "--days", "30")...)
	require.True(t, fault.Is(err, fault.Conflict), "%v", err)
	require.Contains(t, fault.Sentence(err), code+" has ended")
}

// What cannot end at Stripe is not said to have ended there.
func TestACodeOfAnAccountThatMoved(t *testing.T) {
	b, shop := withShop(t)
	order := []string{"--shop", shop, "--cause", "order:1001", "--rule", "loyalty"}
	_, err := b.code(append([]string{"give", "--percent", "10"}, order...)...)
	require.NoError(t, err)
	db, ctx := b.store(), t.Context()
	c, err := db.ConnectionByAccount(ctx, commerce.Stripe, "acct_1", true)
	require.NoError(t, err)
	require.NoError(t, db.Transact(ctx, func(tx *store.Tx) error {
		_, err := tx.CloseConnection(c.ShopID, c.ID, tx.Now())
		return err
	}))
	other, err := db.AddShop(ctx, commerce.Shop{Name: "Other"})
	require.NoError(t, err)
	_, err = db.Connect(ctx, other, commerce.Connection{Platform: commerce.Stripe, ExternalID: "acct_1", Live: true, InstalledAt: db.Now() + 1000})
	require.NoError(t, err)
	asked := len(b.fake.Calls())
	said, err := b.code(append([]string{"end"}, order...)...)
	require.NoError(t, err)
	require.Regexp(t, `^code [2-9A-Z]{12} ended here, and may be good at Stripe .*moved to another shop`, said)
	require.Len(t, b.fake.Calls(), asked)
}

func TestCodesThatCannotBeGiven(t *testing.T) {
	b, shop := withShop(t)
	for name, tt := range map[string]struct {
		args []string
		want string
	}{
		"nothing off":     {nil, "missing flags: --percent"},
		"both":            {[]string{"--percent", "5", "--amount", "5"}, "can't be used together"},
		"three decimals":  {[]string{"--percent", "5.125"}, "two decimals"},
		"more than all":   {[]string{"--percent", "101"}, "between 0.01 and 100"},
		"no currency":     {[]string{"--amount", "5"}, "currency"},
		"half a yen":      {[]string{"--amount", "5.5", "--currency", "JPY"}, "more decimals than JPY"},
		"an odd fils":     {[]string{"--amount", "0.255", "--currency", "KWD"}, "two decimals of KWD"},
		"nobody":          {[]string{"--percent", "5", "--customer", "cus_404"}, "customer"},
		"no such account": {[]string{"--percent", "5", "--connection", "c404"}, "no such Stripe account in live mode"},
	} {
		_, err := b.code(append([]string{"give", "--shop", shop, "--cause", "order:1", "--rule", "r"}, tt.args...)...)
		require.ErrorContains(t, err, tt.want, name)
	}
	said, err := b.code("list", "--shop", shop)
	require.NoError(t, err)
	require.Contains(t, said, "nothing to show")
	_, err = b.code("end", "--shop", shop, "--cause", "order:1", "--rule", "r")
	require.True(t, fault.Is(err, fault.NotFound), "%v", err)
	_, err = b.code("list", "--shop", "s404")
	require.True(t, fault.Is(err, fault.NotFound), "%v", err)
}
