package manage

import (
	"context"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/token"

	"flywheel/commerce"
	"flywheel/delight/campaign"
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
		return s, fault.New(fault.Invalid, "the settings cannot be read: %s", unreadable(data, err))
	}
	if wrong := notWhole(data); wrong != "" {
		return s, fault.New(fault.Invalid, "the settings cannot be read: %s", wrong)
	}
	s.Owners = owners(s)
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

// SaveSettings checks and keeps a shop's choices. They count from the next
// decision on; what waits is looked at again, since they may have put it off.
func SaveSettings(ctx context.Context, s *store.Store, shop commerce.ShopID, settings commerce.Settings) error {
	_, err := ChangeSettings(ctx, s, shop, func(now *commerce.Settings) error {
		*now = settings
		return nil
	})
	return err
}

// ChangeSettings does so with some of them: change gets the choices as they are
// at that moment, and may be asked again where somebody else was faster. It
// returns those from before. Errors of change are returned as they are.
func ChangeSettings(ctx context.Context, s *store.Store, shop commerce.ShopID, change func(*commerce.Settings) error) (was commerce.Settings, err error) {
	return s.ChangeSettings(ctx, shop, func(now *commerce.Shop) error {
		if err := change(&now.Settings); err != nil {
			return err
		}
		if err := CheckSettings(now.Settings); err != nil {
			return err
		}
		now.Settings.Owners = owners(now.Settings)
		return tomanFits(now.Settings, now.Currency)
	})
}

// WrongSetting is one thing that is wrong with settings.
type WrongSetting struct {
	Field string // such as brand.logo or calendar.quiet
	Said  string // in English
}

// WrongSettings takes an error of CheckSettings or SaveSettings apart; nil where it is none of theirs.
func WrongSettings(err error) (out []WrongSetting) {
	if !fault.Is(err, fault.Invalid) {
		return nil
	}
	for line := range strings.SplitSeq(fault.Sentence(err), "\n") {
		field, said, ok := strings.Cut(line, ": ")
		if inner, rest, more := strings.Cut(said, ": "); field == "calendar" && more {
			field, said = field+"."+inner, rest
		}
		if ok {
			out = append(out, WrongSetting{field, said})
		}
	}
	return out
}

// Misfit is a campaign that is live and could not go live as things are now.
type Misfit struct {
	Campaign campaign.CampaignID
	Why      string // one thing a line
}

// Misfits lists the live campaigns that the shop's settings, or anything else
// that has changed since, make unfit. They stay live: the gate holds each person
// back for whom that matters, the others get what there is.
func (k Desk) Misfits(ctx context.Context, shop commerce.ShopID) (out []Misfit, err error) {
	settings, err := k.Store.Shop(ctx, shop)
	if err != nil {
		return nil, err
	}
	all, err := k.Store.ListCampaigns(ctx, shop)
	for _, c := range all {
		if c.State != campaign.Live {
			continue
		}
		switch unfit := k.fit(ctx, settings, c); {
		case fault.KindOf(unfit) != "":
			out = append(out, Misfit{c.ID, strings.TrimPrefix(fault.Sentence(unfit), notYet(c.ID))})
		case unfit != nil:
			return out, unfit
		}
	}
	return out, err
}

// owners are the shop's as they are kept: Flywheel and " nobody " are the two
// that are no tool's name, however they are spelled.
func owners(s commerce.Settings) map[commerce.Job]commerce.Owner {
	if s.Owners == nil {
		return nil
	}
	out := make(map[commerce.Job]commerce.Owner, len(s.Owners))
	for job, owner := range s.Owners {
		if out[job] = s.OwnerOf(job); strings.TrimSpace(string(owner)) == "" {
			out[job] = owner // CheckSettings says what is wrong with it
		}
	}
	return out
}
