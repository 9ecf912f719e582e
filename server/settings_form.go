package server

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"flywheel/commerce"
	"flywheel/manage"
	"flywheel/templates"
)

// Why a form of settings is not taken.
var (
	errTyped     = errors.New("a field cannot be read")
	errMeanwhile = errors.New("the fieldset were changed meanwhile")
)

// formState is what a form of settings is shown with.
type formState struct {
	typed  url.Values // nil = as the shop has it
	wrong  map[string]templates.Refusal
	whole  templates.Refusal
	former url.Values // what undoes the last change; nil = nothing was changed
	fields func(*templates.SettingsForm)
}

// valuesOf are the choices of a page as its form sends them.
func valuesOf(groups []fieldset, s commerce.Settings) url.Values {
	out := url.Values{}
	for _, g := range groups {
		for _, f := range g.fields {
			maps.Copy(out, f.get(s))
		}
	}
	return out
}

// markOf tells whether choices were changed since a form was made.
func markOf(values url.Values) string {
	sum := sha256.Sum256([]byte(values.Encode()))
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}

// showTopic shows one page of choices.
func (s *Server) showTopic(t topic) func(echo.Context, visit) error {
	return func(c echo.Context, v visit) error { return s.topicPage(c, v, t, http.StatusOK, formState{}) }
}

// saveTopic keeps the choices of one page. Those of other pages stay as they
// are at that moment, and what somebody else has changed on this one since it
// was opened is shown rather than written over.
func (s *Server) saveTopic(t topic) func(echo.Context, visit) error {
	return func(c echo.Context, v visit) error {
		form, groups := c.Request().PostForm, t.groups(v.Shop)
		state := formState{}
		var changed bool
		was, err := manage.ChangeSettings(c.Request().Context(), s.Store, v.Shop.ID, func(now *commerce.Settings) error {
			before := valuesOf(groups, *now)
			if state.wrong = setAll(groups, now, form, v.lang); len(state.wrong) > 0 {
				return errTyped
			}
			mark := markOf(before)
			changed = markOf(valuesOf(groups, *now)) != mark
			if changed && form.Get("was") != "" && form.Get("was") != mark {
				return errMeanwhile
			}
			return nil
		})
		if err != nil {
			return s.refusedTopic(c, v, t, err, state)
		}
		if v.Shop, err = s.Store.Shop(c.Request().Context(), v.Shop.ID); err != nil {
			return err
		}
		said := "settings_same"
		if changed {
			said, state.former = "settings_saved", valuesOf(groups, was)
			if form.Get("do") == "undo" {
				said = "settings_undone"
			}
			s.Log.Info("settings changed", "shop", v.Shop.ID, "topic", t.key, "user", v.Who.Name)
		}
		misfits, err := s.desk().Misfits(c.Request().Context(), v.Shop.ID)
		if err != nil {
			return err
		}
		state.fields = func(p *templates.SettingsForm) {
			p.Said = said
			for _, m := range misfits {
				p.Misfits = append(p.Misfits, templates.SettingsMisfit{Campaign: string(m.Campaign), Why: m.Why})
			}
		}
		return s.topicPage(c, v, t, http.StatusOK, state)
	}
}

// setAll takes over what was typed, and returns what cannot be read, by field.
func setAll(groups []fieldset, now *commerce.Settings, form url.Values, lang string) map[string]templates.Refusal {
	wrong := map[string]templates.Refusal{}
	for _, g := range groups {
		for _, f := range g.fields {
			if key := f.set(now, form); key != "" {
				wrong[f.name] = templates.Refusal{Field: f.name, Said: templates.Say(lang, "settings_wrong_"+key, nil)}
			}
		}
	}
	return wrong
}

// refusedTopic shows the form as it was typed, with what is wrong beside its fields.
func (s *Server) refusedTopic(c echo.Context, v visit, t topic, err error, state formState) error {
	state.typed = c.Request().PostForm
	switch wrong := manage.WrongSettings(err); {
	case errors.Is(err, errTyped):
		state.whole.Said = templates.Say(v.lang, "settings_look_below", nil)
	case errors.Is(err, errMeanwhile):
		state.whole.Said = templates.Say(v.lang, "settings_meanwhile", nil)
		shop, err := s.Store.Shop(c.Request().Context(), v.Shop.ID)
		if err != nil {
			return err
		}
		v.Shop = shop
		now := valuesOf(t.groups(shop), shop.Settings)
		state.fields = func(p *templates.SettingsForm) { tellNow(p, now, state.typed) }
	case wrong != nil:
		state.whole.Said = templates.Say(v.lang, "settings_look_below", nil)
		var rest []string
		state.wrong, rest = placed(t.groups(v.Shop), wrong, v.lang)
		state.whole.Detail = strings.Join(rest, " ")
	default:
		return err
	}
	return s.topicPage(c, v, t, http.StatusUnprocessableEntity, state)
}

