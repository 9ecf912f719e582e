package sender

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"flywheel/commerce"
	"flywheel/integrations/mail"
	"flywheel/store"
	"flywheel/store/storetest"
)

var noon = commerce.At(time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC))

func after(days int) commerce.Instant { return noon.Add(time.Duration(days) * 24 * time.Hour) }

func key(selector, kind string, state store.KeyState, since commerce.Instant) store.SenderKey {
	return store.SenderKey{Selector: selector, Kind: kind, State: state, MadeAt: since, Since: since}
}

func states(keys []store.SenderKey) map[string]store.KeyState {
	out := map[string]store.KeyState{}
	for _, k := range keys {
		out[k.Selector] = k.State
	}
	return out
}

type shown = map[string]mail.Condition

func TestKeysTurnByWhatDNSShows(t *testing.T) {
	const next, active, old = store.KeyNext, store.KeyActive, store.KeyOld
	pair := func(state store.KeyState) []store.SenderKey {
		return []store.SenderKey{key("r1", mail.RSA, state, noon), key("e1", mail.Ed25519, state, noon)}
	}
	rotating := append(pair(active), key("r2", mail.RSA, next, after(1)), key("e2", mail.Ed25519, next, after(1)))
	nobodys := []store.SenderKey{key("r1", mail.RSA, active, noon), key("e1", mail.Ed25519, next, noon), key("r2", mail.RSA, next, after(180)), key("e2", mail.Ed25519, next, after(180))}
	without := func(keys []store.SenderKey, selector string) map[string]store.KeyState {
		all := states(keys)
		delete(all, selector)
		return all
	}
	for name, c := range map[string]struct {
		keys  []store.SenderKey
		shown shown
		now   commerce.Instant
		want  map[string]store.KeyState
		drop  []string
		sound mail.Condition
	}{
		"nothing is published":        {pair(next), shown{"r1": mail.Missing, "e1": mail.Missing}, noon, map[string]store.KeyState{"r1": next, "e1": next}, nil, mail.Missing},
		"both are":                    {pair(next), shown{"r1": mail.Good, "e1": mail.Good}, noon, map[string]store.KeyState{"r1": active, "e1": active}, nil, mail.Good},
		"RSA alone is":                {pair(next), shown{"r1": mail.Good, "e1": mail.Differs}, noon, map[string]store.KeyState{"r1": active, "e1": next}, nil, mail.Good},
		"Ed25519 alone is not enough": {pair(next), shown{"r1": mail.Missing, "e1": mail.Good}, noon, map[string]store.KeyState{"r1": next, "e1": active}, nil, mail.Missing},
		"no answer":                   {pair(next), shown{"r1": mail.Unclear, "e1": mail.Unclear}, noon, map[string]store.KeyState{"r1": next, "e1": next}, nil, mail.Unclear},
		"in use, and gone":            {pair(active), shown{"r1": mail.Missing, "e1": mail.Good}, noon, map[string]store.KeyState{"r1": active, "e1": active}, nil, mail.Missing},
		"in use, no answer":           {pair(active), shown{"r1": mail.Unclear}, noon, map[string]store.KeyState{"r1": active, "e1": active}, nil, mail.Unclear},
		"the next are not there yet":  {rotating, shown{"r1": mail.Good, "e1": mail.Good, "r2": mail.Missing, "e2": mail.Missing}, after(2), states(rotating), nil, mail.Good},
		"the next RSA is":             {rotating, shown{"r1": mail.Good, "e1": mail.Good, "r2": mail.Good}, after(2), map[string]store.KeyState{"r1": old, "e1": active, "r2": active, "e2": next}, nil, mail.Good},
		"both next are, the old gone": {rotating, shown{"r2": mail.Good, "e2": mail.Good}, after(2), map[string]store.KeyState{"r1": old, "e1": old, "r2": active, "e2": active}, nil, mail.Good},
		"a next one that nobody published goes once another follows": {nobodys, shown{"r1": mail.Good, "e1": mail.Missing}, after(181), without(nobodys, "e1"), []string{"e1"}, mail.Good},
		"it may just have been published":                            {nobodys, shown{"r1": mail.Good, "e1": mail.Unclear}, after(181), states(nobodys), nil, mail.Good},
		"it was, and the other was not":                              {nobodys, shown{"r1": mail.Good, "e1": mail.Good, "e2": mail.Missing}, after(181), map[string]store.KeyState{"r1": active, "e1": active, "r2": next, "e2": next}, nil, mail.Good},
		"both were":                                                  {nobodys, shown{"r1": mail.Good, "e1": mail.Good, "e2": mail.Good}, after(181), map[string]store.KeyState{"r1": active, "r2": next, "e2": active}, []string{"e1"}, mail.Good},
		"an old one rests":                                           {[]store.SenderKey{key("r1", mail.RSA, old, noon)}, nil, after(7) - 1, map[string]store.KeyState{"r1": old}, nil, mail.Missing},
		"an old one goes after a week":                               {[]store.SenderKey{key("r1", mail.RSA, old, noon)}, nil, after(7), map[string]store.KeyState{}, []string{"r1"}, mail.Missing},
	} {
		t.Run(name, func(t *testing.T) {
			before := states(c.keys)
			stay, changed, drop := turn(c.keys, c.shown, c.now)
			require.Equal(t, c.want, states(stay))
			require.Equal(t, c.drop, drop)
			require.Equal(t, c.sound, sound(stay, c.shown))
			for _, k := range changed {
				require.NotEqual(t, before[k.Selector], k.State)
				require.Equal(t, c.now, k.Since)
			}
		})
	}
}

