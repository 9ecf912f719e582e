package lint

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
)

// What needs no consent is part of an order, and of one that is not long over.
func TestTransactionalIsNoWayRoundConsent(t *testing.T) {
	for _, kind := range []campaign.TriggerKind{campaign.OnCustomEvent, campaign.OnCustomerCreated} {
		require.Equal(t, []string{"transactional-without-order class"}, found(thanks(on(kind)), trilingual), kind)
		require.Empty(t, found(thanks(on(kind), of(gate.Service, "care")), trilingual), kind)
	}
	for _, kind := range []campaign.TriggerKind{campaign.OnPaymentFailed, campaign.OnRenewed, campaign.OnSubscriptionEnded, campaign.OnOrderEdited} {
		require.Empty(t, found(thanks(on(kind)), trilingual), kind)
	}
	shipped := func(then, otherwise []campaign.Step) campaign.Step {
		return campaign.Step{ID: "event", Kind: campaign.WaitForEvent, Event: "order_fulfilled", Timeout: 30 * 24 * hours, Then: then, Else: otherwise}
	}
	for name, c := range map[string]struct {
		kind  campaign.TriggerKind
		steps []campaign.Step
		want  []string
	}{
		"a week":                    {campaign.OnOrderPaid, list(wait(7), mail("a")), nil},
		"months":                    {campaign.OnOrderPaid, list(wait(120), mail("a")), []string{"transactional-too-late steps[1]"}},
		"in two parts":              {campaign.OnOrderArrived, list(wait(4), mail("a"), wait(4), mail("b")), []string{"transactional-too-late steps[3]"}},
		"with its own shelf":        {campaign.OnPaymentFailed, list(wait(20), mail("a")), nil},
		"beyond both":               {campaign.OnRefundFull, list(wait(15), mail("a")), []string{"transactional-too-late steps[1]"}},
		"what happens to the order": {campaign.OnOrderPaid, list(shipped(list(mail("a"), end()), list(end()))), nil},
		"what did not":              {campaign.OnOrderPaid, list(shipped(list(end()), list(mail("a")))), []string{"transactional-too-late steps[0].else[0]"}},
		"a note to the team":        {campaign.OnOrderPaid, list(wait(120), campaign.Step{ID: "tell", Kind: campaign.NotifyTeam, Useful: 24 * hours, Note: notes()}), nil},
	} {
		require.Equal(t, c.want, found(thanks(on(c.kind), steps(c.steps...)), trilingual), name)
	}
	require.Empty(t, found(thanks(of(gate.Service, "care"), steps(wait(120), mail("a"))), trilingual))
}

// A good rating is neither bought nor asked of the happy alone.
func TestPraiseIsNotBought(t *testing.T) {
	asks := func(lang, text string) (out []string) {
		return found(thanks(of(gate.Service, "reviews"), job(commerce.JobReviewAsk), says(lang, text)), trilingual)
	}
	for want, texts := range map[string]map[string][]string{
		"reward-for-praise": {
			"en": {"Give us 5 stars and get 100 points. Only happy customers, please", "A positive review earns you a voucher."},
			"ar": {"قيّمنا بخمس نجوم واحصل على 100 نقطة", "تقييم إيجابي منك مقابل قسيمة"},
			"fa": {"پنج ستاره بدهید و ۱۰۰ امتیاز بگیرید", "برای نظر مثبت پاداش دارید"},
		},
		"review-if-happy": {
			"en": {"If you like it, write a review. If not, reply to this mail.", "Would you leave a review? Only happy customers, please."},
			"ar": {"إذا أعجبك المنتج فقيّمنا وإن لم يعجبك فراسلنا"},
			"fa": {"اگر از آن راضی هستید نظرتان را بنویسید، وگرنه پاسخ دهید"},
		},
		"asks-for-stars": {
			"en": {"We'd love a 5-star review!", "Please give us a good rating."},
			"ar": {"يسعدنا تقييم ممتاز منك"},
			"fa": {"پنج ستاره بدهید"},
		},
	} {
		for lang, all := range texts {
			for _, text := range all {
				got := slices.DeleteFunc(asks(lang, text), func(f string) bool { return strings.HasPrefix(f, "promo-in-service") })
				require.Equal(t, []string{want + " steps[0].email." + lang}, got, text)
			}
		}
	}
	for lang, text := range map[string]string{
		"en": "Would you write a review? Say it as it is, good or bad. If something is wrong, reply to this mail.",
		"ar": "يهمنا تقييمك مهما كان، وإن كان هناك أمر فراسلنا", "fa": "نظرتان را صادقانه بنویسید، خوب یا بد",
	} {
		require.Empty(t, asks(lang, text), text)
	}
	require.Empty(t, found(thanks(of(gate.Service, "care"), says("en", "If you are happy with it, there is nothing to do.")), trilingual), "asks for nothing")
}

