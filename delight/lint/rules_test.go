package lint

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
)

func TestNothingIsWrongWithAPlainThankYou(t *testing.T) {
	require.Empty(t, Lint(thanks(), trilingual))
}

func TestConsent(t *testing.T) {
	for _, kind := range []campaign.TriggerKind{campaign.OnLapsed, campaign.OnNewProduct, campaign.OnReplenishment, campaign.OnAnniversary} {
		require.Equal(t, []string{"consent-bypass class"}, found(thanks(on(kind)), trilingual))
		require.Equal(t, []string{"service-on-marketing-trigger class"}, found(thanks(on(kind), of(gate.Service, "care")), trilingual))
		require.Empty(t, found(thanks(on(kind), of(gate.Marketing, "news")), trilingual))
	}
	winBack := thanks(func(d *campaign.Definition) { d.Job = commerce.JobWinBack })
	require.Equal(t, []string{"consent-bypass class"}, found(winBack, trilingual), "whatever its trigger")

	for topic, want := range map[string][]string{"": {"topic-missing topic"}, " ": {"topic-missing topic"}, "orders": {"topic-of-orders topic"}, "reviews": nil} {
		require.Equal(t, want, found(thanks(of(gate.Service, topic)), trilingual), topic)
		require.Equal(t, want, found(thanks(of(gate.Marketing, topic)), trilingual), topic)
	}
	nowhere := trilingual
	nowhere.Settings.PostalAddress = " "
	require.Equal(t, []string{"no-postal-address class"}, found(thanks(of(gate.Marketing, "news")), nowhere))
	require.Empty(t, found(thanks(of(gate.Service, "care")), nowhere))
	require.Empty(t, found(thanks(of(gate.Marketing, "news"), steps(end())), nowhere), "no mails, no footer")
}

func TestUseful(t *testing.T) {
	short := mail("short")
	short.Useful = 11 * hours
	longer := short
	longer.Useful++
	service := of(gate.Service, "care")
	require.Equal(t, []string{"useful-below-quiet steps[0].useful"}, found(thanks(service, steps(short)), trilingual))
	require.Empty(t, found(thanks(service, steps(longer)), trilingual))
	require.Empty(t, found(thanks(steps(short)), trilingual), "transactional mails keep no quiet hours")

	ten := campaign.Step{ID: "ten", Kind: campaign.WaitUntil, At: "10:00"}
	late := campaign.Step{ID: "late", Kind: campaign.WaitUntil, At: "22:30"}
	monday := campaign.Step{ID: "monday", Kind: campaign.WaitUntil, Weekday: "monday"}
	require.Empty(t, found(thanks(service, steps(ten, short)), trilingual))
	for _, s := range []campaign.Step{late, monday} {
		require.Equal(t, []string{"useful-below-quiet steps[1].useful"}, found(thanks(service, steps(s, short)), trilingual))
	}
	siesta := trilingual
	siesta.Settings.Calendar.Quiet = commerce.Window{From: "13:00", To: "15:30"}
	require.Empty(t, found(thanks(service, steps(short)), siesta))
	require.Equal(t, []string{"useful-below-quiet steps[1].useful"}, found(thanks(service, steps(campaign.Step{Kind: campaign.WaitUntil, At: "14:00"}, brief(2))), siesta))

	never := mail("never")
	never.Useful = 0
	call := campaign.Step{ID: "call", Kind: campaign.CallTask, Useful: 24 * hours, Within: 48 * hours, Note: notes()}
	require.Equal(t, []string{"useful-missing steps[0].useful"}, found(thanks(steps(never)), trilingual))
	require.Equal(t, []string{"call-after-use steps[0].within"}, found(thanks(steps(call)), trilingual))
	call.Within = call.Useful
	require.Empty(t, found(thanks(steps(call)), trilingual))
}

func brief(useful int) campaign.Step {
	s := mail("brief")
	s.Useful = campaign.Duration(useful) * hours
	return s
}

func notes() map[string]campaign.Note {
	n := campaign.Note{Title: "-", Body: []string{"-"}}
	return map[string]campaign.Note{"en": n, "ar": n, "fa": n}
}