// Whatever DNS shows, there is never more than one active key of a kind, none
// becomes active unseen, and what was active signs on until another does.
func TestKeysNeverLeaveADomainUnsigned(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		keys := []store.SenderKey{key("a", mail.RSA, store.KeyNext, noon)}
		now := noon
		for i := range rapid.IntRange(1, 30).Draw(t, "looks") {
			now = now.Add(time.Duration(rapid.IntRange(1, 200).Draw(t, "hours")) * time.Hour)
			if stale(keys, now) || rapid.IntRange(0, 9).Draw(t, "rotate") == 0 && !hasNext(keys) {
				keys = append(keys, key("k"+string(rune('a'+i)), mail.RSA, store.KeyNext, now))
			}
			conditions := shown{}
			for _, k := range keys {
				conditions[k.Selector] = rapid.SampledFrom([]mail.Condition{mail.Good, mail.Missing, mail.Differs, mail.Unclear}).Draw(t, "shown")
			}
			had := count(keys, store.KeyActive)
			stay, changed, _ := turn(keys, conditions, now)
			for _, k := range changed {
				if k.State == store.KeyActive && conditions[k.Selector] != mail.Good {
					t.Fatalf("%s signs unseen", k.Selector)
				}
			}
			if n := count(stay, store.KeyActive); n > 1 || n < had {
				t.Fatalf("%d active keys where %d were", n, had)
			}
			keys = stay
		}
	})
}

func hasNext(keys []store.SenderKey) bool { return count(keys, store.KeyNext) > 0 }

func count(keys []store.SenderKey, state store.KeyState) (n int) {
	for _, k := range keys {
		if k.State == state {
			n++
		}
	}
	return n
}

func TestKeysGrowStale(t *testing.T) {
	active := key("r1", mail.RSA, store.KeyActive, noon)
	require.False(t, stale([]store.SenderKey{active}, after(180)-1))
	require.True(t, stale([]store.SenderKey{active}, after(180)))
	require.False(t, stale([]store.SenderKey{active, key("r2", mail.RSA, store.KeyNext, after(180))}, after(200)), "others wait already")
	require.True(t, stale([]store.SenderKey{active, key("e2", mail.Ed25519, store.KeyNext, noon)}, after(200)), "nobody has ever published that one")
	require.False(t, stale(nil, after(999)))
}

// A domain's row follows what DNS shows; three days without its record take it out of use.
func TestADomainIsJudged(t *testing.T) {
	row := store.Sender{Kind: store.SenderDomain, State: store.SenderChecking}
	step := func(shows mail.Condition, now commerce.Instant, state store.SenderState, said store.NoticeKind) {
		t.Helper()
		var got store.NoticeKind
		row, got = judge(row, shows, now)
		require.Equal(t, state, row.State)
		require.Equal(t, said, got)
	}
	step(mail.Missing, noon, store.SenderChecking, "")
	step(mail.Unclear, after(1), store.SenderChecking, "")
	step(mail.Good, after(2), store.SenderReady, store.NoticeSenderReady)
	require.Equal(t, after(2), row.ReadySince)
	step(mail.Good, after(3), store.SenderReady, "")
	step(mail.Differs, after(4), store.SenderReady, store.NoticeSenderShaky)
	step(mail.Missing, after(5), store.SenderReady, "")
	step(mail.Unclear, after(8), store.SenderReady, "") // no answer is no proof
	step(mail.Good, after(8), store.SenderReady, "")    // it is back, and the days begin anew
	step(mail.Missing, after(9), store.SenderReady, store.NoticeSenderShaky)
	step(mail.Missing, after(12)-1, store.SenderReady, "")
	step(mail.Missing, after(12), store.SenderChecking, store.NoticeDomainBroken)
	step(mail.Missing, after(13), store.SenderChecking, "")
	step(mail.Good, after(20), store.SenderReady, store.NoticeSenderReady)
}

func TestMadeKeysSignOnceTheyAreActive(t *testing.T) {
	keys, err := makeKeys("nour.example", noon)
	require.NoError(t, err)
	require.Len(t, keys, 2)
	s, err := signs("nour.example", keys, "")
	require.NoError(t, err)
	require.Nil(t, s, "nobody has seen them in DNS")
	for i := range keys {
		require.Contains(t, keys[i].Public, "k="+keys[i].Kind)
		keys[i].State = store.KeyActive
	}
	s, err = signs("nour.example", keys, "")
	require.NoError(t, err)
	require.Equal(t, "nour.example", s.Domain)
	require.Len(t, s.Keys, 2)
	for i, k := range s.Keys {
		require.Equal(t, keys[i].Public, mail.Record(k.Key))
	}
}

func TestAmazonGetsOneSignatureOfWhatItLeavesAlone(t *testing.T) {
	w := open(t, storetest.Open(t, "sqlite"), func(o *Options) { o.Provider = mail.SES })
	w.ownDomain()
	signer := w.way().Signer
	require.Equal(t, mail.SES, signer.Relay, "Date and Message-ID are rewritten there")
	require.Len(t, signer.Keys, 1, "two DKIM-Signature headers are refused")
	require.Equal(t, mail.RSA, mail.KindOf(signer.Keys[0].Key))
}
