package stripefake_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/integrations/stripe/stripefake"
)

func TestReplay(t *testing.T) {
	w := start(t)
	first := w.made("coupons", "percent_off=5", once("k"))
	again := w.made("coupons", "percent_off=5", once("k"))
	require.Equal(t, first.o, again.o)
	require.False(t, first.replayed)
	require.True(t, again.replayed)
	require.NotEqual(t, first.id(), w.made("coupons", "percent_off=5").id(), "no key, no replay")
	w.Connect("acct_2", true, stripefake.AccountInfo{})
	require.NotEqual(t, first.id(), w.made("coupons", "percent_off=5", once("k"), in("acct_2")).id(), "another account's key")

	a := w.post("coupons", "percent_off=6", once("k"))
	require.Equal(t, 400, a.status)
	require.Equal(t, "idempotency_error", a.o["error"].(map[string]any)["type"])
	a = w.post("promotion_codes", "percent_off=5", once("k"))
	require.Equal(t, "idempotency_error", a.o["error"].(map[string]any)["type"], "another endpoint")
	require.Equal(t, 400, w.post("coupons", "percent_off=5", once(strings.Repeat("k", 256))).status)
	w.made("coupons", "percent_off=5", once(strings.Repeat("k", 255)))

	w.now = noon.Add(24*time.Hour - time.Second)
	require.True(t, w.made("coupons", "percent_off=5", once("k")).replayed)
	w.now = noon.Add(24 * time.Hour)
	late := w.made("coupons", "percent_off=5", once("k"))
	require.False(t, late.replayed, "forgotten")
	require.NotEqual(t, first.id(), late.id())
}

func TestReplayOfRefusals(t *testing.T) {
	w := start(t)
	require.Equal(t, 400, w.post("promotion_codes", "coupon=c&code=A", once("k")).status)
	w.made("coupons", "percent_off=5&id=c")
	again := w.post("promotion_codes", "coupon=c&code=A", once("k"))
	require.Equal(t, 400, again.status, "it was begun, so its answer stands")
	require.True(t, again.replayed)

	require.Equal(t, 400, w.post("coupons", "percent_off=500", once("v")).status)
	w.made("coupons", "percent_off=50", once("v")) // never begun: the key is free
}

// What goes wrong before the effect, after it, and on the way back.
func TestFailures(t *testing.T) {
	coupons := func(w *world) int { return len(w.get("coupons", "").ids()) }
	w := start(t)
	w.Fail(1, 500)
	require.Equal(t, 500, w.post("coupons", "percent_off=5", once("a")).status)
	again := w.post("coupons", "percent_off=5", once("a"))
	require.Equal(t, 500, again.status, "a 500 stands too")
	require.True(t, again.replayed)
	require.Zero(t, coupons(w))
	w.made("coupons", "percent_off=5", once("b"))

	for _, status := range []int{429, 502} {
		w = start(t)
		w.Fail(1, status)
		require.Equal(t, status, w.post("coupons", "percent_off=5", once("a")).status)
		require.False(t, w.made("coupons", "percent_off=5", once("a")).replayed, status)
	}

	w = start(t)
	w.FailAfter(1, 500)
	require.Equal(t, 500, w.post("coupons", "percent_off=5", once("a")).status)
	require.Equal(t, 1, coupons(w), "but it is there")
	require.Equal(t, 500, w.post("coupons", "percent_off=5", once("a")).status)

	for _, status := range []int{0, 502} {
		w = start(t)
		w.FailAfter(1, status)
		a, err := w.send("POST", "coupons", "percent_off=5", once("a"))
		require.Equal(t, status == 0, err != nil)
		require.Equal(t, status, a.status)
		require.True(t, w.made("coupons", "percent_off=5", once("a")).replayed, "Stripe's own answer")
		require.Equal(t, 1, coupons(w))
	}

	w = start(t)
	w.FailAfter(1, 500)
	require.Equal(t, 500, w.get("coupons", "").status)
	w.Fail(1, 401)
	require.Equal(t, 401, w.get("coupons", "", by("sk_other")).status)
}
