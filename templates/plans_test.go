package templates

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Each state has its words in each language, and each level has a mark.
func TestPlanInEveryState(t *testing.T) {
	at := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	for _, lang := range languages {
		for _, state := range []string{"none", "trial", "active", "cancelling", "pending", "declined", "frozen", "cancelled"} {
			for _, level := range []string{"within", "near", "over", "held"} {
				p := Plan{
					Admin: admin(), State: state, Name: "<Grow>", Pending: "Scale", Until: at, Level: level, Used: 51, Quota: 50, Percent: 100, To: at,
					HoldsFrom: at, CheckedAt: at, Plans: []PlanRow{{Name: "Free", Orders: 1, Current: true}, {Name: "Grow", Trial: 3}}, Choose: "https://admin.shopify.com/x",
				}
				got := adminPage(t, "plan", lang, p)
				require.Empty(t, tagged.FindAllString(got, -1), "%s %s %s", lang, state, level)
				require.NotContains(t, got, "<Grow>")
				require.NotContains(t, got, "{{")
				require.Contains(t, got, `href="https://admin.shopify.com/x" target="_top"`)
				require.Contains(t, got, `aria-current="true"`)
				require.Contains(t, got, `<time datetime="2026-03-02T12:00:00Z"`)
				p.Choose, p.Quota = "", 0
				got = adminPage(t, "plan", lang, p)
				require.NotContains(t, got, "_top")
				require.NotContains(t, got, "<progress", "a plan without bound fills nothing")
			}
		}
	}
}
