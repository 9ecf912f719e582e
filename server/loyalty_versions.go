package server

import (
	"cmp"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"flywheel/delight/loyalty"
	"flywheel/store"
	"flywheel/templates"
)

// versionsShown is how many versions a page has.
const versionsShown = 20

// showLoyaltyVersions lists what each version of the program changed, the newest first.
func (s *Server) showLoyaltyVersions(c echo.Context, v visit) error {
	if _, err := s.programOf(c, v); err != nil {
		return s.toBegin(c, v, err)
	}
	page := templates.LoyaltyVersions{Admin: s.frameFor(c, v, "loyalty")}
	below, _ := strconv.Atoi(c.QueryParam("after"))
	below = max(0, below)
	all, more, err := s.Store.ProgramVersions(c.Request().Context(), v.Shop.ID, below, versionsShown+1)
	if err != nil {
		return err
	}
	if more = more || len(all) > versionsShown; more {
		page.Next = page.Link("/loyalty/versions?after=" + strconv.Itoa(all[versionsShown-1].Version))
	}
	if below > 0 {
		page.First = page.Link("/loyalty/versions")
	}
	for i, one := range all[:min(len(all), versionsShown)] {
		before := loyalty.Program{}
		if i+1 < len(all) {
			before = all[i+1].Program
		}
		page.Rows = append(page.Rows, v.version(one, before, below == 0 && i == 0))
	}
	return s.adminPage(c, http.StatusOK, "loyalty_versions", v.lang, page)
}

func (v visit) version(one store.ProgramVersion, before loyalty.Program, present bool) templates.LoyaltyVersion {
	return templates.LoyaltyVersion{Number: int64(one.Version), At: one.From.Time(), By: templates.Clean(one.By, 120), Present: present, Changes: v.programChanges(before, one.Program)}
}

// said is one thing of a program in words.
type said struct{ id, what, text string }

// programChanges words what two versions differ in.
func (v visit) programChanges(old, now loyalty.Program) (out []templates.LoyaltyChange) {
	was := map[string]said{}
	for _, one := range v.programSaid(old) {
		was[one.id] = one
	}
	for _, one := range v.programSaid(now) {
		before, there := was[one.id]
		delete(was, one.id)
		switch {
		case !there && old.Version == 0 && (one.text == "–" || one.text == templates.Say(v.lang, "club_no", nil)): // nothing was chosen there
		case !there:
			out = append(out, templates.LoyaltyChange{Kind: "added", Tone: "good", What: one.what, New: one.text})
		case before != one:
			out = append(out, templates.LoyaltyChange{Kind: "changed", Tone: "wait", What: one.what, Old: before.text, New: one.text})
		}
	}
	for _, one := range v.programSaid(old) {
		if _, gone := was[one.id]; gone {
			out = append(out, templates.LoyaltyChange{Kind: "removed", Tone: "bad", What: one.what, Old: one.text})
		}
	}
	return out
}

// programSaid is all of a program in words, each with what it is known by.
func (v visit) programSaid(p loyalty.Program) (out []said) {
	list := func(key, id, title string, says []string) {
		out = append(out, said{key + id, templates.Say(v.lang, "club_one_"+key, nil), strings.Join(append([]string{templates.Isolated(title)}, says...), " · ")})
	}
	for _, r := range p.Rules {
		list("rule", r.ID, v.ruleSaid(r), v.ruleBounds(r))
	}
	for _, r := range p.Rewards {
		says := v.rewardSaid(r)
		if r.Hidden {
			says = append(says, templates.Say(v.lang, "club_hidden", nil))
		}
		list("reward", r.ID, v.rewardTitle(r), says)
	}
	for _, l := range p.Tiers.Levels {
		list("tier", l.ID, v.tierTitle(l), v.tierSaid(p, l))
	}
	if p.Version == 0 {
		return out
	}
	f := &programForm{visit: v}
	settingsFields(f, p)
	for _, g := range f.groups {
		for _, field := range g.Fields {
			out = append(out, said{"f" + field.Name, field.Label, v.fieldSaid(field)})
		}
	}
	return out
}

// fieldSaid is what a field of the settings says, in words.
func (v visit) fieldSaid(f templates.SettingField) string {
	switch f.Kind {
	case "check":
		return templates.Say(v.lang, map[bool]string{true: "club_yes", false: "club_no"}[f.Value != ""], nil)
	case "pick":
		return nameOf(f.Options, f.Value)
	}
	return cmp.Or(templates.Clean(f.Value, 200), "–")
}
