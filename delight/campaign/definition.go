// Package campaign is what a merchant sets up and how a person walks through
// it: a definition with its trigger, condition and steps, the enrollment of one
// person for one cause, and the two pure questions Enroll and Next. Whether a
// step may reach the person is package gate's answer; storing and sending
// belong to store and jobs.
package campaign

import (
	"flywheel/commerce"
	"flywheel/delight/gate"
)

// CampaignID names a campaign within its shop; playbooks use their own name.
type CampaignID string

// EnrollmentID names one person's walk through one campaign for one cause.
type EnrollmentID string

// State says whether a campaign may start and send.
type State string

// Campaign states. A live campaign enrolls and sends; one in rehearsal does so
// to the team's addresses only; a paused one keeps who is in it.
const (
	Draft     State = "draft"
	Rehearsal State = "rehearsal"
	Live      State = "live"
	Paused    State = "paused"
	Archived  State = "archived"
)

// Campaign is a definition with its state in one shop.
type Campaign struct {
	ID      CampaignID
	State   State
	LiveAt  commerce.Instant // Go live, or the end of the last pause: what happened before enrolls nobody
	Version int              // of Definition
	// PausedReason says who or what paused it: "" a person, else the fuse's cause.
	PausedReason string
	Definition
}

// Definition is one version of a campaign. Versions are never changed. Its JSON
// is what the store keeps, its YAML the file format of playbooks.
type Definition struct {
	Name      string       `yaml:"name" json:"name"`
	Title     Texts        `yaml:"title" json:"title"` // what merchants see
	Goal      Texts        `yaml:"goal" json:"goal"`
	Class     gate.Class   `yaml:"class" json:"class"`
	Topic     string       `yaml:"topic" json:"topic"`                 // what one unsubscribe stops
	Priority  int          `yaml:"priority" json:"priority"`           // greater wins
	Job       commerce.Job `yaml:"job,omitempty" json:"job,omitempty"` // what it does that other tools may do too; "" = nothing such
	Trigger   Trigger      `yaml:"trigger" json:"trigger"`
	Entry     EntryRule    `yaml:"entry,omitempty" json:"entry,omitzero"`
	Condition string       `yaml:"condition,omitempty" json:"condition,omitempty"` // CEL; "" = everybody
	Rows      []Row        `yaml:"rows,omitempty" json:"rows,omitempty"`           // the builder's rows; they compile to CEL and stand instead of Condition
	Steps     []Step       `yaml:"steps" json:"steps"`
}

// Texts are one text by language tag.
type Texts map[string]string

// TriggerKind names a trigger of the registry.
type TriggerKind string

// Trigger is the change of state that enrolls. Which of the fields a kind takes
// stands in the registry.
type Trigger struct {
	Kind TriggerKind `yaml:"kind" json:"kind"`
	// After is how long behind its event the moment lies: not_delivered, lapsed, replenishment.
	After Duration `yaml:"after,omitempty" json:"after,omitempty"`
	// Median takes the person's own usual interval instead of After, where they have one: lapsed.
	Median bool `yaml:"median,omitempty" json:"median,omitempty"`
	// Products are platform ids: replenishment, new_product (whose buyers it is for).
	Products []string `yaml:"products,omitempty" json:"products,omitempty"`
	// Related says what makes a new product related to one that was bought: type, vendor, tag, collection.
	Related []string `yaml:"related,omitempty" json:"related,omitempty"`
	// N is which order: nth_order; or which anniversary, 0 = each: anniversary.
	N int `yaml:"n,omitempty" json:"n,omitempty"`
	// Amount is in major units of the shop's reporting currency: spend_threshold.
	Amount string `yaml:"amount,omitempty" json:"amount,omitempty"`
	// Name is the custom event's: custom_event.
	Name string `yaml:"name,omitempty" json:"name,omitempty"`
}

// EntryMode says how often one person may enter.
type EntryMode string

// Entry modes. The default depends on the trigger.
const (
	OnceEver  EntryMode = "once"
	PerOrder  EntryMode = "per_order"
	EveryTime EntryMode = "every_time"
)

// EntryRule says how often and from when on a campaign is entered.
type EntryRule struct {
	Mode EntryMode `yaml:"mode,omitempty" json:"mode,omitempty"`
	// CoolingOff joins what comes within it to the first: several orders are one ask for all kept lines.
	CoolingOff Duration `yaml:"cooling_off,omitempty" json:"cooling_off,omitempty"`
	// From lets only causes after this instant in (RFC 3339); "" = from Go live on.
	From string `yaml:"from,omitempty" json:"from,omitempty"`
}

// Row is one line of the condition builder: field, operator, value. Rows of one
// group are joined by and; groups by or.
type Row struct {
	Group int      `yaml:"group,omitempty" json:"group,omitempty"`
	Field string   `yaml:"field" json:"field"` // a variable of the registry, such as order.total
	Op    string   `yaml:"op" json:"op"`       // is, is_not, greater, less, at_least, at_most, contains, contains_not, one_of, none_of, set, not_set
	Value string   `yaml:"value,omitempty" json:"value,omitempty"`
	List  []string `yaml:"list,omitempty" json:"list,omitempty"` // for one_of and none_of
}

