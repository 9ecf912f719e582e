package templates

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// fullClub is a page with everything that it may show.
func fullClub(known bool) Club {
	return Club{
		Frame: frame(), Known: known, Email: "a•••@example.com", Action: "/account/in/shop", Said: "Welcome.", State: "A state.", Balance: "You have 350 points.",
		Notes: []string{"100 more wait."}, Tier: "Silver", TierNote: "50 more.", Reached: 50, Goal: 100,
		Offers:  []ClubOffer{{ID: "five", Name: "5 off", Words: "words", Cost: "for 100"}, {ID: "slide", Name: "slides", Sizes: []Choice{{"2", "2 off", false}}}, {ID: "dear", Name: "dear", Short: "50 more are needed."}},
		Rewards: []ClubReward{{Words: "5 off", State: "Good.", Code: "SPRING"}}, History: []ClubRow{{"2 March", "Order #1", "+5", "then 5"}}, Older: "/account/in/shop?below=7", Earns: []string{"For each order"},
		MayJoin: known, MayLeave: known, Terms: "Free.", Friends: true, Share: Shares{Link: "https://flywheel.example/r/ABC", WhatsApp: "https://wa.me/?text=x", Telegram: "https://t.me/share/url?url=x", X: "https://x.com/intent/post?text=x", Mail: "mailto:?body=x"},
		Months: []Choice{{"1", "January", false}}, Days: []Choice{{"1", "1", false}}, Mails: true,
	}
}

func TestEveryPageOfAMemberInEveryLanguage(t *testing.T) {
	for _, lang := range languages {
		for name, data := range map[string]any{
			"member": fullClub(true), "member_shop": fullClub(true),
			"member_in":    ClubIn{Frame: frame(), Action: "/account/in/shop", Said: "Too late.", Wrong: true},
			"member_open":  ClubOpen{Frame: frame(), Email: "a•••@example.com", Action: "/account/in/shop/token"},
			"member_take":  ClubTake{Frame: frame(), Words: "5 off", Cost: "It costs 5.", Left: "5 are left.", Valid: "90 days.", Reward: "five", Steps: "1", Request: "r", Action: "/account/in/shop"},
			"member_leave": ClubLeave{Frame: frame(), Loses: []string{"5 points"}, Action: "/account/in/shop"},
		} {
			got := page(t, name, lang, data)
			require.Contains(t, got, `<html lang="`+lang+`" dir="`+Dir(lang)+`">`)
			require.NotRegexp(t, `<[^>]+\sstyle=`, got)
			require.NotContains(t, got, "<script")
			require.NotRegexp(t, `[>"](member|share)_\w+[<"]`, got, "%s %s: a string is missing", lang, name)
			require.NotContains(t, got, "Flywheel")
			require.Contains(t, got, `noindex, nofollow`)
			for _, id := range regexp.MustCompile(`<(?:select|input) id="([^"]+)"`).FindAllStringSubmatch(got, -1) {
				require.Contains(t, got, `for="`+id[1]+`"`, "%s: a field has a label", name)
			}
		}
	}
}

// Whoever is not known is offered nothing but the mail with the link.
func TestAPageOfSomebodyUnknownDoesNothing(t *testing.T) {
	got := page(t, "member", "en", fullClub(false))
	dos := regexp.MustCompile(`name="do" value="(\w+)"`).FindAllStringSubmatch(got, -1)
	require.Len(t, dos, 1)
	require.Equal(t, "letter", dos[0][1])
	require.NotContains(t, got, `name="take"`)
	require.NotContains(t, got, "Order #1")
	require.NotContains(t, strings.ReplaceAll(got, "hello@nour.example", ""), "below=7")
	require.Equal(t, 2, strings.Count(page(t, "member", "en", fullClub(true)), `name="take"`), "what they are short of is not offered")
}

// A birthday is a day of the reader's calendar; what is kept is one of the Gregorian year.
func TestBirthdaysInTheReadersCalendar(t *testing.T) {
	fa, en, ar := Style{Lang: "fa", Country: "IR"}, Style{Lang: "en"}, Style{Lang: "ar", Country: "SA", Calendar: UmmAlQura}
	require.Equal(t, "فروردین", fa.Months()[0])
	require.Equal(t, "January", en.Months()[0])
	require.Len(t, ar.Months(), 12)
	require.Equal(t, "21 March", en.Birthday(3, 21))
	require.Equal(t, "۱ فروردین", fa.Birthday(3, 21))
	for _, s := range []Style{fa, en, ar} {
		for month := 1; month <= 12; month++ {
			for day := 1; day <= 31; day++ {
				m, d, ok := s.BirthdayOf(month, day)
				if !ok {
					require.GreaterOrEqual(t, day, 30)
					continue
				}
				if s.Lang == "fa" && month == 12 && day == 30 { // a day that most years lack
					continue
				}
				require.Equal(t, s.plainCalendar().dayNamed(month, day, "%-d %B"), s.Birthday(m, d), "%s %d-%d", s.Lang, month, day)
			}
		}
	}
	_, _, ok := en.BirthdayOf(2, 29)
	require.True(t, ok, "somebody is born on it")
	for _, no := range [][2]int{{0, 1}, {13, 1}, {2, 30}, {1, 0}, {1, 32}} {
		_, _, ok := en.BirthdayOf(no[0], no[1])
		require.False(t, ok, "%v", no)
	}
	_, _, ok = fa.BirthdayOf(7, 31)
	require.False(t, ok)
}
