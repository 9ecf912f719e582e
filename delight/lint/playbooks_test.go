package lint

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/message"
	"flywheel/templates"
)

func TestShippedPlaybooks(t *testing.T) {
	require.Subset(t, templates.Playbooks(), templates.DefaultPlaybooks(), "what a shop starts with")
	for _, name := range templates.Playbooks() {
		d := playbook(t, name)
		require.Equal(t, name, d.Name)
		require.ElementsMatch(t, leftToTheShop[name], found(d, trilingual), name)
		require.Empty(t, Lint(filledIn(d), trilingual), name)
		inThree(t, d.Title, name+" title")
		inThree(t, d.Goal, name+" goal")
		require.NotZero(t, d.Priority, name)
		each(d.Steps, name, func(s *campaign.Step, where string) {
			if s.Kind == campaign.SendEmail {
				inThree(t, s.Email, where)
			}
			if s.Kind == campaign.CallTask || s.Kind == campaign.NotifyTeam {
				inThree(t, s.Note, where)
			}
			for lang, e := range s.Email {
				require.Empty(t, message.Lint(e), where+" "+lang)
				require.NotEmpty(t, e.Preheader, where)
				var said []string
				for _, b := range e.Parts() {
					switch {
					case b.Kind == campaign.BlockHeading:
						require.Empty(t, said, where+" begins with its headline")
						said = append(said, b.Text)
					case b.Kind == campaign.BlockText:
						said = append(said, b.Text)
					case b.Button != nil:
						require.NotEmpty(t, b.Button.Otherwise, where)
					}
				}
				require.GreaterOrEqual(t, len(said), 4, where)
				require.LessOrEqual(t, len(said), 6, where+" is short")
				require.Equal(t, "{{ greeting }}", said[1], where)
				closing := strings.Split(said[len(said)-1], "\n")
				require.Len(t, closing, 2, where)
				require.Contains(t, closing[1], "{{ shop.name }}", where)
			}
			for lang, n := range s.Note {
				require.Empty(t, message.LintNote(n), where+" "+lang)
			}
		})
	}
}

// leftToTheShop is what a playbook cannot know, so that it does not go live
// before somebody wrote it.
var leftToTheShop = map[string][]string{
	"how_to":         {"placeholder steps[1].email.en.body[2]", "placeholder steps[1].email.ar.body[2]", "placeholder steps[1].email.fa.body[2]"},
	"big_order_call": {"amount-missing rows[0].value"},

	"birthday":        {"reward-missing steps[0].reward"},
	"vip":             {"reward-missing steps[1].reward"},
	"win_back_reward": {"reward-missing steps[0].reward"},
}

// filledIn is a playbook with what it leaves to the shop.
func filledIn(d campaign.Definition) campaign.Definition {
	for i := range d.Rows {
		if d.Rows[i].Value == "0" {
			d.Rows[i].Value = "500"
		}
	}
	each(d.Steps, "", func(s *campaign.Step, _ string) {
		if s.Reward == campaign.RewardToChoose {
			s.Reward = "ten_off"
		}
		for _, e := range s.Email {
			for i, p := range e.Body {
				if placeholder.MatchString(p) {
					e.Body[i] = "{{ order.name }}"
				}
			}
		}
	})
	return d
}

// What a title is made of is read aloud: in Arabic a product's name would run
// into the sentence without its quotes.
func TestArabicQuotesProducts(t *testing.T) {
	for _, name := range templates.Playbooks() {
		each(playbook(t, name).Steps, name, func(s *campaign.Step, where string) {
			for _, f := range fields(s, where) {
				for _, out := range output.FindAllString(f.text, -1) {
					if f.lang == "ar" && strings.Contains(out, "order.first_item") {
						require.Contains(t, out, `prefixed: "«" | suffixed: "»"`, f.where)
					}
				}
			}
		})
	}
}

