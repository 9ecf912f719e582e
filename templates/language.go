package templates

import "strings"

// languages are those with texts of their own; the first is the last resort.
var languages = []string{"en", "ar", "fa"}

// Languages lists the languages that have fixed strings and playbook texts.
func Languages() []string { return append([]string(nil), languages...) }

// Language returns the best language we have texts in for a BCP 47 tag: "ar-EG"
// gives "ar", what we do not have gives "en".
func Language(tag string) string {
	base, _ := split(tag)
	for _, l := range languages {
		if l == base {
			return l
		}
	}
	return languages[0]
}

// Dir returns the writing direction of a language tag, "rtl" or "ltr".
func Dir(tag string) string {
	base, _ := split(tag)
	switch base {
	case "ar", "fa", "he", "ur", "ps", "ckb", "sd", "ug", "yi", "dv":
		return "rtl"
	}
	return "ltr"
}

// Base returns the language of a tag without script and region, in lower case;
// "" for what is no language.
func Base(tag string) string {
	base, _ := split(tag)
	return base
}

// Tag returns a tag from outside in its plain form, language and region: "ar-EG"
// for "AR_arab_eg". "" for what is no language.
func Tag(tag string) string {
	base, region := split(tag)
	if region != "" {
		return base + "-" + region
	}
	return base
}

// split cuts a tag such as "ar-EG", "zh_Hant_TW" or "FA" into language and region.
func split(tag string) (base, region string) {
	for i, part := range strings.FieldsFunc(tag, func(r rune) bool { return r == '-' || r == '_' }) {
		switch {
		case !letters(part) && i == 0, len(part) == 1: // "x-..." and "-u-..." are extensions
			return base, region
		case i == 0 && len(part) <= 3:
			base = strings.ToLower(part)
		case i == 0:
			return "", ""
		case len(part) == 2 && region == "" && letters(part):
			region = strings.ToUpper(part)
		}
	}
	return base, region
}

func letters(s string) bool {
	for i := range len(s) {
		if c := s[i] | 0x20; c < 'a' || c > 'z' {
			return false
		}
	}
	return true
}
