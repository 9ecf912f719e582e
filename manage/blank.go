package manage

import (
	"strconv"
	"strings"
	"time"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
)

// Blank is a campaign with nothing in it but who enters, for an editor to go on
// with: its one step ends it. What its trigger cannot do without has a value that
// is easily seen and changed.
func Blank(name, lang, title string, trigger campaign.TriggerKind, class gate.Class) campaign.Definition {
	d := campaign.Definition{
		Name: name, Title: campaign.Texts{lang: title}, Class: class, Topic: map[gate.Class]string{gate.Transactional: "orders", gate.Service: "care", gate.Marketing: "news"}[class],
		Trigger: campaign.Trigger{Kind: trigger}, Steps: []campaign.Step{{ID: "end", Kind: campaign.End}},
	}
	spec := campaign.TriggerOf(trigger)
	if spec == nil {
		return d
	}
	for _, p := range spec.Params {
		switch p.Name {
		case "after":
			if p.Required {
				d.Trigger.After = campaign.Duration(30 * 24 * time.Hour)
			}
		case "n":
			d.Trigger.N = 2
		case "amount":
			d.Trigger.Amount = "100"
		case "name":
			d.Trigger.Name = "my_event"
		case "related":
			d.Trigger.Related = []string{"tag"}
		}
	}
	return d
}

// BlankName makes a campaign's id of its title: Latin letters and digits of it
// that search would find; else a word and a number that no campaign has.
func BlankName(title string, taken func(string) bool) string {
	words := strings.Join(commerce.SearchWords(title), "_")
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_' {
			return r
		}
		return -1
	}, strings.ToLower(words))
	name = strings.Trim(name[:min(len(name), 40)], "_")
	if name == "" {
		name = "campaign"
	}
	for try, n := name, 2; ; n++ {
		if !taken(try) {
			return try
		}
		try = name + "_" + strconv.Itoa(n)
	}
}
