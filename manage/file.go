package manage

import (
	"fmt"
	"time"

	"github.com/goccy/go-yaml"

	"flywheel/delight/campaign"
)

// WriteDefinition prints a definition as campaign.Parse reads it.
func WriteDefinition(d campaign.Definition) (string, error) {
	data, err := yaml.MarshalWithOptions(d,
		yaml.CustomMarshaler(func(d campaign.Duration) ([]byte, error) { return []byte(Span(time.Duration(d))), nil }),
		yaml.UseLiteralStyleIfMultiline(true), yaml.IndentSequence(true))
	return string(data), err
}

// Span writes a duration as the file format does: 14d, 36h, 30m.
func Span(d time.Duration) string {
	for _, unit := range []struct {
		name string
		time.Duration
	}{{"d", 24 * time.Hour}, {"h", time.Hour}, {"m", time.Minute}, {"s", time.Second}} {
		if d != 0 && d%unit.Duration == 0 {
			return fmt.Sprintf("%d%s", d/unit.Duration, unit.name)
		}
	}
	return d.String()
}
