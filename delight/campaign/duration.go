package campaign

import (
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

// UnmarshalYAML reads "14d", "36h" or "30m".
func (d *Duration) UnmarshalYAML(node ast.Node) error {
	text := node.GetToken().Value
	v, ok := readDuration(text)
	if !ok {
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
