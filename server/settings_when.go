package server

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"flywheel/commerce"
	"flywheel/templates"
)

// weekendDays are the values of the weekend's boxes, and the strings editor_day_NAME.
var weekendDays = []string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}

// calendarChoices are the hours and days on which nothing is asked.
func calendarChoices(shop commerce.Shop) []fieldset {
	return []fieldset{
		{"quiet", []choice{
			textOf("calendar.quiet.from", "time", "21:00", func(s *commerce.Settings) *string { return &s.Calendar.Quiet.From }).called("from", nil),
			textOf("calendar.quiet.to", "time", "08:00", func(s *commerce.Settings) *string { return &s.Calendar.Quiet.To }).called("to", nil),
		}},
		{"weekend", append(weekendChoices(), hoursOf("weekend", "quiet")...)},
		{"closed", append([]choice{closedDays(shop)}, hoursOf("closed_day", "send")...)},
		{"ramadan", append(feast("ramadan", true), hoursOf("ramadan", "send")...)},
		{"eid_al_fitr", append(feast("eid_al_fitr", true), hoursOf("eid_al_fitr", "send")...)},
		{"eid_al_adha", append(feast("eid_al_adha", true), hoursOf("eid_al_adha", "send")...)},
		{"nowruz", append(feast("nowruz", true), hoursOf("nowruz", "send")...)},
	}
}

// closedDays are the shop's own: a row for each, and some empty ones to add to.
func closedDays(shop commerce.Shop) choice {
	const name = "calendar.closed"
	return choice{
		name: name, kind: "days", example: "2026-09-23",
		get: func(s commerce.Settings) url.Values { return url.Values{name: slices.Clone(s.Calendar.Closed)} },
		set: func(s *commerce.Settings, form url.Values) (wrong string) {
			s.Calendar.Closed = nil
			dropped := form[name+".drop"]
			for _, line := range dayLines(form[name]) {
				day, ok := templates.ReadDay(line, string(s.Dates), shop.Country)
				switch {
				case slices.Contains(dropped, line):
				case !ok:
					wrong = "days"
				case !slices.Contains(s.Calendar.Closed, day):
					s.Calendar.Closed = append(s.Calendar.Closed, day)
				}
			}
			return wrong
		},
		tell: func(lang, value string) string { return dayInWords(lang, shop, value) },
	}
}

// dayLines are the days of a form, one in each of its fields or lines.
func dayLines(values []string) (out []string) {
	for _, value := range values {
		for line := range strings.SplitSeq(value, "\n") {
			if line = strings.TrimSpace(line); line != "" {
				out = append(out, line)
			}
		}
	}
	return out
}

// dayInWords says a closed day with its weekday, in the shop's calendar; "" = it is none.
func dayInWords(lang string, shop commerce.Shop, typed string) string {
	day, _ := templates.ReadDay(typed, string(shop.Settings.Dates), shop.Country)
	style := templates.Style{Lang: lang, Country: shop.Country, Digits: string(shop.Settings.Digits), Calendar: string(shop.Settings.Dates)}
	if at, err := time.Parse(time.DateOnly, day); err == nil {
		return style.Date(at, "full")
	}
	at, err := time.Parse(time.DateOnly, "2024-"+day)
	if err != nil {
		return ""
	}
	style.Calendar = templates.Gregorian // a day of every year is one of that calendar
	return templates.Say(lang, "settings_closed_yearly", map[string]string{"Day": style.Date(at, "%-d %B")})
}

// weekendChoices are whose weekend counts and, where it is the shop's own, its days.
func weekendChoices() []choice {
	const name, days = "calendar.weekend", "calendar.weekend.days"
	return []choice{{
		name: name, kind: "pick", options: []string{"country", "own"},
		get: func(s commerce.Settings) url.Values {
			if s.Calendar.Weekend == nil {
				return one(name, "country")
			}
			return one(name, "own")
		},
		set: func(s *commerce.Settings, form url.Values) string {
			switch form.Get(name) {
			case "country":
				s.Calendar.Weekend = nil
			case "own":
				s.Calendar.Weekend = []time.Weekday{}
			default:
				return "choice"
			}
			return ""
		},
	}, {
		name: days, kind: "checks", options: weekendDays,
		get: func(s commerce.Settings) url.Values {
			out := url.Values{}
			for _, d := range s.Calendar.Weekend {
				out.Add(days, weekendDays[d])
			}
			return out
		},
		set: func(s *commerce.Settings, form url.Values) string {
			for _, day := range form[days] {
				i := slices.Index(weekendDays, day)
				if i < 0 {
					return "choice"
				}
				if s.Calendar.Weekend != nil {
					s.Calendar.Weekend = append(s.Calendar.Weekend, time.Weekday(i))
				}
			}
			return ""
		},
	}}
}

