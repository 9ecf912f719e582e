package message

// Variables are what texts may show, with what each is. They show as text in the
// digits and with the isolates that the reader's language needs; prices and
// quantities count as numbers and dates as times in conditions and filters. What
// is empty is no in a condition: {% if shop.phone %}. Of a list, such as
// order.lines, name[] stands for each entry: {% for line in order.lines %}{{ line.title }}{% endfor %}.
var Variables = map[string]string{
	"greeting":          "Hello Ada, (or only Hello, where no name is known)",
	"person.first_name": "the person's first name; may be empty",
	"person.language":   "the tag of the language the mail is in, such as ar-EG",

	"shop.name":         "the shop's name",
	"shop.email":        "the shop's address for questions",
	"shop.review_url":   "the shop's own page for reviews; may be empty",
	"shop.url":          "the shop's home page; may be empty",
	"shop.phone":        "the shop's phone number; may be empty",
	"shop.whatsapp":     "its number at WhatsApp; may be empty",
	"shop.whatsapp_url": "the page that opens a talk with that number; may be empty",
	"shop.chat":         "the address of its chat; may be empty",
	"shop.meeting":      "where a talk can be booked; may be empty",
	"shop.address":      "its postal address in lines; may be empty",

	"order.name":        "what the customer knows the order by, such as #1001",
	"order.total":       "what was paid, in the customer's currency; counts as a number",
	"order.total_price": "the same as a bare number in whole units, such as 105.5, for conditions and the filter money",
	"order.currency":    "the code of that currency, such as USD",
	"order.items":       "how many pieces the customer keeps; counts as a number",
	"order.item_count":  "the same as a bare number, for conditions",
	"order.first_item":  "the first product the customer keeps",
	"order.summary":     "the first product and how many more",
	"order.date":        "the day it was placed; counts as a time, for the filter date",

	"order.lines[].title":    "a product that the customer keeps",
	"order.lines[].variant":  "which of its kinds, such as Blue / M; may be empty",
	"order.lines[].vendor":   "who makes it; may be empty",
	"order.lines[].sku":      "its number in the shop's stock; may be empty",
	"order.lines[].quantity": "how many pieces of it the customer keeps; counts as a number",
	"order.lines[].price":    "the price of one; counts as a number",
	"order.lines[].total":    "the price of all pieces; counts as a number; may be empty",
	"order.lines[].image":    "the https address of its picture; may be empty",

	"order.together[].name":  "the name of a further order that the message is about",
	"order.together[].total": "what was paid for it; counts as a number",
	"order.together[].date":  "the day it was placed; counts as a time",

	"product.title":  "the product that is new; empty in other campaigns",
	"product.url":    "its page; may be empty",
	"product.image":  "the https address of its picture; may be empty",
	"product.vendor": "who makes it; may be empty",
	"product.type":   "what kind of product the shop calls it; may be empty",

	"points_name":            "what the shop calls its points",
	"account_url":            "the page with the customer's points and rewards; may be empty",
	"loyalty.balance":        "the points the customer can spend; counts as a number; this and the others are empty without a loyalty program",
	"loyalty.pending":        "points that still wait, as for the end of the return window; counts as a number",
	"loyalty.earned":         "the points that the message is about, such as those just earned; counts as a number; may be empty",
	"loyalty.expiring":       "the points that end next; counts as a number",
	"loyalty.expires_at":     "the day on which they end; counts as a time; may be empty",
	"loyalty.tier":           "the customer's tier; may be empty",
	"loyalty.tier_ends_at":   "the day on which that tier is lost, unless it is reached again; counts as a time; may be empty",
	"loyalty.to_keep":        "what is still needed to keep a tier that is about to be lost, in money or points; may be empty",
	"loyalty.next_tier":      "the tier above it; may be empty",
	"loyalty.to_next":        "what is still needed for that tier, in money or points; may be empty",
	"reward.words":           "what the reward gives that the message is about; empty in other messages",
	"reward.code":            "its code; may be empty",
	"reward.ends_at":         "the last day on which it can be used; counts as a time; may be empty",
	"referral.link":          "the customer's own link for friends; may be empty",
	"referral.code":          "the code that the link ends with; may be empty",
	"referral.friend_offer":  "what a friend gets; may be empty",
	"referral.advocate_gets": "what the customer gets for a friend; may be empty",

	"confirm_url": "the page that confirms a yes to news and offers; empty in all mails but the one that asks for it",
	"today":       "the day on which the mail is made; counts as a time",
}

// NoteVariables are what notes to staff may show beside Variables.
var NoteVariables = map[string]string{
	"person.name":  "the person's whole name; may be empty",
	"person.phone": "their phone number; may be empty",
	"person.email": "their address; may be empty",
}
