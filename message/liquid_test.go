package message

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
)

// varsOf are the variables of a mail in a language; change bends its facts.
func varsOf(lang string, change func(*Facts)) map[string]any {
	f := factsOf(campaign.Definition{Class: gate.Service, Topic: "reviews"}, lang)
	f.Now = time.Date(2026, 11, 27, 22, 30, 0, 0, time.UTC)
	f.Order.PlacedAt = commerce.At(time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC))
	f.Order.Detail.Lines[0].Image = "https://cdn.shopify.com/s/files/1/shirt.jpg?v=1"
	f.Shop.Settings.StoreURL = "https://nour.example"
	f.Shop.Settings.Contact = commerce.Contact{Phone: "+966 50 123 4567", WhatsApp: "+966501234567", Chat: "https://nour.example/chat"}
	if change != nil {
		change(&f)
	}
	return variables(readerOf(lang, f), f, f.kept())
}

func filled(t testing.TB, source string, vars map[string]any) string {
	require.Empty(t, inspect("text", source, plain, false), source)
	f, err := compileField("text", source, plain)
	require.NoError(t, err, source)
	out, err := f.render(vars)
	require.NoError(t, err, source)
	return out
}

func TestProblemsShowFieldLineColumnAndPlace(t *testing.T) {
	source := "Thank you,\n{{ person.first_name | upcas }}!"
	require.Equal(t, "body 1, line 2, column 24: there is no filter \"upcas\"; did you mean upcase?\n"+
		"    {{ person.first_name | upcas }}!\n"+
		"                           ^", inspect("body 1", source, plain, false)[0].String())
	for source, want := range map[string]string{
		`سلام {% iff %}`:                  "text, column 6: there is no tag {% iff %}; did you mean if?",
		`{{ order.name | mony }}`:         "text, column 17: there is no filter \"mony\"; did you mean money?",
		"a\u202eb":                        "text, column 2: the character U+202E cannot be seen",
		"a\xff":                           "text, column 1: the text is not UTF-8",
		strings.Repeat("x", 16<<10+1):     "text, column 1: the text is larger than 16 KB",
		`{{ 'no_such_key' | t }}`:         `there is no text "no_such_key" in the catalogue`,
		`{{ order.summary | raw }}`:       `there is no filter "raw"`,
		"{% hrefhere %}{% endhrefhere %}": "there is no tag {% hrefhere %}",
	} {
		problems := inspect("text", source, plain, false)
		require.Len(t, problems, 1, source)
		require.Contains(t, problems[0].String(), want)
		require.False(t, problems[0].Harmless)
		_, err := Compile("en", campaign.Email{Subject: "x", Body: []string{source}})
		require.ErrorContains(t, err, problems[0].Sentence)
	}
}

func TestUnknownVariablesAreReportedAndStayEmpty(t *testing.T) {
	e := campaign.Email{Subject: "x", Body: []string{`a{{ order.nmae }}{{ customer | default: "b" }}{{ order.name.x }}c`}}
	problems := Lint(e)
	require.Len(t, problems, 3)
	require.Equal(t, Problem{
		Field: "body 1", Line: 1, Column: 5, Excerpt: `a{{ order.nmae }}{{ customer | default: "b" ` + "\n    ^",
		Sentence: "there is no order.nmae; it stays empty; did you mean order.name?", Harmless: true, Unknown: "order.nmae",
	}, problems[0])
	m, err := compiled(t, "en", e).Render(factsOf(playbook(t, "thank_you"), "en"))
	require.NoError(t, err)
	require.Contains(t, m.Text, "abc")
	require.NotEmpty(t, inspect("note", "{{ person.phone }}", plain, false), "only staff see it")
	require.Empty(t, inspect("note", "{{ person.phone }}", plain, true))
}

