package manage_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/manage"
)

// Of whatever begins it and whatever it is, an empty campaign is kept as a draft.
func TestABlankCampaignIsADraft(t *testing.T) {
	for _, spec := range campaign.Triggers() {
		for _, class := range []gate.Class{gate.Transactional, gate.Service, gate.Marketing} {
			require.Empty(t, manage.Blank("new", "ar", "جديدة", spec.Kind, class).Problems(), "%s %s", spec.Kind, class)
		}
	}
	each(t, func(t *testing.T, d desk) {
		id, err := d.Begin(t.Context(), d.shop, manage.Blank("winter", "en", "Winter", campaign.OnOrderPaid, gate.Service), manage.Note{By: "sara"})
		require.NoError(t, err)
		c, err := d.Campaign(t.Context(), d.shop, id)
		require.NoError(t, err)
		require.Equal(t, campaign.Draft, c.State)
		require.Equal(t, "Winter", c.Title["en"])
	})
}

func TestBlankNames(t *testing.T) {
	taken := map[string]bool{"winter_sale": true, "winter_sale_2": true, "campaign": true}
	for title, want := range map[string]string{"Winter Sale!": "winter_sale_3", "Éclair": "eclair", "تخفيضات الشتاء": "campaign_2", "فروش ۲": "2", "--": "campaign_2", "../../etc": "etc"} {
		require.Equal(t, want, manage.BlankName(title, func(name string) bool { return taken[name] }), title)
	}
}