// special changes one kind of day and forgets it where nothing is left of it.
func special(s *commerce.Settings, kind string, change func(*commerce.SpecialDay)) {
	day := s.Calendar.Special[kind]
	change(&day)
	if day == (commerce.SpecialDay{}) {
		delete(s.Calendar.Special, kind)
		return
	}
	if s.Calendar.Special == nil {
		s.Calendar.Special = map[string]commerce.SpecialDay{}
	}
	s.Calendar.Special[kind] = day
}

// feast are whether and how a feast is kept.
func feast(kind string, closes bool) []choice {
	name := "calendar.special." + kind
	kept := name + ".on"
	shift := name + ".shift"
	out := []choice{{
		name: kept, kind: "pick", words: "special_kept", options: []string{"country", "on", "off"},
		get: func(s commerce.Settings) url.Values {
			switch day := s.Calendar.Special[kind]; {
			case day.On:
				return one(kept, "on")
			case day.Off:
				return one(kept, "off")
			}
			return one(kept, "country")
		},
		set: func(s *commerce.Settings, form url.Values) string {
			special(s, kind, func(d *commerce.SpecialDay) { d.On, d.Off = form.Get(kept) == "on", form.Get(kept) == "off" })
			return ""
		},
	}, {
		name: shift, kind: "number", words: "special_shift", example: "-2 … 2",
		get: func(s commerce.Settings) url.Values {
			if n := s.Calendar.Special[kind].Shift; n != 0 {
				return one(shift, strconv.Itoa(n))
			}
			return one(shift, "")
		},
		set: func(s *commerce.Settings, form url.Values) string {
			n, ok := wholeOf(form.Get(shift))
			if !ok {
				return "number"
			}
			special(s, kind, func(d *commerce.SpecialDay) { d.Shift = n })
			return ""
		},
	}}
	if closes {
		out = append(out, closedFeast(kind, name+".closed"))
	}
	return out
}

func closedFeast(kind, name string) choice {
	words := "special_closed"
	if kind == "ramadan" {
		words = "special_rest"
	}
	return choice{
		name: name, kind: "check", words: words,
		get: func(s commerce.Settings) url.Values {
			if s.Calendar.Special[kind].Closed {
				return one(name, "on")
			}
			return nil
		},
		set: func(s *commerce.Settings, form url.Values) string {
			special(s, kind, func(d *commerce.SpecialDay) { d.Closed = form.Get(name) == "on" })
			return ""
		},
	}
}

// hoursOf are hours of a kind of day: of "send" the only ones in which something is
// asked, of "quiet" those in which nothing is.
func hoursOf(kind, which string) []choice {
	window := func(d *commerce.SpecialDay) **commerce.Window {
		if which == "send" {
			return &d.Send
		}
		return &d.Quiet
	}
	end := func(part string, at func(*commerce.Window) *string, example string) choice {
		name := "calendar.special." + kind + "." + which + "." + part
		return choice{
			name: name, kind: "time", words: which + "_" + part, example: example,
			get: func(s commerce.Settings) url.Values {
				day := s.Calendar.Special[kind]
				if w := *window(&day); w != nil {
					return one(name, *at(w))
				}
				return one(name, "")
			},
			set: func(s *commerce.Settings, form url.Values) string {
				special(s, kind, func(d *commerce.SpecialDay) {
					w := commerce.Window{}
					if of := *window(d); of != nil {
						w = *of
					}
					*at(&w) = strings.TrimSpace(templates.Western(form.Get(name)))
					if *window(d) = &w; w == (commerce.Window{}) {
						*window(d) = nil
					}
				})
				return ""
			},
		}
	}
	from, to := "20:30", "23:30"
	if which == "quiet" {
		from, to = "20:00", "10:00"
	}
	return []choice{
		end("from", func(w *commerce.Window) *string { return &w.From }, from),
		end("to", func(w *commerce.Window) *string { return &w.To }, to),
	}
}

