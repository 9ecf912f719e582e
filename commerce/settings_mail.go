package commerce

// Brand is how a shop's messages and its customers' pages look. Its zero values
// are a plain look that suits anybody.
type Brand struct {
	Logo      string `json:"logo,omitempty"`       // https address of a picture; "" = the shop's name as text
	LogoWidth int    `json:"logo_width,omitempty"` // pixels, 40 to 400; 0 = 140
	Accent    string `json:"accent,omitempty"`     // buttons, "#rrggbb"; "" = nearly black
	Page      string `json:"page,omitempty"`       // behind the mail, "#rrggbb"; "" = a light grey
	Font      string `json:"font,omitempty"`       // sans, serif or rounded; "" = sans
	// Footer is a sentence of the shop's own below each mail, by language tag.
	Footer map[string]string `json:"footer,omitempty"`
}

// Contact is how customers reach a person of the shop, beside its mail address. What is empty is not offered.
type Contact struct {
	Phone    string `json:"phone,omitempty"`    // as people dial it, with +country
	Chat     string `json:"chat,omitempty"`     // https address of the chat
	WhatsApp string `json:"whatsapp,omitempty"` // number with +country
	Meeting  string `json:"meeting,omitempty"`  // https address where a talk can be booked
}

// Social are the shop's own pages, as https addresses.
type Social struct {
	Instagram string `json:"instagram,omitempty"`
	Facebook  string `json:"facebook,omitempty"`
	X         string `json:"x,omitempty"`
	TikTok    string `json:"tiktok,omitempty"`
	YouTube   string `json:"youtube,omitempty"`
	Telegram  string `json:"telegram,omitempty"`
}

// Digits are the signs in which numbers are written.
type Digits string

// The choices of digits.
const (
	DigitsAuto   Digits = ""       // as CLDR has it for language and country
	DigitsLatin  Digits = "latin"  // 0123456789
	DigitsNative Digits = "native" // Arabic-Indic in Arabic, Persian in Persian
)

// DateCalendar is the calendar in which dates are written.
type DateCalendar string

// The calendars. Empty is Gregorian, but for Persian in Iran and Afghanistan, where it is Jalali.
const (
	CalendarAuto      DateCalendar = ""
	CalendarGregorian DateCalendar = "gregorian"
	CalendarJalali    DateCalendar = "jalali"
	CalendarUmmAlQura DateCalendar = "umm_al_qura"
)

// Tracking says what is recorded of what people do with a message. Nothing unless the shop turns it on.
type Tracking struct {
	Opens  bool `json:"opens,omitempty"`
	Clicks bool `json:"clicks,omitempty"`
}
