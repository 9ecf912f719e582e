package mail_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"flywheel/fault"
	"flywheel/integrations/mail"
)

var ours = mail.Ref{Shop: "06eqm4ehq5pm000000000000s1", Effect: "06eqm4ehq5pm000000000000e1"}

func refs(keys ...string) *mail.Refs {
	var all [][]byte
	for _, key := range keys {
		all = append(all, []byte(key))
	}
	return mail.NewRefs(all)
}

// What servers may do to an address on the way leaves the reference readable.
func TestRefComesBack(t *testing.T) {
	r := refs("new", "old")
	text := r.Encode(ours)
	require.Regexp(t, `^[0-9a-v]{60}$`, text)
	path := r.ReturnPath(ours, "bounce.flywheel.example")
	require.Equal(t, "b-"+text+"@bounce.flywheel.example", path)
	local, _, _ := strings.Cut(path, "@")
	require.LessOrEqual(t, len(local), 64, "RFC 5321, 4.5.3.1.1")
	for _, told := range []string{text, path, strings.ToUpper(path), "<" + path + ">", " b-" + text, refs("old").Encode(ours)} {
		got, err := r.Decode(told)
		require.NoError(t, err, told)
		require.Equal(t, ours, got, told)
	}
}

func TestRefOfAStranger(t *testing.T) {
	r := refs("new", "old")
	text := r.Encode(ours)
	other := mail.Ref{Shop: strings.Replace(ours.Shop, "s1", "s2", 1), Effect: ours.Effect}
	for name, told := range map[string]string{
		"empty": "", "short": text[:59], "long": text + "0", "another key's": refs("third").Encode(ours),
		"no key": strings.Repeat("0", 60), "only a domain": "@bounce.flywheel.example", "another shop": other.Shop + text[26:],
		"shop and effect changed over": text[26:52] + text[:26] + text[52:], "signature of another": text[:52] + r.Encode(other)[52:],
	} {
		_, err := r.Decode(told)
		require.True(t, fault.Is(err, fault.Denied), name)
	}
	var none *mail.Refs
	_, err := none.Decode(text)
	require.Error(t, err)
	_, err = refs().Decode(ours.Shop + ours.Effect + "00000000")
	require.Error(t, err)
}

// One changed letter anywhere is noticed.
func TestRefIsSignedWhole(t *testing.T) {
	r := refs("key")
	text := r.Encode(ours)
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.IntRange(0, len(text)-1).Draw(t, "at")
		letter := rapid.SampledFrom([]byte("0123456789abcdefghijklmnopqrstuv")).Draw(t, "letter")
		if text[at] == letter {
			return
		}
		_, err := r.Decode(text[:at] + string(letter) + text[at+1:])
		require.Error(t, err)
	})
}

func TestRefNeedsIDsAndAKey(t *testing.T) {
	for _, ref := range []mail.Ref{{}, {Shop: "shop-1", Effect: ours.Effect}, {Shop: ours.Shop}, {Shop: strings.ToUpper(ours.Shop), Effect: ours.Effect}} {
		require.Empty(t, refs("key").Encode(ref), "%+v", ref)
		require.Empty(t, refs("key").ReturnPath(ref, "bounce.flywheel.example"))
	}
	require.Empty(t, refs().Encode(ours))
	require.Empty(t, refs("key").ReturnPath(ours, ""), "no domain takes reports")
}
