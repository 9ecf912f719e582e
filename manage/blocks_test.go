package manage_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/fault"
	"flywheel/manage"
	"flywheel/message"
	"flywheel/templates"
)

// mailOf makes a mail of the kinds in a line, such as "logo heading text footer".
func mailOf(line string) *campaign.Email {
	e := &campaign.Email{Subject: "Hello"}
	for i, kind := range strings.Fields(line) {
		e.Blocks = append(e.Blocks, campaign.Block{Kind: campaign.BlockKind(kind), Text: string(rune('a' + i))})
	}
	return e
}

func kindsOf(e *campaign.Email) string {
	var out []string
	for _, b := range e.Blocks {
		name := string(b.Kind)
		if b.Hidden {
			name += "-"
		}
		out = append(out, name)
	}
	return strings.Join(out, " ")
}

func TestBlocksAreAddedMovedCopiedAndHidden(t *testing.T) {
	add := func(kind string, at int) func(*campaign.Email) (int, error) {
		return func(e *campaign.Email) (int, error) {
			return manage.AddBlock(e, campaign.Block{Kind: campaign.BlockKind(kind)}, at)
		}
	}
	move := func(at, to int) func(*campaign.Email) (int, error) {
		return func(e *campaign.Email) (int, error) { return manage.MoveBlock(e, at, to) }
	}
	hide := func(at int, hidden bool) func(*campaign.Email) (int, error) {
		return func(e *campaign.Email) (int, error) { return at, manage.HideBlock(e, at, hidden) }
	}
	for name, one := range map[string]struct {
		do           func(*campaign.Email) (int, error)
		before, want string
		at           int
	}{
		"between two":                  {add("text", 1), "heading lines", "heading text lines", 1},
		"at the end, above the footer": {add("text", 9), "logo lines footer", "logo lines text footer", 2},
		"at the top, below the logo":   {add("text", 0), "logo lines", "logo text lines", 1},
		"the logo stands first":        {add("logo", 5), "heading text", "logo heading text", 0},
		"the footer stands last":       {add("footer", 0), "heading text", "heading text footer", 2},
		"up":                           {move(2, 1), "heading text lines", "heading lines text", 1},
		"to the end":                   {move(0, 2), "heading text lines", "text lines heading", 2},
		"not below the footer":         {move(0, 2), "heading text footer", "text heading footer", 1},
		"hidden":                       {hide(1, true), "heading text", "heading text-", 1},
		"a copy":                       {func(e *campaign.Email) (int, error) { return manage.CopyBlock(e, 0) }, "heading text", "heading heading text", 1},
		"removed":                      {func(e *campaign.Email) (int, error) { return 0, manage.RemoveBlock(e, 0) }, "heading text", "text", 0},
	} {
		e := mailOf(one.before)
		at, err := one.do(e)
		require.NoError(t, err, name)
		require.Equal(t, one.want, kindsOf(e), name)
		require.Equal(t, one.at, at, name)
	}
}

func TestWhatABlockCannotDoIsRefused(t *testing.T) {
	second := func(_ int, err error) error { return err }
	block := func(kind campaign.BlockKind) campaign.Block { return campaign.Block{Kind: kind} }
	for name, one := range map[string]struct {
		err  error
		kind fault.Kind
	}{
		"above the first":   {second(manage.MoveBlock(mailOf("text lines"), 0, -1)), fault.Conflict},
		"below the last":    {second(manage.MoveBlock(mailOf("text lines"), 1, 2)), fault.Conflict},
		"above the logo":    {second(manage.MoveBlock(mailOf("logo lines"), 1, 0)), fault.Conflict},
		"the footer up":     {second(manage.MoveBlock(mailOf("text footer"), 1, 0)), fault.Conflict},
		"nothing":           {second(manage.MoveBlock(mailOf("text"), 3, 0)), fault.NotFound},
		"no kind":           {second(manage.AddBlock(mailOf("text"), block("video"), 0)), fault.NotFound},
		"a second logo":     {second(manage.AddBlock(mailOf("logo text"), block("logo"), 0)), fault.Conflict},
		"a copied footer":   {second(manage.CopyBlock(mailOf("text footer"), 1)), fault.Conflict},
		"the 41st":          {second(manage.AddBlock(mailOf(strings.Repeat("text ", 40)), block("text"), 0)), fault.Invalid},
		"the last one":      {manage.RemoveBlock(mailOf("text"), 0), fault.Conflict},
		"a hidden footer":   {manage.HideBlock(mailOf("text footer"), 1, true), fault.Invalid},
		"blocks of blocks":  {manage.IntoBlocks(mailOf("text")), fault.Conflict},
		"the last language": {manage.DropText(&campaign.Step{Email: map[string]campaign.Email{"en": {}}}, "en"), fault.Conflict},
		"a language twice":  {manage.AddText(&campaign.Step{Email: map[string]campaign.Email{"en": {}}}, "en", "en"), fault.Conflict},
		"of no language":    {manage.AddText(&campaign.Step{Email: map[string]campaign.Email{"en": {}}}, "ar", "fa"), fault.NotFound},
	} {
		require.True(t, fault.Is(one.err, one.kind), "%s: %v", name, one.err)
	}
}

