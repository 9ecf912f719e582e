package server

import (
	"strconv"
	"strings"
	"time"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/manage"
	"flywheel/templates"
)

// What a form may hold of a text: more is no mail.
const (
	maxLine = 500    // characters of one line
	maxText = 20_000 // of a text
)

// fresh is a new step of a kind, with what most want.
func (e *editing) fresh(kind campaign.StepKind) campaign.Step {
	const day = campaign.Duration(24 * time.Hour)
	s := campaign.Step{ID: manage.NewStepID(kind), Kind: kind}
	spec := campaign.StepOf(kind)
	switch kind {
	case campaign.Wait:
		s.For = day
	case campaign.WaitUntil:
		s.At = "10:00"
	case campaign.WaitForEvent:
		s.Event, s.Timeout = string(commerce.OrderArrived), 7*day
	case campaign.Split:
		s.Arms = []campaign.Arm{{Name: "a", Weight: 50}, {Name: "b", Weight: 50}}
	}
	if spec.Outward {
		s.Useful = 3 * day
	}
	return s
}

// setStep takes the form of a step. A field that is not in the form stays.
func (e *editing) setStep() error {
	s := manage.Step(e.d, e.card)
	if s == nil {
		return manage.ErrNoStep
	}
	spec := campaign.StepOf(s.Kind)
	if spec == nil {
		return errNoKind
	}
	for _, p := range spec.Params {
		e.param(s, p.Name)
	}
	switch {
	case e.form.Has("arm_drop"):
		return e.dropArm(e.form.Get("arm_drop"))
	case e.form.Has("arm_add"):
		return e.addArm()
	}
	return nil
}

// given reads a field of one line; false = the form does not have it.
func (e *editing) given(name string) (string, bool) {
	if !e.form.Has(name) {
		return "", false
	}
	return templates.Clean(e.form.Get(name), maxLine), true
}

// number reads a whole number in any digits within bounds; "" is nothing.
func (e *editing) number(name string, least, most int) (int, bool) {
	text, ok := e.given(name)
	if !ok {
		return 0, false
	}
	text = strings.ReplaceAll(templates.Western(text), ",", "")
	if text == "" {
		return 0, true
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		e.wrong[name] = e.say("editor_bad_number", "Least", templates.Number(e.lang, e.country, int64(least)), "Most", templates.Number(e.lang, e.country, int64(most)))
		return 0, false
	}
	return n, true
}

// maxDays is the longest time, as campaign has it.
const maxDays = 3650

// span reads a time given as a number and its unit.
func (e *editing) span(name string, into *campaign.Duration) {
	unit := time.Duration(0)
	for _, one := range unitNames {
		if one.name == e.form.Get(name+"_unit") {
			unit = one.Duration
		}
	}
	if !e.form.Has(name) || unit == 0 {
		return
	}
	if n, ok := e.number(name, 0, int(maxDays*24*time.Hour/unit)); ok {
		*into = campaign.Duration(time.Duration(n) * unit)
	}
}

func (e *editing) text(name string, into *string) {
	if text, ok := e.given(name); ok {
		*into = text
	}
}

func (e *editing) words(name string, into *[]string) {
	text, ok := e.given(name)
	if !ok {
		return
	}
	*into = nil
	for _, one := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == '،' }) {
		if one = strings.TrimSpace(one); one != "" {
			*into = append(*into, one)
		}
	}
}

// event reads a kind of event, or the name of one that another system tells of.
func (e *editing) event(name string, into *string) {
	kind, ok := e.given(name)
	if !ok {
		return
	}
	if *into = kind; kind == string(commerce.CustomEvent) {
		*into = string(commerce.CustomKind(strings.ToLower(e.form.Get(name + "_name"))))
	}
}

func (e *editing) param(s *campaign.Step, name string) {
	switch name {
	case "for":
		e.span(name, &s.For)
	case "timeout":
		e.span(name, &s.Timeout)
	case "useful":
		e.span(name, &s.Useful)
	case "within":
		e.span(name, &s.Within)
	case "at":
		e.time(name, &s.At)
	case "weekday":
		if day, ok := e.given(name); ok {
			if s.Weekday, s.Working = day, day == "working"; s.Working {
				s.Weekday = ""
			}
		}
	case "event":
		e.event(name, &s.Event)
	case "goal":
		e.event(name, &s.Goal)
	case "sample":
		if n, ok := e.number(name, 0, 1_000_000); ok {
			s.Sample = n
		}
	case "hook":
		e.text(name, &s.Hook)
	case "add":
		e.words(name, &s.Add)
	case "remove":
		e.words(name, &s.Remove)
	case "points":
		if n, ok := e.number(name, 1, 100_000); ok {
			s.Points = n
		}
	case "why":
		e.text(name, &s.Why)
	case "reward":
		e.text(name, &s.Reward)
	case "arms":
		for i := range s.Arms {
			if n, ok := e.number("weight_"+s.Arms[i].Name, 1, 10_000); ok && n > 0 {
				s.Arms[i].Weight = n
			}
		}
	case "email":
		e.email(s)
	case "note":
		e.note(s)
	}
}

