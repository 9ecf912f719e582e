package templates

import "time"

// ListPage is the page "lists": one list with its sentence. Its texts are the
// strings NAME_title and NAME_body.
type ListPage struct {
	Admin
	List List
}

// ListSuppression is the page "lists_suppression": who is not written to.
type ListSuppression struct {
	Admin
	List                    List
	Query                   string
	Address, Scope, Reasons string // as they were typed
	Until                   string
	Wrong                   Refusal
	Report                  *ListImport // of a file that was just read
}

// ListImport says what became of the lines of a file.
type ListImport struct {
	Added, Known, Bad int64
	Why               []string // in English, by line
}

// ListWebhook is the page "lists_webhook": one delivery.
type ListWebhook struct {
	Admin
	ID, Platform, Topic, External string
	State, Tone                   string
	Note                          string
	Told, Received                time.Time
	Body                          string // "" = it is not kept any more, or the reader may not see it
	Open                          bool   // the reader has asked for the body
	Replay                        bool
}

// ListTask is the page "lists_task": one call.
type ListTask struct {
	Admin
	ID, Title, Script string
	Who, Person       string
	Phone             string // as it is dialled; "" = none
	PhoneShown        string
	Order             string
	Campaign          string
	State, Tone       string
	Due, Done         time.Time
	Now               string // the time of day where they live
	Place             string // the zone that is, "" = not known
	Outcome, Remark   string
	Wrong             Refusal
}