// A mail told in short and the same told by blocks arrive alike, in every playbook and language.
func TestBlocksSayWhatTheShortFormSaid(t *testing.T) {
	facts := message.Facts{
		Shop:   commerce.Shop{Name: "Nour", Email: "hello@nour.example", Country: "SA", Settings: commerce.Settings{StoreURL: "https://nour.example", ReviewURL: "https://nour.example/review"}},
		Person: commerce.Person{FirstName: "Sara", Email: "sara@example.com"}, Now: time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC),
		Order:          &commerce.Order{Detail: commerce.Detail{Name: "#1001", Total: commerce.Money{Amount: 18900, Currency: "SAR"}, Lines: []commerce.Line{{ID: "1", Title: "Shirt", Quantity: 1, Current: 1}}}},
		UnsubscribeURL: "https://flywheel.example/u/x",
	}
	turned := 0
	for _, name := range templates.Playbooks() {
		data, err := templates.Playbook(name)
		require.NoError(t, err)
		d, err := campaign.Parse(data)
		require.NoError(t, err)
		facts.Class = d.Class
		for s := range d.AllSteps() {
			for lang, e := range s.Email {
				if len(e.Blocks) > 0 {
					continue
				}
				before, err := message.Compile(lang, e)
				require.NoError(t, err)
				require.NoError(t, manage.IntoBlocks(&e))
				require.Empty(t, manage.TextWrongs(e), "%s %s", name, lang)
				after, err := message.Compile(lang, e)
				require.NoError(t, err)
				one, err := before.Render(facts)
				require.NoError(t, err)
				two, err := after.Render(facts)
				require.NoError(t, err)
				require.Equal(t, one, two, "%s %s %s", name, s.ID, lang)
				turned++
			}
		}
	}
	require.Greater(t, turned, 20)
}

// Whatever is done in whatever order: no block is lost or doubled but by being
// removed, added or copied; the logo stays first and the footer last and seen; the
// other languages stay as they were, and what is refused changes nothing.
func TestEditsKeepTheMailWhole(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		s := &campaign.Step{Email: map[string]campaign.Email{"en": *mailOf("logo heading text footer"), "ar": *mailOf("text lines")}}
		others, err := json.Marshal(s.Email["ar"])
		require.NoError(r, err)
		for range rapid.IntRange(1, 60).Draw(r, "acts") {
			e := s.Email["en"]
			before := kindsOf(&e)
			at, to := rapid.IntRange(-1, len(e.Blocks)).Draw(r, "at"), rapid.IntRange(-1, len(e.Blocks)).Draw(r, "to")
			more := 0
			switch act := rapid.SampledFrom([]string{"add", "remove", "move", "copy", "hide", "show"}).Draw(r, "act"); act {
			case "add":
				more = 1
				_, err = manage.AddBlock(&e, campaign.Block{Kind: rapid.SampledFrom(campaign.BlockKinds()).Draw(r, "kind")}, at)
			case "remove":
				more = -1
				err = manage.RemoveBlock(&e, at)
			case "move":
				_, err = manage.MoveBlock(&e, at, to)
			case "copy":
				more = 1
				_, err = manage.CopyBlock(&e, at)
			default:
				err = manage.HideBlock(&e, at, act == "hide")
			}
			if err != nil {
				require.NotEmpty(r, fault.KindOf(err))
				require.Equal(r, before, kindsOf(&e), "refused: %v", err)
				continue
			}
			require.Len(r, e.Blocks, len(strings.Fields(before))+more)
			for i, b := range e.Blocks {
				require.False(r, b.Kind == campaign.BlockLogo && i > 0, kindsOf(&e))
				require.False(r, b.Kind == campaign.BlockFooter && (i < len(e.Blocks)-1 || b.Hidden), kindsOf(&e))
			}
			s.Email["en"] = e
			now, err := json.Marshal(s.Email["ar"])
			require.NoError(r, err)
			require.Equal(r, string(others), string(now))
		}
	})
}

