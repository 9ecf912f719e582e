package server

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/manage"
	"flywheel/message"
	"flywheel/templates"
)

// weekdayNames in the order of the file format.
var weekdayNames = []string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}

// fields makes the fields of a form, as they are or as they were typed.
type fields struct {
	speaker
	see looked
	all []templates.EditorField
}

// add takes a field; what was typed and not taken stands in it again.
func (f *fields) add(one templates.EditorField) {
	if one.Label == "" {
		one.Label = f.field(one.Name)
	}
	if key := "editor_hint_" + one.Name; one.Hint == "" && templates.Known(key) {
		one.Hint = f.say(key)
	}
	one.Problem = f.see.wrong[one.Name]
	if f.see.typed != nil && f.see.typed.Has(one.Name) {
		one.Value, one.Unit = f.see.typed.Get(one.Name), f.see.typed.Get(one.Name+"_unit")
		for i := range one.Options {
			one.Options[i].On = one.Options[i].Value == one.Value
		}
	}
	f.all = append(f.all, one)
}

// unitNames are those a time is given in, the greatest first.
var unitNames = []struct {
	name string
	time.Duration
}{{"days", 24 * time.Hour}, {"hours", time.Hour}, {"minutes", time.Minute}}

func (f *fields) span(name string, d campaign.Duration, required bool) {
	one := templates.EditorField{Name: name, Kind: "duration", Unit: "days", Required: required}
	for _, unit := range unitNames {
		if d > 0 && time.Duration(d)%unit.Duration == 0 {
			one.Value, one.Unit = strconv.FormatInt(int64(time.Duration(d)/unit.Duration), 10), unit.name
			break
		}
	}
	if d > 0 && one.Value == "" { // of seconds: rounded up
		one.Value, one.Unit = strconv.FormatInt(int64((time.Duration(d)+time.Minute-1)/time.Minute), 10), "minutes"
	}
	f.add(one)
}

func optionsOf(current string, all ...[2]string) (out []templates.Choice) {
	for _, one := range all {
		out = append(out, templates.Choice{Value: one[0], Name: one[1], On: one[0] == current})
	}
	return out
}

// events are the kinds of event that a walk may wait for, as choices.
func (s speaker) events(current string, more ...[2]string) []templates.Choice {
	all := more
	for _, kind := range campaign.WaitEvents() {
		all = append(all, [2]string{string(kind), s.event(string(kind))})
	}
	if _, custom := commerce.EventKind(current).Custom(); custom {
		current = "custom"
	}
	return optionsOf(current, append(all, [2]string{"custom", s.trigger(campaign.OnCustomEvent)})...)
}

func (f *fields) event(name, current string, required bool, more ...[2]string) {
	f.add(templates.EditorField{Name: name, Kind: "choice", Value: current, Options: f.events(current, more...), Required: required})
	own, _ := commerce.EventKind(current).Custom()
	f.add(templates.EditorField{Name: name + "_name", Label: f.say("editor_field_event_name"), Hint: f.say("editor_hint_event_name"), Kind: "text", Value: own, Latin: true})
}

// stepForm is the form of one step, made from what its kind takes.
func (s *Server) stepForm(c echo.Context, v visit, d manage.Draft, see looked, draw *cards, step *campaign.Step) (*templates.EditorForm, error) {
	f := &fields{speaker: draw.speaker, see: see}
	spec := campaign.StepOf(step.Kind)
	form := &templates.EditorForm{Do: "set", Card: step.ID, Title: draw.kind(step.Kind), Remarks: draw.remarks[step.ID], Moves: draw.moves(d.Definition, step.ID)}
	if spec == nil {
		return form, nil
	}
	form.Says = draw.of(spec.Texts.Sentence)
	for _, p := range spec.Params {
		var err error
		switch p.Name {
		case "hook":
			err = s.hookField(c, v, f, step)
		case "reward":
			err = s.rewardField(c, v, f, step)
		default:
			f.param(step, p)
		}
		if err != nil {
			return nil, err
		}
	}
	if step.Email != nil || step.Note != nil || slices.ContainsFunc(spec.Params, func(p campaign.Param) bool { return p.Name == "email" || p.Name == "note" }) {
		draw.texts(f, form, step, shopLanguages(v))
		form.Messages = draw.card(step).Messages
	}
	card := draw.card(step)
	for _, all := range flatten(draw.list(d.Definition.Steps, false)) {
		if all.ID == step.ID {
			card = all
		}
	}
	form.Step, form.Fields = &card, f.all
	return form, nil
}

