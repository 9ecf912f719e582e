package message

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sebdah/goldie/v2"
	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/templates"
)

// look writes the golden mails as pages one can open: go test -run Golden -look /tmp/mails
var look = flag.String("look", "", "folder to write the golden mails to, for a browser")

func playbook(t testing.TB, name string) campaign.Definition {
	data, err := templates.Playbook(name)
	require.NoError(t, err)
	d, err := campaign.Parse(data)
	require.NoError(t, err)
	return d
}

// mailOf returns a playbook's one mail, compiled.
func mailOf(t testing.TB, d campaign.Definition) *Set {
	last := d.Steps[len(d.Steps)-1]
	require.Equal(t, campaign.SendEmail, last.Kind)
	set, err := CompileAll(last.Email)
	require.NoError(t, err)
	return set
}

func factsOf(d campaign.Definition, lang string) Facts {
	f := Facts{
		Shop:   commerce.Shop{ID: "0SHOP", Name: "Nour & Co", Email: "hello@nour.example", Locale: "en", Country: "US", Currency: "USD"},
		Person: commerce.Person{Email: "ada@example.com", FirstName: "Ada", LastName: "Lovelace"},
		Order: order("#1001", "USD",
			commerce.Line{ID: "1", Title: "Linen shirt", Variant: "Blue / M", Quantity: 1, Price: commerce.Money{Amount: 4900, Currency: "USD"}},
			commerce.Line{ID: "2", Title: "Canvas tote", Quantity: 2, Price: commerce.Money{Amount: 1850, Currency: "USD"}},
			commerce.Line{ID: "3", Title: "Olive soap", Quantity: 3, Price: commerce.Money{Amount: 650, Currency: "USD"}}),
		Class: d.Class, Topic: d.Topic, EffectID: "0EFFECT1", IDHost: "mail.flywheel.example",
		UnsubscribeURL: "https://flywheel.example/u/AAAAAAAAAAAAAAAAAAAAAA",
	}
	f.Shop.Settings = commerce.Settings{ReviewURL: "https://nour.example/reviews?order=1001&x=1", PostalAddress: "Nour & Co\n12 Harbour Street\nBoston MA 02110"}
	switch lang {
	case "ar":
		f.Shop.Name, f.Shop.Locale, f.Shop.Country, f.Shop.Currency = "متجر نور", "ar", "SA", "SAR"
		f.Shop.Settings.PostalAddress = "متجر نور\nطريق الملك فهد 120\nالرياض 12214"
		f.Person.FirstName, f.Person.LastName = "سارة", "العتيبي"
		f.Order = order("#1001", "SAR",
			commerce.Line{ID: "1", Title: "قميص كتان", Variant: "أزرق / M", Quantity: 1, Price: commerce.Money{Amount: 18900, Currency: "SAR"}},
			commerce.Line{ID: "2", Title: "Canvas tote", Quantity: 2, Price: commerce.Money{Amount: 6950, Currency: "SAR"}},
			commerce.Line{ID: "3", Title: "صابون زيت الزيتون", Quantity: 3, Price: commerce.Money{Amount: 2450, Currency: "SAR"}})
		f.Order.Detail.Language = "ar"
	case "fa":
		f.Shop.Name, f.Shop.Locale, f.Shop.Country, f.Shop.Currency = "فروشگاه نور", "fa", "IR", "IRR"
		f.Shop.Settings.PostalAddress = "فروشگاه نور\nخیابان ولیعصر، شمارهٔ ۲۴\nتهران"
		f.Person.FirstName, f.Person.LastName = "نگار", "محمدی"
		f.Order = order("#1001", "IRR",
			commerce.Line{ID: "1", Title: "پیراهن کتان", Variant: "آبی / M", Quantity: 1, Price: commerce.Money{Amount: 185000000, Currency: "IRR"}},
			commerce.Line{ID: "2", Title: "Canvas tote", Quantity: 2, Price: commerce.Money{Amount: 64000000, Currency: "IRR"}},
			commerce.Line{ID: "3", Title: "صابون زیتون", Quantity: 3, Price: commerce.Money{Amount: 9500000, Currency: "IRR"}})
		f.Order.Detail.Language = "fa-IR"
	}
	return f
}

func order(name, currency string, lines ...commerce.Line) *commerce.Order {
	o := &commerce.Order{ID: "0ORDER", Detail: commerce.Detail{Platform: commerce.Shopify, Name: name, Total: commerce.Money{Currency: currency}}}
	for _, l := range lines {
		l.Current = l.Quantity
		o.Detail.Lines = append(o.Detail.Lines, l)
		o.Detail.Total.Amount += l.Price.Amount * l.Quantity
	}
	return o
}

func render(t testing.TB, s *Set, f Facts) Message {
	m, err := s.Render(f)
	require.NoError(t, err)
	return m
}

