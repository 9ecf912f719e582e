package message_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/message"
	"flywheel/templates"
)

const stop = "https://flywheel.example/u/AAAA"

// sound is a mail in which all is well, of a page's body and further styles.
func sound(body, style string) message.Message {
	return message.Message{
		To: "ada@example.com", Subject: "Thank you", Text: "Thank you. Stop: " + stop,
		HTML: `<!doctype html><html lang="en" dir="ltr"><head><style>` + style + `</style></head><body style="background-color:#ffffff;color:#222222">` +
			body + `<a href="` + stop + `">Stop</a></body></html>`,
		Headers: [][2]string{{"Content-Language", "en"}, {"List-Unsubscribe", "<" + stop + ">"}, {"List-Unsubscribe-Post", "List-Unsubscribe=One-Click"}},
	}
}

func checked() message.Checked {
	return message.Checked{Class: gate.Service, Writes: []string{"en"}, Texts: []string{"en"}}
}

// of is what one check came to.
func of(t *testing.T, all []message.Finding, name message.CheckName) message.Finding {
	t.Helper()
	for _, f := range all {
		if f.Check == name {
			return f
		}
	}
	t.Fatalf("%s was not looked at", name)
	return message.Finding{}
}

func TestASoundMailHasNoFaults(t *testing.T) {
	all := message.Check(sound(`<p>Hello <img src="https://shop.example/a.png" alt="A shirt"></p>`, ""), checked())
	require.Len(t, all, 11)
	for _, f := range all {
		require.Equal(t, message.CheckOK, f.State, "%+v", f)
		for _, lang := range templates.Languages() {
			require.NotContains(t, f.Say(lang, "SA"), "check_", "a sentence in %s", lang)
		}
	}
	require.Equal(t, message.CheckOK, message.Worst(all))
}