func flatten(list []templates.FlowCard) (out []templates.FlowCard) {
	for _, card := range list {
		out = append(out, card)
		for _, b := range card.Branches {
			out = append(out, flatten(b.Cards)...)
		}
	}
	return out
}

// param adds the field of one parameter. Texts, conditions and branches have forms of their own.
func (f *fields) param(s *campaign.Step, p campaign.Param) {
	switch p.Name {
	case "for":
		f.span(p.Name, s.For, p.Required)
	case "timeout":
		f.span(p.Name, s.Timeout, p.Required)
	case "useful":
		f.span(p.Name, s.Useful, p.Required)
	case "within":
		f.span(p.Name, s.Within, p.Required)
	case "at":
		f.add(templates.EditorField{Name: p.Name, Kind: "time", Value: s.At, Latin: true})
	case "weekday":
		all := [][2]string{{"", f.say("editor_any_day")}, {"working", f.say("editor_working_day")}}
		for _, day := range weekdayNames {
			all = append(all, [2]string{day, f.say("editor_day_" + day)})
		}
		current := s.Weekday
		if s.Working {
			current = "working"
		}
		f.add(templates.EditorField{Name: p.Name, Kind: "choice", Value: current, Options: optionsOf(current, all...)})
	case "event":
		f.event(p.Name, s.Event, p.Required)
	case "goal":
		f.event(p.Name, s.Goal, false, [2]string{"", f.say("editor_goal_none")}, [2]string{campaign.GoalOrders, f.say("editor_goal_orders")})
	case "sample":
		value := ""
		if s.Sample > 0 {
			value = strconv.Itoa(s.Sample)
		}
		f.add(templates.EditorField{Name: p.Name, Kind: "number", Value: value})
	case "arms":
		one := templates.EditorField{Name: p.Name, Kind: "arms", Full: true}
		for _, arm := range s.Arms {
			one.Arms = append(one.Arms, templates.EditorArm{Name: arm.Name, Weight: strconv.Itoa(arm.Weight)})
		}
		f.add(one)
	case "add":
		f.add(templates.EditorField{Name: p.Name, Kind: "text", Value: strings.Join(s.Add, ", "), Full: true})
	case "remove":
		f.add(templates.EditorField{Name: p.Name, Kind: "text", Value: strings.Join(s.Remove, ", "), Full: true})
	case "points":
		value := ""
		if s.Points > 0 {
			value = strconv.Itoa(s.Points)
		}
		f.add(templates.EditorField{Name: p.Name, Kind: "number", Value: value, Required: p.Required})
	case "why":
		f.add(templates.EditorField{Name: p.Name, Kind: "text", Value: s.Why, Full: true})
	}
}

// rewardField offers the rewards that the shop's program has.
func (s *Server) rewardField(c echo.Context, v visit, f *fields, step *campaign.Step) error {
	program, err := s.Store.LoyaltyProgram(c.Request().Context(), v.Shop.ID)
	if err != nil {
		return err
	}
	list := [][2]string{{"", f.say("editor_choose")}}
	known := step.Reward == ""
	for _, r := range program.Rewards {
		if known = known || r.ID == step.Reward; r.Hidden && r.ID != step.Reward {
			continue
		}
		name := inLanguage(r.Name, f.lang)
		if offer, err := r.Issue(max(1, r.Least), v.Shop.Currency); err == nil && name == "" {
			name = message.OfferWords(offer, f.lang, v.Shop)
		}
		list = append(list, [2]string{r.ID, cmp.Or(name, r.ID)})
	}
	if !known {
		list = append(list, [2]string{step.Reward, f.say("editor_reward_gone", "Name", templates.Isolated(step.Reward))})
	}
	f.add(templates.EditorField{Name: "reward", Kind: "choice", Value: step.Reward, Options: optionsOf(step.Reward, list...), Required: true})
	return nil
}

func (s *Server) hookField(c echo.Context, v visit, f *fields, step *campaign.Step) error {
	all, err := s.Store.ListEndpoints(c.Request().Context(), v.Shop.ID)
	if err != nil {
		return err
	}
	list := [][2]string{{"", f.say("editor_choose")}}
	known := step.Hook == ""
	for _, e := range all {
		list, known = append(list, [2]string{e.Name, e.Name}), known || e.Name == step.Hook
	}
	if !known {
		list = append(list, [2]string{step.Hook, step.Hook})
	}
	f.add(templates.EditorField{Name: "hook", Kind: "choice", Value: step.Hook, Options: optionsOf(step.Hook, list...), Required: true})
	return nil
}

