package server

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"flywheel/commerce"
	"flywheel/delight/calendar"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/templates"
)

// setStart takes the form of who enters. Another kind of trigger begins with nothing.
func (e *editing) setStart() error {
	kind := campaign.TriggerKind(e.form.Get("kind"))
	spec := campaign.TriggerOf(cmp.Or(kind, e.d.Trigger.Kind))
	if spec == nil {
		return errNoKind
	}
	if kind != "" && kind != e.d.Trigger.Kind {
		e.d.Trigger = campaign.Trigger{Kind: kind}
		if e.d.Entry.Mode == campaign.PerOrder && !spec.ByOrder {
			e.d.Entry.Mode = ""
		}
		return nil
	}
	for _, p := range spec.Params {
		e.triggerParam(&e.d.Trigger, p.Name)
	}
	if mode, ok := e.given("mode"); ok {
		e.d.Entry.Mode = campaign.EntryMode(mode)
	}
	e.span("cooling_off", &e.d.Entry.CoolingOff)
	if from, ok := e.given("from"); ok {
		e.from(templates.Western(from))
	}
	return nil
}

// from reads a day of the shop, from which on causes count.
func (e *editing) from(text string) {
	old, _, _ := strings.Cut(e.d.Entry.From, "T")
	if text == old {
		return
	}
	if e.d.Entry.From = ""; text == "" {
		return
	}
	at, err := time.Parse(time.DateOnly, text)
	if err != nil || at.Year() < 1990 || at.Year() > 2200 {
		e.wrong["from"] = e.say("editor_bad_day")
		return
	}
	begins := calendar.DayBegins(e.shop.Timezone, int(at.Unix()/(24*60*60))).Time()
	if in, err := time.LoadLocation(e.shop.Timezone); err == nil && e.shop.Timezone != "" {
		begins = begins.In(in) // so that the day is to be read in it
	}
	e.d.Entry.From = begins.Format(time.RFC3339)
}

func (e *editing) triggerParam(t *campaign.Trigger, name string) {
	switch name {
	case "after":
		e.span(name, &t.After)
	case "median":
		t.Median = e.form.Get(name) == "yes"
	case "products":
		e.words(name, &t.Products)
	case "related":
		t.Related = e.form[name]
	case "n":
		if n, ok := e.number(name, 0, 1000); ok {
			t.N = n
		}
	case "amount":
		if text, ok := e.given(name); ok {
			t.Amount = strings.ReplaceAll(templates.Western(text), ",", "")
		}
	case "name":
		if text, ok := e.given(name); ok {
			t.Name = strings.ToLower(text)
		}
	}
}

// setHead takes the form of what the campaign is.
func (e *editing) setHead() error {
	if lang := e.texted(); lang != "" {
		put := func(field string, into *campaign.Texts) {
			text, ok := e.given(field)
			if !ok {
				return
			}
			if *into == nil {
				*into = campaign.Texts{}
			}
			if (*into)[lang] = text; text == "" {
				delete(*into, lang)
			}
		}
		put("title", &e.d.Title)
		put("goal_text", &e.d.Goal)
	}
	if class := gate.Class(e.form.Get("class")); slices.Contains([]gate.Class{gate.Transactional, gate.Service, gate.Marketing}, class) {
		e.d.Class = class
	}
	e.text("topic", &e.d.Topic)
	if n, ok := e.number("priority", 0, 1000); ok {
		e.d.Priority = n
	}
	if job := commerce.Job(e.form.Get("job")); e.form.Has("job") && (job == "" || slices.Contains(commerce.Jobs(), job)) {
		e.d.Job = job
	}
	return nil
}
