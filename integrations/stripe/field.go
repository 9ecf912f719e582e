package stripe

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tidwall/gjson"
	"golang.org/x/text/language"

	"flywheel/commerce"
)

// Bounds of what is taken from a body.
const (
	maxID      = 255             // characters of an id
	maxText    = 500             // characters of a title or name
	maxLines   = 250             // lines of one order
	maxSeconds = 253_402_300_799 // the year 9999
)

// ref is a field that holds an id or, expanded, the object itself.
type ref struct {
	ID   string
	Raw  json.RawMessage // the object, nil if only its id is told
	Told bool            // the field is there, if only as null
}

// UnmarshalJSON takes any shape: what is neither text nor an object with an id is no id.
func (r *ref) UnmarshalJSON(b []byte) error {
	*r = ref{ID: idOf(gjson.ParseBytes(b)), Told: true}
	if b[0] == '{' {
		r.Raw = bytes.Clone(b)
	}
	return nil
}

// list is Stripe's list object, or nothing where it is not expanded.
type list[T any] struct {
	Data    []T  `json:"data"`
	HasMore bool `json:"has_more"`
}

type address struct {
	Country string `json:"country"`
	State   string `json:"state"` // "State, county, province, or region": a code or a name
}

type shipping struct {
	Address *address `json:"address"`
}

func (s *shipping) country() string {
	if s == nil || s.Address == nil {
		return ""
	}
	return country(s.Address.Country)
}

func (a *address) country() string {
	if a == nil {
		return ""
	}
	return country(a.Country)
}

// regionOf is the state of the first address that names a country, so that the
// two belong together. It is a code where Stripe's own form asked for it.
func regionOf(ship, other *shipping, billing *address) string {
	for _, s := range []*shipping{ship, other, {Address: billing}} {
		if s.country() != "" {
			return strings.ToUpper(clean(s.Address.State))
		}
	}
	return ""
}

// told reports whether the goods go to an address.
func (s *shipping) told() bool { return s != nil && s.Address != nil }

// country returns an ISO 3166-1 alpha-2 code in capitals, else "".
func country(code string) string {
	if len(code) != 2 {
		return ""
	}
	code = strings.ToUpper(code)
	if code[0] < 'A' || code[0] > 'Z' || code[1] < 'A' || code[1] > 'Z' {
		return ""
	}
	return code
}

// locale returns a BCP 47 tag; "" for auto and for what is none.
func locale(tag string) string {
	if tag == "" || tag == "auto" || len(tag) > 35 {
		return ""
	}
	t, err := language.Parse(tag)
	if err != nil || t == language.Und {
		return ""
	}
	return t.String()
}

// plain reports whether an id is printable ASCII without spaces, short enough
// for every index. "" is plain.
func plain(id string) bool {
	for i := range len(id) {
		if id[i] <= ' ' || id[i] >= 0x7f {
			return false
		}
	}
	return len(id) <= maxID
}

// clean returns text fit to be stored and shown: no control characters, NUL
// among them, and none that turn the direction of what follows; the joiners
// that Persian and Arabic spelling needs stay.
func clean(text string) string {
	text = strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n' || r == '\r':
			return ' '
		case r == '\u200c' || r == '\u200d': // zero-width (non-)joiner
			return r
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == utf8.RuneError:
			return -1
		}
		return r
	}, text))
	if utf8.RuneCountInString(text) > maxText {
		text = string([]rune(text)[:maxText])
	}
	return text
}

// seconds turns Stripe's Unix time into an Instant; what no calendar knows is never.
func seconds(unix int64) commerce.Instant {
	if unix <= 0 || unix > maxSeconds {
		return 0
	}
	return commerce.Instant(unix * 1000)
}
