package templates

// Preview is the page "preview": one message as it arrives with somebody, and
// what was found in it.
type Preview struct {
	Admin
	Campaign string
	Path     string          // of this page below the shop's, with the message
	Lang     string          // as it was chosen; "" = the reader's own
	Steps    []PreviewChoice // the campaign's messages
	Langs    []PreviewChoice
	Who      string   // as it was typed; "" = the last order
	Orders   []string // names to choose from
	Phone    bool     // as wide as one; else as wide as a computer shows mails
	Dark     bool
	MadeUp   bool   // nobody is like that yet
	Club     bool   // something of their points, rewards and codes is made up
	Missing  string // who was asked for and is not there; "" = nobody
	ToTeam   bool   // it goes to staff

	For, From, Subject string
	MailLang           string
	Frame              string // the address of the mail itself
	Text               string // its text part
	State              string // ok, look, bad: the worst of Checks
	Checks             []PreviewCheck
	Team               []string // where a trial goes
}

// PreviewChoice is one of several to choose from.
type PreviewChoice struct {
	Value, Label string
	On           bool
}

// PreviewCheck is what one check came to.
type PreviewCheck struct {
	Name    string // the string check_NAME
	State   string // ok, look, bad
	Said    string
	Details []string
}