// golden compares a mail with its files. Tags stand on lines of their own there; a
// test of many mails leaves out the head, which is the same in all.
func golden(t *testing.T, folder, name string, head bool, m Message) {
	g := goldie.New(t, goldie.WithFixtureDir("testdata/"+folder), goldie.WithNameSuffix(""))
	page := m.HTML
	if !head {
		page = page[strings.Index(page, "<body"):]
	}
	g.Assert(t, name+".html", []byte(strings.ReplaceAll(page, "><", ">\n<")+"\n"))
	var text strings.Builder
	text.WriteString("Subject: " + m.Subject + "\nTo: " + m.ToName + " <" + m.To + ">\nFrom: " + m.FromName + " <" + m.From + ">\nReply-To: " + m.ReplyTo + "\n")
	for _, h := range m.Headers {
		text.WriteString(h[0] + ": " + h[1] + "\n")
	}
	g.Assert(t, name+".txt", []byte(text.String()+"\n"+m.Text))
	if *look != "" {
		require.NoError(t, os.WriteFile(filepath.Join(*look, name+".html"), []byte(m.HTML), 0o600))
	}
}

// mailsOf renders every mail of every playbook in every language, by name.
func mailsOf(t testing.TB) map[string]Message {
	all := map[string]Message{}
	for _, name := range templates.Playbooks() {
		d := playbook(t, name)
		require.Equal(t, name, d.Name)
		for step := range d.AllSteps() {
			if step.Kind != campaign.SendEmail {
				continue
			}
			set, err := CompileAll(step.Email)
			require.NoError(t, err)
			for _, lang := range templates.Languages() {
				all[name+"_"+step.ID+"_"+lang] = render(t, set, playbookFacts(t, d, lang))
			}
		}
	}
	return all
}

// playbookFacts are those of a shop that has all that playbooks speak of.
func playbookFacts(t testing.TB, d campaign.Definition, lang string) Facts {
	f := factsOf(d, lang)
	f.Shop.Settings.StoreURL, f.Person.Phone = "https://nour.example", "+966 50 123 4567"
	f.Product = &commerce.Product{Title: f.Order.Detail.Lines[0].Title, Handle: "new"}
	if compiledAll(t, d) {
		f.Loyalty, f.AccountURL = loyaltyOf(lang), "https://flywheel.example/account/AAAAAAAAAAAAAAAAAAAAAA"
	}
	if d.Trigger.Kind == campaign.OnConsentAsked {
		f.ConfirmURL = "https://flywheel.example/c/AAAAAAAAAAAAAAAAAAAAAA"
	}
	return f
}

func TestGoldenPlaybooks(t *testing.T) {
	for name, m := range mailsOf(t) {
		golden(t, "mails", name, false, m)
	}
}

// No default mail may go out with anything that a check finds.
func TestPlaybooksStandEveryCheck(t *testing.T) {
	for name, m := range mailsOf(t) {
		lang := name[strings.LastIndexByte(name, '_')+1:]
		for _, f := range Check(m, Checked{Class: gate.Transactional}) {
			if f.State != CheckOK && f.Check != CheckSubject {
				t.Errorf("%s: %s: %s", name, f.Check, strings.Join(f.Details, "; "))
			}
		}
		require.Contains(t, m.HTML, `dir="`+templates.Dir(lang)+`" xmlns`, name)
		require.Regexp(t, `<a href="https://[^"]+" target="_blank"`, m.HTML, name)
		for _, left := range []string{"{{", "}}", "{%", `href=""`, `href="#"`, "LQ", "<no value>", "letter-spacing", "text-transform", `src=""`} {
			require.NotContains(t, m.HTML, left, name)
			require.NotContains(t, m.Text, left, name)
		}
		if wrong := map[string]string{"rtl": "direction:ltr", "ltr": "rtl"}[templates.Dir(lang)]; strings.Contains(m.HTML, wrong) {
			t.Errorf("%s runs the wrong way: %s", name, wrong)
		}
		require.NotRegexp(t, `(?m)^[ \t]+\S`, m.Text, "%s: no line of the text part is indented", name)
		require.NotContains(t, m.Text, "\n\n\n", name)
	}
}

// What every playbook says, to be read through in one go: mails by their text
// parts, notes to staff as they stand.
func TestGoldenWords(t *testing.T) {
	g := goldie.New(t, goldie.WithFixtureDir("testdata/words"), goldie.WithNameSuffix(".txt"))
	for _, name := range templates.Playbooks() {
		d := playbook(t, name)
		for _, lang := range []string{"en", "ar", "fa"} {
			f := playbookFacts(t, d, lang)
			var words strings.Builder
			for step := range d.AllSteps() {
				switch step.Kind {
				case campaign.SendEmail:
					set, err := CompileAll(step.Email)
					require.NoError(t, err)
					m := render(t, set, f)
					words.WriteString("== " + step.ID + "\n" + m.Subject + "\n\n" + m.Text + "\n")
				case campaign.CallTask, campaign.NotifyTeam:
					notes, err := CompileNotes(step.Note)
					require.NoError(t, err)
					said, err := notes.Say(f)
					require.NoError(t, err)
					words.WriteString("== " + step.ID + "\n" + said.Title + "\n\n" + strings.Join(said.Body, "\n") + "\n")
				}
			}
			g.Assert(t, name+"_"+lang, []byte(words.String()))
		}
	}
}

