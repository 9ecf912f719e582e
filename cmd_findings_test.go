package main

import (
	"encoding/csv"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/apptest"
	"flywheel/store"
)

// Findings are listed in the shop's zone, the first hundred; as CSV come all of them.
func TestFindingsAreListed(t *testing.T) {
	a := apptest.WithShop(t)
	list := func(c findingsCommand) string {
		return printed(t, func() {
			if c.CSV {
				require.NoError(t, c.export(t.Context(), a.App.Store, a.Shop))
			} else {
				require.NoError(t, c.list(t.Context(), a.App.Store, a.Shop))
			}
		})
	}
	require.Contains(t, list(findingsCommand{}), "nothing to show")
	require.NoError(t, a.App.Store.Transact(t.Context(), func(tx *store.Tx) error {
		for n := range 250 {
			if err := tx.AddFinding(a.Shop.ID, "order_missed", fmt.Sprintf("o%03d", n), `no webhook told of order #1001, "as said"`); err != nil {
				return err
			}
		}
		return nil
	}))
	said := list(findingsCommand{})
	require.Contains(t, said, "FOUND (Europe/London)")
	require.Regexp(t, `Mon 2 Mar 2026, 12:00\s+order_missed\s+o000\s+no webhook told of order #1001, "as said"`, said)
	require.Contains(t, said, "o099")
	require.NotContains(t, said, "o100")
	require.Contains(t, said, "and more: these are the first 100")

	rows, err := csv.NewReader(strings.NewReader(list(findingsCommand{CSV: true}))).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 251)
	require.Equal(t, []string{"2026-03-02T12:00:00Z", "order_missed", "o249", `no webhook told of order #1001, "as said"`}, rows[250])
}
