package server_test

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/manage"
	"flywheel/message"
	"flywheel/store"
	"flywheel/store/storetest"
)

// writer is somebody who writes one mail of a campaign, without JavaScript.
type writer struct {
	*editor
	step, lang string
}

func writes(t *testing.T, s *store.Store) *writer {
	t.Helper()
	w := &writer{&editor{campaigns(t, s), "thank_you", ""}, "thanks", "en"}
	w.open("lang=en")
	return w
}

func (w *writer) path(query string) string {
	return "/admin/messages/" + string(w.id) + "/" + w.step + "/edit?" + query
}

func (w *writer) open(query string) { w.page = w.sees(w.path(query)) }

// form is what the page's form holds, as a browser sends it, with changes: NAME, VALUE.
func (w *writer) form(do string, pairs ...string) url.Values {
	w.t.Helper()
	form := writeFields(w.page)
	require.NotEmpty(w.t, form.Get("lock"))
	form.Set("do", do)
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return form
}

var (
	writeForm = regexp.MustCompile(`(?s)<form[^>]* id="write".*?</form>`)
	anInput   = regexp.MustCompile(`<input ([^>]*)>`)
	anArea    = regexp.MustCompile(`(?s)<textarea [^>]*name="([^"]*)"[^>]*>\n(.*?)</textarea>`)
	anOption  = regexp.MustCompile(`(?s)<select [^>]*name="([^"]*)".*?<option value="([^"]*)"`)
	attribute = regexp.MustCompile(`([a-z-]+)="([^"]*)"`)
)

// writeFields reads the form of a page in which a mail is written.
func writeFields(page string) url.Values {
	form, out := writeForm.FindString(page), url.Values{}
	for _, m := range anInput.FindAllStringSubmatch(form, -1) {
		a := map[string]string{}
		for _, pair := range attribute.FindAllStringSubmatch(m[1], -1) {
			a[pair[1]] = html.UnescapeString(pair[2])
		}
		if a["type"] != "checkbox" && a["type"] != "radio" || strings.HasSuffix(m[1], " checked") {
			out.Add(a["name"], a["value"])
		}
	}
	for _, m := range anArea.FindAllStringSubmatch(form, -1) {
		out.Set(m[1], html.UnescapeString(m[2]))
	}
	for _, m := range anOption.FindAllStringSubmatch(form, -1) {
		out.Set(m[1], m[2])
	}
	return out
}

// does sends the form and sees the page that it leads to.
func (w *writer) does(do string, pairs ...string) {
	w.t.Helper()
	w.page = w.goes(w.path("locale=en"), w.form(do, pairs...))
}

func (w *writer) refused(do string, pairs ...string) string {
	w.t.Helper()
	got := w.posts(w.path("locale=en"), w.form(do, pairs...))
	require.Equal(w.t, http.StatusUnprocessableEntity, got.Code, got.Body.String())
	return got.Body.String()
}

// mail is the text as the draft has it.
func (w *writer) text() campaign.Email {
	w.t.Helper()
	d := w.draft().Definition
	return manage.Step(&d, w.step).Email[w.lang]
}

func (w *writer) kinds() string {
	var out []string
	for _, b := range w.text().Blocks {
		out = append(out, string(b.Kind))
	}
	return strings.Join(out, " ")
}