// Each fault is found by its check and by no other.
func TestEachFaultIsFound(t *testing.T) {
	body := func(html string) func(*message.Message, *message.Checked) {
		return func(m *message.Message, _ *message.Checked) { *m = sound(html, "") }
	}
	for name, tt := range map[string]struct {
		change func(*message.Message, *message.Checked)
		check  message.CheckName
		state  message.CheckState
		detail string // a part of one
	}{
		"too large":            {body(`<p>` + strings.Repeat("word ", 20480) + `</p>`), message.CheckSize, message.CheckBad, ""},
		"rather large":         {body(`<p>` + strings.Repeat("word ", 16400) + `</p>`), message.CheckSize, message.CheckLook, ""},
		"no subject":           {func(m *message.Message, _ *message.Checked) { m.Subject = " \u2066\u2069 " }, message.CheckSubject, message.CheckBad, ""},
		"long subject":         {func(m *message.Message, _ *message.Checked) { m.Subject = strings.Repeat("ش", 61) }, message.CheckSubject, message.CheckLook, "ش"},
		"output in subject":    {func(m *message.Message, _ *message.Checked) { m.Subject = "Hello {{ name }}" }, message.CheckLeftovers, message.CheckBad, "{{ name }}"},
		"tag in text":          {func(m *message.Message, _ *message.Checked) { m.Text += "{% if" }, message.CheckLeftovers, message.CheckBad, "{% if"},
		"output in a link":     {body(`<a href="https://shop.example/%7B%7B x }}">x</a>`), message.CheckLeftovers, message.CheckBad, "{{ x }}"},
		"link to nowhere":      {body(`<p><a href="">Go on</a></p>`), message.CheckLinks, message.CheckBad, "Go on"},
		"link to a script":     {body(`<a href="javascript:alert(1)">x</a>`), message.CheckLinks, message.CheckBad, "javascript"},
		"link with a password": {body(`<a href="https://a:b@shop.example/">x</a>`), message.CheckLinks, message.CheckBad, "a:b@"},
		"link without TLS":     {body(`<a href="http://shop.example/">x</a>`), message.CheckLinks, message.CheckLook, "http://"},
		"picture from a file":  {body(`<img alt="x" src="file:///etc/passwd">`), message.CheckLinks, message.CheckBad, "file:"},
		"link elsewhere": {func(m *message.Message, c *message.Checked) {
			*m, c.LinkHosts = sound(`<a href="https://notshop.example/">x</a>`, ""), []string{"shop.example", "flywheel.example"}
		}, message.CheckLinks, message.CheckBad, "notshop"},
		"picture elsewhere": {func(m *message.Message, c *message.Checked) {
			*m, c.LinkHosts = sound(`<img alt="x" src="https://notshop.example/pay.png"><img alt="y" src="https://cdn.shopify.com/a.png">`, ""), []string{"shop.example", "flywheel.example"}
		}, message.CheckLinks, message.CheckBad, "notshop"},
		"address in the text": {func(m *message.Message, c *message.Checked) {
			*m, c.LinkHosts = sound(`<p>Pay at https://phish.com/pay or ask hello@phish.com</p>`, ""), []string{"shop.example", "flywheel.example"}
		}, message.CheckTyped, message.CheckLook, "https://phish.com/pay"},
		"address in the subject": {func(m *message.Message, c *message.Checked) {
			m.Subject, c.LinkHosts = "See phish.com", []string{"shop.example", "flywheel.example"}
		}, message.CheckTyped, message.CheckLook, "phish.com"},
		"address in the text part, broken up": {func(m *message.Message, c *message.Checked) {
			m.Text, c.LinkHosts = m.Text+"\nPay at phish\u2060.\u2060example/pay", []string{"shop.example", "flywheel.example"}
		}, message.CheckTyped, message.CheckLook, "phish.example/pay"},
		"picture without words":  {body(`<img src="https://shop.example/a.png">`), message.CheckAlt, message.CheckBad, "a.png"},
		"link of a mute picture": {body(`<a href="https://shop.example/"><img src="https://shop.example/a.png" alt=""></a>`), message.CheckAlt, message.CheckBad, "a.png"},
		"grey on white":          {body(`<p style="color:#777777">pale</p>`), message.CheckContrast, message.CheckBad, "pale: #777777 / #ffffff, 4.5:1 (light)"},
		"no text in Arabic":      {func(_ *message.Message, c *message.Checked) { c.Writes = []string{"en", "ar-EG"} }, message.CheckLanguages, message.CheckLook, "ar-EG"},
		"wrong direction": {func(m *message.Message, _ *message.Checked) {
			m.HTML = strings.Replace(m.HTML, `lang="en"`, `lang="ar"`, 1)
		}, message.CheckDirection, message.CheckBad, "ar: ltr"},
		"no text part":   {func(m *message.Message, c *message.Checked) { m.Text, c.Class = "", gate.Transactional }, message.CheckPlain, message.CheckBad, ""},
		"no way to stop": {func(m *message.Message, _ *message.Checked) { m.Headers = m.Headers[:2] }, message.CheckUnsubscribe, message.CheckBad, ""},
		"no link to stop": {func(m *message.Message, _ *message.Checked) {
			m.HTML = strings.Replace(m.HTML, stop, "https://flywheel.example/u/B", 1)
		}, message.CheckUnsubscribe, message.CheckBad, ""},
	} {
		t.Run(name, func(t *testing.T) {
			m, c := sound(`<p>Hello</p>`, ""), checked()
			tt.change(&m, &c)
			all := message.Check(m, c)
			f := of(t, all, tt.check)
			require.Equal(t, tt.state, f.State)
			require.Contains(t, strings.Join(f.Details, "\n"), tt.detail)
			require.Equal(t, tt.state, message.Worst(all))
			for _, other := range all {
				if other.Check != tt.check {
					require.Equal(t, message.CheckOK, other.State, "%+v", other)
				}
			}
			for _, lang := range templates.Languages() {
				require.NotContains(t, f.Say(lang, "US"), "check_")
			}
		})
	}
}

