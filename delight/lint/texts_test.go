package lint

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
)

// said are the texts of testdata/texts.yaml by heading and language.
func said(t *testing.T, heading string) map[string][]string {
	data, err := os.ReadFile("testdata/texts.yaml")
	require.NoError(t, err)
	var all map[string]map[string][]string
	require.NoError(t, yaml.Unmarshal(data, &all))
	inThree(t, all[heading], heading)
	return all[heading]
}

func TestPromotionIsHeard(t *testing.T) {
	for lang, texts := range said(t, "promotions") {
		for _, text := range texts {
			require.NotEmpty(t, hear(promotion, lang, text), "%s: %s", lang, text)
			d := thanks(says(lang, text))
			require.Equal(t, []string{"promo-in-transactional steps[0].email." + lang + ".body[1]"}, found(d, trilingual), text)
			of(gate.Service, "care")(&d)
			require.Equal(t, []string{"promo-in-service steps[0].email." + lang + ".body[1]"}, found(d, trilingual), text)
			on(campaign.OnRefundFull)(&d)
			require.Contains(t, found(d, trilingual), "promo-in-refund-care steps[0].email."+lang+".body[1]", text)
			require.Empty(t, found(thanks(of(gate.Marketing, "news"), says(lang, text)), trilingual), text)
		}
	}
}

func TestAsksAreHeard(t *testing.T) {
	for lang, texts := range said(t, "asks") {
		for _, text := range texts {
			d := thanks(says(lang, text))
			require.Contains(t, found(d, trilingual), "ask-in-transactional steps[0].email."+lang+".body[1]", text)
			d.Job = commerce.JobRefundNotice
			require.Contains(t, found(d, trilingual), "ask-in-refund-care steps[0].email."+lang+".body[1]", text)
			require.Empty(t, hear(promotion, lang, text)+hear(noWayOut, lang, text), text)
			require.NotContains(t, found(thanks(of(gate.Service, "reviews"), says(lang, text)), trilingual), "ask-in-transactional steps[0].email."+lang+".body[1]")
		}
	}
}

func TestInnocentTextsAreLeftAlone(t *testing.T) {
	for lang, texts := range said(t, "innocent") {
		for _, text := range texts {
			require.Empty(t, found(thanks(says(lang, text), job(commerce.JobThanks)), trilingual), text)
			require.Empty(t, found(thanks(says(lang, text), on(campaign.OnRefundFull)), trilingual), text)
		}
	}
}

// Beside a phrase that only looks like one a real one is heard, and whoever
// waits for a parcel or a payment is sold nothing either.
func TestPromotionBesideInnocence(t *testing.T) {
	text := "We are dealing with it, there is no hurry. " + strings.Repeat("All is well. ", 30) + "Shop now."
	for _, kind := range []campaign.TriggerKind{campaign.OnDeliveryDelayed, campaign.OnPaymentFailed, campaign.OnDisputeOpened} {
		require.Equal(t, []string{"promo-in-refund-care steps[0].email.en.body[1]"}, found(thanks(on(kind), says("en", text)), trilingual))
	}
	require.Equal(t, "hurry", hear(promotion, "en", "no hurry, hurry"))
}

func TestAnyTextIsRead(t *testing.T) {
	for where, change := range map[string]func(*campaign.Email){
		"subject":          func(e *campaign.Email) { e.Subject = "Shop now" },
		"preheader":        func(e *campaign.Email) { e.Preheader = "Shop now" },
		"heading":          func(e *campaign.Email) { e.Heading = "Shop now" },
		"body[0]":          func(e *campaign.Email) { e.Body = []string{"Shop now"} },
		"button.label":     func(e *campaign.Email) { e.Button = &campaign.Button{Label: "Shop now"} },
		"button.otherwise": func(e *campaign.Email) { e.Button = &campaign.Button{Otherwise: "Shop now"} },
		"closing[0]":       func(e *campaign.Email) { e.Closing = []string{"Shop now"} },
	} {
		d := thanks()
		e := d.Steps[0].Email["ar"] // an English phrase counts in every language
		change(&e)
		d.Steps[0].Email["ar"] = e
		require.Contains(t, found(d, trilingual), "promo-in-transactional steps[0].email.ar."+where)
	}
	nested := thanks(steps(branch2("order.items > 1", list(wait(1), saying(mail("a"), "en", "Shop now")), nil)))
	require.Equal(t, []string{"promo-in-transactional steps[0].then[1].email.en.body[1]"}, found(nested, trilingual))
}

