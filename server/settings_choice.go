package server

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"flywheel/commerce"
	"flywheel/templates"
)

// choice is one field of a page of settings: how it stands in the form, and how
// it is read back.
type choice struct {
	name    string // as manage.CheckSettings names it
	kind    string // of templates.SettingField
	words   string // its label is the string settings_WORDS; "" = of its name
	label   map[string]string
	example string
	options []string // the strings settings_WORDS_OPTION; of languages their names
	get     func(commerce.Settings) url.Values
	// set takes over what was typed; what cannot be read is named by the string settings_wrong_KEY.
	set func(*commerce.Settings, url.Values) (wrong string)
	// tell says in words what a row of kind days is.
	tell func(lang, value string) string
}

// key is what the strings of a field are called by.
func (f choice) key() string {
	if strings.HasPrefix(f.words, "job_") {
		return f.words
	}
	return "settings_" + cmp.Or(f.words, strings.ReplaceAll(f.name, ".", "_"))
}

// view is the field as it stands in the form with values.
func (f choice) view(lang string, values url.Values) templates.SettingField {
	out := templates.SettingField{
		Name: f.name, ID: "f-" + strings.ReplaceAll(f.name, ".", "-"), Kind: f.kind, Example: f.example,
		Label: templates.Say(lang, f.key(), f.label), Value: values.Get(f.name), Tool: values.Get(f.name + ".tool"),
	}
	if hint := f.key() + "_hint"; templates.Known(hint) {
		out.Hint = templates.Say(lang, hint, nil)
	}
	for _, o := range f.options {
		out.Options = append(out.Options, templates.Choice{Value: o, Name: f.optionName(lang, o), On: slices.Contains(values[f.name], o)})
	}
	switch f.kind {
	case "transit":
		out.Rows = transitRows(values)
	case "days":
		for _, day := range dayLines(values[f.name]) {
			out.Rows = append(out.Rows, [3]string{day, f.tell(lang, day)})
		}
		out.Rows = append(out.Rows, make([][3]string, moreRows)...)
	}
	return out
}

func (f choice) optionName(lang, o string) string {
	if name := languageNames[o]; name != "" && f.name == "languages" {
		return name
	}
	if f.kind == "owner" {
		return templates.Say(lang, map[string]string{"flywheel": "setup_who_us", "other": "setup_who_other", "nobody": "setup_who_nobody"}[o], nil)
	}
	if f.name == "calendar.weekend.days" {
		return templates.Say(lang, "editor_day_"+o, nil)
	}
	return templates.Say(lang, f.key()+"_"+cmp.Or(o, "auto"), nil)
}

// one is a form's values of a single field.
func one(name, value string) url.Values { return url.Values{name: {value}} }

// textOf is a line, or more of kind area.
func textOf(name, kind, example string, at func(*commerce.Settings) *string) choice {
	return choice{
		name: name, kind: kind, example: example,
		get: func(s commerce.Settings) url.Values { return one(name, *at(&s)) },
		set: func(s *commerce.Settings, form url.Values) string {
			text := strings.TrimSpace(strings.ReplaceAll(form.Get(name), "\r\n", "\n"))
			if kind == "phone" || kind == "colour" || kind == "time" {
				text = templates.Western(text)
			}
			*at(s) = text
			return ""
		},
	}
}

// countOf is a whole number; nothing is 0.
func countOf(name, example string, at func(*commerce.Settings) *int) choice {
	return choice{
		name: name, kind: "number", example: example,
		get: func(s commerce.Settings) url.Values {
			if n := *at(&s); n != 0 {
				return one(name, strconv.Itoa(n))
			}
			return one(name, "")
		},
		set: func(s *commerce.Settings, form url.Values) string {
			n, ok := wholeOf(form.Get(name))
			if *at(s) = n; !ok {
				return "number"
			}
			return ""
		},
	}
}

// wholeOf reads a whole number as somebody typed it; nothing is 0.
func wholeOf(typed string) (n int, ok bool) {
	text := strings.TrimSpace(templates.Western(typed))
	if text == "" {
		return 0, true
	}
	n, err := strconv.Atoi(text)
	return n, err == nil
}

// flagOf is a box to tick.
func flagOf(name string, at func(*commerce.Settings) *bool) choice {
	return choice{
		name: name, kind: "check",
		get: func(s commerce.Settings) url.Values {
			if *at(&s) {
				return one(name, "on")
			}
			return nil
		},
		set: func(s *commerce.Settings, form url.Values) string {
			*at(s) = form.Get(name) == "on"
			return ""
		},
	}
}

// linesOf is a list, an entry on each line.
func linesOf(name, example string, at func(*commerce.Settings) *[]string) choice {
	return choice{
		name: name, kind: "lines", example: example,
		get: func(s commerce.Settings) url.Values { return one(name, strings.Join(*at(&s), "\n")) },
		set: func(s *commerce.Settings, form url.Values) string {
			*at(s) = nil
			for line := range strings.SplitSeq(form.Get(name), "\n") {
				if line = strings.TrimSpace(line); line != "" {
					*at(s) = append(*at(s), line)
				}
			}
			return ""
		},
	}
}

// pickOf is one of some words; the first is the default.
func pickOf[T ~string](name string, at func(*commerce.Settings) *T, options ...string) choice {
	return choice{
		name: name, kind: "pick", options: options,
		get: func(s commerce.Settings) url.Values { return one(name, string(*at(&s))) },
		set: func(s *commerce.Settings, form url.Values) string {
			*at(s) = T(form.Get(name))
			if !slices.Contains(options, form.Get(name)) {
				return "choice"
			}
			return ""
		},
	}
}

// called gives a field the words of another.
func (f choice) called(words string, data map[string]string) choice {
	f.words, f.label = words, data
	return f
}