func inThree[T any](t *testing.T, texts map[string]T, where string) {
	t.Helper()
	require.Len(t, texts, 3, where)
	for _, lang := range []string{"en", "ar", "fa"} {
		require.Contains(t, texts, lang, where)
	}
}

// Whatever its own language, a text is written in that language's script, and
// without exclamation marks.
func TestPlaybooksAreWrittenInTheirScript(t *testing.T) {
	for _, name := range templates.Playbooks() {
		each(playbook(t, name).Steps, name, func(s *campaign.Step, where string) {
			for _, f := range fields(s, where) {
				said := plain(f.text)
				require.NotContains(t, f.text, "!", f.where)
				if said == "" {
					continue
				}
				require.Equal(t, f.lang == "en", strings.ContainsAny(said, "etaoin"), "%s: %s", f.where, said)
				if f.lang == "ar" {
					require.False(t, strings.ContainsAny(f.text, "پچژگکی"), "%s: %s", f.where, f.text)
				}
				if f.lang == "fa" {
					require.False(t, strings.ContainsAny(f.text, "كيىة"), "%s: %s", f.where, f.text)
				}
			}
		})
	}
}

// What helps comes before what asks, and what asks before what sells.
func TestPrioritiesOfPlaybooks(t *testing.T) {
	order := []string{
		"thank_you", "refund_care", "refund_care_partial", "cancel_care", "payment_failed", "delivery_delayed", "not_delivered", "confirm_subscription", "trial_ending", "delivery_check_in",
		"big_order_call", "how_to", "review_request",
		"reward_ready", "welcome_member", "referral_paid", "points_expiring", "tier_ending", "tier_reached", "reward_expiring", "friend_bought", "points_earned",
		"replenishment", "anniversary", "cross_sell", "birthday", "vip", "referral_invite", "new_product", "win_back", "win_back_reward",
	}
	require.ElementsMatch(t, order, templates.Playbooks())
	rank := map[gate.Class]int{gate.Transactional: 0, gate.Service: 1, gate.Marketing: 2}
	for i := 1; i < len(order); i++ {
		before, d := playbook(t, order[i-1]), playbook(t, order[i])
		require.Greater(t, before.Priority, d.Priority, d.Name)
		require.LessOrEqual(t, rank[before.Class], rank[d.Class], d.Name)
	}
}

// Marketing ends as soon as somebody buys; nothing in refund care leads anywhere.
func TestPlaybooksAreWhatTheySay(t *testing.T) {
	winBack := playbook(t, "win_back")
	mails, waits := 0, 0
	each(winBack.Steps, "steps", func(s *campaign.Step, where string) {
		if s.Kind == campaign.SendEmail {
			mails++
		}
		if s.Kind == campaign.WaitForEvent {
			waits++
			require.Equal(t, "order_paid", s.Event)
			require.True(t, ends(s.Then), where)
		}
	})
	require.Equal(t, []int{3, 2}, []int{mails, waits})
	for _, name := range []string{"refund_care", "refund_care_partial", "cancel_care"} {
		d := playbook(t, name)
		require.Equal(t, gate.Transactional, d.Class)
		require.True(t, campaign.TriggerOf(d.Trigger.Kind).Answers)
		each(d.Steps, name, func(s *campaign.Step, where string) {
			for _, e := range s.Email {
				require.Nil(t, e.Button, where)
			}
		})
	}
	failed := playbook(t, "payment_failed")
	require.Equal(t, campaign.WaitForEvent, failed.Steps[1].Kind)
	require.True(t, ends(failed.Steps[1].Then), "paid: no second mail")
	require.Len(t, failed.Steps, 2)
}

// What the footer and the preferences page call them.
func TestTopicsOfPlaybooksHaveWords(t *testing.T) {
	for _, name := range templates.Playbooks() {
		topic := playbook(t, name).Topic
		require.True(t, templates.Known("topic_"+topic), "%s: %s", name, topic)
	}
}
