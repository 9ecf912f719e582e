package templates

import "time"

// SettingsIndex is the page "settings": what there is to choose, and what is chosen.
type SettingsIndex struct {
	Admin
	Groups []SettingsGroup
}

// SettingsGroup is what stands together: the string settings_group_KEY heads it.
type SettingsGroup struct {
	Key     string
	Entries []SettingsEntry
}

// SettingsEntry leads to one page: the string settings_KEY names it.
type SettingsEntry struct{ Key, Path, Says string }

// SettingsForm is some of a shop's choices as one form: the page
// "settings_form", and a part of others. The strings settings_TOPIC and
// settings_TOPIC_lead head it.
type SettingsForm struct {
	Admin
	Topic   string
	Groups  []SettingsFields
	Was     string // marks the choices that the form was made of
	MayEdit bool
	Needs   string // the role that may change it
	// Wrong is about the form as a whole; fields have their own.
	Wrong   Refusal
	Former  []Choice // what undoes the last change, by Value = field, Name = value; none = nothing was changed just now
	Misfits []SettingsMisfit
	Facts   []SettingsFact
	Look    *SettingsLook
	// Data is what the page "settings_data" has beside its form, Consent what the page
	// "settings_consent" has.
	Data    *SettingsData
	Consent *SettingsConsent
}

// SettingsFields are fields under one heading, the string settings_head_KEY; "" = none.
type SettingsFields struct {
	Key    string
	Fields []SettingField
}

// SettingField is one field as it stands in the form.
type SettingField struct {
	Name, ID string
	Kind     string // text, url, email, colour, number, decimal, time, area, lines, pick, checks, check, owner, transit, days
	Label    string
	Hint     string
	Example  string
	Value    string
	Options  []Choice
	Tool     string      // of an owner: the other tool's name
	Rows     [][3]string // of transit: country, method, days; of days: a day, and it in words
	Wrong    Refusal
	Now      string // what somebody else has chosen meanwhile
}

// SettingsMisfit is a live campaign that the choices make unfit, with why in English.
type SettingsMisfit struct{ Campaign, Why string }

// SettingsFact is something that is known rather than chosen: the string settings_fact_KEY.
type SettingsFact struct {
	Key, Value string
	At         time.Time // shown in place of Value where it is set
}

// SettingsLook is how a brand's colours look, with how they read: the string settings_look_SAYS.
type SettingsLook struct {
	Accent, Page, Ink string // "#rrggbb"
	Says              string // good, weak, unseen
	Ratio             string // such as 4.8:1
}

// SettingsData is what the page about data shows beside its form.
type SettingsData struct {
	Requests []HomeRequest
	Email    string // as it was typed
	Wrong    Refusal
	Export   string // the id of one that was just made; "" = none
}

// SettingsConsent is what each class of message needs where the shop's customers live.
type SettingsConsent struct {
	Classes []ConsentClass
	Reach   *ConsentReach
	Held    *HomeConsent // nil = nothing was held
	Stripe  bool         // the shop has an account there
	Support string
}

// ConsentClass is a class of message: the string settings_class_CLASS.
type ConsentClass struct {
	Class string
	Rules []ConsentRule
}

// ConsentReach is whom the shop's choices leave, among the customers of its last orders.
type ConsentReach struct {
	Orders, Persons int64
	Unknown         int64 // of whom nobody knows where they live
	Rows            []ConsentReachRow
}

// ConsentReachRow is one choice for a class of message: the string
// settings_consent_CLASS_WISH, and how many may be asked by it.
type ConsentReachRow struct {
	Class, Wish string
	Count       int64
	Now         bool // it is what the shop has chosen
}

// ConsentRule is what it needs in a country.
type ConsentRule struct {
	Country string // "" = everywhere that has no rule of its own
	Need    string // the string settings_need_NEED
	Months  int64
	Source  string // in English
}

// SettingsIntegrations is the page "settings_integrations".
type SettingsIntegrations struct {
	Admin
	Since       time.Time
	BlockSeen   bool        // a storefront has asked for our block
	BlockEditor string      // where the merchant adds it; "" = there is none
	Stripe      *HomeStripe // nil = there is none, and none is offered
	Hooks       []SettingsHook
	Tokens      []SettingsToken
	Slack       *SettingsSlack // nil = it is not set
	Events      string         // where a provider tells what became of mails; "" = it does not
	// What was typed where a form was not taken; addresses that are secret are not.
	Wrong                   Refusal
	HookName, HookURL, Name string
	Chosen                  string
}

// SettingsHook is where outgoing webhooks go.
type SettingsHook struct {
	Name, URL   string
	Since, Fell time.Time // Fell: since when it takes nothing any more; zero = it is in use
}

// SettingsToken is a key by which a program comes in.
type SettingsToken struct {
	ID, Name, Role         string
	Since, Used, RevokedAt time.Time // zero = never
}

// SettingsSlack is the team's channel, whose address is never shown.
type SettingsSlack struct {
	Since, Fell time.Time
	Note        string
}

// SettingsSecret is the page "settings_secret": a secret, shown once.
type SettingsSecret struct {
	Admin
	Kind   string // hook, token: the strings settings_secret_KIND and settings_secret_KIND_body
	Name   string
	Secret string
}

// SettingsDanger is the page "settings_danger".
type SettingsDanger struct {
	Admin
	Connections []SettingsConnection
}

// SettingsConnection is one that may be ended.
type SettingsConnection struct {
	ID, Platform, Account string
	Since                 time.Time
	Test                  bool
	MayLeave              bool // here; else at its platform
}

// Roles are those that a token may have.
func (SettingsIntegrations) Roles() []string { return roles }