// shopLanguages are those a shop's texts are wanted in.
func shopLanguages(v visit) []string {
	out := []string{}
	for _, tag := range append([]string{v.Shop.Locale}, v.Shop.Settings.Languages...) {
		if tag = templates.Base(tag); tag != "" && !slices.Contains(out, tag) {
			out = append(out, tag)
		}
	}
	return out
}

// texts adds what a step writes in one language, with a tab for each.
func (c *cards) texts(f *fields, form *templates.EditorForm, s *campaign.Step, langs []string) {
	for _, tag := range slices.Concat(slices.Sorted(maps.Keys(s.Email)), slices.Sorted(maps.Keys(s.Note)), templates.Languages()) {
		if !slices.Contains(langs, tag) {
			langs = append(langs, tag)
		}
	}
	form.Lang = f.see.lang
	if !slices.Contains(langs, form.Lang) {
		form.Lang = langs[0]
	}
	for _, tag := range langs {
		form.Tabs = append(form.Tabs, templates.Choice{Value: tag, Name: c.language(tag), On: tag == form.Lang})
	}
	text := func(name, kind, value string, required bool) {
		f.add(templates.EditorField{Name: name, Kind: kind, Value: value, Required: required, Dir: templates.Dir(form.Lang), Lang: form.Lang, Full: true})
	}
	if s.Kind != campaign.SendEmail {
		n := s.Note[form.Lang]
		text("note_title", "text", n.Title, true)
		text("note_body", "lines", strings.Join(n.Body, "\n\n"), true)
		return
	}
	e := s.Email[form.Lang]
	text("subject", "text", e.Subject, true)
	text("preheader", "text", e.Preheader, false)
	if form.Blocks = len(e.Blocks) > 0; form.Blocks {
		return
	}
	text("heading", "text", e.Heading, false)
	text("body", "lines", strings.Join(e.Body, "\n\n"), true)
	f.add(templates.EditorField{Name: "show_lines", Kind: "tick", Value: map[bool]string{true: "yes"}[e.ShowLines]})
	button := campaign.Button{}
	if e.Button != nil {
		button = *e.Button
	}
	text("button_label", "text", button.Label, false)
	f.add(templates.EditorField{Name: "button_url", Kind: "text", Value: button.URL, Latin: true, Full: true})
	text("button_otherwise", "text", button.Otherwise, false)
	text("closing", "lines", strings.Join(e.Closing, "\n"), false)
}

// moves are the places a step may be put.
func (c *cards) moves(d campaign.Definition, id string) (out []templates.Choice) {
	var walk func(list []campaign.Step, branch, where string)
	walk = func(list []campaign.Step, branch, where string) {
		add := func(after, name string) {
			if where != "" {
				name = where + ": " + name
			}
			out = append(out, templates.Choice{Value: branch + "|" + after, Name: name})
		}
		add("", c.say("editor_move_first"))
		for i := range list {
			s := &list[i]
			if s.ID == id {
				continue
			}
			add(s.ID, c.say("editor_move_after", "Step", c.title(s)))
			for _, b := range manage.Branches(s) {
				walk(*b.Steps, s.ID+":"+b.Name, c.title(s)+" · "+c.branch(s, b.Name))
			}
		}
	}
	walk(d.Steps, "", "")
	return out
}

// title names a step so that it is told from others of its kind.
func (c *cards) title(s *campaign.Step) string {
	if text := c.writes(s); text != "" {
		return c.kind(s.Kind) + " " + templates.Isolated(templates.Clean(text, 40))
	}
	return templates.Clean(c.does(s), 60)
}

// startForm is the form of who enters.
func (c *cards) startForm(d campaign.Definition, see looked) *templates.EditorForm {
	f := &fields{speaker: c.speaker, see: see}
	var kinds [][2]string
	for _, spec := range campaign.Triggers() {
		kinds = append(kinds, [2]string{string(spec.Kind), c.of(spec.Texts.Name)})
	}
	t := d.Trigger
	f.add(templates.EditorField{Name: "kind", Kind: "choice", Value: string(t.Kind), Options: optionsOf(string(t.Kind), kinds...), Required: true, Full: true})
	spec := campaign.TriggerOf(t.Kind)
	if spec == nil {
		return &templates.EditorForm{Do: "start", Card: startCard, Title: c.say("editor_start"), Fields: f.all}
	}
	for _, p := range spec.Params {
		f.triggerParam(t, p)
	}
	modes := [][2]string{{"", c.say("editor_mode_default", "Mode", c.say("editor_mode_"+string(spec.Mode)))}, {string(campaign.OnceEver), c.say("editor_mode_once")}}
	if spec.ByOrder {
		modes = append(modes, [2]string{string(campaign.PerOrder), c.say("editor_mode_per_order")})
	}
	modes = append(modes, [2]string{string(campaign.EveryTime), c.say("editor_mode_every_time")})
	f.add(templates.EditorField{Name: "mode", Kind: "choice", Value: string(d.Entry.Mode), Options: optionsOf(string(d.Entry.Mode), modes...)})
	f.span("cooling_off", d.Entry.CoolingOff, false)
	from, _, _ := strings.Cut(d.Entry.From, "T")
	f.add(templates.EditorField{Name: "from", Kind: "date", Value: from, Latin: true})
	return &templates.EditorForm{Do: "start", Card: startCard, Title: c.say("editor_start"), Says: c.of(spec.Texts.Sentence), Fields: f.all, Remarks: c.remarks[""]}
}