func TestVariables(t *testing.T) {
	vars := varsOf("en", nil)
	for source, want := range map[string]string{
		`{{ person.first_name | downcase }} {{ person.language }}`:                                                   "ada en",
		`x{{ person.first_name | prefixed: ", " }}{{ product.title | default: "!" }}`:                                "x, Ada!",
		`{% for line in order.lines %}{{ line.quantity }} x {{ line.title }}: {{ line.total }}; {% endfor %}`:        "1 x Linen shirt: $49.00; 2 x Canvas tote: $37.00; 3 x Olive soap: $19.50; ",
		`{% if order.total > 100 and order.total_price < 106 %}{{ order.total }} {{ order.total_price }}{% endif %}`: "$105.50 105.5",
		`{{ order.items }} {{ order.item_count | plus: 1 }} {{ order.currency }}`:                                    "6 7 USD",
		`{{ order.lines | sum: "quantity" }} {{ order.lines | sum: "total" | money }}`:                               "6 $105.50",
		`{{ order.lines | where: "quantity", 2 | map: "title" | join: ", " }}`:                                       "Canvas tote",
		`{{ order.lines | sort: "price" | first | size }}{{ order.lines[0].variant }}`:                               "0Blue / M",
		`{{ order.date }} {{ today | date: "%Y-%m-%d" }}`:                                                            "November 20, 2026 2026-11-27",
		`{% if order.date < today %}before{% endif %}`:                                                               "before",
		`{{ shop.phone }} {{ shop.whatsapp_url }} {{ shop.chat }}{{ shop.meeting }}`:                                 "+966 50 123 4567 https://wa.me/966501234567 https://nour.example/chat",
		`{% if shop.meeting %}a{% else %}none{% endif %}{% if shop.chat %}chat{% endif %}`:                           "nonechat",
		`{{ shop.address }}`: "Nour & Co\n12 Harbour Street\nBoston MA 02110",
		`{{ product.title }}{{ confirm_url }}{{ order.together.size }}`: "0",
	} {
		require.Equal(t, want, filled(t, source, vars), source)
	}
}

// Every variable that is documented is there, and none is that is not.
func TestVariablesAreThoseDocumented(t *testing.T) {
	vars := varsOf("en", func(f *Facts) {
		other := *f.Order
		f.Together = []*commerce.Order{&other}
		f.ConfirmURL, f.AccountURL, f.Loyalty = "https://flywheel.example/c/x", "https://flywheel.example/account/x", loyaltyOf("en")
		f.Product = &commerce.Product{Title: "Lamp", URL: "https://nour.example/lamp", Image: "https://nour.example/lamp.jpg", Vendor: "Nour", Type: "Lamps"}
		f.Shop.Settings.Contact.Meeting = "https://nour.example/meet"
		f.Order.Detail.Lines[0].Vendor, f.Order.Detail.Lines[0].SKU = "Nour", "S1"
	})
	for name := range Variables {
		path, of, list := strings.Cut(name, "[].")
		source := "{{ " + path + " }}"
		if list {
			source = "{{ " + path + "[0]." + of + " }}"
		}
		require.NotEmpty(t, filled(t, source, vars), name)
	}
	var walk func(path string, v any)
	walk = func(path string, v any) {
		if lazy, ok := v.(func() any); ok {
			v = lazy()
		}
		switch v := v.(type) {
		case map[string]any:
			for k, of := range v {
				if k != fillingKey {
					walk(strings.TrimPrefix(path+"."+k, "."), of)
				}
			}
		case []any:
			walk(path+"[]", v[0])
		default:
			require.Contains(t, Variables, path)
		}
	}
	walk("", vars)
}