// StepKind names a step of the registry.
type StepKind string

// The kinds of steps. The first six only lead on; the others reach out.
const (
	Wait         StepKind = "wait"           // for a time
	WaitUntil    StepKind = "wait_until"     // a time of day, weekday or working day in the person's zone
	WaitForEvent StepKind = "wait_for_event" // or its timeout, each with its own branch
	If           StepKind = "if"
	Split        StepKind = "split"
	End          StepKind = "end"

	SendEmail  StepKind = "send_email"
	CallTask   StepKind = "call_task"   // staff call the customer
	NotifyTeam StepKind = "notify_team" // a mail to the team
	Webhook    StepKind = "webhook"     // to another system, signed
	// TagCustomer changes the customer's tags at Shopify, for the segments and flows there.
	TagCustomer StepKind = "tag_customer"
	// GivePoints and GiveReward give what the loyalty program has, once for each effect.
	GivePoints StepKind = "give_points"
	GiveReward StepKind = "give_reward"
)

// Step is one stop of a campaign. Its ID is stable and never reused in a
// campaign. After a branch the walk goes on behind the step that branched.
type Step struct {
	ID   string   `yaml:"id" json:"id"`
	Kind StepKind `yaml:"kind" json:"kind"`

	// For is how long a wait lasts, counted from the moment before it, not from arrival.
	For Duration `yaml:"for,omitempty" json:"for,omitempty"`
	// At is a time of day such as "18:30": wait_until.
	At string `yaml:"at,omitempty" json:"at,omitempty"`
	// Weekday is a day such as "monday": wait_until.
	Weekday string `yaml:"weekday,omitempty" json:"weekday,omitempty"`
	// Working waits for a working day of the shop's calendar: wait_until.
	Working bool `yaml:"working,omitempty" json:"working,omitempty"`

	// Event is the kind that ends a wait_for_event, "custom:NAME" for one told by API; Timeout is when it is given up.
	Event   string   `yaml:"event,omitempty" json:"event,omitempty"`
	Timeout Duration `yaml:"timeout,omitempty" json:"timeout,omitempty"`
	// Condition (CEL) or Rows decide an if.
	Condition string `yaml:"condition,omitempty" json:"condition,omitempty"`
	Rows      []Row  `yaml:"rows,omitempty" json:"rows,omitempty"`
	// Then is taken when the condition holds or the event came, Else otherwise.
	Then []Step `yaml:"then,omitempty" json:"then,omitempty"`
	Else []Step `yaml:"else,omitempty" json:"else,omitempty"`

	// Arms are the ways of a split; which one a person takes is settled by who they are.
	Arms []Arm `yaml:"arms,omitempty" json:"arms,omitempty"`
	// Sample is how many persons an arm needs before the split may be read; fixed beforehand.
	Sample int `yaml:"sample,omitempty" json:"sample,omitempty"`
	// Goal is what the split is read by, orders or an event kind (answers), within Within of the split.
	Goal   string   `yaml:"goal,omitempty" json:"goal,omitempty"`
	Within Duration `yaml:"within,omitempty" json:"within,omitempty"` // also until when a call should be made

	// Useful is how long after its due moment a message still makes sense.
	Useful Duration `yaml:"useful,omitempty" json:"useful,omitempty"`
	// Email holds the message by language tag.
	Email map[string]Email `yaml:"email,omitempty" json:"email,omitempty"`
	// Note holds what staff read, by language tag: call_task and notify_team.
	Note map[string]Note `yaml:"note,omitempty" json:"note,omitempty"`
	// Hook names one of the shop's endpoints: webhook.
	Hook string `yaml:"hook,omitempty" json:"hook,omitempty"`
	// Add and Remove are tags of the customer: tag_customer.
	Add    []string `yaml:"add,omitempty" json:"add,omitempty"`
	Remove []string `yaml:"remove,omitempty" json:"remove,omitempty"`
	// Points are given to a member, with Why as their ledger says it to them: give_points.
	Points int    `yaml:"points,omitempty" json:"points,omitempty"`
	Why    string `yaml:"why,omitempty" json:"why,omitempty"`
	// Reward is the id of one of the program's rewards: give_reward.
	Reward string `yaml:"reward,omitempty" json:"reward,omitempty"`
}

// RewardToChoose stands in a playbook for a reward that only the shop can name.
const RewardToChoose = "choose"

// Arm is one way of a split with its weight among the others'.
type Arm struct {
	Name   string `yaml:"name" json:"name"`
	Weight int    `yaml:"weight" json:"weight"`
	Steps  []Step `yaml:"steps,omitempty" json:"steps,omitempty"`
}

// Note is what staff read. Its fields may use Liquid outputs, as an Email's.
type Note struct {
	Title string   `yaml:"title" json:"title"`
	Body  []string `yaml:"body" json:"body"` // paragraphs; the script of a call
}

// Button is the one thing a message asks for. Without a URL it is left out and
// Otherwise stands in its place.
type Button struct {
	Label     string `yaml:"label" json:"label"`
	URL       string `yaml:"url" json:"url"`
	Otherwise string `yaml:"otherwise,omitempty" json:"otherwise,omitempty"`
}