func TestButtons(t *testing.T) {
	for url, want := range map[string]string{
		"{{ shop.url }}":                                        "store-button-in-transactional",
		"{{ product.url | default: shop.url }}":                 "store-button-in-transactional",
		"https://www.nour.example/collections/all":              "store-button-in-transactional",
		"https://nour.myshopify.com/collections/teas":           "store-button-in-transactional",
		"https://shop.nour.example/collections/teas":            "store-button-in-transactional",
		"https://nour-tea.example/collections/teas":             "store-button-in-transactional",
		"https://buy.stripe.com/abc":                            "store-button-in-transactional",
		"https://nour.example/collections/help/":                "store-button-in-transactional",
		"{{ shop.url }}/collections/all":                        "store-button-in-transactional",
		"{{ shop.url }}/account":                                "",
		"https://nour.myshopify.com/account/orders/1":           "",
		"https://nour.example/12345/orders/abc":                 "",
		"https://nour.example/en-gb/pages/care":                 "",
		"{{ shop.review_url }}":                                 "ask-in-transactional",
		"https://search.google.com/local/writereview?placeid=1": "ask-in-transactional",
		"https://maps.app.goo.gl/abc":                           "ask-in-transactional",
		"https://other.example/write-a-review":                  "ask-in-transactional",
		"https://www.trustpilot.com/evaluate/nour":              "ask-in-transactional",
		"https://reviews.example/nour?x=1":                      "ask-in-transactional",
		"https://nour.example/account/orders/1":                 "",
		"https://nour.example/pages/how-to-use-a-cup":           "",
		"https://carrier.example/track/1":                       "",
	} {
		d := thanks()
		for lang, e := range d.Steps[0].Email {
			e.Button = &campaign.Button{Label: "-", URL: url}
			d.Steps[0].Email[lang] = e
		}
		got := found(d, trilingual)
		if want == "" {
			require.Empty(t, got, url)
			continue
		}
		require.Equal(t, want+" steps[0].email.ar.button.url", got[0], url)
		got = slices.DeleteFunc(got, func(f string) bool { return f == "job-of-review job" })
		require.Len(t, got, 3, url)
		of(gate.Service, "reviews")(&d)
		d.Job = commerce.JobReviewAsk
		require.Empty(t, found(d, trilingual), url)
	}
}

func TestRefundCareNamesNoAmounts(t *testing.T) {
	for _, text := range []string{
		"We sent back {{ order.total }}.", "{{ order.total | prefixed: \"Total: \" }}", "You get 30 euros.", "€30.00 is on its way", "30,00 € sind unterwegs", "USD 12", "12 SAR",
	} {
		for _, kind := range []campaign.TriggerKind{campaign.OnRefundFull, campaign.OnRefundPartial, campaign.OnOrderCancelled, campaign.OnDisputeLost} {
			require.Equal(t, []string{"amount-in-refund-care steps[0].email.en.body[1]"}, found(thanks(on(kind), says("en", text)), trilingual), text)
		}
		require.Empty(t, found(thanks(says("en", text)), trilingual), "a thank-you may")
	}
	require.NotEmpty(t, found(thanks(on(campaign.OnRefundFull), says("ar", "أعدنا إليك ١٢٠ ريالًا")), trilingual))
	require.NotEmpty(t, found(thanks(on(campaign.OnRefundFull), says("fa", "۵۰٬۰۰۰ تومان برگشت")), trilingual))
	require.Empty(t, found(thanks(on(campaign.OnRefundFull), says("en", "Within 5 days, order 1001.")), trilingual))

	lines := thanks(on(campaign.OnRefundFull))
	for lang, e := range lines.Steps[0].Email {
		e.ShowLines = true
		lines.Steps[0].Email[lang] = e
	}
	require.Contains(t, found(lines, trilingual), "amount-in-refund-care steps[0].email.en.show_lines")
}

func TestNobodyIsToldThatThereIsNoWayOut(t *testing.T) {
	for lang, texts := range said(t, "no_way_out") {
		for _, text := range texts {
			require.Equal(t, []string{"no-way-out steps[0].email." + lang + ".body[1]"}, found(thanks(of(gate.Marketing, "news"), says(lang, text)), trilingual), text)
		}
	}
	require.Empty(t, found(thanks(of(gate.Marketing, "news"), says("en", "Unsubscribe below at any time.")), trilingual))
}

func TestLoudSubjects(t *testing.T) {
	for subject, want := range map[string]string{
		"THANK YOU SO MUCH": "loud", "Thank you!!": "loud", "Really?!": "loud", "شكرًا لك!!": "loud", "رسید؟!": "loud", "Read THIS VERY NOW": "loud", "URGENT": "loud",
		"Your order {{ order.name | upcase }}": "loud", "Wait! No! Stop": "loud", "$$$ inside": "loud", "{{ order.name | default: \"YOUR BIG ORDER\" }}": "loud",
		"Thank you!": "", "Your NASA cup": "", "Thank you, {{ person.first_name }}": "", "How are you?": "", "شكرًا لك": "", "LG TV and USB": "", "OK": "",
		"Re: your order": "misleading", "FW: hello": "misleading", "رد: طلبك": "misleading", "{{ order.name }}": "", "Return of your order": "",
	} {
		d := thanks()
		e := d.Steps[0].Email["en"]
		e.Subject = subject
		d.Steps[0].Email["en"] = e
		switch want {
		case "":
			require.Empty(t, found(d, trilingual), subject)
		default:
			require.Equal(t, []string{want + "-subject steps[0].email.en.subject"}, found(d, trilingual), subject)
		}
	}
}