// The whole walk by plain forms: turn into blocks, add, fill, move, copy, hide, remove, undo, redo, save.
func TestAMailIsWrittenWithoutJavaScript(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := writes(t, s)
		require.Contains(t, w.page, "Nothing was changed yet")
		require.Contains(t, w.page, "only undone", "it says that there is no way back")
		w.does("keep")
		require.Zero(t, w.draft().Lock, "nothing was changed, so nothing is kept")
		w.does("keep", "subject", "Thanks, {{ person.first_name }}", "closing", "Bye\r\nLayla")
		require.Equal(t, []string{"Bye", "Layla"}, w.text().Closing)

		w.does("blocks", "preheader", "Typed beside it")
		require.Equal(t, "Typed beside it", w.text().Preheader, "what was typed is kept whatever is pressed")
		before := w.kinds()
		require.Contains(t, before, "heading text")
		w.does("pick 1")
		for _, kind := range campaign.BlockKinds() {
			require.Contains(t, w.page, fmt.Sprintf(`value="add %s 1"`, kind))
		}
		w.does("add divider 1")
		require.Equal(t, strings.Replace(before, "heading ", "heading divider ", 1), w.kinds())
		w.does("down 1", "b0_text", "A headline")
		require.Equal(t, "A headline", w.text().Blocks[0].Text)
		w.does("up 2")
		w.does("place 1 0")
		require.True(t, strings.HasPrefix(w.kinds(), "divider heading"), w.kinds())
		w.does("copy 1")
		require.True(t, strings.HasPrefix(w.kinds(), "divider heading heading"), w.kinds())
		w.does("hide 2")
		require.True(t, w.text().Blocks[2].Hidden)
		w.does("keep")
		require.True(t, w.text().Blocks[2].Hidden, "the form says so")
		w.does("show 2")
		w.does("remove 2")
		w.does("remove 0")
		require.Equal(t, before, w.kinds())
		w.does("undo")
		require.True(t, strings.HasPrefix(w.kinds(), "divider heading"), w.kinds())
		w.does("redo")
		require.Equal(t, before, w.kinds())
		require.Equal(t, http.StatusUnprocessableEntity, w.posts(w.path("locale=en"), w.form("up 0")).Code)

		page := w.goes("/admin/campaigns/thank_you/save", url.Values{"lock": {w.lock()}, "why": {"blocks"}})
		require.Contains(t, page, "Kept as version 2")
		w.open("lang=en")
		require.Contains(t, w.page, "Nothing was changed yet")
		require.Contains(t, w.page, "A headline")
	})
}

// unworded finds strings that have no words.
var unworded = regexp.MustCompile(`(>[^<>]*|="[^"{}]*)\b(blocks|editor|campaigns|preview|check)_[a-z_]+[^<>"]*[<"]`)

// Every kind of block is added with the fields it takes, filled, and kept as it was typed.
func TestEveryKindOfBlockIsFilled(t *testing.T) {
	w := writes(t, storetest.Open(t, "sqlite"))
	w.does("blocks")
	for _, kind := range campaign.BlockKinds() {
		w.does(fmt.Sprintf("add %s %d", kind, len(w.text().Blocks)))
		at := strings.Count(w.kinds()[:strings.Index(w.kinds()+" ", string(kind))], " ")
		if kind == campaign.BlockText || kind == campaign.BlockHeading || kind == campaign.BlockLines || kind == campaign.BlockButton {
			at = len(w.text().Blocks) - 1
		}
		name := func(field string) string { return fmt.Sprintf("b%d_%s", at, field) }
		form := []string{}
		spec := campaign.BlockOf(kind)
		for _, p := range spec.Params {
			switch p.Name {
			case "text":
				form = append(form, name("text"), "Words of "+string(kind))
			case "button":
				form = append(form, name("label"), "Go", name("url"), "https://x.example/", name("otherwise"), "Or not")
			case "image":
				form = append(form, name("image"), "https://x.example/a.png")
			case "alt", "link":
				form = append(form, name(p.Name), "https://x.example/"+p.Name)
			case "ways":
				form = append(form, name("ways"), spec.Ways[1])
			}
		}
		w.does("keep", form...)
		b := w.text().Blocks[at]
		require.Equal(t, kind, b.Kind, w.kinds())
		for _, p := range spec.Params {
			switch p.Name {
			case "text":
				require.Equal(t, "Words of "+string(kind), b.Text)
			case "button":
				require.Equal(t, &campaign.Button{Label: "Go", URL: "https://x.example/", Otherwise: "Or not"}, b.Button)
			case "image":
				require.Equal(t, "https://x.example/a.png", b.Image)
			case "alt":
				require.Equal(t, "https://x.example/alt", b.Alt)
			case "ways":
				require.Equal(t, spec.Ways[1:2], b.Ways)
			}
		}
	}
	picker := w.sees(w.path("lang=en&pick=1"))
	require.Contains(t, picker, `value="add text 1"`)
	require.NotContains(t, picker, `value="add logo`, "a mail has one logo")
	for _, lang := range []string{"en", "ar", "fa"} {
		page := w.calls(http.MethodGet, w.path("lang=en&pick=1&locale="+lang)).Body.String()
		require.Empty(t, unworded.FindAllString(page, -1), lang)
	}
	d := w.draft().Definition
	_, err := message.CompileAll(manage.Step(&d, "thanks").Email)
	require.NoError(t, err)
}

