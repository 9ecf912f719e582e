package templates

import (
	"io/fs"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// catalogue holds one localizer per language for strings with plural forms,
// and all others as they stand: filling those needs no template engine, and a
// mail has a dozen of them.
type catalogue struct {
	localizers map[string]*i18n.Localizer
	single     map[string]map[string]string
	plural     map[string]bool
}

var loaded = sync.OnceValue(func() catalogue {
	bundle := i18n.NewBundle(language.English)
	bundle.RegisterUnmarshalFunc("yaml", yaml.Unmarshal)
	c := catalogue{map[string]*i18n.Localizer{}, map[string]map[string]string{}, map[string]bool{}}
	for _, lang := range languages {
		c.single[lang] = map[string]string{}
		for _, name := range localeFiles(lang) {
			file, err := bundle.LoadMessageFileFS(files, name)
			must(err)
			for _, m := range file.Messages {
				if m.One == "" {
					c.single[lang][m.ID] = m.Other
				} else {
					c.plural[m.ID] = true
				}
			}
		}
	}
	for _, lang := range languages {
		c.localizers[lang] = i18n.NewLocalizer(bundle, lang)
	}
	return c
})

// localeFiles are the files of a language: what customers read, and one file for
// each part of the admin.
func localeFiles(lang string) []string {
	names, err := fs.Glob(files, "locales/*."+lang+".yaml")
	must(err)
	return append(names, "locales/"+lang+".yaml")
}

// Say returns a fixed string in the best language for lang, with data's values
// in the places of {{.Name}}. A key that does not exist comes back as itself.
func Say(lang, key string, data map[string]string) string {
	text, ok := loaded().single[Language(lang)][key]
	if !ok {
		return key
	}
	return fill(text, data)
}

// fill puts values in the places of {{.Name}}; values are never read again, so
// braces in them are only text.
func fill(text string, data map[string]string) string {
	before, rest, found := strings.Cut(text, "{{.")
	if !found {
		return text
	}
	var b strings.Builder
	b.Grow(len(text) + 64)
	for found {
		b.WriteString(before)
		name, after, _ := strings.Cut(rest, "}}")
		b.WriteString(data[name])
		before, rest, found = strings.Cut(after, "{{.")
	}
	b.WriteString(before)
	return b.String()
}

// Count returns a string with plural forms for n, as Style.Count does.
func Count(lang, country, key string, n int64, data map[string]string) string {
	return Style{Lang: lang, Country: country}.Count(key, n, data)
}

// Counts reports whether a key has plural forms, so that Count is what fills it.
func Counts(key string) bool { return loaded().plural[key] }

// Known reports whether a fixed string exists, for keys made of a topic's name.
func Known(key string) bool {
	_, ok := loaded().single[languages[0]][key]
	return ok
}
