package links

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"flywheel/fault"
)

func keys(bytewise ...byte) (all [][]byte) {
	for _, b := range bytewise {
		all = append(all, bytes.Repeat([]byte{b}, 32))
	}
	return all
}

var click = Mark{Shop: "shop", Effect: "effect", Target: "https://nour.example/tea?x=1&y=ش#top"}

func TestWhatIsSignedIsReadAgain(t *testing.T) {
	s := NewSigner(keys(1))
	for act, m := range map[Act]Mark{Click: click, Open: {Shop: "shop", Effect: "effect"}} {
		token := s.Sign(act, m)
		require.Regexp(t, `^[\w-]{20,}$`, token)
		got, err := s.Read(act, token)
		require.NoError(t, err)
		require.Equal(t, m, got)
	}
}

// A key that was put in front signs, and what the old one signed still opens.
func TestSignedLinksOutliveRotation(t *testing.T) {
	old := NewSigner(keys(1)).Sign(Click, click)
	rotated := NewSigner(keys(2, 1))
	got, err := rotated.Read(Click, old)
	require.NoError(t, err)
	require.Equal(t, click, got)
	_, err = NewSigner(keys(1)).Read(Click, rotated.Sign(Click, click))
	require.True(t, fault.Is(err, fault.NotFound))
	_, err = NewSigner(keys(2)).Read(Click, old)
	require.True(t, fault.Is(err, fault.NotFound), "the old key is gone")
}

func TestAnActIsNoOther(t *testing.T) {
	s := NewSigner(keys(1))
	_, err := s.Read(Open, s.Sign(Click, click))
	require.True(t, fault.Is(err, fault.NotFound))
	_, err = s.Read(Click, s.Sign(Open, Mark{Shop: "shop", Effect: "effect"}))
	require.True(t, fault.Is(err, fault.NotFound))
}

// Whatever is changed in a link, it leads nowhere.
func TestAChangedLinkIsNone(t *testing.T) {
	s := NewSigner(keys(1))
	token := s.Sign(Click, click)
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.IntRange(0, len(token)-1).Draw(t, "at")
		letter := rapid.SampledFrom([]byte("ABCabc019-_=. \n\x00é")).Draw(t, "letter")
		other := token[:at] + string(letter) + token[at+1:]
		if rapid.Bool().Draw(t, "cut") {
			other = token[:at]
		}
		if other == token {
			return
		}
		_, err := s.Read(Click, other)
		require.True(t, fault.Is(err, fault.NotFound), "%q: %v", other, err)
	})
	for _, other := range []string{"", token + "A", token + "\n", token[:9] + "\r\n" + token[9:], "https://evil.example/"} {
		_, err := s.Read(Click, other)
		require.True(t, fault.Is(err, fault.NotFound), "%q: %v", other, err)
	}
}

func TestOnlyWebAddressesAreCounted(t *testing.T) {
	s := NewSigner(keys(1))
	for target, want := range map[string]bool{
		"https://nour.example":                true,
		"http://nour.example/":                true,
		"HTTPS://NOUR.EXAMPLE":                true,
		"":                                    false,
		"/tea":                                false,
		"//evil.example":                      false,
		"nour.example":                        false,
		"javascript:alert(1)":                 false,
		"data:text/html,x":                    false,
		"mailto:a@nour.example":               false,
		"tel:+441":                            false,
		"https://":                            false,
		"https:evil.example":                  false,
		"https://a\x00b.example":              false,
		"https://a.example/\r\nSet-Cookie: x": false,
		`https:\\evil.example`:                false,
		`https://nour.example\@evil.example`:  false,
		"https://nour.example/" + strings.Repeat("x", maxTarget): false,
	} {
		m := click
		m.Target = target
		require.Equal(t, want, s.Sign(Click, m) != "", "%q", target)
	}
	require.Empty(t, s.Sign(Click, Mark{Effect: "effect", Target: click.Target}))
	require.Empty(t, s.Sign(Click, Mark{Shop: "a\x00b", Effect: "effect", Target: click.Target}))
	require.Empty(t, s.Sign(Open, click), "an opening leads nowhere")
}

func FuzzRead(f *testing.F) {
	s := NewSigner(keys(1))
	f.Add(s.Sign(Click, click))
	f.Add("x")
	f.Fuzz(func(t *testing.T, token string) {
		if m, err := s.Read(Click, token); err == nil && !m.good(Click) {
			t.Fatalf("%q: %+v", token, m)
		}
	})
}