func TestWaitsBeyondUse(t *testing.T) {
	within := func(days int, then, otherwise []campaign.Step) campaign.Step {
		return campaign.Step{ID: "event", Kind: campaign.WaitForEvent, Event: "order_paid", Timeout: campaign.Duration(days) * 24 * hours, Then: then, Else: otherwise}
	}
	monday := campaign.Step{ID: "monday", Kind: campaign.WaitUntil, Weekday: "monday"}
	for name, c := range map[string]struct {
		steps []campaign.Step
		want  []string
	}{
		"at once":              {list(mail("a")), nil},
		"up to the limit":      {list(wait(5), mail("a")), nil},
		"beyond it":            {list(wait(6), mail("a")), []string{"wait-beyond-use steps[1]"}},
		"in two parts":         {list(wait(3), mail("a"), wait(3), mail("b")), []string{"wait-beyond-use steps[3]"}},
		"a weekday":            {list(monday, mail("a")), []string{"wait-beyond-use steps[1]"}},
		"a timeout":            {list(within(6, list(end()), list(mail("a")))), []string{"wait-beyond-use steps[0].else[0]"}},
		"behind a branch":      {list(branch2("order.items > 1", list(wait(6)), nil), mail("a")), []string{"wait-beyond-use steps[1]"}},
		"a branch that ends":   {list(branch2("order.items > 1", list(wait(6), end()), nil), mail("a")), nil},
		"a wait to no purpose": {list(mail("a"), wait(60)), nil},
	} {
		require.Equal(t, c.want, found(thanks(on(campaign.OnDeliveryDelayed), steps(c.steps...)), trilingual), name)
		require.Empty(t, found(thanks(steps(c.steps...)), trilingual), "%s: a payment keeps", name)
	}
	late := thanks(steps(wait(15), mail("a")), of(gate.Service, "care"), job(commerce.JobThanks))
	require.Equal(t, []string{"wait-beyond-use steps[1]"}, found(late, trilingual))
}

func TestUnreachable(t *testing.T) {
	both := branch2("order.items > 1", list(end()), list(mail("a"), end()))
	one := branch2("order.items > 1", list(end()), list(mail("a")))
	split := func(arms ...campaign.Arm) campaign.Step {
		return campaign.Step{ID: "split", Kind: campaign.Split, Arms: arms}
	}
	for name, c := range map[string]struct {
		steps []campaign.Step
		want  []string
	}{
		"behind the end":       {list(end(), mail("a"), mail("b")), []string{"unreachable-step steps[1]"}},
		"behind both ends":     {list(both, mail("b")), []string{"unreachable-step steps[1]"}},
		"behind one":           {list(one, mail("b")), nil},
		"within a branch":      {list(branch2("order.items > 1", list(end(), wait(1)), nil)), []string{"unreachable-step steps[0].then[1]"}},
		"behind nested ends":   {list(branch2("order.items > 1", list(both), list(end())), mail("b")), []string{"unreachable-step steps[1]"}},
		"an arm of no weight":  {list(split(campaign.Arm{Name: "a", Weight: 1}, campaign.Arm{Name: "b", Steps: list(mail("x"))})), []string{"arm-without-weight steps[0].arms[1].weight"}},
		"arms that end":        {list(split(campaign.Arm{Name: "a", Weight: 1, Steps: list(end())}, campaign.Arm{Name: "b", Weight: 1, Steps: list(end())}), mail("b")), []string{"unreachable-step steps[1]"}},
		"always":               {list(branch2("true", list(mail("a")), list(mail("b")))), []string{"condition-constant steps[0].condition", "unreachable-step steps[0].else[0]"}},
		"never":                {list(branch2("1 > 2 && order.items > 1", list(mail("a")), list(mail("b")))), []string{"condition-constant steps[0].condition", "unreachable-step steps[0].then[0]"}},
		"never, nothing there": {list(branch2(`"a" == "b"`, nil, list(mail("b")))), []string{"condition-constant steps[0].condition"}},
		"or true":              {list(branch2("order.items > 1 || 2 > 1", list(mail("a")), nil)), []string{"condition-constant steps[0].condition"}},
		"it depends":           {list(branch2("order.items > 1 || person.country == 'DE'", list(mail("a")), list(mail("b")))), nil},
		"it depends on a list": {list(branch2("'gift' in order.tags && order.lines.exists(l, l.title == 'Cup')", list(mail("a")), list(mail("b")))), nil},
		"it cannot be read":    {list(branch2("order.items >", list(mail("a")), nil)), nil},
	} {
		require.Equal(t, c.want, found(thanks(steps(c.steps...)), trilingual), name)
	}
	nobody := thanks(func(d *campaign.Definition) { d.Condition = "false" })
	require.Equal(t, []string{"condition-constant condition"}, found(nobody, trilingual))
	rows := thanks(func(d *campaign.Definition) {
		d.Rows = []campaign.Row{{Field: "order.items", Op: "at_least", Value: "2"}}
	})
	require.Empty(t, found(rows, trilingual))
}

func TestLanguages(t *testing.T) {
	without := func(s campaign.Step, lang string) campaign.Step {
		delete(s.Email, lang)
		return s
	}
	require.Equal(t, []string{"missing-translation steps[0].email.fa"}, found(thanks(steps(without(mail("a"), "fa"))), trilingual))
	english := commerce.Shop{Locale: "en"}
	require.Empty(t, found(thanks(steps(without(mail("a"), "fa"))), english), "not a language of this shop")
	require.Equal(t, []string{"missing-translation steps[0].email.en"}, found(thanks(steps(without(mail("a"), "en"))), commerce.Shop{}))

	egypt := commerce.Shop{Settings: commerce.Settings{Languages: []string{"ar-EG", "pt-BR"}}}
	require.Equal(t, []string{"missing-translation steps[0].email.pt-BR"}, found(thanks(), egypt), "ar does for ar-EG")

	nested := thanks(steps(branch2("order.items > 1", list(without(mail("a"), "ar")), nil)))
	require.Equal(t, []string{"missing-translation steps[0].then[0].email.ar"}, found(nested, trilingual))

	note := notes()
	delete(note, "ar")
	tell := campaign.Step{ID: "tell", Kind: campaign.NotifyTeam, Useful: 24 * hours, Note: note}
	require.Equal(t, []string{"missing-note steps[0].note.ar"}, found(thanks(steps(tell)), trilingual))

	uneven := mail("a")
	e := uneven.Email["en"]
	e.Heading, e.Button = "Hello", &campaign.Button{Label: "Look", URL: "https://x.example"}
	uneven.Email["en"] = e
	require.Equal(t, []string{
		"uneven-translation steps[0].email.ar.button", "uneven-translation steps[0].email.ar.heading",
		"uneven-translation steps[0].email.fa.button", "uneven-translation steps[0].email.fa.heading",
	}, found(thanks(steps(uneven)), trilingual))
}

