package commerce

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCancelIsBelievedUntilANewerSnapshotDeniesIt(t *testing.T) {
	cancelled := Cancel{Told: after(1), Seen: after(2)}
	for name, tt := range map[string]struct {
		seen []Cancel
		want Instant
	}{
		"never":                       {nil, 0},
		"cancelled":                   {[]Cancel{cancelled}, after(1)},
		"and told again":              {[]Cancel{cancelled, {Told: after(1), Seen: after(5)}}, after(1)},
		"a stale snapshot comes late": {[]Cancel{cancelled, {Denied: after(1)}}, after(1)},
		"of the same second":          {[]Cancel{cancelled, {Denied: after(2)}}, after(1)},
		"a newer one denies it":       {[]Cancel{cancelled, {Denied: after(3)}}, 0},
		"and the newest confirms it":  {[]Cancel{cancelled, {Denied: after(3)}, {Told: after(4), Seen: after(4)}}, after(1)},
	} {
		t.Run(name, func(t *testing.T) {
			var forth, back Cancel
			for i := range tt.seen {
				forth.merge(tt.seen[i])
				back.merge(tt.seen[len(tt.seen)-1-i])
			}
			require.Equal(t, tt.want, forth.At())
			require.Equal(t, forth, back, "in whatever order they come")
		})
	}
}
