package templates

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// fullCustomer is a person to whom everything has happened.
func fullCustomer() CustomerPage {
	at := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	line := CustomerLine{
		At: at, Kind: "effect", Sentence: "sent <b>", Code: "sent · x", Icon: "mail", Tone: "bad", Effect: "f1", Parked: true,
		Order: &CustomerOrder{ID: "o1", Name: "#1001", Total: "10", Lines: []CustomerItem{{Title: "Cup <i>", Kept: 1, Back: 2, Price: "5"}, {Title: "Pot", Kept: 1}}},
	}
	return CustomerPage{
		Admin: admin(), ID: "p1", Name: "Ada <b>", Contacts: []CustomerContact{{"ada@example.com", "paused"}}, Phone: "+49", Language: "en", Where: "DE", Living: "Europe/Berlin",
		Orders: 3, Spent: "30", Last: at, Stops: []CustomerStop{{Scope: "all", Said: "nothing <u>", At: at, Mine: true}},
		Said:   []CustomerConsent{{"marketing", "subscribed", "<source>", true, at}, {"other", "pending", "", false, at}},
		Merged: []CustomerMerged{{"p2", "Grace <b>"}}, Walks: []CustomerWalk{{"w1", "Thanks", "#1001", at}, {"w2", "Later", "", time.Time{}}},
		Days: []CustomerDay{{"Monday", []CustomerLine{line, {At: at, Tone: "off", Icon: "clock", Sentence: "held"}}}}, Groups: []Choice{{Name: "all", Value: "/x", On: true}},
		Next: "/next", First: "/first", Campaigns: []Choice{{Value: "c", Name: "C", On: true}}, Answer: "because <b>", Chain: []CustomerLine{line}, Export: "e1",
		Wrong: Refusal{Form: "pause", Said: "no <b>", Detail: "why"}, Reachable: true, PauseDays: "9",
	}
}

// Each page is whole in every language, and what strangers wrote stays text.
func TestCustomerPages(t *testing.T) {
	at := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	list := rows()
	list.Name = "customers"
	for _, lang := range languages {
		for name, data := range map[string]any{
			"customers":         Customers{Admin: admin(), List: list, Words: true},
			"customers_one":     fullCustomer(),
			"customers_erase":   CustomerErase{Admin: admin(), ID: "p1", Name: "Ada <b>", Orders: 2, Typed: "<b>", Wrong: Refusal{Field: "word", Said: "no"}},
			"search":            Search{Admin: admin(), Query: "<b>&x", Hits: []SearchHit{{"order", "#1", "<b>", "/x"}, {"customer", "A", "", "/y"}}, More: true},
			"lists":             ListPage{Admin: admin(), List: List{Name: "lists_tasks", Here: "/x"}},
			"lists_suppression": ListSuppression{Admin: admin(), List: List{Name: "lists_suppression"}, Wrong: Refusal{Form: "import", Said: "no"}, Report: &ListImport{Bad: 1, Why: []string{"line 1: <b>"}}},
			"lists_webhook":     ListWebhook{Admin: admin(), ID: "d1", Topic: "t", Note: "<b>", Told: at, Received: at, Open: true, Body: "<b>", Replay: true},
			"lists_task":        ListTask{Admin: admin(), ID: "f1", Title: "<b>", Script: "<b>", Phone: "+49", PhoneShown: "+49", Order: "#1", State: "open", Due: at, Now: "3:00", Wrong: Refusal{Said: "no"}},
		} {
			got := adminPage(t, name, lang, data)
			require.NotContains(t, got, "<b>", "%s in %s", name, lang)
			require.NotRegexp(t, `>(customers|lists|search|timeline)_\w+<`, got, "%s in %s", name, lang)
		}
	}
	viewer := fullCustomer()
	viewer.Role = "viewer"
	got := adminPage(t, "customers_one", "en", viewer)
	require.NotContains(t, got, `method="post" action="/admin/customers`, "who looks changes nothing")
	require.Contains(t, adminPage(t, "customers_one", "en", fullCustomer()), `<s>2 × <bdi>Cup &lt;i&gt;</bdi></s>`)
	erased := fullCustomer()
	erased.Erased = true
	require.NotContains(t, adminPage(t, "customers_one", "en", erased), "ada@example.com")
	require.Contains(t, adminPage(t, "search", "en", Search{Admin: admin(), Query: "x y"}), Say("en", "search_none", nil))
}
