package demo

import (
	"bytes"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/delight/gate"
)

// Whatever the month: the books balance in one that holds Ramadan's end, an Eid
// and the turn of London's clocks, and that ends a minute after midnight.
func TestAnyMonth(t *testing.T) {
	var out bytes.Buffer
	ends := time.Date(2026, 4, 5, 0, 1, 0, 0, time.UTC)
	require.NoError(t, Run(t.Context(), Options{Once: true, Out: &out, Log: slog.New(slog.DiscardHandler), began: ends}))
	require.Contains(t, out.String(), "The books balance")
}

// A demo that ends by itself says by its error whether the books balance.
func TestOnce(t *testing.T) {
	run := func(thanks outcome) (string, error) {
		var out bytes.Buffer
		err := Run(t.Context(), Options{Once: true, Out: &out, Log: slog.New(slog.DiscardHandler), stands: func(start time.Time) []*stand {
			s := nakheel(start)
			s.sent = nil // as its only tale says
			s.shopify(1, buyer{"ليلى", "الحربي", "layla@example.sa", "SA", "ar"}, day(29, 0), nil).created(day(29, 0)).ends(thanks, is(notBegun))
			return []*stand{s}
		}})
		return out.String(), err
	}
	out, err := run(is(mailed))
	require.NoError(t, err)
	require.Regexp(t, `thank_you +1 +1 +0 +0 +0 +0\n`, out)
	out, err = run(holds(gate.Unpaid))
	require.ErrorContains(t, err, "thank_you of ليلى")
	require.NotContains(t, out, "The books balance")
}
