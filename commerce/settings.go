package commerce

import "strings"

// Settings are a shop's choices, kept as JSON; every zero value is a usable default.
type Settings struct {
	// PayOnDelivery lists the gateway names whose unpaid orders count as a sale once placed.
	PayOnDelivery []string `json:"pay_on_delivery,omitempty"`
	// ReviewURL is the shop's own page for reviews; without one the mail asks for a reply.
	ReviewURL string `json:"review_url,omitempty"`
	// StoreURL is the shop's home page, for messages that lead back to it.
	StoreURL string `json:"store_url,omitempty"`
	// PostalAddress stands in the footer of every mail.
	PostalAddress string `json:"postal_address,omitempty"`
	// AssumedDeliveryDays is how long a parcel travels where neither a setting nor experience says; 0 means 5.
	AssumedDeliveryDays int `json:"assumed_delivery_days,omitempty"`
	// Transit says how many days parcels travel, by country and shipping method.
	Transit []Transit `json:"transit,omitempty"`
	// Languages are the tags in which the shop writes; empty = its locale alone.
	Languages []string `json:"languages,omitempty"`
	// Team are the staff's addresses: for notices, and for what a rehearsal sends. Empty = the shop's address.
	Team []string `json:"team,omitempty"`
	// Calendar holds quiet hours, weekend, closed days and feasts.
	Calendar CalendarSettings `json:"calendar,omitzero"`
	// Caps bound how often one person is asked.
	Caps Caps `json:"caps,omitzero"`
	// Consent is what the shop wants beyond what the law asks for; it lifts nothing.
	Consent Consent `json:"consent,omitzero"`
	// Exclude widens or lifts what is kept out by default.
	Exclude Exclude `json:"exclude,omitzero"`
	// Owners says who does a job for the shop's customers; a job that is not listed is Flywheel's.
	Owners map[Job]Owner `json:"owners,omitempty"`

	// Brand, Contact and Social are what messages show of the shop.
	Brand   Brand   `json:"brand,omitzero"`
	Contact Contact `json:"contact,omitzero"`
	Social  Social  `json:"social,omitzero"`
	// Digits and Dates say how numbers and dates are written to customers.
	Digits Digits       `json:"digits,omitempty"`
	Dates  DateCalendar `json:"dates,omitempty"`
	// Toman writes Iranian rials as toman, ten to one, as people say prices there.
	Toman bool `json:"toman,omitempty"`
	// Tracking is off unless the shop turns it on.
	Tracking Tracking `json:"tracking,omitzero"`
}

// Transit is how many days parcels travel to a country by a shipping method; an
// empty Country or Method stands for any.
type Transit struct {
	Country string `json:"country,omitempty"` // ISO 3166-1 alpha-2
	Method  string `json:"method,omitempty"`  // as the platform names it
	Days    int    `json:"days"`
}

// Caps bound how many messages one address gets. Transactional ones neither
// count nor are bound. A negative limit lifts a cap.
type Caps struct {
	Asks      Cap `json:"asks,omitzero"`      // service and marketing together; zero = 2 in 7 days
	Marketing Cap `json:"marketing,omitzero"` // marketing alone; zero = 1 in 3 days
}

// Cap is at most Limit messages within any Days.
type Cap struct {
	Limit int `json:"limit"`
	Days  int `json:"days"`
}

// WithDefaults fills in what the shop left open.
func (c Caps) WithDefaults() Caps {
	if c.Asks == (Cap{}) {
		c.Asks = Cap{2, 7}
	}
	if c.Marketing == (Cap{}) {
		c.Marketing = Cap{1, 3}
	}
	return c
}

// Exclude widens or lifts what no ask goes to. Marketplaces, B2B, point of sale
// without consent, drafts, orders of no value, staff and gifts are out by default.
type Exclude struct {
	Tags      []string `json:"tags,omitempty"`      // of orders
	Products  []string `json:"products,omitempty"`  // platform ids: an order of these alone
	Customers []string `json:"customers,omitempty"` // addresses or platform ids
	Staff     []string `json:"staff,omitempty"`     // addresses or whole domains beside the shop's own

	AllowB2B       bool `json:"allow_b2b,omitempty"`
	AllowPOS       bool `json:"allow_pos,omitempty"`
	AllowDrafts    bool `json:"allow_drafts,omitempty"`
	AllowZeroTotal bool `json:"allow_zero_total,omitempty"`
	AllowGifts     bool `json:"allow_gifts,omitempty"`
}

// Job is something that one tool should do for a shop's customers, and no other.
type Job string

// The jobs that tools compete for.
const (
	JobThanks       Job = "thanks"
	JobReviewAsk    Job = "review_ask"
	JobSurvey       Job = "survey"
	JobPoints       Job = "points"
	JobReferral     Job = "referral"
	JobWinBack      Job = "win_back"
	JobRefundNotice Job = "refund_notice"
	JobDunning      Job = "dunning"
)

// Jobs lists all of them, in the order in which people read them.
func Jobs() []Job {
	return []Job{JobThanks, JobReviewAsk, JobSurvey, JobPoints, JobReferral, JobWinBack, JobRefundNotice, JobDunning}
}

// Owner is who does a job: us, another tool by its name, or nobody.
type Owner string

// The two owners that are no tool's name.
const (
	OwnerFlywheel Owner = "flywheel"
	OwnerNobody   Owner = "nobody"
)

// OwnerOf says who does a job. People write Flywheel and Nobody as well.
func (s Settings) OwnerOf(j Job) Owner {
	o := Owner(strings.TrimSpace(string(s.Owners[j])))
	for _, known := range []Owner{OwnerFlywheel, OwnerNobody} {
		if strings.EqualFold(string(o), string(known)) {
			return known
		}
	}
	if o == "" {
		return OwnerFlywheel
	}
	return o
}

// PaysOnDelivery reports whether any of gateways is one the shop lists as pay on delivery.
func (s Settings) PaysOnDelivery(gateways []string) bool {
	for _, g := range gateways {
		for _, listed := range s.PayOnDelivery {
			if strings.EqualFold(strings.TrimSpace(g), strings.TrimSpace(listed)) {
				return true
			}
		}
	}
	return false
}
