package templates

import "sync"

// MailBrand is what a shop chose for its mails. Its zero value is a plain look.
type MailBrand struct {
	Logo      string // https address; "" = the shop's name as text
	LogoWidth int    // pixels; 0 = 140
	Home      string // where the logo leads; "" = nowhere
	Accent    string // of buttons, "#rrggbb"; "" = nearly black
	Page      string // behind the mail, "#rrggbb"; "" = a light grey
	Font      string // "sans", "serif" or "rounded"; "" = sans
}

// The colours of the layout itself; those of the dark theme stand in its style sheet.
const (
	cardLight, cardDark = "#ffffff", "#1f1f1f"
	inkLight, inkDark   = "#1b1a19", "#f2f2f0"
	softLight, softDark = "#5f5c57", "#b3b1ad"
	pageLight           = "#f4f3f1"
)

// What WCAG 2.1 asks between two colours: 4.5 for text (1.4.3), 3 for the edge of
// a button (1.4.11).
const (
	enoughForText = 4.5
	enoughForEdge = 3
)

// paint fills the slots of colours. What the shop chose is kept wherever it can be
// read, also in the dark.
func (b MailBrand) paint(v *[slots]string) {
	if b.Accent == "" && b.Page == "" { // most shops
		all := plainColours()
		copy(v[slotPage:], all[:])
		return
	}
	all := b.colours()
	copy(v[slotPage:], all[:])
}

// colours are the values of the slots from slotPage on.
type colours [slots - slotPage]string

var plainColours = sync.OnceValue(MailBrand{}.colours)

func (b MailBrand) colours() (all colours) {
	set := func(s slot, value string) string {
		all[s-slotPage] = value
		return value
	}
	page := rgbOr(b.Page, pageLight)
	set(slotPage, page.hex())
	ink := set(slotPageInk, page.firstRead(inkLight, "#ffffff", "#000000"))
	set(slotPageSoft, page.firstRead(softLight, softDark, ink))

	accent, card, dark := rgbOr(b.Accent, inkLight), rgbOr(cardLight, ""), rgbOr(cardDark, "")
	set(slotAccent, accent.hex())
	set(slotAccentInk, accent.firstRead("#ffffff", "#000000"))
	set(slotLink, card.firstRead(accent.hex(), inkLight))
	if _, chosen := parseRGB(b.Accent); !chosen {
		accent = rgbOr(inkDark, "")
	}
	button := accent.lightened(dark, enoughForEdge)
	set(slotAccentDark, button.hex())
	set(slotAccentDarkInk, button.firstRead("#ffffff", "#000000"))
	set(slotLinkDark, accent.lightened(dark, enoughForText).hex())
	return all
}

// rgbOr reads a colour, or the other one where the first is none.
func rgbOr(text, other string) rgb {
	if c, ok := parseRGB(text); ok {
		return c
	}
	c, _ := parseRGB(other)
	return c
}

// firstRead is the first colour that can be read as text on c, else the last.
func (c rgb) firstRead(texts ...string) string {
	for _, t := range texts {
		if contrast(c, rgbOr(t, "")) >= enoughForText {
			return t
		}
	}
	return texts[len(texts)-1]
}

// lightened mixes c with white until it stands out from a dark ground.
func (c rgb) lightened(ground rgb, enough float64) rgb {
	const parts = 20
	for mixed, part := c, 0.0; ; part++ {
		if rounded := rgbOr(mixed.hex(), ""); part == parts || contrast(rounded, ground) >= enough {
			return rounded
		}
		for i := range mixed {
			mixed[i] = c[i] + (1-c[i])*(part+1)/parts
		}
	}
}