func (f *fields) triggerParam(t campaign.Trigger, p campaign.Param) {
	one := templates.EditorField{Name: p.Name, Required: p.Required}
	switch p.Name {
	case "after":
		f.span(p.Name, t.After, p.Required)
		return
	case "median":
		one.Kind, one.Value = "tick", map[bool]string{true: "yes"}[t.Median]
	case "products":
		one.Kind, one.Value, one.Full, one.Latin = "text", strings.Join(t.Products, ", "), true, true
	case "related":
		one.Kind, one.Full = "ticks", true
		for _, same := range []string{campaign.SameType, campaign.SameVendor, campaign.SameTag, campaign.SameCollection} {
			one.Options = append(one.Options, templates.Choice{Value: same, Name: f.say("editor_related_" + same), On: slices.Contains(t.Related, same)})
		}
	case "n":
		one.Kind = "number"
		if t.N > 0 {
			one.Value = strconv.Itoa(t.N)
		}
	case "amount":
		one.Kind, one.Value = "number", t.Amount
	case "name":
		one.Kind, one.Value, one.Latin = "text", t.Name, true
	}
	f.add(one)
}

// knownClass is a class, service where it is none.
func knownClass(c gate.Class) gate.Class {
	if c == gate.Transactional || c == gate.Marketing {
		return c
	}
	return gate.Service
}

// headForm is the form of what the campaign is.
func (c *cards) headForm(d campaign.Definition, see looked, langs []string) *templates.EditorForm {
	f := &fields{speaker: c.speaker, see: see}
	for _, tag := range slices.Concat(slices.Sorted(maps.Keys(d.Title)), []string{c.lang}) {
		if !slices.Contains(langs, tag) {
			langs = append(langs, tag)
		}
	}
	form := &templates.EditorForm{Do: "head", Title: c.say("editor_head"), Says: c.say("editor_head_says"), Lang: see.lang, Remarks: c.loose()}
	if !slices.Contains(langs, form.Lang) {
		form.Lang = c.lang
	}
	for _, tag := range langs {
		form.Tabs = append(form.Tabs, templates.Choice{Value: tag, Name: c.language(tag), On: tag == form.Lang})
	}
	dir := templates.Dir(form.Lang)
	f.add(templates.EditorField{Name: "title", Kind: "text", Value: d.Title[form.Lang], Dir: dir, Lang: form.Lang, Full: true})
	f.add(templates.EditorField{Name: "goal_text", Label: c.field("goal"), Kind: "text", Value: d.Goal[form.Lang], Dir: dir, Lang: form.Lang, Full: true})
	var classes [][2]string
	for _, class := range []gate.Class{gate.Transactional, gate.Service, gate.Marketing} {
		classes = append(classes, [2]string{string(class), c.say("campaigns_class_" + string(class))})
	}
	f.add(templates.EditorField{Name: "class", Kind: "choice", Value: string(d.Class), Options: optionsOf(string(d.Class), classes...), Hint: c.say("editor_hint_class_" + string(knownClass(d.Class)))})
	f.add(templates.EditorField{Name: "topic", Kind: "text", Value: d.Topic, Latin: true})
	f.add(templates.EditorField{Name: "priority", Kind: "number", Value: strconv.Itoa(d.Priority)})
	jobs := [][2]string{{"", c.say("editor_job_none")}}
	for _, j := range commerce.Jobs() {
		jobs = append(jobs, [2]string{string(j), c.job(j)})
	}
	f.add(templates.EditorField{Name: "job", Kind: "choice", Value: string(d.Job), Options: optionsOf(string(d.Job), jobs...)})
	form.Fields = f.all
	return form
}
