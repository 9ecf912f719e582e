package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/app"
	"flywheel/fault"
	"flywheel/manage"
	"flywheel/store"
	"flywheel/store/storetest"
)

func TestWhatAnImportTells(t *testing.T) {
	var b bytes.Buffer
	tellImported(&b, manage.Imported{Added: 3, Known: 2, Bad: 4, Why: []string{"line 2: the address is none", "line 7: at lies in the future"}})
	require.Equal(t, "3 lines added, 2 were there, 4 left out\nline 2: the address is none\nline 7: at lies in the future\nand 2 more\n", b.String())
}

// The whole way round by the command line: a list comes in, is shown, changed and written.
func TestSuppressionCommands(t *testing.T) {
	address := storetest.Prepared(t, "sqlite")
	keys, err := store.ParseKeyring(storetest.SecretKey)
	require.NoError(t, err)
	st := storetest.OpenURL(t, address)
	shop := string(storetest.Shop(t, st))
	s := &session{ctx: t.Context(), config: app.Config{DatabaseURL: address, Keys: keys}}
	file := filepath.Join(t.TempDir(), "list.csv")
	require.NoError(t, os.WriteFile(file, []byte("address,scope\nada@example.com,all\nnobody,all\n"), 0o600))

	said := printed(t, func() {
		err := suppressionImportCommand{shop, file}.Run(s)
		require.True(t, fault.Is(err, fault.Invalid), "%v", err)
		require.ErrorContains(t, err, "1 lines are wrong")
	})
	require.Contains(t, said, "1 lines added, 0 were there, 1 left out\nline 3: the address is none\n")
	require.Equal(t, "stopped\n", printed(t, func() {
		require.NoError(t, suppressionAddCommand{Shop: shop, Address: "bo@example.com", Scope: "topic:reviews", Reason: "by hand"}.Run(s))
	}))
	require.Contains(t, printed(t, func() { require.NoError(t, suppressionListCommand{shop}.Run(s)) }), "topic:reviews  by hand")
	require.NoError(t, suppressionRemoveCommand{shop, "ada@example.com", "all"}.Run(s))
	require.Contains(t, printed(t, func() { require.NoError(t, suppressionExportCommand{shop, file}.Run(s)) }), "1 lines written")
	written, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Contains(t, string(written), "bo@example.com,topic:reviews,by hand,")
	require.NotContains(t, string(written), "ada@")
	for _, run := range []func(*session) error{suppressionListCommand{"nowhere"}.Run, suppressionExportCommand{"nowhere", ""}.Run} {
		require.True(t, fault.Is(run(s), fault.NotFound))
	}
}