// What may be linked, shown or hidden is no fault.
func TestWhatIsNoFault(t *testing.T) {
	for _, body := range []string{
		`<a href="mailto:hello@shop.example">x</a> <a href="tel:+4930123">x</a>`,
		`<a href="https://www.Shop.example/">x</a>`,
		`<img src="https://shop.example/o.gif" alt="">`,
		`<a href="https://shop.example/"><img src="https://shop.example/a.png" alt=""> The shirt</a>`,
		`<div style="display:none;color:#fff">preheader</div>`,
		`<p style="font-size:24px;color:#888888">Large letters may be paler</p>`,
		`<p style="color:#767676">just enough</p>`,
		`<table><tr><td bgcolor="#123456"><span style="color:#fff">x</span></td></tr></table>`,
	} {
		c := checked()
		c.LinkHosts = []string{"shop.example", "flywheel.example"}
		all := message.Check(sound(body, ""), c)
		require.Equal(t, message.CheckOK, message.Worst(all), "%s\n%+v", body, all)
	}
}

// In the dark the rules for it count, over what stands in the elements where they are important.
func TestContrastInTheDark(t *testing.T) {
	dark := func(rules string) message.Finding {
		m := sound(`<div class="card" style="background:#ffffff"><p class="ink" style="color:#202020">words</p></div>`, `@media (prefers-color-scheme:dark) {`+rules+`} a { color: inherit }`)
		return of(t, message.Check(m, checked()), message.CheckContrast)
	}
	require.Equal(t, message.CheckOK, dark(`.card { background: #222 !important } .card p.ink { color: #eee !important }`).State)
	half := dark(`.card { background: #222 !important } .ink { color: #eee }`)
	require.Equal(t, message.CheckBad, half.State, "what stands in the element goes before a rule that is not important")
	require.Equal(t, []string{"words: #202020 / #222222, 1.0:1 (dark)"}, half.Details)
	require.Equal(t, message.CheckBad, dark(`.ink { color: #eee !important }`).State, "light on light")
	require.Equal(t, message.CheckOK, dark(`.card:hover { background: #222 !important }`).State, "what nobody sees without a mouse")
}

// The mails that come with the app have no faults, in any of its languages.
func TestPlaybooksPassTheChecks(t *testing.T) {
	for _, name := range templates.Playbooks() {
		data, err := templates.Playbook(name)
		require.NoError(t, err)
		d, err := campaign.Parse(data)
		require.NoError(t, err)
		for _, step := range d.Steps {
			if step.Kind != campaign.SendEmail {
				continue
			}
			set, err := message.CompileAll(step.Email)
			require.NoError(t, err)
			for lang := range step.Email {
				m, err := set.For(lang).Render(example(d, lang))
				require.NoError(t, err)
				for _, f := range message.Check(m, message.Checked{Class: d.Class, Writes: templates.Languages(), Texts: templates.Languages()}) {
					require.NotEqual(t, message.CheckBad, f.State, "%s %s %s: %v", name, step.ID, lang, f)
				}
			}
		}
	}
}

// example are the facts of somebody who has bought two things.
func example(d campaign.Definition, lang string) message.Facts {
	usd := func(amount int64) commerce.Money { return commerce.Money{Amount: amount, Currency: "USD"} }
	o := &commerce.Order{ID: "o", Detail: commerce.Detail{Platform: commerce.Shopify, Name: "#1001", Language: lang, Total: usd(8600)}}
	for i, title := range []string{"Linen shirt", "Canvas tote"} {
		o.Detail.Lines = append(o.Detail.Lines, commerce.Line{ID: fmt.Sprint(i), Title: title, Image: "https://shop.example/a.png", Quantity: 1, Current: 1, Price: usd(4300)})
	}
	return message.Facts{
		Shop: commerce.Shop{
			ID: "s", Name: "Nour & Co", Email: "hello@nour.example", Locale: lang, Country: "US",
			Settings: commerce.Settings{ReviewURL: "https://nour.example/reviews", StoreURL: "https://nour.example"},
		},
		Person: commerce.Person{Email: "ada@example.com", FirstName: "Ada"}, Order: o, Class: d.Class, Topic: d.Topic,
		UnsubscribeURL: stop, ConfirmURL: "https://flywheel.example/confirm/x", EffectID: "0E", Product: &commerce.Product{Title: "Linen shirt", Handle: "linen"},
	}
}
