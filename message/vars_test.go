package message

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWebAddresses(t *testing.T) {
	for address, want := range map[string]string{
		"https://nour.example":                "https://nour.example",
		" http://nour.example/a?b=1#c\n":      "http://nour.example/a?b=1#c",
		"https://nour.example/\u2066#1\u2069": "https://nour.example/#1", // a value within it was isolated
		"https://متجر.example/قميص":           "https://متجر.example/قميص",
		"":                                    "", "nour.example": "", "/x": "", "//nour.example": "", "https://": "", "javascript:alert(1)": "", "mailto:a@nour.example": "",
		"https://a:b@nour.example/": "", "https://a@nour.example/": "", "https://nour.example/\u202egnp": "", "https://nour.example/ x": "", "https://nour.example/\"x": "", "https://nour.example\\x": "",
		"https://nour.example/" + strings.Repeat("x", maxURL): "",
	} {
		require.Equal(t, want, webAddress(address), address)
	}
}

func TestWhatsAppNumbers(t *testing.T) {
	for number, want := range map[string]string{"+966 50 123-4567": "https://wa.me/966501234567", "": "", "12": "", "x": "", strings.Repeat("1", 16): ""} {
		require.Equal(t, want, whatsApp(number), number)
	}
}

// Links of rich texts lead to public pages, mailboxes and phones.
func TestSafeLinks(t *testing.T) {
	f := fillingOf(nil)
	for address, want := range map[string]string{
		"https://nour.example/a": "https://nour.example/a", "mailto:a@nour.example?subject=x": "mailto:a@nour.example?subject=x", "tel:+966 (50) 1": "tel:+966(50)1", "TEL:1": "tel:1",
		"": "", "http://nour.example": "", "https://127.0.0.1/": "", "https://localhost": "", "mailto:": "", "mailto:a@b@c.example": "", "mailto:a@b.example,c@d.example": "", "mailto:a@b.example?body=\"x": "", "mailto:a@b.example?x\r\nBcc:y": "",
		"tel:": "", "tel:x": "", "tel:1;ext=<x>": "", "javascript:x": "", "JAVASCRIPT:x": "", "data:x": "", "x:y": "",
	} {
		require.Equal(t, want, f.safeLink(address), address)
	}
}