// tellNow says beside each field what somebody else has chosen there.
func tellNow(p *templates.SettingsForm, now, typed url.Values) {
	for i := range p.Groups {
		for j := range p.Groups[i].Fields {
			f := &p.Groups[i].Fields[j]
			theirs := now[f.Name]
			if slices.Equal(theirs, typed[f.Name]) {
				continue
			}
			var names []string
			for _, value := range theirs {
				names = append(names, nameOf(f.Options, value))
			}
			if f.Now = strings.Join(names, ", "); f.Now == "" {
				f.Now = "–"
			}
		}
	}
}

func nameOf(options []templates.Choice, value string) string {
	for _, o := range options {
		if o.Value == value {
			return o.Name
		}
	}
	return value
}

// placed puts what CheckSettings names beside the fields of a page; what is
// about none of them is returned as well.
func placed(groups []fieldset, wrong []manage.WrongSetting, lang string) (by map[string]templates.Refusal, rest []string) {
	by = map[string]templates.Refusal{}
	for _, w := range wrong {
		f, found := fieldOf(groups, w.Field)
		if !found {
			rest = append(rest, w.Field+": "+w.Said)
			continue
		}
		if by[f.name].Said != "" {
			continue // one thing at a time
		}
		r := templates.Refusal{Field: f.name, Said: w.Said}
		if templates.Language(lang) != "en" {
			r.Said, r.Detail = templates.Say(lang, "settings_wrong_"+f.kind, nil), w.Said
		}
		by[f.name] = r
	}
	return by, rest
}

// fieldOf is the field that a name of CheckSettings is about: itself, one
// within it, or the first it is made of.
func fieldOf(groups []fieldset, name string) (choice, bool) {
	for _, near := range []func(string) bool{
		func(field string) bool { return field == name },
		func(field string) bool { return strings.HasPrefix(name, field+".") },
		func(field string) bool { return strings.HasPrefix(field, name+".") },
	} {
		for _, g := range groups {
			if i := slices.IndexFunc(g.fields, func(f choice) bool { return near(f.name) }); i >= 0 {
				return g.fields[i], true
			}
		}
	}
	return choice{}, false
}

func (s *Server) topicPage(c echo.Context, v visit, t topic, code int, state formState) error {
	groups := t.groups(v.Shop)
	now := valuesOf(groups, v.Shop.Settings)
	values := now
	if state.typed != nil {
		values = state.typed
	}
	page := templates.SettingsForm{Admin: s.frameOf(c, v), Topic: t.key, Was: markOf(now), MayEdit: v.Who.Role.Allows(t.needs), Needs: string(t.needs), Wrong: state.whole}
	page.Here = "settings"
	for _, g := range groups {
		fields := templates.SettingsFields{Key: g.key}
		for _, f := range g.fields {
			field := f.view(v.lang, values)
			field.Wrong = state.wrong[f.name]
			fields.Fields = append(fields.Fields, field)
		}
		page.Groups = append(page.Groups, fields)
	}
	for _, name := range slices.Sorted(maps.Keys(state.former)) {
		for _, value := range state.former[name] {
			page.Former = append(page.Former, templates.Choice{Value: name, Name: value})
		}
	}
	name := "settings_form"
	switch t.key {
	case "brand":
		page.Look = lookOf(values, c.QueryParams())
	case "calendar":
		page.Facts = zoneFacts(v.Shop, s.Store.Now())
	case "consent":
		name = "settings_consent"
		var err error
		if page.Consent, err = s.consentOf(c, v); err != nil {
			return err
		}
	case "data":
		name = "settings_data"
		requests, err := s.requests(c.Request().Context(), v)
		if err != nil {
			return err
		}
		page.Data = &templates.SettingsData{Requests: requests}
	}
	if state.fields != nil {
		state.fields(&page)
	}
	return s.adminPage(c, code, name, v.lang, page)
}
