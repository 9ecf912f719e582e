package server

import (
	"maps"
	"slices"
	"strings"
	"time"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/manage"
	"flywheel/templates"
)

// speaker says what a campaign is made of in a reader's language.
type speaker struct{ lang, country string }

func speakerOf(v visit) speaker {
	return speaker{templates.Language(v.lang), v.Shop.Country}
}

func (s speaker) say(key string, pairs ...string) string {
	data := map[string]string{}
	for i := 1; i < len(pairs); i += 2 {
		data[pairs[i-1]] = pairs[i]
	}
	return templates.Say(s.lang, key, data)
}

func (s speaker) of(texts campaign.Texts) string { return inLanguage(texts, s.lang) }

func (s speaker) span(d campaign.Duration) string {
	return templates.Span(s.lang, s.country, time.Duration(d))
}

// kind names a kind of step, trigger names one of trigger.
func (s speaker) kind(k campaign.StepKind) string {
	if spec := campaign.StepOf(k); spec != nil {
		return s.of(spec.Texts.Name)
	}
	return string(k)
}

func (s speaker) trigger(k campaign.TriggerKind) string {
	if spec := campaign.TriggerOf(k); spec != nil {
		return s.of(spec.Texts.Name)
	}
	return string(k)
}

// event names a kind of event: what begins with it says it in the same words.
func (s speaker) event(kind string) string {
	if name, custom := commerce.EventKind(kind).Custom(); custom {
		return templates.Isolated(name)
	}
	key := "editor_event_" + kind
	switch {
	case kind == string(commerce.RefundMade):
		return s.say("editor_event_refund")
	case templates.Known(key): // nothing begins with it
		return s.say(key)
	case campaign.TriggerOf(campaign.TriggerKind(kind)) != nil:
		return s.trigger(campaign.TriggerKind(kind))
	}
	return kind
}

// goal names what a split is read by.
func (s speaker) goal(goal string) string {
	if goal == "" || goal == campaign.GoalOrders {
		return s.say("editor_goal_orders")
	}
	return s.event(goal)
}

// topic names a topic where it is one of those that playbooks have.
func (s speaker) topic(topic string) string {
	if key := "campaigns_topic_" + topic; templates.Known(key) {
		return s.say(key)
	}
	return topic
}

// field names a field of the file format.
func (s speaker) field(name string) string {
	if key := "editor_field_" + name; templates.Known(key) {
		return s.say(key)
	}
	return name
}

// icons of the cards.
var stepIcons = map[campaign.StepKind]string{
	campaign.Wait: "clock", campaign.WaitUntil: "clock", campaign.WaitForEvent: "clock", campaign.If: "campaign", campaign.Split: "campaign", campaign.End: "check",
	campaign.SendEmail: "mail", campaign.CallTask: "people", campaign.NotifyTeam: "people", campaign.Webhook: "link", campaign.TagCustomer: "star",
	campaign.GivePoints: "star", campaign.GiveReward: "star",
}

// does says what a step does here, as a sentence.
func (s speaker) does(step *campaign.Step) string {
	switch step.Kind {
	case campaign.Wait:
		if step.For > 0 {
			return s.say("editor_says_wait", "Time", s.span(step.For))
		}
	case campaign.WaitUntil:
		return s.until(step)
	case campaign.WaitForEvent:
		if step.Event != "" && step.Timeout > 0 {
			return s.say("editor_says_event", "Event", s.event(step.Event), "Time", s.span(step.Timeout))
		}
	case campaign.If:
		if words := s.condition(step.Condition, step.Rows); words != "" {
			return s.say("editor_says_if", "Condition", words)
		}
	case campaign.Split:
		return templates.Count(s.lang, s.country, "editor_says_split", int64(len(step.Arms)), nil)
	case campaign.Webhook:
		if step.Hook != "" {
			return s.say("editor_says_hook", "Name", templates.Isolated(step.Hook))
		}
	case campaign.TagCustomer:
		return s.tags(step)
	case campaign.GivePoints:
		if step.Points > 0 {
			return templates.Count(s.lang, s.country, "editor_says_points", int64(step.Points), nil)
		}
	case campaign.GiveReward:
		if step.Reward != "" {
			return s.say("editor_says_reward", "Name", templates.Isolated(step.Reward))
		}
	}
	if spec := campaign.StepOf(step.Kind); spec != nil {
		return s.of(spec.Texts.Sentence)
	}
	return ""
}