func TestFilters(t *testing.T) {
	en, fa, ar := varsOf("en", nil), varsOf("fa", nil), varsOf("ar", nil)
	for _, c := range []struct {
		vars         map[string]any
		source, want string
	}{
		{en, `{{ 49.5 | money }}`, "$49.50"},
		{en, `{{ 49.5 | money: "EUR" }}`, "€49.50"},
		{en, `{{ "49,50 €" | money }}`, "49,50 €"},
		{en, `{{ product.title | money }}`, ""},
		{en, `{{ 1234.5 | money_without_currency }}`, "1,234.50"},
		{en, `{{ 5 | money_with_currency }}`, "$5.00 USD"},
		{en, `{{ 12345 | number }}`, "12,345"},
		{en, `{{ order.total | divided_by: 2 | money }}`, "$52.75"},
		{fa, `{{ 12345 | number }}`, "۱۲٬۳۴۵"},
		{ar, `{{ order.lines[0].price }}`, "\u2066\u200f١٨٩٫٠٠\u00a0ر.س.\u200f\u2069"},
		{en, `{{ order.date | date }}`, "Nov 20, 2026"},
		{en, `{{ order.date | date: "long" }}`, "November 20, 2026"},
		{en, `{{ "now" | date: "%d/%m" }}`, "27/11"},
		{en, `{{ "2026-01-02" | date: "%B" }}`, "January"},
		{en, `{{ "soon" | date: "%B" }}`, "soon"},
		{fa, `{{ order.date | date: "%B" }}`, "آبان"},
		{en, `{{ 'order_heading' | t: 'Order', order.name }}`, "Order #1001"},
		{en, `{{ 'order_heading' | t: Order: order.name }}`, "Order #1001"},
		{en, `{{ 'lines_more' | t: count: 1 }} {{ 'lines_more' | t: count: 3 }}`, "and one more product and 3 more products"},
		{en, `{{ 'total' | t }}`, "Total"},
		{fa, `{{ 'lines_more' | t: 'count', 3 }}`, "و ۳ کالای دیگر"},
		{en, `{{ order.lines[0].image | img_url: '200x' }}`, "https://cdn.shopify.com/s/files/1/shirt.jpg?v=1&width=200"},
		{en, `{{ order.lines[0].image | img_url: '200x100' }}`, "https://cdn.shopify.com/s/files/1/shirt.jpg?height=100&v=1&width=200"},
		{en, `{{ order.lines[0].image | img_url: 'medium' }}`, "https://cdn.shopify.com/s/files/1/shirt.jpg?height=240&v=1&width=240"},
		{en, `{{ order.lines[0].image | img_url: 'master' }}`, "https://cdn.shopify.com/s/files/1/shirt.jpg?v=1"},
		{en, `{{ order.lines[0].image | image_url: width: 300 }}`, "https://cdn.shopify.com/s/files/1/shirt.jpg?v=1&width=300"},
		{en, `{{ 'https://nour.example/a.jpg' | img_url: '200x' }}`, "https://nour.example/a.jpg"},
		{en, `{{ 'https://nour.example/cdn/shop/a.jpg' | img_url: '9999999x' }}`, "https://nour.example/cdn/shop/a.jpg"},
	} {
		require.Equal(t, c.want, filled(t, c.source, c.vars), c.source)
	}
}

// The shop's settings say in which digits, calendar and unit its customers read.
func TestTheReaderIsTheShops(t *testing.T) {
	toman := varsOf("fa", func(f *Facts) { f.Shop.Settings.Toman, f.Shop.Settings.Digits = true, commerce.DigitsLatin })
	require.Contains(t, filled(t, `{{ order.lines[0].price }}`, toman), "185,000")
	require.Contains(t, filled(t, `{{ order.lines[0].price }}`, toman), "تومان")
	late := varsOf("en", func(f *Facts) { f.Shop.Timezone = "Asia/Riyadh" })
	require.Equal(t, "28", filled(t, `{{ today | date: "%d" }}`, late), "there the next day has begun")
	require.Equal(t, "27", filled(t, `{{ today | date: "%d" }}`, varsOf("en", func(f *Facts) { f.Shop.Timezone = "No/Where" })))
}

// The engine is counted and so is what comes out.
func TestAFieldCannotGrowWithoutEnd(t *testing.T) {
	f := factsOf(playbook(t, "thank_you"), "en")
	f.Order.Detail.Lines[0].Title = strings.Repeat("A", 1000)
	grow := `{{ order.first_item` + strings.Repeat(` | append: order.first_item`, 500) + ` }}`
	m, err := compiled(t, "en", campaign.Email{Subject: "x", Body: []string{grow}}).Render(f)
	require.NoError(t, err)
	require.Less(t, len(m.Text), 8<<10+2000)

	many := make([]string, maxParagraphs+1)
	require.NotEmpty(t, Lint(campaign.Email{Subject: "x", Body: many}))

	_, err = compiled(t, "en", campaign.Email{Subject: "x", Body: []string{"{% for a in (1..50) %}{% for b in (1..20) %}" + strings.Repeat("x", 100) + "{% endfor %}{% endfor %}"}}).Render(f)
	require.ErrorContains(t, err, "body 1: it grows larger than 64 KB")
}
