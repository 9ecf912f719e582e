package templates

// Conditions is the condition builder.
type Conditions struct {
	Card    string // the step whose condition it is; "" = the campaign's own
	Lock    int64
	ByHand  bool   // it is written as text
	Text    string // as CEL
	Rowable bool   // rows can say it
	Groups  []ConditionGroup
	Fields  []ConditionScope
	Words   string // the condition as a sentence; "" = everybody
	Wrong   *FlowRemark
	Count   *ConditionCount
	Exact   *ConditionExact
}

// ConditionGroup is rows joined by and; groups are joined by or.
type ConditionGroup struct {
	Number int64
	Rows   []ConditionRow
}

// ConditionRow is one comparison.
type ConditionRow struct {
	N          int    // its place among all rows, in the names of fields
	Field      string // what is compared
	Type       string // number, money, text, list, yes_no, moment, country, language, choice
	Op         string
	Ops        []Choice
	Value      string
	Options    []Choice // of a value that is one of a few
	None, Many bool     // it takes no value; several, with commas between
	Wrong      string
}

// ConditionScope is a heading with the variables below it.
type ConditionScope struct {
	Key    string // the string condition_scope_KEY
	Fields []Choice
}

// ConditionCount is for how many it holds, by a sample.
type ConditionCount struct {
	About           string // orders, persons
	N, Of, Low, Up  int64
	Exact, Newest   bool
	Sample          int64
	Failed, Nothing bool // it could not be answered for some; there is nobody yet
}

// ConditionExact is how far the exact count is.
type ConditionExact struct {
	State          string // asked, running, done, failed
	Holds, Of      int64
	Seen, Expected int64
}
