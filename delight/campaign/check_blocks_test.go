package campaign

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/fault"
)

// blocked is the mail of whole, told by blocks.
func blocked(blocks string) string {
	return strings.Replace(whole, "subject: Hello, body: [There.]", "subject: Hello, blocks: ["+blocks+"]", 1)
}

const (
	hello = "{kind: text, text: Hello.}"
	press = "{kind: button, button: {label: Go, url: 'https://x.example'}}"
)

// Check and the schema say the same of blocks, but that only Check sees where a
// footer stands and what is blank or twice in other words.
func TestBlocks(t *testing.T) {
	s := compiledSchema(t)
	for blocks, want := range map[string]string{
		hello: "",
		"{kind: logo}, {kind: heading, text: Hi}, " + hello + ", {kind: divider}, {kind: lines}, " + press + ", {kind: footer, text: Bye.}": "",
		"{kind: rich, text: '<b>Hello</b>'}, {kind: contact}, {kind: share}":                                                                "",
		"{kind: contact, ways: [phone, whatsapp]}, {kind: share, ways: [instagram, mail]}, " + hello:                                        "",
		"{kind: image, image: 'https://x.example/a.png', alt: A cup, link: '{{ shop.url }}'}":                                               "",
		"{kind: logo, hidden: true}, {kind: lines, hidden: false}":                                                                          "",

		"{kind: dance}":                            `block 1 has the unknown kind "dance"; there are button, contact,`,
		"{kind: txt, text: Hello.}":                `did you mean text?`,
		"{text: Hello.}":                           `block 1 has the unknown kind ""`,
		"{kind: text}":                             "block 1, text, needs text",
		"{kind: rich, text: ' '}":                  "block 1, rich, needs text",
		"{kind: heading}":                          "block 1, heading, needs text",
		"{kind: heading, text: \"A\\nB\"}":         "block 1, heading, stands on one line",
		"{kind: button}":                           "block 1, button, needs button",
		"{kind: image, alt: A cup}":                "block 1, image, needs image",
		"{kind: image, image: 'https://x/a.png'}":  "block 1, image, needs alt",
		"{kind: image, image: a.png, alt: A cup}":  "the image is no address such as https://shop.example/cup.jpg",
		"{kind: image, image: 'http://x', alt: A}": "the image is no address",
		"{kind: image, image: 'https://x', alt: A, link: 'javascript:x'}": "the link is no address",
		"{kind: text, text: Hello., ways: [mail]}":                        "block 1, text, takes no ways",
		"{kind: divider, text: x}, " + hello:                              "block 1, divider, takes no text",
		"{kind: lines, button: {label: x, url: 'https://x'}}":             "block 1, lines, takes no button",
		"{kind: contact, ways: [fax]}, " + hello:                          `there is no way "fax"; there are chat, mail,`,
		"{kind: contact, ways: [instagram]}, " + hello:                    `there is no way "instagram"`,
		"{kind: share, ways: [phone]}, " + hello:                          `there is no way "phone"`,
		"{kind: contact, ways: [mail, mail]}, " + hello:                   "the way mail stands there twice",
		hello + ", {kind: logo}":                                          "block 2 is the logo, which stands first",
		"{kind: footer, hidden: true}, " + hello:                          "block 1, footer, cannot be hidden",
		hello + ", {kind: footer}, {kind: footer}":                        "block 2 is the footer, which stands last",
		"{kind: text, text: Hello., hidden: true}":                        "the blocks say nothing",
		"{kind: logo}, {kind: contact}, {kind: footer}":                   "the blocks say nothing",
		strings.Repeat("{kind: divider}, ", 40) + hello:                   "there are 41 blocks, at most 40 are allowed",
	} {
		_, err := Parse([]byte(blocked(blocks)))
		if want == "" {
			require.NoError(t, err, blocks)
			require.Empty(t, wrong(t, s, blocked(blocks)), blocks)
			continue
		}
		require.True(t, fault.Is(err, fault.Invalid), "%s: %v", blocks, err)
		require.ErrorContains(t, err, want, blocks)
		require.NotEmpty(t, wrong(t, s, blocked(blocks)), blocks)
	}
	_, err := Parse([]byte(blocked("{kind: footer}, " + hello)))
	require.ErrorContains(t, err, "block 1 is the footer, which stands last", "which no schema can say")
}

