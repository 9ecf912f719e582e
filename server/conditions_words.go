package server

import (
	"slices"
	"strconv"
	"strings"

	"flywheel/delight/campaign"
	"flywheel/templates"
)

// variables are those of conditions by name.
func variable(name string) (campaign.VarSpec, bool) {
	all := campaign.Variables()
	i := slices.IndexFunc(all, func(v campaign.VarSpec) bool { return v.Name == name })
	if i < 0 {
		return campaign.VarSpec{}, false
	}
	return all[i], true
}

// rowsOf reads a condition as rows, where rows can say it.
func rowsOf(expression string, rows []campaign.Row) ([]campaign.Row, bool) {
	if len(rows) > 0 {
		return rows, true
	}
	return campaign.RowsOf(expression)
}

// condition says a condition as a sentence, in CEL where it was written by hand; "" = everybody.
func (s speaker) condition(expression string, rows []campaign.Row) string {
	rows, ok := rowsOf(expression, rows)
	if !ok {
		return templates.Isolated(expression)
	}
	var groups, parts []string
	for i, r := range rows {
		if i > 0 && r.Group != rows[i-1].Group {
			groups, parts = append(groups, strings.Join(parts, s.say("condition_join_and"))), nil
		}
		parts = append(parts, s.row(r))
	}
	if len(parts) > 0 {
		groups = append(groups, strings.Join(parts, s.say("condition_join_and")))
	}
	return strings.Join(groups, s.say("condition_join_or"))
}

// row says one comparison.
func (s speaker) row(r campaign.Row) string {
	spec, known := variable(r.Field)
	label := r.Field
	if known {
		label = s.of(spec.Texts)
	}
	value := s.value(spec, r.Value)
	if len(r.List) > 0 {
		var all []string
		for _, v := range r.List {
			all = append(all, s.value(spec, v))
		}
		value = strings.Join(all, s.say("condition_join_list"))
	}
	if value == "" {
		value = "…"
	}
	key := "condition_row_" + r.Op
	if spec.Type == campaign.YesNoVar {
		if key = "condition_row_yes"; strings.EqualFold(r.Value, "no") {
			key = "condition_row_no"
		}
	}
	if !templates.Known(key) {
		key = "condition_row_" + campaign.OpIs
	}
	return s.say(key, "Field", label, "Value", value)
}

// value says what is compared with: a choice in words, all else set apart.
func (s speaker) value(spec campaign.VarSpec, value string) string {
	switch {
	case value == "":
		return ""
	case spec.Name == "event.kind":
		return s.event(value)
	case spec.Name == "shop.weekday" && templates.Known("editor_day_"+value):
		return s.say("editor_day_" + value)
	case spec.Type == campaign.LanguageVar:
		return s.language(value)
	case spec.Type == campaign.NumberVar, spec.Type == campaign.MoneyVar:
		if n, err := strconv.ParseInt(value, 10, 64); err == nil {
			return templates.Number(s.lang, s.country, n)
		}
	}
	return templates.Isolated(value)
}
