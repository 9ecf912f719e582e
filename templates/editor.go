package templates

import "time"

// FlowCard is one step of a campaign's flow as a card.
type FlowCard struct {
	ID, Kind  string
	Name      string // the kind in words
	Icon      string
	Sentence  string // what it does here
	Text      string // a subject or a title; "" = it writes nothing
	On        bool   // it is the one that is edited
	Thin      bool   // a wait
	First     bool   // nothing stands before it in its branch
	Last      bool
	Inner     bool // it stands in a branch
	Beside    bool // there is a branch beside it that it may go into
	Remarks   []FlowRemark
	Figures   *FlowFigures // nil = none
	Branches  []FlowBranch
	MayBranch bool
	Messages  string // the path of the page on which its message is seen; "" = it has none
	Write     string // of that on which it is written; "" = it is written here, if at all
}

// FlowBranch is one way behind a card.
type FlowBranch struct {
	Key   string // its place, as forms name it: STEP:NAME
	Name  string // in words
	Cards []FlowCard
}

// FlowRemark is what is wrong with a card, or should be looked at.
type FlowRemark struct {
	Level, Tone  string // wrong, error, warning
	Text, Mend   string
	Code, Detail string // for support
	Excerpt      string
	Line, Column int64
}

// FlowFigures are what became of a step.
type FlowFigures struct {
	Waiting, Due, Sent, Held, Not int64
	Shares                        []FlowShare
	SentPart, HeldPart, NotPart   int64 // hundredths of what was due
}

// FlowShare is one outcome with its part of the whole.
type FlowShare struct {
	What   string // the string message_WHAT; "" = only Reason says it
	Reason string // a code
	Count  int64
	Share  string // a percentage, written out; "" = none
}

// Editor is the page "editor".
type Editor struct {
	Admin
	ID, Title  string
	State      string
	Tone       string // of its badge
	Act        string // the path that changes are posted to
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
	Start      FlowCard
	Cards      []FlowCard
	Loose      []FlowRemark
	Edits      bool
	Panel      string // picker, step, start, head; "" = none
	Picker     *EditorPicker
	Form       *EditorForm
	Said       string // why a change was not made
	Conditions *Conditions
	Conflict   *EditorConflict
	Note       string
}

// EditorPicker chooses a kind of step for a place.
type EditorPicker struct {
	Branch, After string
	Kinds         []EditorKind
}

// EditorKind is one kind of step in words.
type EditorKind struct{ Kind, Name, Says, Icon string }

// EditorForm is the form of the card that is edited.
type EditorForm struct {
	Do, Card string
	Title    string
	Says     string
	Fields   []EditorField
	Tabs     []Choice // languages of its texts; Value = tag
	Lang     string
	Remarks  []FlowRemark
	Blocks   bool   // its mail is told by blocks, which have an editor of their own
	Messages string // where that is seen
	Write    string // and written
	Moves    []Choice
	Step     *FlowCard
}

// EditorField is one field of it.
type EditorField struct {
	Name, Label, Hint string
	Kind              string // text, lines, number, duration, choice, tick, ticks, time, date, arms
	Value, Unit       string
	Options           []Choice
	Arms              []EditorArm
	Required          bool
	Problem           string // in the reader's language
	Latin             bool   // a code, left to right
	Dir               string // of a text in a certain language
	Lang              string
	Full              bool // it takes the whole width
}

// EditorArm is one way of a split.
type EditorArm struct{ Name, Weight string }

// EditorConflict is a change that came too late: another was made meanwhile.
type EditorConflict struct {
	By, Did string // the last one, by whom
	Count   int64  // how many there were; 0 = the draft was saved or put away, and maybe begun anew
	At      time.Time
	Mine    string   // what was to be done
	Gone    bool     // there is no draft any more
	Keep    []Choice // Value = field, Name = value: the form, to be sent again
}

// Span is a length of time in words: the greatest unit that fits it without a rest.
func Span(lang, country string, d time.Duration) string {
	switch {
	case d%(24*time.Hour) == 0:
		return Count(lang, country, "editor_days", int64(d/(24*time.Hour)), nil)
	case d%time.Hour == 0:
		return Count(lang, country, "editor_hours", int64(d/time.Hour), nil)
	case d%time.Minute == 0:
		return Count(lang, country, "editor_minutes", int64(d/time.Minute), nil)
	}
	return Count(lang, country, "editor_seconds", int64(d/time.Second), nil)
}

// Isolated sets a value apart in a sentence of any direction.
func Isolated(text string) string { return string(fsi) + Clean(text, 200) + string(pdi) }

// unitsOf are the units in which a form takes a time.
func unitsOf(lang, unit string) (out []Choice) {
	for _, one := range []string{"minutes", "hours", "days"} {
		out = append(out, Choice{Value: one, Name: Say(lang, "editor_unit_"+one, nil), On: one == unit})
	}
	return out
}