// Every rule speaks all three languages, and every place in its sentences is filled.
func TestFindingsAreSentences(t *testing.T) {
	for id, r := range rules() {
		require.Contains(t, []Severity{Error, Warning}, r.Severity, id)
		inThree(t, r.Says, id)
		inThree(t, r.Mend, id)
	}
	broken := thanks(on(campaign.OnRefundFull), of(gate.Service, "orders"), steps(
		wait(20), saying(brief(5), "ar", "خصم 20% لك، وقيّم تجربتك، وأعدنا 120 ريالًا"), end(), mail("x")))
	fs := Lint(broken, commerce.Shop{Settings: commerce.Settings{Languages: []string{"de"}}})
	require.Greater(t, len(fs), 6)
	require.True(t, Errors(fs))
	for i, f := range fs {
		for lang, text := range f.Texts {
			require.NotContains(t, text, "{", f.Rule+" "+lang)
			require.True(t, strings.ContainsAny(text[len(text)-2:], ".؟?"), text)
		}
		require.True(t, i == 0 || rank(fs[i-1]) <= rank(f), "errors first")
	}
	long := thanks(steps(mail("0"), mail("1"), mail("2"), mail("3"), mail("4"), mail("5"), mail("6"), mail("7"), mail("8"), mail("9"), mail("10")))
	for i := range long.Steps {
		saying(long.Steps[i], "fa", "همین حالا بخرید")
	}
	fs = Lint(long, trilingual)
	require.Equal(t, "steps[2].email.fa.body[1]", fs[2].Where)
	require.Equal(t, "steps[10].email.fa.body[1]", fs[10].Where)
	late := Lint(thanks(on(campaign.OnDeliveryDelayed), steps(wait(6), mail("a"))), trilingual)[0]
	require.Equal(t, "It may come as late as 6 days after its cause, Delivery delayed. By then it is old news: 5 days is the limit.", late.Texts["en"])
	require.Contains(t, late.Texts["ar"], "6 يومًا من سببها، وهو تأخر التوصيل")
	require.False(t, Errors([]Finding{late}))
}

// A rule that nothing can break, or that no text stands for, is none: every
// rule of the file is found somewhere in the tests' definitions.
func TestEveryRuleIsUsed(t *testing.T) {
	source := sources(t)
	for id := range rules() {
		require.Contains(t, source, fmt.Sprintf("%q", id), "no code finds %s", id)
	}
}

func TestPlain(t *testing.T) {
	for text, want := range map[string]string{
		"خَصْمٌ ٢٠٪":                             "خصم 20%",
		"تخفیف\u200cهایِ ویژه ۲۰٪":               "تخفيف هاي ويژه 20%",
		"أُعيدَ إليك":                            "اعيد اليك",
		"{{ order.name | prefixed: \"Re \" }}!":  "re !",
		"Café ’ \u200eX\u00a0 Y":                 "cafe ' x y",
		"{{ greeting }}":                         "",
		"مـــرحبًا":                              "مرحبا",
		"{{ a | default: 'Shop' }} {{ b }} now.": "shop now.",
	} {
		require.Equal(t, want, plain(text), text)
	}
}

// Words are read as whole words: with what Arabic writes before and behind them,
// but not within others.
func TestWholeWords(t *testing.T) {
	for text, want := range map[string]string{"discount": "discount", "discounts": "discounts", "discountenance": "", "rediscount": "", "a discount.": "discount"} {
		require.Equal(t, want, hear(promotion, "en", text), text)
	}
	for text, heardIt := range map[string]bool{"وبالخصومات": true, "عروضنا": true, "معروضنا": false, "بعروضها": true} {
		require.Equal(t, heardIt, hear(promotion, "ar", text) != "", text)
	}
	require.Empty(t, hear(promotion, "fa", "با عرض پوزش"))
	require.NotEmpty(t, hear(promotion, "fa-IR", "تخفیفشان"))
	require.Empty(t, hear(promotion, "ar", "تخفیف"), "each language has its own words")
}

func BenchmarkLint(b *testing.B) {
	d := playbook(b, "win_back")
	for b.Loop() {
		Lint(d, trilingual)
	}
}