// The ways keep the order in which they stood.
func TestWaysKeepTheirOrder(t *testing.T) {
	w := writes(t, storetest.Open(t, "sqlite"))
	w.does("blocks")
	w.does("add contact 0")
	form := w.form("keep")
	form["b0_ways"] = []string{"mail", "phone", "whatsapp"}
	form.Set("b0_ways_had", "whatsapp,mail,evil")
	w.page = w.goes(w.path("locale=en"), form)
	require.Equal(t, []string{"whatsapp", "mail", "phone"}, w.text().Blocks[0].Ways)
}

// Liquid that cannot be read is kept as it was typed, with its place and what is
// wrong in the reader's language; the mail is shown again once it can be read.
func TestWrongLiquidIsShownAsTyped(t *testing.T) {
	w := writes(t, storetest.Open(t, "sqlite"))
	w.does("blocks")
	w.does("keep", "b0_text", "Hello {{ order.name | upcas }}", "subject", "{{ order.nmae }}")
	require.Contains(t, w.page, "Hello {{ order.name | upcas }}")
	require.Contains(t, w.page, "Line 1, column 23: There is no filter")
	require.Contains(t, w.page, "upcase")
	require.Regexp(t, `<pre dir="ltr">Hello \{\{ order\.name \| upcas \}\}\n {22}\^</pre>`, w.page)
	require.Contains(t, w.page, `aria-invalid="grammar"`)
	require.Contains(t, w.page, "It is shown again as soon as")
	require.NotContains(t, w.page, "<iframe")
	require.Contains(t, w.page, "nothing stands there", "an unknown variable leaves a gap")
	for lang, says := range map[string]string{"ar": "لا يوجد مرشّح باسم", "fa": "صافی\u200cای به نام"} {
		got := w.calls(http.MethodGet, w.path("lang=en&locale="+lang)).Body.String()
		require.Contains(t, got, says)
		require.NotRegexp(t, `>[^<]*\b(blocks|editor|campaigns|preview|check)_[a-z_]+[^<]*<`, got)
	}
	w.open("lang=ar")
	require.Contains(t, w.page, "to mend", "the tab of the other language says so")
	require.Contains(t, w.page, "<iframe", "and this one is seen all the same")
	got := w.posts("/admin/campaigns/thank_you/save?locale=en", url.Values{"lock": {w.lock()}})
	require.Equal(t, http.StatusUnprocessableEntity, got.Code, "it cannot be saved as a version")

	w.open("lang=en")
	w.does("keep", "b0_text", "Hello", "subject", "Hi")
	require.Contains(t, w.page, "<iframe")
	require.Contains(t, w.refused("keep", "b0_text", strings.Repeat("long ", 5000)), "too long for one text")
	require.Equal(t, "Hello", w.text().Blocks[0].Text)
}

