package manage

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/token"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/store"
)

// maxSettings is far more than any shop needs.
const maxSettings = 64 << 10

// WriteSettings prints a shop's choices as YAML, in the form ReadSettings
// takes. What was not chosen is left out.
func WriteSettings(s commerce.Settings) (string, error) {
	data, err := yaml.Marshal(s)
	if text := string(data); err != nil || text != "{}\n" {
		return text, err
	}
	return "", nil
}

// ReadSettings reads choices from YAML and checks them. A field that does not
// exist is a mistake, not a comment. Errors are fault.Invalid and name the line
// or the field; every wrong field is named at once.
func ReadSettings(data []byte) (commerce.Settings, error) {
	var s commerce.Settings
	if len(data) > maxSettings {
		return s, fault.New(fault.Invalid, "the settings are larger than 64 KB")
	}
	if err := plain(data); err != nil {
		return s, err
	}
	if err := yaml.UnmarshalWithOptions(data, &s, yaml.Strict()); err != nil {
		why := err.Error()
		if at := yaml.Error(nil); errors.As(err, &at) && at.GetToken() != nil {
			why = fmt.Sprintf("line %d: %s", at.GetToken().Position.Line, at.GetMessage())
		}
		if strings.Contains(why, "unknown field") {
			why += "; there are " + strings.Join(fields(), ", ")
		}
		return s, fault.New(fault.Invalid, "the settings cannot be read: %s", why)
	}
	return s, CheckSettings(s)
}

// plain refuses what settings have no need of: aliases, which expand, and a
// second document, which nobody would read.
func plain(data []byte) error {
	begun, depth := false, 0
	for _, t := range lexer.Tokenize(string(data)) {
		refuse := ""
		switch t.Type {
		case token.AnchorType, token.AliasType, token.MergeKeyType, token.TagType, token.DirectiveType:
			refuse = "anchors, aliases and tags are not allowed"
		case token.DocumentHeaderType, token.DocumentEndType:
			if begun && t.Next != nil {
				refuse = "a second document is not allowed"
			}
		case token.SequenceStartType, token.MappingStartType:
			depth++
		case token.SequenceEndType, token.MappingEndType:
			depth--
		}
		if depth > 8 {
			refuse = "too many brackets within brackets"
		}
		if refuse != "" {
			return fault.New(fault.Invalid, "the settings cannot be read: line %d: %s", t.Position.Line, refuse)
		}
		begun = begun || t.Type != token.CommentType
	}
	return nil
}

// fields are the names of all settings, in their order.
func fields() (names []string) {
	for f := range reflect.TypeFor[commerce.Settings]().Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		names = append(names, cmp.Or(name, f.Name))
	}
	return names
}

// SaveSettings checks and keeps a shop's choices. They count from the next
// decision on; what waits is looked at again, since they may have put it off.
func SaveSettings(ctx context.Context, s *store.Store, shop commerce.ShopID, settings commerce.Settings) error {
	if err := CheckSettings(settings); err != nil {
		return err
	}
	return s.SaveSettings(ctx, shop, settings)
}
