package campaign

import "flywheel/commerce"

// bounds are what a field's type does not say.
var bounds = map[string]object{
	"playbook.name":     {"pattern": `^[a-z0-9_-]{1,64}$`},
	"playbook.topic":    {"pattern": `\S`, "maxLength": maxTopic},
	"playbook.priority": {"minimum": 0, "maximum": maxPriority},
	"playbook.rows":     {"minItems": 1},
	"playbook.steps":    {"minItems": 1, "maxItems": maxSteps},

	"trigger.products": {"minItems": 1, "items": object{"type": "string", "minLength": 1}},
	"trigger.related":  {"minItems": 1, "items": object{"enum": []string{SameType, SameVendor, SameTag, SameCollection}}},
	"trigger.n":        {"minimum": 1, "maximum": 1000},
	"trigger.amount":   {"pattern": amountForm.String(), "not": object{"pattern": `^[0.]*$`}},
	"trigger.name":     {"pattern": nameForm.String()},
	"entry.from":       {"format": "date-time", "pattern": `^\d{4}-\d{2}-\d{2}T`},

	"step.id":      {"pattern": `^[a-z0-9_-]{1,64}$`},
	"step.at":      {"pattern": `^([01][0-9]|2[0-3]):[0-5][0-9]$`},
	"step.weekday": {"enum": []string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}},
	"step.event":   waitedFor(),
	"step.goal":    waitedFor(GoalOrders),
	"step.rows":    {"minItems": 1},
	"step.arms":    {"minItems": 2, "maxItems": 5},
	"step.sample":  {"minimum": minSample},
	"step.hook":    {"pattern": `^[a-z0-9_-]{1,64}$`},
	"step.add":     tagList(),
	"step.remove":  tagList(),
	"step.points":  {"minimum": 1, "maximum": maxGift},
	"step.why":     {"maxLength": maxWhy, "pattern": `^[^\r\n]*$`},
	"step.reward":  {"pattern": `^[^\x00-\x20]{1,64}$`},
	"arm.name":     {"pattern": `^[a-z0-9_-]{1,64}$`, "not": object{"const": BranchSkipped}},
	"arm.weight":   {"minimum": 1, "maximum": 10_000},
	"row.op": {"enum": []string{
		OpIs, OpIsNot, OpGreater, OpLess, OpAtLeast, OpAtMost, OpContains, OpContainsNot, OpOneOf, OpNoneOf, OpSet, OpNotSet,
	}},
	"row.list":      {"minItems": 1, "maxItems": maxChoice, "items": object{"type": "string", "pattern": `\S`}},
	"email.subject": {"pattern": `\S`},
	"email.body":    {"minItems": 1},
	"email.blocks":  {"minItems": 1, "maxItems": maxBlocks},
	"block.text":    {"pattern": `\S`},
	"block.image":   {"pattern": leadsForm},
	"block.alt":     {"pattern": `\S`},
	"block.link":    {"pattern": leadsForm},
	"block.ways":    {"minItems": 1, "uniqueItems": true},
	"button.url":    {"pattern": leadsForm},
	"note.title":    {"pattern": `\S`},
	"note.body":     {"minItems": 1},
}

// waitedFor are the events that a walk can wait for, and other words.
func waitedFor(others ...string) object {
	return object{"anyOf": []object{
		{"enum": append(others, texts(WaitEvents()...)...)},
		{"pattern": "^" + string(commerce.CustomKind("")) + "[a-z0-9_.-]{1,64}$"},
	}}
}

