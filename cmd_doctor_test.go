package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/app"
	"flywheel/commerce"
	"flywheel/store"
	"flywheel/store/storetest"
)

// crashed is a database whose process was killed after a backup was made: the
// file and its log lie as they were, and nobody closed them.
func crashed(t *testing.T) (dir string, backup []byte, shop commerce.ShopID) {
	t.Helper()
	url := storetest.Prepared(t, "sqlite")
	path := strings.TrimPrefix(url, "sqlite:")
	live, db := storetest.OpenURL(t, url), storetest.DB(t, url)
	buy := func(n int) {
		for range n {
			storetest.Order(t, live, shop, storetest.Person(t, live, shop).ID)
		}
	}
	// settle empties the log. The store moves it too, each second: then it is busy, which is no error.
	settle := func() {
		require.Eventually(t, func() bool {
			var busy, logged, moved int
			err := db.QueryRowContext(t.Context(), `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &logged, &moved)
			return err == nil && busy == 0 && logged == 0
		}, 2*time.Minute, 10*time.Millisecond)
	}
	shop = storetest.Shop(t, live)
	settle()
	backup, err := os.ReadFile(path)
	require.NoError(t, err)
	buy(200)
	settle()
	buy(20)
	dir = t.TempDir() // where the killed process left its files
	for _, name := range []string{"", "-wal", "-shm"} {
		data, err := os.ReadFile(path + name)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, "flywheel.db"+name), data, 0o600))
	}
	require.NoError(t, live.Close())
	return dir, backup, shop
}

// examine asks the doctor about the database in dir.
func examine(t *testing.T, dir string) (saw string, c app.Config, err error) {
	t.Helper()
	keys, err := store.ParseKeyring(storetest.SecretKey)
	require.NoError(t, err)
	c = app.Config{DatabaseURL: "sqlite:" + filepath.Join(dir, "flywheel.db"), Keys: keys}
	saw, err = checkStore(&session{ctx: t.Context(), config: c})
	return saw, c, err
}

// The log of a killed process belongs to its file: whoever restores moves both
// away (docs/operations.md), and who did not is told by the doctor.
func TestRestoringAfterACrash(t *testing.T) {
	t.Run("the killed process's own files", func(t *testing.T) {
		dir, _, _ := crashed(t)
		saw, _, err := examine(t, dir)
		require.NoError(t, err)
		require.Contains(t, saw, "nothing is broken")
	})
	t.Run("the backup beside its log", func(t *testing.T) {
		dir, backup, _ := crashed(t)
		require.NoError(t, os.WriteFile(filepath.Join(dir, "flywheel.db"), backup, 0o600))
		_, _, err := examine(t, dir)
		require.ErrorContains(t, err, "-wal")
	})
	t.Run("as documented", func(t *testing.T) {
		dir, backup, shop := crashed(t)
		away := t.TempDir()
		for _, name := range []string{"flywheel.db", "flywheel.db-wal", "flywheel.db-shm"} {
			require.NoError(t, os.Rename(filepath.Join(dir, name), filepath.Join(away, name)))
		}
		require.NoError(t, os.WriteFile(filepath.Join(dir, "flywheel.db"), backup, 0o600))
		_, c, err := examine(t, dir)
		require.NoError(t, err)
		st, err := app.OpenStore(t.Context(), c)
		require.NoError(t, err)
		defer st.Close()
		_, err = st.Shop(t.Context(), shop)
		require.NoError(t, err, "what the backup holds is there")
	})
}

func TestDocumentedRestoreMovesTheLogAway(t *testing.T) {
	text, err := os.ReadFile("docs/operations.md")
	require.NoError(t, err)
	_, walk, _ := strings.Cut(string(text), "### Restoring")
	walk, _, _ = strings.Cut(walk, "\n2. ")
	for _, name := range []string{"`flywheel.db`", "`flywheel.db-wal`", "`flywheel.db-shm`", "together"} {
		require.Contains(t, walk, name)
	}
}
