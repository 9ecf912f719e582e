package templates

import (
	"html/template"
	"strings"
)

// slot is a place in the layout of mails that a value fills: LQtextLQ in email/mail.mjml.
type slot int

const (
	slotLang slot = iota
	slotSubject
	slotPreheader
	slotText
	slotLabel
	slotPrice
	slotAlt
	slotURL
	slotImage
	// Those from here on hold what this package made or checked, and are written as they stand.
	slotHTML
	slotFiller
	slotFont
	slotLogoWidth
	slotPage
	slotPageInk
	slotPageSoft
	slotAccent
	slotAccentInk
	slotLink
	slotAccentDark
	slotAccentDarkInk
	slotLinkDark
	slots // how many there are
)

var slotNames = [slots]string{
	"lang", "subject", "preheader", "text", "label", "price", "alt", "url", "image",
	"html", "filler", "font", "logo_width", "page", "page_ink", "page_soft", "accent", "accent_ink", "link", "accent_dark", "accent_dark_ink", "link_dark",
}

// manner says how a value is written in its place.
type manner int

const (
	asText manner = iota // isolates become elements, line ends <br>
	asAttribute
	asAddress
	asItIs
)

// mannerOf tells how a slot is written behind what stands before it.
func mannerOf(s slot, before string) manner {
	switch {
	case s >= slotHTML:
		return asItIs
	case s == slotURL || s == slotImage:
		return asAddress
	case strings.LastIndexByte(before, '<') > strings.LastIndexByte(before, '>'), strings.HasSuffix(before, "<title>"):
		return asAttribute
	}
	return asText
}

func (m manner) write(dst []byte, value string) []byte {
	switch m {
	case asItIs:
		return append(dst, value...)
	case asAddress:
		return append(dst, address(value)...)
	case asAttribute:
		return append(dst, template.HTMLEscapeString(value)...)
	}
	for {
		line, rest, more := strings.Cut(value, "\n")
		dst = appendMarkup(dst, line)
		if !more {
			return dst
		}
		dst = append(dst, "<br>"...)
		value = rest
	}
}

// address writes what a link leads to or where a picture lies; what may not
// stand there leads nowhere.
func address(to string) string {
	for _, scheme := range [...]string{"https://", "http://", "mailto:", "tel:"} {
		if strings.HasPrefix(to, scheme) {
			return template.HTMLEscapeString(to)
		}
	}
	return "#"
}
