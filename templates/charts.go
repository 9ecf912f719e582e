package templates

import (
	"strconv"
	"time"
)

// Chart is figures with the table that says the same: the partial "chart". What
// it shows stands in the table; a script draws it from there.
type Chart struct {
	ID     string // of its table
	Kind   string // line; bars, of which one stands on the other; ranges
	Title  string
	Level  string // of the title, h2 or h3; "" = h2
	Said   []ChartSaid
	First  string // the heading of the labels
	Series []ChartSeries
	Rows   []ChartRow
	Few    string    // why there is nothing to draw, in the reader's language; "" = there is
	At     time.Time // as of; zero = now
	Anew   bool      // it is being counted
	More   []Choice  // other spans of time: Value is the address
	Note   string
}

// ChartSaid is one thing that a chart says in words, and where it is listed.
type ChartSaid struct{ Text, Href string }

// ChartSeries is one of at most four.
type ChartSeries struct {
	Name  string
	Limit bool // a line that is not to be crossed
}

// ChartRow is one point of all series.
type ChartRow struct {
	Label string // short, as at an axis
	Long  string // in the table; "" = Label
	Cells []ChartCell
}

// ChartCell is one figure.
type ChartCell struct {
	Value string // for the script; "" = there is none
	Text  string // in the reader's digits
	Low   string // of a range
	Up    string
}

// Figure is a cell that counts.
func Figure(lang, country string, n int64) ChartCell {
	return ChartCell{Value: strconv.FormatInt(n, 10), Text: Number(lang, country, n)}
}

// Spark is two rows of small bars that the server draws: what went out above the
// line, what was held below it. Its words are the title of the picture.
type Spark struct {
	Words string
	Bars  []SparkBar
}

// SparkBar is one day; all are in units of the picture.
type SparkBar struct {
	X        int
	Up, Down int // heights
	Top      int // where the upper one begins
}

// The picture's measures: two heights that meet at the line between them.
const (
	sparkStep = 6
	sparkUp   = 20
	sparkDown = 10
)

// Sparks lays days out, each height by the greatest day; a day with any has one unit at least.
func Sparks(words string, above, below []int64) *Spark {
	most := int64(1)
	for i := range above {
		most = max(most, above[i], below[i])
	}
	height := func(n int64, room int) int {
		if n <= 0 {
			return 0
		}
		return max(1, int(n*int64(room)/most))
	}
	s := &Spark{Words: words}
	for i := range above {
		up := height(above[i], sparkUp)
		s.Bars = append(s.Bars, SparkBar{X: i * sparkStep, Up: up, Down: height(below[i], sparkDown), Top: sparkUp - up})
	}
	return s
}

// Width is that of the picture.
func (s *Spark) Width() int { return len(s.Bars) * sparkStep }