func TestGoldenCases(t *testing.T) {
	thanks, review := playbook(t, "thank_you"), playbook(t, "review_request")
	for name, c := range map[string]struct {
		playbook campaign.Definition
		lang     string
		change   func(*Facts)
	}{
		"no_names":      {thanks, "ar", func(f *Facts) { f.Person.FirstName, f.Order.Detail.Name = "", "" }},
		"no_lines":      {thanks, "en", func(f *Facts) { f.Order.Detail.Lines = nil }},
		"no_review_url": {review, "ar", func(f *Facts) { f.Shop.Settings.ReviewURL = "" }},
		"yen":           {thanks, "en", func(f *Facts) { currency(f, "JPY", 1200) }},
		"dinar":         {thanks, "ar", func(f *Facts) { currency(f, "KWD", 12750); f.Shop.Country = "KW" }},
		"dirham":        {thanks, "ar", func(f *Facts) { currency(f, "AED", 129900); f.Shop.Country = "AE" }},
		"part_back": {thanks, "fa", func(f *Facts) {
			f.Order.Refunds = map[string]commerce.Refund{"r": {ID: "r", Status: commerce.RefundSucceeded, Amount: commerce.Money{Amount: 128000000, Currency: "IRR"}, Lines: []commerce.RefundLine{{Line: "2", Quantity: 2}}}}
		}},
		"bare": {thanks, "en", func(f *Facts) {
			f.Order, f.Person.FirstName, f.UnsubscribeURL, f.EffectID, f.Shop.Settings = nil, "", "", "", commerce.Settings{}
		}},
	} {
		f := factsOf(c.playbook, c.lang)
		c.change(&f)
		golden(t, "cases", name, name == "bare" || name == "part_back", render(t, mailOf(t, c.playbook), f))
	}
}

func currency(f *Facts, code string, price int64) {
	f.Order.Detail.Total = commerce.Money{Currency: code}
	for i := range f.Order.Detail.Lines {
		l := &f.Order.Detail.Lines[i]
		l.Price = commerce.Money{Amount: price * int64(i+1), Currency: code}
		f.Order.Detail.Total.Amount += l.Price.Amount * l.Quantity
	}
}

// What the issue and design.md fix about the two playbooks.
func TestPlaybooksAreWhatTheySay(t *testing.T) {
	thanks := playbook(t, "thank_you")
	require.Equal(t, gate.Transactional, thanks.Class)
	require.Equal(t, "orders", thanks.Topic)
	require.Equal(t, campaign.OnOrderPaid, thanks.Trigger.Kind)
	require.Len(t, thanks.Steps, 1)
	for lang, e := range thanks.Steps[0].Email {
		require.Nil(t, e.Button, "%s: thanks asks for nothing", lang)
	}

	review := playbook(t, "review_request")
	require.Equal(t, gate.Service, review.Class)
	require.Equal(t, "reviews", review.Topic)
	require.Equal(t, campaign.OnOrderArrived, review.Trigger.Kind)
	require.Equal(t, "{{ shop.review_url }}", review.Steps[1].Email["en"].Button.URL)

	for _, d := range []campaign.Definition{thanks, review} {
		for _, step := range d.Steps {
			for lang, e := range step.Email {
				require.Empty(t, Lint(e), "%s %s", d.Name, lang)
			}
			if step.Kind == campaign.SendEmail {
				require.Len(t, step.Email, 3)
			}
		}
		require.Len(t, d.Title, 3)
		require.Len(t, d.Goal, 3)
	}
}

func TestConsentPolicyHoldsWhatTheDesignSays(t *testing.T) {
	p, err := gate.ParsePolicy(templates.ConsentPolicy())
	require.NoError(t, err)
	need := func(class gate.Class, country string) gate.Need { return p.For(commerce.ByMail, class, country).Need }
	for _, country := range []string{"", "DE", "SA", "US", "ZZ"} {
		require.Equal(t, gate.NeedNothing, need(gate.Transactional, country), country)
	}
	for country, want := range map[string]gate.Need{"ZZ": gate.NeedOptOut, "US": gate.NeedOptOut, "AE": gate.NeedOptOut, "DE": gate.NeedOptIn, "AT": gate.NeedOptIn, "SA": gate.NeedOptIn, "": gate.NeedOptIn} {
		require.Equal(t, want, need(gate.Service, country), country)
	}
	for country, want := range map[string]gate.Need{"ZZ": gate.NeedOptIn, "US": gate.NeedOptOut, "CA": gate.NeedImplied, "GB": gate.NeedOptIn, "DE": gate.NeedDouble, "": gate.NeedDouble} {
		require.Equal(t, want, need(gate.Marketing, country), country)
	}
	require.Equal(t, 24, p.For(commerce.ByMail, gate.Marketing, "CA").Months)
}