// Whose job a campaign does is asked of its job: so it must say it.
func TestJobsAreSaid(t *testing.T) {
	for lang, text := range map[string]string{"en": "Would you write a review?", "ar": "نرجو كتابة تقييم قصير", "fa": "نظرتان را بنویسید"} {
		unsaid := thanks(of(gate.Service, "care"), says(lang, text))
		require.Equal(t, []string{"job-of-review job"}, found(unsaid, trilingual), text)
		for _, other := range []commerce.Job{commerce.JobPoints, commerce.JobWinBack} {
			unsaid.Job = other
			require.Contains(t, found(unsaid, trilingual), "job-of-review job", other)
		}
		for _, said := range []commerce.Job{commerce.JobReviewAsk, commerce.JobSurvey} {
			unsaid.Job = said
			require.Empty(t, found(unsaid, trilingual), said)
		}
	}
	linked := mail("linked")
	for lang, e := range linked.Email {
		e.Button = &campaign.Button{Label: "-", URL: "https://maps.app.goo.gl/x"}
		linked.Email[lang] = e
	}
	require.Equal(t, []string{"job-of-review job"}, found(thanks(of(gate.Service, "care"), steps(linked), job(commerce.JobSurvey)), trilingual), "to the page itself")
	require.Empty(t, found(thanks(of(gate.Service, "care"), says("en", "Read our reviews in the press.")), trilingual))

	for lang, texts := range map[string][]string{
		"en": {"Thank you for your order", "Many thanks for shopping with us.", "Thank you"},
		"ar": {"شكرًا لك على طلبك", "شكرًا لثقتك في متجر نور", "شكرًا لك"},
		"fa": {"از خریدتان سپاسگزاریم", "ممنون که از ما خرید کردید"},
	} {
		for _, text := range texts {
			require.Equal(t, []string{"job-of-thanks job"}, found(thanks(says(lang, text)), trilingual), text)
			require.Equal(t, []string{"job-of-thanks job"}, found(thanks(on(campaign.OnOrderPlaced), says(lang, text)), trilingual), text)
			require.Empty(t, found(thanks(says(lang, text), job(commerce.JobThanks)), trilingual), text)
			require.Empty(t, found(thanks(says(lang, text), on(campaign.OnOrderFulfilled)), trilingual), text)
			require.Empty(t, found(thanks(says(lang, text), of(gate.Service, "care")), trilingual), text)
		}
	}
	require.Empty(t, found(thanks(says("en", "Thank you for your patience.")), trilingual))
}

// What a playbook leaves to the merchant is written before anybody reads it.
func TestUnwritten(t *testing.T) {
	require.Equal(t, []string{"placeholder steps[0].email.ar.body[1]"}, found(thanks(says("ar", "[[اكتب هنا]]")), trilingual))
	require.Equal(t, []string{"placeholder steps[0].email.en.body[1]"}, found(thanks(says("en", "Write here]]")), trilingual), "half of it left")
	require.Empty(t, found(thanks(says("en", "[1] and [2]")), trilingual))
	note := notes()
	note["fa"] = campaign.Note{Title: "-", Body: []string{"[[x]]"}}
	tell := campaign.Step{ID: "tell", Kind: campaign.NotifyTeam, Useful: 24 * hours, Note: note}
	require.Equal(t, []string{"placeholder steps[0].note.fa.body[0]"}, found(thanks(steps(tell)), trilingual))

	over := func(row campaign.Row) []string {
		return found(thanks(func(d *campaign.Definition) { d.Rows = []campaign.Row{row} }), trilingual)
	}
	for _, nothing := range []string{"0", "0.00", "٠"} {
		require.Equal(t, []string{"amount-missing rows[0].value"}, over(campaign.Row{Field: "order.total", Op: "at_least", Value: nothing}))
	}
	require.Empty(t, over(campaign.Row{Field: "order.total", Op: "at_least", Value: "500"}))
	require.Empty(t, over(campaign.Row{Field: "order.total", Op: "greater", Value: "0"}), "what is not free")
	require.Empty(t, over(campaign.Row{Field: "order.items", Op: "at_least", Value: "0"}))
	yen := trilingual
	yen.Currency = "JPY"
	d := thanks(func(d *campaign.Definition) {
		d.Rows = []campaign.Row{{Field: "order.total", Op: "at_least", Value: "0"}}
	})
	require.Contains(t, Lint(d, yen)[0].Mend["fa"], "JPY")
	require.Contains(t, Lint(d, trilingual)[0].Mend["en"], "your currency")
}

// A sale in the dress of an order's mail: each part of it is found.
func TestASaleInDisguise(t *testing.T) {
	late := saying(mail("late"), "en", "Have you seen our new teapots? We put a set aside for you, and there is a gift of 10 EUR waiting.")
	for lang, e := range late.Email {
		e.Button = &campaign.Button{Label: "Look", URL: "https://nour.myshopify.com/collections/teapots"}
		late.Email[lang] = e
	}
	require.Equal(t, []string{
		"promo-in-transactional steps[1].email.en.body[1]",
		"store-button-in-transactional steps[1].email.ar.button.url", "store-button-in-transactional steps[1].email.en.button.url", "store-button-in-transactional steps[1].email.fa.button.url",
		"transactional-too-late steps[1]",
	}, found(thanks(steps(wait(120), late)), trilingual))
}
