package message

import (
	"cmp"
	"fmt"
	"strings"

	"flywheel/delight/gate"
	"flywheel/templates"
)

// headers are what machines read. One effect has one Message-ID and one
// X-Flywheel-ID (SES rewrites Message-ID), the same on every retry. A preview
// without an effect has none of them. There is no Precedence: mailboxes take it for bulk,
// and Auto-Submitted (RFC 3834) keeps answering machines quiet.
func headers(r reader, f Facts) [][2]string {
	h := [][2]string{
		{"Content-Language", r.lang},
		{"Auto-Submitted", "auto-generated"},
	}
	// Whose mail it is, where the sender is a service: filters else doubt pictures from the shop's platform.
	if shop := templates.Clean(f.Shop.Name, maxShop); shop != "" {
		h = append(h, [2]string{"Organization", shop})
	}
	if f.EffectID != "" {
		h = append(h,
			[2]string{"Message-ID", "<" + f.EffectID + "@" + f.idHost() + ">"},
			[2]string{"X-Flywheel-ID", f.EffectID},
			// Gmail counts complaints by each part; the last names the sending service.
			[2]string{"Feedback-ID", string(f.Shop.ID) + ":" + label(f.Topic) + ":" + label(string(f.Class)) + ":flywheel"},
		)
	}
	if f.UnsubscribeURL != "" {
		h = append(h,
			[2]string{"List-Unsubscribe", "<" + f.UnsubscribeURL + ">"},
			[2]string{"List-Unsubscribe-Post", "List-Unsubscribe=One-Click"},
		)
	}
	return h
}

// check refuses facts that would break a header or send a mail to nowhere.
// Names and titles are cleaned instead: they are strangers' words.
func (f Facts) check() error {
	if !oneAddress(f.Person.Email) {
		return fmt.Errorf("the recipient is not one mail address")
	}
	if !oneAddress(f.Shop.Email) {
		return fmt.Errorf("the shop's address is not one mail address")
	}
	if !oneAddress(f.From.Address) || !oneAddress(f.From.ReplyTo) {
		return fmt.Errorf("the sender is not one mail address")
	}
	if strings.ContainsFunc(f.EffectID, func(c rune) bool { return c > 127 || !wordly(byte(c)) && c != '-' && c != '.' }) {
		return fmt.Errorf("the effect id %q does not fit a Message-ID", f.EffectID)
	}
	if f.UnsubscribeURL != "" && webAddress(f.UnsubscribeURL) == "" {
		return fmt.Errorf("the unsubscribe URL is no web address")
	}
	if f.ConfirmURL != "" && webAddress(f.ConfirmURL) == "" {
		return fmt.Errorf("the confirmation URL is no web address")
	}
	switch f.Class {
	case gate.Transactional, gate.Service, gate.Marketing:
		return nil
	}
	return fmt.Errorf("%q is no class of message", f.Class)
}

// idHost is the right side of Message-ID; never this machine's name.
func (f Facts) idHost() string {
	host := f.IDHost
	if host == "" {
		_, host, _ = strings.Cut(cmp.Or(f.From.Address, f.Shop.Email), "@")
	}
	host = strings.Map(func(c rune) rune {
		if c < 128 && (wordly(byte(c)) || c == '-' || c == '.') {
			return c
		}
		return -1
	}, host)
	if host == "" {
		return "mail.invalid"
	}
	return host
}

func label(s string) string {
	return strings.Map(func(c rune) rune {
		if c < 128 && (wordly(byte(c)) || c == '-') {
			return c
		}
		return '_'
	}, templates.Clean(s, 40))
}

func wordly(b byte) bool {
	return b == '_' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9'
}

// oneAddress reports whether s can be an address or is empty, as in a preview.
func oneAddress(s string) bool {
	return !strings.ContainsFunc(s, func(c rune) bool { return c <= ' ' || c == 0x7f || strings.ContainsRune("<>,;\"", c) })
}
