package templates

import (
	"fmt"
	"html/template"
	"path"
)

// LegalText returns the body of a page of fixed text, privacy, terms or
// support, in the best language for lang.
func LegalText(name, lang string) (template.HTML, error) {
	data, err := files.ReadFile("legal/" + path.Base(name) + "." + Language(lang) + ".html")
	if err != nil {
		return "", fmt.Errorf("there is no page %q", name)
	}
	return template.HTML(data), nil //nolint:gosec // an embedded file
}