// What is refused leaves the draft as it was, and the form as it was typed.
func TestARefusedActKeepsWhatWasTyped(t *testing.T) {
	w := writes(t, storetest.Open(t, "sqlite"))
	w.does("blocks")
	lock := w.draft().Lock
	for do, says := range map[string]string{
		"up 0": "cannot go further", "remove 99": "no such block", "add video 0": "no such block", "blocks": "by blocks already", "drop_lang x": "", "hide -1": "no such block",
	} {
		if says == "" {
			continue
		}
		page := w.refused(do, "b0_text", "Typed & kept")
		require.Contains(t, page, says, do)
		require.Contains(t, page, "Typed &amp; kept", do)
	}
	require.Equal(t, lock, w.draft().Lock)
	require.Equal(t, http.StatusBadRequest, w.posts(w.path(""), w.form("drop table")).Code)
	require.Equal(t, http.StatusBadRequest, w.posts(w.path(""), w.form("")).Code)
	require.Equal(t, http.StatusBadRequest, w.posts(w.path(""), w.form("keep", "lock", "x")).Code)
	require.Equal(t, http.StatusNotFound, w.posts("/admin/messages/thank_you/nothing/edit", w.form("keep")).Code)
	require.Equal(t, http.StatusNotFound, w.posts("/admin/messages/nothing/thanks/edit", w.form("keep")).Code)
}

// A language is added by copying another's text, and removed; which are missing is said.
func TestLanguagesOfAMessage(t *testing.T) {
	w := writes(t, storetest.Open(t, "sqlite"))
	require.NoError(t, w.store.SaveSettings(t.Context(), w.shop().ID, commerce.Settings{Languages: []string{"ar", "en"}}))
	w.does("drop_lang")
	d := w.draft().Definition
	require.NotContains(t, manage.Step(&d, "thanks").Email, "en")
	require.Contains(t, w.page, "There is no text yet in:")
	require.Contains(t, w.page, `<input type="hidden" name="lang" value="ar">`, "another language is shown")
	w.does("add_lang", "to_lang", "en")
	require.Contains(t, w.page, `<input type="hidden" name="lang" value="en">`)
	d = w.draft().Definition
	all := manage.Step(&d, "thanks").Email
	require.Equal(t, all["ar"], all["en"])
	w.does("keep", "subject", "Hello")
	require.NotEqual(t, "Hello", manage.Step(ptr(w.draft().Definition), "thanks").Email["ar"].Subject, "the others stay")
	require.Contains(t, w.refused("add_lang", "to_lang", "ar"), "already")
	require.Contains(t, w.refused("add_lang", "to_lang", "x-evil"), "already")
	w.open("lang=ar")
	require.Contains(t, w.page, `lang="ar" dir="rtl"`)
}

// Two people write one mail: the later is told, and may put theirs on top of it.
func TestTwoWritersDoNotOverwriteEachOther(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := writes(t, s)
		w.does("blocks")
		late := w.form("keep", "b0_text", "Mine <b>", "part", "1")
		w.does("add divider 0")
		w.does("keep", "subject", "Hers")
		got := w.posts(w.path("locale=en"), late)
		require.Equal(t, http.StatusUnprocessableEntity, got.Code)
		require.Contains(t, got.Body.String(), "Meanwhile 2 changes were made.")
		require.Contains(t, got.Body.String(), "Mine &lt;b&gt;", "what was typed is kept")
		require.Equal(t, "Hers", w.text().Subject)
		again := inputs(t, got.Body.String(), "Do mine on top of it")
		require.Equal(t, fmt.Sprint(w.draft().Lock), again.Get("lock"))
		require.NotContains(t, again, "part", "the answer is a whole page, whatever asked first")
		w.page = w.goes(w.path("locale=en"), again)
		require.Equal(t, "Mine <b>", w.text().Blocks[0].Text, "the form is the whole text, so nothing of it lands in another block")
		require.NotContains(t, w.kinds(), "divider")
		w.does("undo")
		require.Equal(t, "Hers", w.text().Subject, "and hers is not lost")
	})
}
