package stripe

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/integrations/stripe/stripefake"
)

func TestSplitName(t *testing.T) {
	for name, want := range map[string][2]string{
		"Ada Lovelace":            {"Ada", "Lovelace"},
		"  Ada   King  Lovelace ": {"Ada", "King Lovelace"},
		"Ada":                     {"Ada", ""},
		"محمد السالم":             {"محمد", "السالم"},
		"عبد الله محمد السالم":    {"عبد الله", "محمد السالم"},
		"أبو بكر الرازي":          {"أبو بكر", "الرازي"},
		"عبد الرحمن":              {"عبد الرحمن", ""},
		"Abdul Rahman Khan":       {"Abdul Rahman", "Khan"},
		"Umm Kulthum":             {"Umm Kulthum", ""},
		"Abigail Adams":           {"Abigail", "Adams"},
		"李小龙":                     {"李小龙", ""},
		"زینب\u200cسادات موسوی":   {"زینب\u200cسادات", "موسوی"},
		"Lovelace, Ada":           {"Lovelace, Ada", ""},
		"Room 12 Ltd":             {"Room 12 Ltd", ""},
		"ada@example.com":         {"", ""},
		"12345":                   {"", ""},
		"":                        {"", ""},
		"Eve\u202e\x00 \u2066Mal": {"Eve", "Mal"},
		"Ada\nBcc: x":             {"Ada", "Bcc: x"},
	} {
		first, last := splitName(name)
		require.Equal(t, want, [2]string{first, last}, "%q", name)
	}
	first, last := splitName(strings.Repeat("ا", 9000))
	require.Len(t, []rune(first+last), maxText)
}

func TestDecodeCustomer(t *testing.T) {
	p := stripefake.Purchase{N: "3", Customer: "cus_3", Phone: "+49 170 1", Locale: "pt-BR"}
	c := decode(t, "customer.updated", noon, p.CustomerObject())
	require.Equal(t, commerce.Change{Person: &commerce.PersonFacts{
		CustomerID: "cus_3", Email: "customer3@example.com", Phone: "+49 170 1", FirstName: "Ada", LastName: "Lovelace",
		Language: "pt-BR", Country: "US", UpdatedAt: commerce.At(noon),
	}}, c)

	c = decode(t, "customer.created", noon, stripefake.Object{"id": "cus_4", "object": "customer", "email": nil, "address": nil})
	require.Equal(t, commerce.Change{
		Person:   &commerce.PersonFacts{CustomerID: "cus_4", UpdatedAt: commerce.At(noon)},
		Happened: []commerce.Happening{{Kind: commerce.CustomerCreated, Subject: "stripe:cus_4", At: commerce.At(noon)}},
	}, c)
	c = decode(t, "customer.created", noon.Add(time.Hour), p.CustomerObject())
	require.Equal(t, commerce.At(noon), c.Happened[0].At, "its own time, not the event's")

	c = decode(t, "customer.deleted", noon, p.CustomerObject())
	require.Nil(t, c.Erase)
	require.NotEmpty(t, c.Ignored)
}

func TestPersonOfAPayment(t *testing.T) {
	guest := stripefake.Purchase{Email: "-", Name: "-", Country: "-"}
	require.Nil(t, decode(t, "payment_intent.succeeded", noon, guest.PaymentIntent()).Order.Person)
	require.Nil(t, decode(t, "checkout.session.completed", noon, guest.Session()).Order.Person)

	intent := guest.PaymentIntent().With("latest_charge", stripefake.Purchase{Customer: "cus_1"}.Charge(0))
	require.Equal(t, &commerce.PersonFacts{
		CustomerID: "cus_1", Email: "customer1@example.com", FirstName: "Ada", LastName: "Lovelace", Country: "US",
		UpdatedAt: commerce.At(noon),
	}, decode(t, "payment_intent.succeeded", noon, intent).Order.Person)

	both := stripefake.Purchase{Email: "payer@example.com"}.Charge(0).With("receipt_email", "receipt@example.com")
	require.Equal(t, "receipt@example.com", decode(t, "charge.succeeded", noon, both).Order.Person.Email)
}

func TestLocaleAndCountry(t *testing.T) {
	for in, want := range map[string]string{
		"ar": "ar", "en-GB": "en-GB", "zh-hk": "zh-HK", "es-419": "es-419", "auto": "", "": "", "??": "", "und": "", strings.Repeat("a", 40): "",
	} {
		require.Equal(t, want, locale(in), "%q", in)
	}
	for in, want := range map[string]string{"sa": "SA", "SA": "SA", "": "", "USA": "", "1A": "", "é": ""} {
		require.Equal(t, want, country(in), "%q", in)
	}
}
