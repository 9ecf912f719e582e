package lint

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/goccy/go-yaml"

	"flywheel/delight/campaign"
)

//go:embed rules.yaml
var rulesFile []byte

// wording is how a rule speaks.
type wording struct {
	Severity Severity       `yaml:"severity"`
	Says     campaign.Texts `yaml:"says"`
	Mend     campaign.Texts `yaml:"mend"`
}

var rules = sync.OnceValue(func() (out map[string]wording) {
	must(yaml.UnmarshalWithOptions(rulesFile, &out, yaml.Strict()))
	return out
})

// filled puts values into the places of each text; a function of the language
// may stand behind a value by a key such as "have.ar".
func filled(texts campaign.Texts, fill []string) campaign.Texts {
	out := campaign.Texts{}
	for lang, text := range texts {
		for i := 1; i < len(fill); i += 2 {
			name, only, one := strings.Cut(fill[i-1], ".")
			if !one || only == lang {
				text = strings.ReplaceAll(text, "{"+name+"}", fill[i])
			}
		}
		out[lang] = text
	}
	return out
}

// spoken is a duration in the three languages, as fill for name.
func spoken(name string, length campaign.Duration) []string {
	d := time.Duration(length)
	n, en, ar, fa := d.Hours(), "hours", "ساعة", "ساعت"
	if d >= 48*time.Hour {
		n, en, ar, fa = n/24, "days", "يومًا", "روز"
	}
	number := strings.TrimSuffix(fmt.Sprintf("%.1f", n), ".0")
	if number == "1" {
		en = strings.TrimSuffix(en, "s")
	}
	return []string{name + ".en", number + " " + en, name + ".ar", number + " " + ar, name + ".fa", number + " " + fa}
}