// descriptions say what each field is for.
var descriptions = map[string]string{
	"playbook.name":      "The campaign's own name, such as thank_you. It stays when the title changes.",
	"playbook.title":     "What merchants see.",
	"playbook.goal":      "One sentence: what is true when it works.",
	"playbook.class":     "What consent its messages need. transactional: part of an order or a payment, asks for nothing and sells nothing. service: how-to, check-in, review request, survey. marketing: all else.",
	"playbook.topic":     "What one unsubscribe stops: orders, reviews, care, news, reminders, comeback or a word of your own.",
	"playbook.priority":  "When two messages compete for one person, the greater goes first; from 0 to 1000.",
	"playbook.job":       "What it does that another tool of the shop may do too. Go live is refused where another tool has that job.",
	"playbook.trigger":   "The change of state that lets a person in.",
	"playbook.entry":     "How often one person may enter, and from when on.",
	"playbook.condition": "For whom, in CEL, such as order.total >= 100. Without it, for everybody.",
	"playbook.rows":      "For whom, as lines of the condition builder. Either these or condition.",
	"playbook.steps":     "What happens, one after the other. After a branch it goes on behind the step that branched.",

	"trigger.kind":     "What happened.",
	"trigger.after":    "How long after its event the moment comes.",
	"trigger.median":   "Take half as long again as the person's own usual interval instead of after, where they have one.",
	"trigger.products": "Platform ids of products.",
	"trigger.related":  "What a new product must share with one that was bought.",
	"trigger.n":        "Which order, or which anniversary. Without it, each anniversary.",
	"trigger.amount":   "In the shop's reporting currency, such as 500 or 99.50.",
	"trigger.name":     "The event's name, as the other system tells it.",

	"entry.mode":        "once ever, once per order, or every time. Each trigger has its own default.",
	"entry.cooling_off": "What comes within this time of the first joins it: several orders are one ask for all kept lines.",
	"entry.from":        "Only causes after this moment, such as 2026-03-01T00:00:00Z. Without it, from Go live on.",

	"row.group": "Lines of one group must all hold; one group is enough.",
	"row.field": "A variable, such as order.total.",
	"row.op":    "How field and value are compared.",
	"row.value": "What it is compared with, as text.",
	"row.list":  "For one_of and none_of.",

	"step.id":        "Unique in the campaign and never used again for another step.",
	"step.kind":      "What it does.",
	"step.for":       "How long to wait, counted from the moment before.",
	"step.at":        "A time of day where the customer is, such as 18:30.",
	"step.weekday":   "A day of the week where the customer is.",
	"step.working":   "Wait for a working day of the shop's calendar.",
	"step.event":     "What is waited for: a kind of event, or custom:NAME for one told by API.",
	"step.timeout":   "When waiting is given up.",
	"step.condition": "In CEL, such as order.first.",
	"step.rows":      "As lines of the condition builder. Either these or condition.",
	"step.then":      "Taken when the condition holds or the event came.",
	"step.else":      "Taken otherwise.",
	"step.arms":      "The ways; who takes which is settled by who they are and stays so.",
	"step.sample":    "How many persons each way needs before it may be read; fixed beforehand.",
	"step.goal":      "What the ways are compared by: orders, or a kind of event.",
	"step.within":    "Within what time after the split the goal counts, or by when a call should be made.",
	"step.useful":    "How long after its due moment the step still makes sense. What is held longer is dropped, with the reason.",
	"step.email":     "The message by language tag.",
	"step.note":      "What staff read, by language tag.",
	"step.hook":      "The name of one of the shop's endpoints.",
	"step.add":       "Tags that the customer gets at Shopify.",
	"step.remove":    "Tags that are taken off the customer at Shopify.",
	"step.points":    "How many points a member gets.",
	"step.why":       "What the points are for, as the customer reads it beside them.",
	"step.reward":    "The id of a reward of the shop's loyalty program.",

	"arm.name":   "Unique in the split.",
	"arm.weight": "Its share, among the weights of all arms.",
	"arm.steps":  "What happens on this way.",

	"email.subject":    "The subject line.",
	"email.preheader":  "The line that mailboxes show beside the subject.",
	"email.heading":    "The headline.",
	"email.body":       "Paragraphs.",
	"email.show_lines": "Show a table of what the customer keeps.",
	"email.button":     "The one thing the mail asks for.",
	"email.closing":    "The last lines, such as a greeting and the shop's name.",

	"email.blocks": "The parts of the mail, in their order. They stand instead of heading, body, show_lines, button and closing.",

	"block.kind":   "What it shows.",
	"block.hidden": "Kept, not shown.",
	"block.text":   "What it says. In rich, a few elements of HTML: p, br, b, i, a, ul, ol, li.",
	"block.button": "Of a button.",
	"block.image":  "The picture's address, by https.",
	"block.alt":    "What stands for the picture where it is not seen.",
	"block.link":   "Where the picture leads.",
	"block.ways":   "Which ways are offered, in their order. Without it, all that the shop has.",

	"button.label":     "What stands on it.",
	"button.url":       "Where it leads. If that comes out empty, the button is left out.",
	"button.otherwise": "What stands in its place then.",

	"note.title": "What it is about.",
	"note.body":  "Paragraphs; for a call, what to say.",
}
