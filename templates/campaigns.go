package templates

import "time"

// Campaigns is the page "campaigns": those of the shop, what is live first.
type Campaigns struct {
	Admin
	State  string   // only those of it; "" = all but the archived
	States []Choice // to choose from
	Rows   []CampaignRow
	Days   int64     // the figures are of so many
	Newest int64     // and of so many of the newest rows alone; 0 = of all
	At     time.Time // when they were counted; zero = now
}

// CampaignRow is one campaign of the list.
type CampaignRow struct {
	ID, Title, Goal string
	State, Tone     string // the string campaign_STATE, and its badge
	PausedBy        string // a reason's code; "" = a person
	Class, Topic    string
	Trigger         string
	Draft           bool   // somebody is working on it
	Misfit          string // it is live and the settings make it unfit: what exactly, in English
	Entered, Active int64
	ActiveMore      bool // more than Active are in it
	Sent, Held      int64
}

// CampaignsNew is the page "campaigns_new": playbooks, an empty one, and a file.
type CampaignsNew struct {
	Admin
	Books  []CampaignBook
	Blank  CampaignBlank
	Text   string // the file as it was given
	Errors []CampaignError
	Said   string // why nothing was made, in the reader's language; "" = Errors says it
	Over   string // the shop has a campaign of this name: the id; the file may be its next version
}

// CampaignBlank is the form of an empty campaign.
type CampaignBlank struct {
	Name, Wrong       string // as it was typed, and why it was not taken
	Triggers, Classes []Choice
}

// CampaignBook is a playbook as it can be taken up.
type CampaignBook struct {
	Name, Title, Goal string
	Trigger           string
	Class, Topic      string
	Steps             int64
	Taken             string       // the state in which the shop has it; "" = it has not
	Missing           []FlowRemark // what keeps it from going live as it is
	Owner             string       // another tool does its job, as the shop says; "nobody" = nobody does
}

// CampaignError is what is wrong with a file, and where.
type CampaignError struct {
	Line, Column int64
	Says         string // in English
}

// CampaignPage is the page "campaigns_one": how it goes, read-only.
type CampaignPage struct {
	Admin
	ID, Title, Goal string
	State, Tone     string
	PausedBy        string
	Version         int64
	LiveAt          time.Time
	Draft           bool
	Acts            []string // live, resume, pause, rehearse, archive; as the state and the reader's role allow
	Misfit          string
	Entered, Active int64
	Sent, Held      int64
	Ended, KeptOut  []FlowShare
	Start           FlowCard
	Cards           []FlowCard
	Loose           []FlowRemark // about no step
	Gone            []FlowCard   // steps that only older versions had, with their figures
	Older           []CampaignWaiting
	Moves           int64 // of those, who can go on in the present version
	MovesMore       bool  // there are more of them
	Splits          []CampaignSplit
	Days            *Chart
	Edits           bool  // false: what the flow shows is not changed here
	Rehearsal       bool  // the figures are of a rehearsal
	Newest          int64 // they are of so many of the shop's newest walks alone; 0 = of all
	Name            string
	NameWrong       string // why another title was not taken
}

// CampaignWaiting is how many people of an older version stand at one place.
type CampaignWaiting struct {
	Version, Count int64
	More           bool   // there are more than Count
	Step           string // "" = they have not begun
	Passed         bool
	Moves          bool
}

// CampaignSplit is a split as it may be read.
type CampaignSplit struct {
	Step, Goal, Within string
	Sample             int64
	Enough             bool
	Arms               []CampaignArm
	Chart              *Chart // nil = there is not enough
}

// CampaignArm is one way of a split; shares are written out.
type CampaignArm struct {
	Name               string
	Entered, Converted int64
	Share, Low, High   string // "" = nobody has come
}

// CampaignVersions is the page "campaigns_versions".
type CampaignVersions struct {
	Admin
	ID, Title string
	Rows      []CampaignVersion
	From, To  int64
	Diff      []CampaignChange
	Loads     bool // From and To were chosen
	Live      bool
	Said      string // why it could not go back
}

// CampaignVersion is one saved version.
type CampaignVersion struct {
	Number   int64
	At       time.Time
	By, Note string
	Present  bool
}

// CampaignChange is what became of one card between two versions.
type CampaignChange struct {
	Kind, Tone string // added, removed, changed, moved
	Name, ID   string
	Moved      bool
	Fields     []CampaignField
}

// CampaignField is one field that differs.
type CampaignField struct{ Label, Path, Old, New string }

// CampaignLive is the page "campaigns_live": who is affected, before anybody presses it.
type CampaignLive struct {
	Admin
	ID, Title         string
	State             string
	Trigger, Says     string // who enters from now on
	Mode              string // how often: once, per_order, every_time
	Condition         string // in words; "" = everybody
	Code              string // the condition as CEL, where it has no words
	Past, Unconfirmed bool
	Inside            int64
	More              bool // there are more of them
	Older             []CampaignWaiting
	Refusals          []FlowRemark
	Hints             []FlowRemark
	Owner             string
	Job               string
	Rivals            []Choice // Value = id, Name = title
	Free, Force       bool     // nothing refuses it; only rivals do
	Replay            *Replay
	Why               string // as it was typed
	Wrong             string // why it did not go live, in the reader's language
	Detail            string // the same, in English
}
