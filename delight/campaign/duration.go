package campaign

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"flywheel/commerce"
	"flywheel/fault"
)

// Duration reads like "14d" or "36h" in playbooks.
type Duration time.Duration

const day = 24 * time.Hour

// maxDuration is ten years: more is a slip of the pen.
const maxDuration = 3650 * day

// Instants returns d in milliseconds.
func (d Duration) Instants() commerce.Instant {
	return commerce.Instant(time.Duration(d).Milliseconds())
}

// durationForm is how the file format writes a duration: days up to 3650, hours
// up to 87600, hours with minutes, minutes or seconds alone; never nothing.
var durationForm = regexp.MustCompile(`^(([1-9][0-9]{0,2}|[12][0-9]{3}|3[0-5][0-9]{2}|36[0-4][0-9]|3650)d` +
	`|([1-9][0-9]{0,3}|[1-7][0-9]{4}|8[0-6][0-9]{3}|87[0-5][0-9]{2}|87600)h` +
	`|[1-9][0-9]{0,3}h[1-5]?[0-9]m|[1-9][0-9]{0,5}m|[1-9][0-9]{0,7}s)$`)

// UnmarshalYAML reads "14d", "36h" or "30m".
func (d *Duration) UnmarshalYAML(node ast.Node) error {
	text := node.GetToken().Value
	v, ok := readDuration(text)
	if !ok || !durationForm.MatchString(text) {
		return fault.New(fault.Invalid, "line %d: %q is not a duration such as 14d or 36h", node.GetToken().Position.Line, text)
	}
	*d = Duration(v)
	return nil
}

func readDuration(text string) (time.Duration, bool) {
	v, err := time.ParseDuration(text)
	if days, ok := strings.CutSuffix(text, "d"); ok {
		var n uint64
		n, err = strconv.ParseUint(days, 10, 16)
		v = time.Duration(n) * day
	}
	return v, err == nil && v >= 0 && v <= maxDuration
}
