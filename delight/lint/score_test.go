package lint

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
)

func TestScores(t *testing.T) {
	reviews := func() campaign.Step { return saying(mail("review"), "en", "Would you write a review?") }
	linked := mail("linked")
	e := linked.Email["fa"]
	e.Button = &campaign.Button{Label: "-", URL: "{{ shop.review_url }}", Otherwise: "-"}
	linked.Email = map[string]campaign.Email{"en": e, "ar": e, "fa": e}
	sorry, gift := mail("sorry"), saying(mail("gift"), "ar", "لك هدية منا")
	high := "event.props.score >= 9"
	for name, c := range map[string]struct {
		steps []campaign.Step
		want  []string
	}{
		"only the happy":                {list(branch2(high, list(reviews()), list(sorry))), []string{"score-gates-review steps[0].condition"}},
		"only the happy, by link":       {list(branch2(high, list(linked), nil)), []string{"score-gates-review steps[0].condition"}},
		"all but the unhappy":           {list(branch2("event.props['stars'] < 3.0", list(sorry, end()), nil), wait(1), reviews()), []string{"score-gates-review steps[0].condition"}},
		"both alike":                    {list(branch2(high, list(reviews()), list(sorry, reviews()))), nil},
		"both by link":                  {list(branch2(high, list(linked), list(sorry, linked))), nil},
		"two pages":                     {list(branch2(high, list(reviewAt("https://www.trustpilot.com/review/nour")), list(reviewAt("https://nour.example/contact")))), []string{"score-gates-review steps[0].condition"}},
		"one page, counted apart":       {list(branch2(high, list(reviewAt("https://trustpilot.com/review/nour?from=a")), list(reviewAt("https://www.trustpilot.com/review/nour?from=b")))), nil},
		"a page or a reply":             {list(branch2(high, list(linked), list(reviews()))), []string{"score-gates-review steps[0].condition"}},
		"a small gift for the unhappy":  {list(branch2(high, list(saying(mail("a"), "en", "We added 100 points.")), list(saying(mail("b"), "en", "We added 10 points.")))), []string{"score-gates-reward steps[0].condition"}},
		"as many points, other words":   {list(branch2(high, list(saying(mail("a"), "en", "Great. We added 100 points.")), list(saying(mail("b"), "en", "Sorry. We added 100 points.")))), nil},
		"by a webhook that asks":        {list(branch2(high, list(hook("send_review_request")), list(sorry))), []string{"score-gates-review steps[0].condition"}},
		"by a webhook that gives":       {list(branch2(high, list(hook("add_points")), list(sorry))), []string{"score-gates-reward steps[0].condition"}},
		"by a webhook of which kind":    {list(branch2(high, list(hook("crm")), list(sorry))), []string{"score-gates-webhook steps[0].condition"}},
		"the same webhook for all":      {list(branch2(high, list(hook("crm")), list(sorry, hook("crm")))), nil},
		"by a tag that asks":            {list(branch2(high, list(tag("Review-Request")), list(sorry))), []string{"score-gates-review steps[0].condition"}},
		"by a tag that gives":           {list(branch2(high, list(sorry), list(tag("coupon 10")))), []string{"score-gates-reward steps[0].condition"}},
		"by a tag of which kind":        {list(branch2(high, list(tag("promoter")), list(tag("unhappy"), sorry))), nil},
		"the same tag for all":          {list(branch2(high, list(tag("ask a review")), list(tag("ask a review")))), nil},
		"points for good ones":          {list(branch2(high, list(points(50)), list(sorry))), []string{"score-gates-reward steps[0].condition"}},
		"fewer points for the rest":     {list(branch2(high, list(points(50)), list(points(5)))), []string{"score-gates-reward steps[0].condition"}},
		"points for any answer":         {list(branch2(high, list(points(50)), list(sorry, points(50)))), nil},
		"points for all afterwards":     {list(branch2(high, list(mail("joy")), list(sorry)), points(50)), nil},
		"a reward for good ones":        {list(branch2(high, list(gives("ten")), list(sorry))), []string{"score-gates-reward steps[0].condition"}},
		"another one for the rest":      {list(branch2(high, list(gives("ten")), list(gives("five")))), []string{"score-gates-reward steps[0].condition"}},
		"a reward for any answer":       {list(branch2(high, list(gives("ten")), list(gives("ten"), sorry))), nil},
		"its code for good ones":        {list(gives("ten"), branch2(high, list(showing(mail("code"), "{{ reward.code }}")), list(sorry))), []string{"score-gates-reward steps[1].condition"}},
		"everybody afterwards":          {list(branch2(high, list(mail("joy")), list(sorry)), reviews()), nil},
		"a gift for good ones":          {list(branch2(high, list(gift), list(sorry))), []string{"score-gates-reward steps[0].condition"}},
		"a gift for all":                {list(branch2(high, list(gift), list(gift))), nil},
		"both for good ones":            {list(branch2(high, list(gift, reviews()), nil)), []string{"score-gates-review steps[0].condition", "score-gates-reward steps[0].condition"}},
		"by a tag":                      {list(branch2("'promoter' in order.tags", list(reviews()), nil)), []string{"score-gates-review steps[0].condition"}},
		"by another thing":              {list(branch2("order.items > 1", list(reviews(), gift), nil)), nil},
		"by a word in a title":          {list(branch2("order.product_titles.exists(p, p == 'Five star hotel towels for guests')", list(reviews()), nil)), nil},
		"by an event":                   {list(campaign.Step{ID: "e", Kind: campaign.WaitForEvent, Event: "custom:nps.promoter", Timeout: hours, Then: list(reviews()), Else: list(end())}), []string{"score-gates-review steps[0].event"}},
		"deep within":                   {list(branch2("order.items > 1", list(branch2(high, nil, list(end()))), nil), reviews()), []string{"score-gates-review steps[0].then[0].condition"}},
		"nothing asked, nothing given":  {list(branch2(high, list(mail("a")), list(sorry))), nil},
		"an end before the review page": {list(branch2(high, list(end()), list(end()))), nil},
	} {
		require.Equal(t, c.want, found(thanks(of(gate.Marketing, "reviews"), job(commerce.JobReviewAsk), steps(c.steps...)), trilingual), name)
	}
	rows := branch2("", list(reviews()), nil)
	rows.Rows = []campaign.Row{{Field: "event.score", Op: "at_least", Value: "9"}}
	require.Equal(t, []string{"score-gates-review steps[0].rows"}, found(thanks(of(gate.Service, "reviews"), job(commerce.JobReviewAsk), steps(rows)), trilingual))

	all := thanks(of(gate.Service, "reviews"), job(commerce.JobReviewAsk), steps(reviews()), func(d *campaign.Definition) { d.Condition = "person.nps > 8" })
	require.Equal(t, []string{"score-gates-review condition"}, found(all, trilingual))
	told := thanks(of(gate.Service, "reviews"), job(commerce.JobReviewAsk), steps(reviews()), func(d *campaign.Definition) {
		d.Trigger = campaign.Trigger{Kind: campaign.OnCustomEvent, Name: "csat.happy"}
	})
	require.Equal(t, []string{"score-gates-review trigger.name"}, found(told, trilingual))
}

