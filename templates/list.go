package templates

import "time"

// List is a table that is read a page at a time: the partial "list". Addresses
// are ready to use, made with Admin.Link.
type List struct {
	Name    string // of the list: its texts are NAME_empty, NAME_empty_do
	Here    string // the address of the list without its choices, which the filter form asks
	Columns []Column
	Rows    []Row
	Filters []Filter
	Keep    []Choice // choices that the filter form keeps as they are, by Value = field, Name = value
	First   string   // the address of the first page; "" = this is it
	Next    string   // of the next; "" = this is the last
	CSV     string   // of the whole as a file; "" = there is none
	Bulk    []Bulk   // what may be done to the rows that are ticked; none = rows have no tick
	Empty   string   // where the empty list's button leads; "" = it has none
	Chosen  bool     // something is filtered, so an empty list says that nothing matches
}

// Column is one column of a list; its heading is the string Key.
type Column struct {
	Key   string
	Sort  string // the address that sorts by it; "" = it is not sorted by
	Order string // ascending, descending; "" = the list is not sorted by it
	End   bool   // aligned to the end, as amounts are
}

// Row is one line of a list.
type Row struct {
	ID    string // the value of its tick
	Cells []Cell
}

// Cell is what stands in one place of a list.
type Cell struct {
	Text string
	Sub  string // smaller, below
	Code string // a code or name in Latin letters, left to right
	Href string
	At   time.Time // shown in the shop's zone
	// Until is the end of what began At; zero = it was one moment.
	Until time.Time
	Tone  string // good, wait, bad, off: as a badge; "" = plain
}

// Filter is one choice above a list: a search where it has no Options.
type Filter struct {
	Name    string // of the field; its label is the string Key
	Key     string
	Value   string
	Options []Choice
}

// Bulk is something done to all rows that are ticked: the string Key says it,
// ask_KEY what is asked before, where there is such a string.
type Bulk struct {
	Key  string
	Path string // it is posted to, with the field "id" for each row
}
