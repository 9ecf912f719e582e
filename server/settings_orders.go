package server

import (
	"net/url"
	"strconv"
	"strings"

	"flywheel/commerce"
	"flywheel/templates"
)

// moreRows are how many empty rows the table of transit days has.
const moreRows = 3

// deliveryChoices are what counts as a sale, how long parcels travel, and whose orders nothing goes to.
func deliveryChoices(commerce.Shop) []fieldset {
	return []fieldset{
		{"gateways", []choice{linesOf("pay_on_delivery", "Cash on Delivery (COD)", func(s *commerce.Settings) *[]string { return &s.PayOnDelivery })}},
		{"transit", []choice{
			countOf("assumed_delivery_days", "5", func(s *commerce.Settings) *int { return &s.AssumedDeliveryDays }),
			{name: "transit", kind: "transit", get: transitOf, set: setTransit},
		}},
		{"exclude", []choice{
			linesOf("exclude.tags", "wholesale", func(s *commerce.Settings) *[]string { return &s.Exclude.Tags }),
			linesOf("exclude.products", "8675309", func(s *commerce.Settings) *[]string { return &s.Exclude.Products }),
			linesOf("exclude.customers", "someone@example.com", func(s *commerce.Settings) *[]string { return &s.Exclude.Customers }),
			linesOf("exclude.staff", "shop.example", func(s *commerce.Settings) *[]string { return &s.Exclude.Staff }),
		}},
		{"allow", []choice{
			flagOf("exclude.allow_b2b", func(s *commerce.Settings) *bool { return &s.Exclude.AllowB2B }),
			flagOf("exclude.allow_pos", func(s *commerce.Settings) *bool { return &s.Exclude.AllowPOS }),
			flagOf("exclude.allow_drafts", func(s *commerce.Settings) *bool { return &s.Exclude.AllowDrafts }),
			flagOf("exclude.allow_zero_total", func(s *commerce.Settings) *bool { return &s.Exclude.AllowZeroTotal }),
			flagOf("exclude.allow_gifts", func(s *commerce.Settings) *bool { return &s.Exclude.AllowGifts }),
		}},
	}
}

func transitOf(s commerce.Settings) url.Values {
	out := url.Values{}
	for _, t := range s.Transit {
		out.Add("transit.country", t.Country)
		out.Add("transit.method", t.Method)
		out.Add("transit.days", strconv.Itoa(t.Days))
	}
	return out
}

// transitRows are the rows of the table as they stand in a form, and some empty ones.
func transitRows(values url.Values) (out [][3]string) {
	for i := range min(len(values["transit.country"]), maxTransitRows) {
		row := [3]string{}
		for j, part := range []string{"country", "method", "days"} {
			if all := values["transit."+part]; i < len(all) {
				row[j] = all[i]
			}
		}
		if row != ([3]string{}) {
			out = append(out, row)
		}
	}
	return append(out, make([][3]string, moreRows)...)
}

// maxTransitRows bounds what is read of a table; settings take fewer.
const maxTransitRows = 2000

func setTransit(s *commerce.Settings, form url.Values) string {
	s.Transit = nil
	wrong := ""
	for _, row := range transitRows(form) {
		if strings.TrimSpace(row[0]+row[1]+row[2]) == "" {
			continue
		}
		days, ok := wholeOf(row[2])
		if !ok || strings.TrimSpace(row[2]) == "" {
			wrong = "transit"
		}
		s.Transit = append(s.Transit, commerce.Transit{Country: strings.ToUpper(strings.TrimSpace(row[0])), Method: strings.TrimSpace(row[1]), Days: days})
	}
	return wrong
}

func deliverySays(lang string, shop commerce.Shop) string {
	days := shop.Settings.AssumedDeliveryDays
	if days == 0 {
		days = 5
	}
	says := []string{templates.Say(lang, "settings_says_travel", map[string]string{"Days": templates.Number(lang, shop.Country, int64(days))})}
	if n := len(shop.Settings.PayOnDelivery); n > 0 {
		says = append(says, templates.Say(lang, "settings_says_gateways", map[string]string{"Names": isolated(strings.Join(shop.Settings.PayOnDelivery[:min(n, 3)], ", "))}))
	}
	return joined(lang, says)
}

// jobChoices are who does what for the shop's customers.
func jobChoices(commerce.Shop) []fieldset {
	var out []choice
	for _, j := range commerce.Jobs() {
		out = append(out, jobChoice(j))
	}
	return []fieldset{{"", out}}
}

func jobChoice(j commerce.Job) choice {
	name := "owners." + string(j)
	return choice{
		name: name, kind: "owner", words: "job_" + string(j), options: []string{"flywheel", "other", "nobody"},
		get: func(s commerce.Settings) url.Values {
			owner := s.OwnerOf(j)
			if owner == commerce.OwnerFlywheel || owner == commerce.OwnerNobody {
				return url.Values{name: {string(owner)}, name + ".tool": {""}}
			}
			return url.Values{name: {"other"}, name + ".tool": {string(owner)}}
		},
		set: func(s *commerce.Settings, form url.Values) string {
			if s.Owners == nil {
				s.Owners = map[commerce.Job]commerce.Owner{}
			}
			switch tool := templates.Clean(form.Get(name+".tool"), 60); form.Get(name) {
			case "flywheel":
				delete(s.Owners, j) // as it is by itself
			case "nobody":
				s.Owners[j] = commerce.OwnerNobody
			case "other":
				if s.Owners[j] = commerce.Owner(tool); tool == "" {
					return "owner"
				}
			default:
				return "choice"
			}
			return ""
		},
	}
}

func jobsSay(lang string, shop commerce.Shop) string {
	var says []string
	for _, j := range commerce.Jobs() {
		if owner := shop.Settings.OwnerOf(j); owner != commerce.OwnerFlywheel && owner != commerce.OwnerNobody {
			says = append(says, templates.Say(lang, "job_"+string(j), nil)+": "+"\u2068"+string(owner)+"\u2069")
		}
	}
	if len(says) == 0 {
		return templates.Say(lang, "settings_says_jobs", nil)
	}
	return joined(lang, says)
}

// noticeChoices are whom notices and rehearsals go to.
func noticeChoices(shop commerce.Shop) []fieldset {
	return []fieldset{{"", []choice{linesOf("team", shop.Email, func(s *commerce.Settings) *[]string { return &s.Team }).called("notices_team", nil)}}}
}

func noticesSay(_ string, shop commerce.Shop) string {
	return isolated(teamOf(shop))
}

// dataChoices are what is recorded of what people do with a message.
func dataChoices(commerce.Shop) []fieldset {
	return []fieldset{{"tracking", []choice{
		flagOf("tracking.opens", func(s *commerce.Settings) *bool { return &s.Tracking.Opens }),
		flagOf("tracking.clicks", func(s *commerce.Settings) *bool { return &s.Tracking.Clicks }),
	}}}
}

func dataSays(lang string, shop commerce.Shop) string {
	var says []string
	if shop.Settings.Tracking.Opens {
		says = append(says, templates.Say(lang, "settings_tracking_opens", nil))
	}
	if shop.Settings.Tracking.Clicks {
		says = append(says, templates.Say(lang, "settings_tracking_clicks", nil))
	}
	if len(says) == 0 {
		return templates.Say(lang, "settings_says_untracked", nil)
	}
	return joined(lang, says)
}