func hook(name string) campaign.Step {
	return campaign.Step{ID: "hook", Kind: campaign.Webhook, Useful: 24 * hours, Hook: name}
}

func points(n int) campaign.Step {
	return campaign.Step{ID: "points", Kind: campaign.GivePoints, Useful: 24 * hours, Points: n}
}

func gives(reward string) campaign.Step {
	return campaign.Step{ID: "reward", Kind: campaign.GiveReward, Useful: 24 * hours, Reward: reward}
}

// showing is a mail that shows an output.
func showing(s campaign.Step, output string) campaign.Step {
	for lang, e := range s.Email {
		e.Body = append(slices.Clone(e.Body), output)
		s.Email[lang] = e
	}
	return s
}

func tag(name string) campaign.Step {
	return campaign.Step{ID: "tag", Kind: campaign.TagCustomer, Useful: 24 * hours, Add: []string{name}}
}

// reviewAt is a mail whose button says that a review is written there.
func reviewAt(url string) campaign.Step {
	s := mail("at")
	for lang, e := range s.Email {
		e.Button = &campaign.Button{Label: "Write a review", URL: url, Otherwise: "-"}
		s.Email[lang] = e
	}
	return s
}

func TestScoresByAnyName(t *testing.T) {
	ask := func(condition string) []string {
		return found(thanks(of(gate.Service, "reviews"), job(commerce.JobReviewAsk), steps(branch2(condition, list(reviewAt("{{ shop.review_url }}")), nil))), trilingual)
	}
	for _, condition := range []string{
		"event.props.npsScore >= 9", `event.props.answer == "very good"`, "event.props.feedback.positive", "event.props.rated5", `event.props["درجة"] > 8`,
		`event.props["التقييم"] > 8`, `event.props["امتیاز"] > 8`, `event.props["میزان رضایت"] > 3`, `event.props.q1 == "عالی"`, `event.props.q1 == "good"`, `event.props.how == "ممتاز"`,
	} {
		require.Equal(t, []string{"score-gates-review steps[0].condition"}, ask(condition), condition)
	}
	for _, condition := range []string{"order.items > 1", `"goods" in order.tags`, `person.country == "GR"`, `event.props.rateplan == "gold"`, `order.first_item.contains("نظام")`} {
		require.Empty(t, ask(condition), condition)
	}
}