// A copy of a language shares nothing with the first.
func TestALanguageIsCopied(t *testing.T) {
	s := &campaign.Step{Email: map[string]campaign.Email{"en": {Subject: "Hi", Blocks: []campaign.Block{{Kind: campaign.BlockButton, Button: &campaign.Button{Label: "Go"}}}}}}
	require.NoError(t, manage.AddText(s, "de", "en"))
	s.Email["de"].Blocks[0].Button.Label = "Los"
	require.Equal(t, "Go", s.Email["en"].Blocks[0].Button.Label)
	require.NoError(t, manage.DropText(s, "de"))
	require.Len(t, s.Email, 1)
}

// What is wrong is told where it is, by a key that has words, with its line and column.
func TestWhatIsWrongWithATextIsTold(t *testing.T) {
	text := func(kind campaign.BlockKind, source string) campaign.Email {
		return campaign.Email{Subject: "x", Blocks: []campaign.Block{{Kind: campaign.BlockDivider}, {Kind: kind, Text: source}, {Kind: campaign.BlockHeading, Text: "x"}}}
	}
	for name, one := range map[string]struct {
		e         campaign.Email
		key, data string
		field     string
		column    int
	}{
		"an unknown variable":  {text("text", "Dear {{ order.nmae }}"), "no_variable_near", "order.name", "text", 9},
		"an unknown filter":    {text("text", "{{ order.name | upcas }}"), "no_filter_near", "upcase", "text", 17},
		"an open output":       {text("text", "{{ order."), "open", "{{", "text", 1},
		"an open tag":          {text("text", "{% if order.name %}x"), "open", "{% if %}", "text", 1},
		"a tag that is none":   {text("text", "{% iff x %}"), "no_tag", "{% iff %}", "text", 1},
		"a stray end":          {text("text", "{% endif %}"), "closes_nothing", "{% endif %}", "text", 1},
		"a strange sign":       {text("text", "{{ order.name ^ }}"), "not_here", "^", "text", 15},
		"an open element":      {text("rich", "<b>x"), "open", "<b>", "text", 1},
		"crossed elements":     {text("rich", "<b><i>x</b></i>"), "crossed", "<i>", "text", 4},
		"an element left out":  {text("rich", "<div>x</div>"), "left_out", "<div>", "text", 1},
		"a script as a link":   {text("rich", `<a href="javascript:x">y</a>`), "link", "", "text", 9},
		"an empty text":        {text("text", " "), "empty", "", "text", 0},
		"a heading of two":     {text("heading", "a\nb"), "one_line", "", "text", 0},
		"no list":              {text("text", "{% for x in order.name %}{% endfor %}"), "no_list", "order.name", "text", 0},
		"a picture by http":    {campaign.Email{Subject: "x", Blocks: []campaign.Block{{Kind: campaign.BlockText, Text: "x"}, {Kind: campaign.BlockImage, Image: "http://x.example/a.png", Alt: "x"}}}, "address", "", "image", 0},
		"a button of nothing":  {campaign.Email{Subject: "x", Blocks: []campaign.Block{{Kind: campaign.BlockText, Text: "x"}, {Kind: campaign.BlockButton}}}, "empty", "", "button label", 0},
		"a picture of nothing": {campaign.Email{Subject: "x", Blocks: []campaign.Block{{Kind: campaign.BlockText, Text: "x"}, {Kind: campaign.BlockImage, Image: "https://x.example/a.png"}}}, "empty", "", "alt", 0},
	} {
		found := false
		all := manage.TextWrongs(one.e)
		for _, w := range all {
			if w.Block == 1 && w.Field == one.field && w.Key == one.key {
				found = true
				require.Contains(t, w.Data["Name"]+" "+w.Data["Near"], one.data, name)
				if one.column > 0 {
					require.Equal(t, one.column, w.Column, name)
					require.Contains(t, w.Excerpt, "^", name)
				}
			}
			require.True(t, templates.Known("blocks_wrong_"+w.Key), w.Key)
		}
		require.True(t, found, "%s: %+v", name, all)
	}
	short := manage.TextWrongs(campaign.Email{Subject: "x", Body: []string{"one\ntwo", "{{ nothing.here }}"}, Closing: []string{"a", "{% endif %}"}})
	require.Len(t, short, 2)
	require.Equal(t, []any{"body", 4, "closing", 2}, []any{short[0].Field, short[0].Line, short[1].Field, short[1].Line}, "as they stand in the field")

	hidden := campaign.Email{Subject: " ", Blocks: []campaign.Block{{Kind: campaign.BlockText, Text: "x", Hidden: true}}}
	all := manage.TextWrongs(hidden)
	require.Len(t, all, 2)
	require.Equal(t, []string{"nothing", "empty"}, []string{all[0].Key, all[1].Key})
	require.Equal(t, "subject", all[1].Field)
}
