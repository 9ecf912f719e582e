package campaign

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// What bounds a row.
const (
	maxValue  = 200 // characters
	maxChoice = 100 // values of one_of and none_of
	maxDigits = 12  // before the point
	maxPlaces = 6   // behind it
)

var (
	unknownField = phrase{"There is no variable {1}.", "لا يوجد متغير باسم {1}.", "متغیری به نام {1} وجود ندارد."}
	unknownOp    = phrase{"{1} has no operator {2}.", "لا يوجد للمتغير {1} عامل باسم {2}.", "متغیر {1} عملگری به نام {2} ندارد."}
	noValue      = phrase{"{1} needs a value.", "يحتاج {1} إلى قيمة.", "{1} به مقدار نیاز دارد."}
	needlessText = phrase{"{1} takes no value here.", "لا يأخذ {1} قيمة هنا.", "{1} در اینجا مقداری نمی\u200cگیرد."}
	longValue    = phrase{"The value of {1} is too long.", "قيمة {1} طويلة جدًا.", "مقدار {1} بسیار بلند است."}
	manyValues   = phrase{"{1} has more than 100 values.", "لدى {1} أكثر من 100 قيمة.", "{1} بیش از ۱۰۰ مقدار دارد."}
	noNumber     = phrase{"{1} is no number. Write digits and a point, such as 1200.50.", "{1} ليس عددًا. اكتب أرقامًا ونقطة، مثل 1200.50.", "{1} عدد نیست. رقم و نقطه بنویسید، مانند 1200.50."}
	noWhole      = phrase{"{1} is no whole number.", "{1} ليس عددًا صحيحًا.", "{1} عدد صحیح نیست."}
	noYesNo      = phrase{"{1} is neither yes nor no.", "{1} ليست yes ولا no.", "{1} نه yes است و نه no."}
	noCountry    = phrase{"{1} is no country code of two letters, such as SA.", "{1} ليس رمز بلد من حرفين، مثل SA.", "{1} کد دوحرفی کشور نیست، مانند IR."}
	noLanguage   = phrase{"{1} is no language code, such as ar.", "{1} ليس رمز لغة، مثل ar.", "{1} کد زبان نیست، مانند fa."}
	noMoment     = phrase{"{1} is no moment. Write 2026-03-21 or 2026-03-21T09:00:00+03:00.", "{1} ليس وقتًا. اكتب 2026-03-21 أو \u20662026-03-21T09:00:00+03:00\u2069.", "{1} زمان نیست. 2026-03-21 یا \u20662026-03-21T09:00:00+03:30\u2069 بنویسید."}
)

// normal checks a row and returns it in the form in which it comes back, or what is wrong.
func (r Row) normal() (Row, Texts) {
	spec := byName()[r.Field]
	switch {
	case spec == nil:
		return r, withGuess(say(unknownField, r.Field), guess(r.Field, variableNames()))
	case !slices.Contains(spec.Ops, r.Op):
		return r, say(unknownOp, r.Field, r.Op)
	}
	out := Row{Group: r.Group, Field: r.Field, Op: r.Op}
	switch r.Op {
	case OpSet, OpNotSet:
		if r.Value != "" || len(r.List) > 0 {
			return r, say(needlessText, r.Op)
		}
		return out, nil
	case OpOneOf, OpNoneOf:
		switch {
		case len(r.List) == 0:
			return r, say(noValue, r.Field)
		case len(r.List) > maxChoice:
			return r, say(manyValues, r.Field)
		case r.Value != "":
			return r, say(needlessText, r.Op)
		}
		for _, v := range r.List {
			value, wrong := spec.normal(v)
			if wrong != nil {
				return r, wrong
			}
			out.List = append(out.List, value)
		}
		return out, nil
	}
	if len(r.List) > 0 {
		return r, say(needlessText, r.Op)
	}
	value, wrong := spec.normal(r.Value)
	out.Value = value
	return out, wrong
}

// normal checks one value of the variable and brings it into its own form.
func (v *VarSpec) normal(value string) (string, Texts) {
	value = strings.TrimSpace(value)
	switch {
	case value == "":
		return "", say(noValue, v.Name)
	case !utf8.ValidString(value):
		return "", say(notUTF8)
	case utf8.RuneCountInString(value) > maxValue:
		return "", say(longValue, v.Name)
	}
	switch v.Type {
	case NumberVar, MoneyVar:
		return normalNumber(value, v.Type == NumberVar)
	case YesNoVar:
		switch strings.ToLower(value) {
		case "yes", "true":
			return "yes", nil
		case "no", "false":
			return "no", nil
		}
		return "", say(noYesNo, value)
	case CountryVar:
		if code := strings.ToUpper(value); isCountry(code) {
			return code, nil
		}
		return "", say(noCountry, value)
	case ChoiceVar:
		if word := strings.ToLower(value); slices.Contains(v.Choices, word) {
			return word, nil
		}
		return "", v.noChoice(value)
	case LanguageVar:
		tag := strings.ToLower(value)
		if len(tag) < 2 || len(tag) > 35 || strings.Trim(tag, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return "", say(noLanguage, value)
		}
		return tag, nil
	case MomentVar:
		return normalMoment(value)
	}
	return value, nil
}

// latin turns the digits and signs of Arabic and Persian numbers into those of
// CEL, and takes away what only sets or groups them (Unicode, Arabic block).
var latin = func() *strings.Replacer {
	pairs := []string{"٫", ".", "٬", "", "−", "-", "\u200e", "", "\u200f", "", "\u061c", ""}
	for i, digit := range []rune("0123456789") {
		pairs = append(pairs, string('٠'+rune(i)), string(digit), string('۰'+rune(i)), string(digit))
	}
	return strings.NewReplacer(pairs...)
}()

// normalNumber reads a decimal. A comma is refused: it groups in one country and
// divides in another.
func normalNumber(value string, whole bool) (string, Texts) {
	text, negative := strings.CutPrefix(latin.Replace(value), "-")
	units, places, point := strings.Cut(text, ".")
	if units == "" || point && places == "" || strings.Trim(units+places, "0123456789") != "" {
		return "", say(noNumber, value)
	}
	units, places = strings.TrimLeft(units, "0"), strings.TrimRight(places, "0")
	if whole && places != "" || len(units) > maxDigits || len(places) > maxPlaces {
		return "", say(map[bool]phrase{true: noWhole, false: noNumber}[whole], value)
	}
	f, err := strconv.ParseFloat("0"+units+"."+places+"0", 64)
	if err != nil {
		return "", say(noNumber, value)
	}
	if negative && f != 0 {
		f = -f
	}
	return strconv.FormatFloat(f, 'f', -1, 64), nil
}

// normalMoment reads a day, which is the shop's, or a moment (RFC 3339).
func normalMoment(value string) (string, Texts) {
	text := latin.Replace(value)
	if _, ok := dayNumber(text); ok {
		return text, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if at = at.UTC().Truncate(time.Millisecond); err != nil || at.Year() < 1970 || at.Year() > 9999 {
		return "", say(noMoment, value)
	}
	return at.Format(time.RFC3339Nano), nil
}
