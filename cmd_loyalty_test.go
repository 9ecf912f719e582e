package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/store"
	"flywheel/store/storetest"
)

// members writes a file of them.
func members(t *testing.T, lines string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "members.csv")
	require.NoError(t, os.WriteFile(path, []byte(lines), 0o600))
	return path
}

// program gives the shop a program that is live.
func (c *terminal) program() {
	c.t.Helper()
	st, shop := storetest.OpenURL(c.t, c.config.DatabaseURL), commerce.ShopID(c.shop)
	saved, err := st.SaveProgram(c.t.Context(), shop, loyalty.Program{Rules: []loyalty.Rule{{ID: "hello", Kind: loyalty.ForSignUp, Points: 50}}}, 0, "owner")
	require.NoError(c.t, err)
	require.NoError(c.t, st.SetProgramState(c.t.Context(), shop, store.ProgramLive, saved.Rev))
}

func TestLoyaltyCommands(t *testing.T) {
	c := newTerminal(t)
	require.Equal(t, "there is no program\n", c.ok("loyalty", "show", "SHOP"))
	c.refuses("no-shop", "loyalty", "show", "no-shop")
	c.program()
	file := members(t, "email,points\nada@example.com,120\nbo@example.com,30\n")
	require.Contains(t, c.ok("loyalty", "import", "SHOP", file, "--look"), "2 lines, 0 of them done before; 2 new customers; balances moved by 150 points; 0 lines left out")
	require.Regexp(t, `members +0\n`, c.ok("loyalty", "show", "SHOP"), "a look changes nothing")
	require.Contains(t, c.ok("loyalty", "import", "SHOP", file), "2 new customers; balances moved by 150 points")
	require.Contains(t, c.ok("loyalty", "import", "SHOP", file), "2 of them done before")
	shown := c.ok("loyalty", "show", "SHOP")
	for _, line := range []string{`state +live`, `version +1`, `rules +1`, `members +2`, `points outstanding +150`, `points owed by customers +0`, `expected to expire +0 \(0\.0 %\)`} {
		require.Regexp(t, line, shown)
	}

	said, err := c.run("loyalty", "import", "SHOP", members(t, "email,points\nno,5\nbo@example.com,40\n"), "--mode", "reset")
	require.ErrorContains(t, err, "1 lines were left out")
	require.Contains(t, said, "balances moved by 10 points; 1 lines left out")
	require.Contains(t, said, "line 2: email no")
}

// What is written is read again by the same command.
func TestLoyaltyExport(t *testing.T) {
	c := newTerminal(t)
	c.program()
	require.Contains(t, c.ok("loyalty", "import", "SHOP", members(t, "email,points\nada@example.com,120\nbo@example.com,30\n")), "150 points")
	said := c.ok("loyalty", "export", "SHOP")
	require.Regexp(t, `^email,points,`, said)
	require.Regexp(t, `(?m)^ada@example.com,120,`, said)
	require.Regexp(t, `(?m)^bo@example.com,30,`, said)
	file := filepath.Join(t.TempDir(), "out.csv")
	require.Empty(t, c.ok("loyalty", "export", "SHOP", file))
	written, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, said, string(written))
	about, err := os.Stat(file)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), about.Mode().Perm(), "it holds addresses")
	require.Contains(t, c.ok("loyalty", "import", "SHOP", file, "--mode", "reset"), "balances moved by 0 points; 0 lines left out")
}

// A balance that is not what its rows come to is found and put right.
func TestLoyaltyVerifyAndRebuild(t *testing.T) {
	c := newTerminal(t)
	c.program()
	c.ok("loyalty", "import", "SHOP", members(t, "email,points\nada@example.com,120\nbo@example.com,30\n"))
	require.Equal(t, "2 balances are what their rows come to\n", c.ok("loyalty", "verify", "SHOP"))
	_, err := storetest.DB(t, c.config.DatabaseURL).ExecContext(t.Context(), `UPDATE loyalty_members SET points = 999 WHERE points = 120`)
	require.NoError(t, err)
	said, err := c.run("loyalty", "verify", "SHOP")
	require.ErrorContains(t, err, "1 of 2 balances differ: flywheel loyalty rebuild puts them right")
	require.Contains(t, said, "Points:999")
	require.Contains(t, said, "Points:120")
	require.Equal(t, "2 balances made anew, 1 were others\n", c.ok("loyalty", "rebuild", "SHOP"))
	require.Equal(t, "2 balances made anew, 0 were others\n", c.ok("loyalty", "rebuild", "SHOP"))
	require.Contains(t, c.ok("loyalty", "verify", "SHOP"), "2 balances are")
}