func calendarSays(lang string, shop commerce.Shop) string {
	from, to := "21:00", "08:00"
	if q := shop.Settings.Calendar.Quiet; q != (commerce.Window{}) {
		from, to = q.From, q.To
	}
	return templates.Say(lang, "settings_says_quiet", map[string]string{"From": isolated(from), "To": isolated(to)})
}

// zoneFacts are what the platform says about the shop's place.
func zoneFacts(shop commerce.Shop, now commerce.Instant) []templates.SettingsFact {
	facts := []templates.SettingsFact{{Key: "zone", Value: isolated(shop.Timezone)}, {Key: "country", Value: isolated(shop.Country)}, {Key: "now", At: now.Time()}}
	return slices.DeleteFunc(facts, func(f templates.SettingsFact) bool { return f.At.IsZero() && f.Value == isolated("") })
}

// capChoices are how often one person is asked.
func capChoices(commerce.Shop) []fieldset {
	return []fieldset{
		{"asks", capFields("caps.asks", func(c *commerce.Caps) *commerce.Cap { return &c.Asks })},
		{"marketing", capFields("caps.marketing", func(c *commerce.Caps) *commerce.Cap { return &c.Marketing })},
	}
}

// capFields are whether a cap is the usual, the shop's own or none, and of its own the numbers.
func capFields(name string, at func(*commerce.Caps) *commerce.Cap) []choice {
	mode := choice{
		name: name, kind: "pick", words: "cap", options: []string{"usual", "own", "none"},
		get: func(s commerce.Settings) url.Values {
			switch c := *at(&s.Caps); {
			case c == commerce.Cap{}:
				return one(name, "usual")
			case c.Limit < 0:
				return one(name, "none")
			}
			return one(name, "own")
		},
		set: func(s *commerce.Settings, form url.Values) string {
			switch *at(&s.Caps) = (commerce.Cap{}); form.Get(name) {
			case "usual", "own":
			case "none":
				at(&s.Caps).Limit = -1
			default:
				return "choice"
			}
			return ""
		},
	}
	number := func(part string, of func(*commerce.Cap) *int) choice {
		field := name + "." + part
		return choice{
			name: field, kind: "number", words: "cap_" + part,
			get: func(s commerce.Settings) url.Values {
				caps := s.Caps.WithDefaults()
				if c := *at(&caps); c.Limit >= 0 {
					return one(field, strconv.Itoa(*of(&c)))
				}
				return one(field, "")
			},
			set: func(s *commerce.Settings, form url.Values) string {
				if form.Get(name) != "own" {
					return ""
				}
				n, ok := wholeOf(form.Get(field))
				if !ok || n < 0 || strings.TrimSpace(form.Get(field)) == "" {
					return "number"
				}
				*of(at(&s.Caps)) = n
				return ""
			},
		}
	}
	return []choice{
		mode,
		number("limit", func(c *commerce.Cap) *int { return &c.Limit }),
		number("days", func(c *commerce.Cap) *int { return &c.Days }),
	}
}

func capsSay(lang string, shop commerce.Shop) string {
	var says []string
	caps := shop.Settings.Caps.WithDefaults()
	for _, one := range []struct {
		key string
		cap commerce.Cap
	}{{"asks", caps.Asks}, {"marketing", caps.Marketing}} {
		if one.cap.Limit < 0 {
			says = append(says, templates.Say(lang, "settings_says_"+one.key+"_none", nil))
			continue
		}
		number := func(n int) string { return templates.Number(lang, shop.Country, int64(n)) }
		says = append(says, templates.Say(lang, "settings_says_"+one.key, map[string]string{"Limit": number(one.cap.Limit), "Days": number(one.cap.Days)}))
	}
	return joined(lang, says)
}
