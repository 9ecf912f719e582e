package server

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestBucketHoldsABurstAndFillsAgain(t *testing.T) {
	b, now := newBuckets(), time.Now()
	for range apiBurst {
		require.Zero(t, b.take("a", now))
	}
	require.Equal(t, 50*time.Millisecond, b.take("a", now), "one twentieth of a second")
	require.Equal(t, 50*time.Millisecond, b.take("a", now), "who is refused does not wait longer for it")
	require.Zero(t, b.take("b", now))
	now = now.Add(50 * time.Millisecond)
	require.Zero(t, b.take("a", now))
	require.NotZero(t, b.take("a", now))
	now = now.Add(time.Second)
	for range apiRate {
		require.Zero(t, b.take("a", now))
	}
	require.NotZero(t, b.take("a", now))
}

func TestBucketsAreBounded(t *testing.T) {
	b, now := newBuckets(), time.Now()
	for range apiBurst {
		b.take("busy", now)
	}
	for i := range 3 * apiBuckets {
		b.take(fmt.Sprint(i), now)
		require.LessOrEqual(t, len(b.of), apiBuckets)
		now = now.Add(time.Millisecond / 10)
		if i%1000 == 0 {
			for b.take("busy", now) == 0 {
			}
		}
	}
	require.Contains(t, b.of, "busy", "room is made of those that are idle")
	require.Less(t, b.of["busy"].TokensAt(now), float64(apiBurst)/2)
}