// time reads a time of day such as 9:30, in any digits.
func (e *editing) time(name string, into *string) {
	text, ok := e.given(name)
	if !ok {
		return
	}
	text = templates.Western(text)
	if text != "" {
		at, err := commerce.ParseTimeOfDay(text)
		if err != nil || at >= 24*60 {
			e.wrong[name] = e.say("editor_bad_time")
			return
		}
		text = twoDigits(int(at)/60) + ":" + twoDigits(int(at)%60)
	}
	*into = text
}

func twoDigits(n int) string {
	if n < 10 {
		return "0" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}

// long reads a text of several lines.
func (e *editing) long(name string) string {
	text := strings.ToValidUTF8(strings.ReplaceAll(e.form.Get(name), "\r\n", "\n"), "\uFFFD")
	if len([]rune(text)) > maxText {
		e.wrong[name] = e.say("editor_bad_long")
		return ""
	}
	return text
}

// parts cuts a text, without what is empty.
func parts(text, by string) (out []string) {
	for _, one := range strings.Split(text, by) {
		if one = strings.TrimSpace(one); one != "" {
			out = append(out, one)
		}
	}
	return out
}

// texted is the language whose texts a form holds; "" = none.
func (e *editing) texted() string {
	tag := e.form.Get("text_lang")
	if templates.Base(tag) == "" {
		return ""
	}
	return tag
}

func (e *editing) email(s *campaign.Step) {
	lang := e.texted()
	if lang == "" || !e.form.Has("subject") {
		return
	}
	m := s.Email[lang]
	e.text("subject", &m.Subject)
	e.text("preheader", &m.Preheader)
	if len(m.Blocks) == 0 {
		e.text("heading", &m.Heading)
		m.Body, m.Closing = parts(e.long("body"), "\n\n"), parts(e.long("closing"), "\n")
		m.ShowLines = e.form.Get("show_lines") == "yes"
		button := campaign.Button{}
		e.text("button_label", &button.Label)
		e.text("button_url", &button.URL)
		e.text("button_otherwise", &button.Otherwise)
		if m.Button = nil; button != (campaign.Button{}) {
			m.Button = &button
		}
	}
	if s.Email == nil {
		s.Email = map[string]campaign.Email{}
	}
	if s.Email[lang] = m; m.Subject == "" && m.Preheader == "" && len(m.Body) == 0 && m.Heading == "" && m.Button == nil && len(m.Closing) == 0 && len(m.Blocks) == 0 {
		delete(s.Email, lang) // a language with nothing in it is none
	}
}

func (e *editing) note(s *campaign.Step) {
	lang := e.texted()
	if lang == "" || !e.form.Has("note_title") {
		return
	}
	n := s.Note[lang]
	e.text("note_title", &n.Title)
	n.Body = parts(e.long("note_body"), "\n\n")
	if s.Note == nil {
		s.Note = map[string]campaign.Note{}
	}
	if s.Note[lang] = n; n.Title == "" && len(n.Body) == 0 {
		delete(s.Note, lang)
	}
}

// addArm gives a split another way, by the next letter that is free.
func (e *editing) addArm() error {
	s := manage.Step(e.d, e.card)
	switch {
	case s == nil || s.Kind != campaign.Split:
		return manage.ErrNoStep
	case len(s.Arms) >= 5:
		return errManyArms
	}
	for _, letter := range "abcdefghijklmnopqrstuvwxyz" {
		if !hasArm(s, string(letter)) {
			s.Arms = append(s.Arms, campaign.Arm{Name: string(letter), Weight: s.Arms[0].Weight})
			return nil
		}
	}
	return nil
}

func hasArm(s *campaign.Step, name string) bool {
	for _, arm := range s.Arms {
		if arm.Name == name {
			return true
		}
	}
	return false
}

// dropArm takes a way of a split with all that stands in it.
func (e *editing) dropArm(name string) error {
	s := manage.Step(e.d, e.card)
	if s == nil || s.Kind != campaign.Split || !hasArm(s, name) {
		return manage.ErrNoStep
	}
	if len(s.Arms) <= 2 {
		return errFewArms
	}
	for i, arm := range s.Arms {
		if arm.Name == name {
			s.Arms = append(s.Arms[:i:i], s.Arms[i+1:]...)
			break
		}
	}
	return nil
}
