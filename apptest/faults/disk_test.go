package faults

import (
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/app"
	"flywheel/demo"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/store/storetest"
)

// A SQLite file that may not grow any more answers 503 and loses nothing; once
// there is room again everything goes on by itself.
func TestDatabaseFull(t *testing.T) {
	t.Parallel()
	a, s := inProcess(t, "sqlite", func(o *demo.WorldOptions) {
		o.DatabaseURL = storetest.URL(t, "sqlite")
		storetest.OpenURL(t, o.DatabaseURL)
		db := storetest.DB(t, o.DatabaseURL)
		for _, text := range []string{`CREATE TABLE ballast (b BLOB)`, `INSERT INTO ballast VALUES (zeroblob(4000000))`} {
			_, err := db.Exec(text)
			require.NoError(t, err)
		}
		var pages int
		require.NoError(t, db.QueryRow(`PRAGMA page_count`).Scan(&pages))
		o.Change = func(c *app.Config) { c.MaxPages = pages + 100 }
	})
	var taken []int64
	refused := 0
	deliver := func(id int64) int {
		status, err := a.FromShopify(t.Context(), "nour.myshopify.com", "orders/paid", orderAt(a, id).Body(), shopifyfake.WebhookID(webhook(id)))
		require.NoError(t, err)
		if status == http.StatusOK {
			taken = append(taken, id)
		}
		return status
	}
	for id := int64(1); refused < 10; id++ {
		if status := deliver(id); status != http.StatusOK {
			require.Equal(t, http.StatusServiceUnavailable, status)
			refused++
		}
	}
	require.NotEmpty(t, taken)
	_, err := s.db.Exec(`DELETE FROM ballast`)
	require.NoError(t, err)
	for id := int64(1001); id <= 1020; id++ {
		require.Equal(t, http.StatusOK, deliver(id))
	}
	s.settled()
	s.balance(taken)
}

// The same on a real full disk: a small tmpfs, which only root may mount. Where
// that is not allowed, TestDatabaseFull is the whole cover.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	dir := scratch(t)
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=12m"); err != nil {
		t.Logf("no tmpfs here (%v): a full disk is covered by TestDatabaseFull alone", err)
		return
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	ballast := filepath.Join(dir, "ballast")
	require.NoError(t, os.WriteFile(ballast, make([]byte, 8<<20), 0o600))

	s := newSite(t, "sqlite", with("DATABASE_URL", "sqlite:"+filepath.Join(dir, "flywheel.db")))
	p := s.run("all")
	l := s.post(0, 4, 2*time.Millisecond, p)
	until(t, "the disk is full", func() bool { return l.answered(http.StatusServiceUnavailable) >= 30 })
	require.False(t, p.gone(), "a full disk ends nobody")
	taken := l.taken()
	require.NoError(t, os.Remove(ballast))
	until(t, "the door takes orders again", func() bool { return l.taken() >= taken+20 })
	l.stop()
	require.Zero(t, l.answered(http.StatusInternalServerError)+l.answered(0), "every refusal was a 503")
	s.settled()
	s.balance(l.orders())
}
