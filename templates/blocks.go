package templates

import "time"

// Blocks is the page "blocks": one mail is written, with a look at it beside.
// What it has in common with Editor is the draft that both change.
type Blocks struct {
	Admin
	ID, Title  string // of the campaign
	State      string
	Tone       string // of its badge
	Act        string // the path that changes of the draft are posted to
	Version    int64
	Base       int64
	Lock       int64
	Undo, Redo bool
	Changed    bool
	Newer      bool   // a version was saved since the draft began
	Publishes  bool   // the reader may save it
	Did, By    string // the last change, the string editor_did_DID
	At         time.Time
	Wrongs     int64 // what keeps it from being saved
	Errors     int64 // from going live
	Hints      int64
	Note       string
	Said       string // why a change was not made
	Conflict   *EditorConflict

	Step    string
	Name    string // the subject in the reader's language
	Flow    string // the path of the step in the editor of the campaign
	Seen    string // the path on which the saved message is seen
	Lang    string // in which it is written here
	Tabs    []BlockTab
	Missing []string // languages that the shop writes in and that have no text here
	More    []Choice // languages that can be added
	Short   bool     // the mail is told in short
	Fields  []BlockField
	Blocks  []BlockCard
	Wrong   []BlockWrong // with the whole text
	Remarks []FlowRemark // what the linter says of the step
	Kinds   []EditorKind // of blocks that can be added
	Pick    int          // a block comes before this one; -1 = none is chosen
	Words   string       // what may be written, as JSON

	Unread bool // the draft cannot be shown while something in it cannot be read
	See    Preview
	Shown  string // tells one look from another
	Went   bool   // a test was just asked for
}

// BlockTab is one language of the mail.
type BlockTab struct {
	Value, Name string
	On, Wrong   bool
}

// BlockCard is one block of the mail.
type BlockCard struct {
	Index       int
	Number      int64 // from 1
	Kind        string
	Name, Says  string
	Icon        string
	Hidden      bool
	First, Last bool // it cannot go further up, down
	One         bool // there is one of its kind at most
	Fields      []BlockField
	Remarks     []FlowRemark
}

// BlockField is one field of the mail or of a block.
type BlockField struct {
	Name, Label, Hint string
	Kind              string // line, text, tick, ticks
	Code              string // what may stand in it: text, rich; "" = nothing but choices
	Value             string
	Dir, Lang         string
	Rows              int
	Required          bool
	Options           []Choice
	Had               string // of ticks: the order in which they stood
	Problem           string // why it was not taken
	Wrong             []BlockWrong
}

// BlockWrong is what is wrong in a field, and where.
type BlockWrong struct {
	Text, Detail string
	Excerpt      string
	Line, Column int64
	Soft         bool // it leaves a gap; the others refuse the text
}