func (s speaker) until(step *campaign.Step) string {
	at := templates.Isolated(step.At)
	day := ""
	if templates.Known("editor_day_" + strings.ToLower(step.Weekday)) {
		day = s.say("editor_day_" + strings.ToLower(step.Weekday))
	}
	switch {
	case day != "" && step.At != "":
		return s.say("editor_says_day_at", "Day", day, "At", at)
	case day != "":
		return s.say("editor_says_day", "Day", day)
	case step.Working && step.At != "":
		return s.say("editor_says_working_at", "At", at)
	case step.Working:
		return s.say("editor_says_working")
	case step.At != "":
		return s.say("editor_says_at", "At", at)
	}
	return s.of(campaign.StepOf(campaign.WaitUntil).Texts.Sentence)
}

func (s speaker) tags(step *campaign.Step) string {
	var parts []string
	if len(step.Add) > 0 {
		parts = append(parts, s.say("editor_says_tags_add", "Tags", s.list(step.Add)))
	}
	if len(step.Remove) > 0 {
		parts = append(parts, s.say("editor_says_tags_remove", "Tags", s.list(step.Remove)))
	}
	return strings.Join(parts, " ")
}

func (s speaker) list(values []string) string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = templates.Isolated(v)
	}
	return strings.Join(out, s.say("condition_join_list"))
}

// writes is the subject or the title of what a step says, in the reader's language where it is there.
func (s speaker) writes(step *campaign.Step) string {
	subjects := campaign.Texts{}
	for lang, e := range step.Email {
		subjects[lang] = e.Subject
	}
	for lang, n := range step.Note {
		subjects[lang] = n.Title
	}
	if text := inLanguage(subjects, s.lang); text != "" || len(subjects) == 0 {
		return text
	}
	return subjects[slices.Sorted(maps.Keys(subjects))[0]]
}

// branch names a way behind a step.
func (s speaker) branch(step *campaign.Step, name string) string {
	if step.Kind == campaign.Split {
		weight, all := 0, 0
		for _, arm := range step.Arms {
			if all += arm.Weight; arm.Name == name {
				weight = arm.Weight
			}
		}
		if all <= 0 {
			return s.say("editor_branch_arm", "Name", templates.Isolated(name))
		}
		return s.say("editor_branch_share", "Name", templates.Isolated(name), "Share", s.percent(float64(weight)/float64(all)))
	}
	return s.say("editor_branch_" + string(step.Kind) + "_" + name)
}

// percent writes a share.
func (s speaker) percent(share float64) string { return s.tenths(int64(share*1000 + 0.5)) }

// tenths writes tenths of a percent.
func (s speaker) tenths(n int64) string {
	text := templates.Number(s.lang, s.country, n/10)
	if rest := n % 10; rest != 0 && n < 100 {
		text += s.say("campaigns_point") + templates.Number(s.lang, s.country, rest)
	}
	return s.say("campaigns_percent", "Number", text)
}

// remark words what is wrong with a draft.
func (s speaker) remark(r manage.Remark) templates.FlowRemark {
	out := templates.FlowRemark{
		Level: string(r.Level), Tone: map[manage.Level]string{manage.Wrong: "bad", manage.Refused: "bad", manage.Hint: "wait"}[r.Level],
		Text: s.of(r.Texts), Mend: s.of(r.Mend), Code: r.Code, Detail: r.Detail, Excerpt: r.Excerpt, Line: int64(r.Line), Column: int64(r.Column),
	}
	if r.Key == "" {
		return out
	}
	data := maps.Clone(r.Data)
	if field := data["Field"]; field != "" {
		data["Field"] = s.field(field)
	}
	if lang := data["Language"]; lang != "" {
		data["Language"] = s.language(lang)
	}
	if name := data["Name"]; name != "" {
		data["Name"] = templates.Isolated(name)
	}
	out.Text = templates.Say(s.lang, "editor_wrong_"+r.Key, data)
	if out.Detail != "" && r.Key != "other" && r.Key != "text" {
		out.Detail = "" // the sentence says it
	}
	return out
}

// language is what a language is called by those who speak it.
func (s speaker) language(tag string) string { return ownName(tag) }