// A mail is told one way.
func TestBlocksStandInsteadOfTheShortForm(t *testing.T) {
	s := compiledSchema(t)
	for _, more := range []string{"heading: Hi", "body: [Hi]", "show_lines: true", "closing: [Bye]", "button: {label: Go, url: 'https://x.example'}"} {
		text := strings.Replace(blocked(hello), "blocks: [", more+", blocks: [", 1)
		_, err := Parse([]byte(text))
		require.ErrorContains(t, err, "step greet in en: blocks stand instead of heading, body", more)
		require.NotEmpty(t, wrong(t, s, text), more)
	}
	text := strings.Replace(blocked(hello), "blocks: [", "preheader: x, show_lines: false, blocks: [", 1)
	_, err := Parse([]byte(text))
	require.NoError(t, err)
	require.Empty(t, wrong(t, s, text))
	neither := strings.Replace(whole, ", body: [There.]", "", 1)
	_, err = Parse([]byte(neither))
	require.ErrorContains(t, err, "no subject or body in en")
	require.NotEmpty(t, wrong(t, s, neither))
}

// What is wrong in the file is told with its line and the block's own words.
func TestBlocksAreReadByLine(t *testing.T) {
	file := func(block string) []byte {
		return []byte(strings.Replace(whole, "email: {en: {subject: Hello, body: [There.]}}}", "email:\n      {en: {subject: Hello, blocks: [\n        "+block+"]}}}", 1))
	}
	for block, want := range map[string]string{
		"{kind: image, imag: x}":            `line 13: unknown field "imag"; did you mean image?`,
		"{kind: text, text: 5}":             "line 13: text is a text, and 5 is read as something else; put it in quotes",
		"{kind: text, text: x, hidden: no}": "line 13: hidden must be true or false",
		"{kind: contact, ways: []}":         "line 13: ways is an empty list; leave the field out",
		"{kind: image, image: , alt: x}":    "line 13: image has no value",
		"{kind: button, button: Go}":        "line 13: button must be fields with their values",
		"hello":                             "line 13: each entry of blocks must be fields with their values",
	} {
		_, err := Parse(file(block))
		require.ErrorContains(t, err, want, block)
	}
	d, err := Parse(file("{kind: text, text: Hello.}"))
	require.NoError(t, err)
	require.Equal(t, []Block{{Kind: BlockText, Text: "Hello."}}, d.Steps[1].Email["en"].Blocks)
}

// Parts gives the short form and blocks alike, with logo and footer around them.
func TestPartsOfAMail(t *testing.T) {
	kinds := func(e Email) (out []BlockKind) {
		for _, b := range e.Parts() {
			out = append(out, b.Kind)
		}
		return out
	}
	short := Email{Subject: "Hello", Heading: "Hi", Body: []string{"One.", "Two."}, ShowLines: true, Button: &Button{Label: "Go"}, Closing: []string{"Bye,", "Nour"}}
	require.Equal(t, []BlockKind{BlockLogo, BlockHeading, BlockText, BlockText, BlockLines, BlockButton, BlockText, BlockFooter}, kinds(short))
	require.Equal(t, "Bye,\nNour", short.Parts()[6].Text)
	own := Email{Blocks: []Block{{Kind: BlockLogo, Hidden: true}, {Kind: BlockText, Text: "x"}, {Kind: BlockFooter, Text: "y"}}}
	require.Equal(t, own.Blocks, own.Parts())
	require.Equal(t, []BlockKind{BlockLogo, BlockText, BlockFooter}, kinds(Email{Blocks: []Block{{Kind: BlockText}}}))
}

// The registry knows every kind, in one order, with words in three languages.
func TestRegistryOfBlocks(t *testing.T) {
	var kinds []BlockKind
	for _, s := range Blocks() {
		kinds = append(kinds, s.Kind)
		require.Equal(t, s.Kind == BlockFooter, !slices.Contains(s.Params, Param{"hidden", false}), s.Kind)
		require.Equal(t, len(s.Ways) > 0, slices.Contains(s.Params, Param{"ways", false}), s.Kind)
		for _, lang := range []string{"en", "ar", "fa"} {
			require.NotEmpty(t, s.Texts.Name[lang], s.Kind)
			require.NotEmpty(t, s.Texts.Sentence[lang], s.Kind)
		}
	}
	require.Equal(t, BlockKinds(), kinds)
	require.Nil(t, BlockOf("dance"))
	for _, way := range BlockOf(BlockShare).Ways {
		require.NotContains(t, []string{WayPhone, WayChat, WayMeeting}, way)
	}
}
