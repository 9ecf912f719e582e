package templates

import (
	"math"
	"strconv"
	"time"
)

// Wheel is the wheel as it stands on the home: the partial "wheel".
type Wheel struct {
	At       time.Time // as of
	Working  bool      // it is being measured anew
	Empty    bool      // nobody has bought yet
	Stages   []WheelStage
	Gauges   []WheelGauge
	Friction []WheelLoss
	Turning  string // faster, slower, steady: against a month ago
}

// WheelStage is one of the three arcs: the strings wheel_KEY and wheel_KEY_is.
type WheelStage struct {
	Key         string // attract, engage, delight
	Count       int64
	Change      int64 // against a month ago
	Length, Off string
	Width       string // of the arc's line
}

// WheelGauge is one figure: the strings wheel_gauge_KEY and wheel_gauge_KEY_is.
type WheelGauge struct {
	Key   string
	Value string // in the reader's digits; "" = not measured here
	Why   string // of one that is not measured, the string wheel_why_WHY
	Href  string // what it counts; "" = there is no such page
}

// WheelLoss is the share that was lost for a reason.
type WheelLoss struct {
	Reason string
	Share  string // percent
	Width  int    // 0 to 100, of the bar
	Count  int64
}

// The ring is drawn in a square of 200, with the arcs at this radius and a gap between them.
const (
	ringRadius = 74.0
	ringGap    = 10.0
	thinnest   = 12.0
	thickest   = 30.0
)

// Ring lays the arcs of three stages out: the length is a stage's share, the
// width of its line how large it is beside the largest. A stage of nobody keeps a
// short thin arc, so that it can be seen that it is there; where there is nobody
// at all, the three are alike.
func Ring(stages []WheelStage) []WheelStage {
	whole, most, all := 2*math.Pi*ringRadius, int64(0), int64(0)
	for _, s := range stages {
		most, all = max(most, s.Count), all+s.Count
	}
	room := whole - ringGap*float64(len(stages))
	least := room * 0.06
	free := room - least*float64(len(stages))
	start := 0.0
	out := make([]WheelStage, len(stages))
	for i, s := range stages {
		length, width := least, thinnest
		switch {
		case all == 0:
			length += free / float64(len(stages))
		default:
			length += free * float64(s.Count) / float64(all)
			width += (thickest - thinnest) * float64(s.Count) / float64(most)
		}
		s.Length = short(length) + " " + short(whole-length)
		s.Off, s.Width = short(-start), short(width)
		start += length + ringGap
		out[i] = s
	}
	return out
}

func short(f float64) string { return strconv.FormatFloat(f, 'f', 1, 64) }
