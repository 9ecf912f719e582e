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

// Campaign states. Only a live campaign enrolls and sends.
const (
	Draft    State = "draft"
	Live     State = "live"
	Paused   State = "paused"
	Archived State = "archived"
)

// Campaign is a definition with its state in one shop.
type Campaign struct {
	ID      CampaignID
	State   State
	LiveAt  commerce.Instant // Go live: what happened before enrolls nobody
	Version int              // of Definition
	Definition
}

// Definition is one version of a campaign. Versions are never changed.
type Definition struct {
	Name      string     `yaml:"name" json:"name"`
	Title     Texts      `yaml:"title" json:"title"` // what merchants see
	Goal      Texts      `yaml:"goal" json:"goal"`
	Class     gate.Class `yaml:"class" json:"class"`
	Topic     string     `yaml:"topic" json:"topic"`       // what one unsubscribe stops
	Priority  int        `yaml:"priority" json:"priority"` // greater wins
	Trigger   Trigger    `yaml:"trigger" json:"trigger"`
	Condition string     `yaml:"condition,omitempty" json:"condition,omitempty"` // CEL; "" = everybody
	Steps     []Step     `yaml:"steps" json:"steps"`
}

// Texts are one text by language tag.
type Texts map[string]string

// Trigger is the change of state that enrolls.
type Trigger struct {
	Kind TriggerKind `yaml:"kind" json:"kind"`
}

// TriggerKind names a trigger of the registry.
type TriggerKind string

// The first triggers.
const (
	OnOrderPaid    TriggerKind = "order_paid"    // or placed, where the customer pays the courier
	OnOrderArrived TriggerKind = "order_arrived" // delivered, shipped whole, or assumed to be there
)

// StepKind names a step of the registry.
type StepKind string

// The first steps.
const (
	Wait      StepKind = "wait"
	SendEmail StepKind = "send_email"
)

// Step is one stop of a campaign. Its ID is stable and never reused in a campaign.
type Step struct {
	ID   string   `yaml:"id" json:"id"`
	Kind StepKind `yaml:"kind" json:"kind"`
	// For is how long a wait lasts, counted from the moment before it, not from arrival.
	For Duration `yaml:"for,omitempty" json:"for,omitempty"`
	// Useful is how long after its due moment a message still makes sense.
	Useful Duration `yaml:"useful,omitempty" json:"useful,omitempty"`
	// Email holds the message by language tag.
	Email map[string]Email `yaml:"email,omitempty" json:"email,omitempty"`
}

// Email is the text of one message in one language. Every field may use Liquid
// outputs such as {{ person.first_name }}; tags are refused.
type Email struct {
	Subject   string   `yaml:"subject" json:"subject"`
	Preheader string   `yaml:"preheader" json:"preheader"`
	Heading   string   `yaml:"heading" json:"heading"`
	Body      []string `yaml:"body" json:"body"` // paragraphs
	ShowLines bool     `yaml:"show_lines,omitempty" json:"show_lines,omitempty"`
	Button    *Button  `yaml:"button,omitempty" json:"button,omitempty"`
	Closing   []string `yaml:"closing" json:"closing"`
}

// Button is the one thing a message asks for. Without a URL it is left out and
// Otherwise stands in its place.
type Button struct {
	Label     string `yaml:"label" json:"label"`
	URL       string `yaml:"url" json:"url"`
	Otherwise string `yaml:"otherwise,omitempty" json:"otherwise,omitempty"`
}
