package templates

import "time"

// SetupPage is the page "setup": one question of setting up.
type SetupPage struct {
	Admin
	Step  string // the strings setup_STEP_title and setup_STEP_body
	Steps []SetupStep
	Wrong Refusal

	// Of the step mail.
	To       string // where the mail goes
	Preview  string // the page that shows it
	MadeUp   bool   // there is no order yet to show it with
	Backfill *HomeBackfill

	// Of the step who.
	Jobs []SetupJob
	Own  []string // keys of the mails that the shop's platforms send anyway: the string setup_own_KEY

	// Of the steps thanks and review.
	Campaign string
	Title    string
	Goal     string
	State    string  // of the campaign
	Refused  string  // why it cannot go live as things are; "" = it can
	Replay   *Replay // nil = nobody has asked

	// Of the step first.
	Live  []string // titles of the campaigns that are live
	First *SetupFirst
	Past  bool // nothing more is asked
}

// SetupStep is one of the named steps.
type SetupStep struct {
	Name  string // the string setup_NAME
	State string // done, skipped; "" = to come
	Now   bool
}

// SetupJob is one thing that somebody should do for the shop's customers: the string job_JOB.
type SetupJob struct {
	Job   string
	Owner string // flywheel, nobody, or a tool's name
}

// Other reports whether another tool does it.
func (j SetupJob) Other() bool { return j.Owner != "flywheel" && j.Owner != "nobody" }

// SetupFirst is the first order since the shop went live.
type SetupFirst struct {
	At   time.Time
	Name string // of the order
	Who  string
	Href string // its timeline; "" = there is no page
}
