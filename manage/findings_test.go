package manage_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/delight/campaign"
	"flywheel/delight/lint"
	"flywheel/fault"
)

// A name that stands for nothing would leave a hole in the mail: a draft is
// kept with it, and does not go live.
func TestUnknownVariablesAreFindings(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		holed := playbook(t, "thank_you", func(def *campaign.Definition) {
			e := def.Steps[0].Email["en"]
			e.Subject = "Your order {{ order.nmae }}"
			e.Body = append(slices.Clone(e.Body), "{{ customer }}")
			def.Steps[0].Email["en"] = e
		})
		var got []string
		for _, f := range d.save(holed).Findings {
			require.Equal(t, lint.Error, f.Severity)
			require.Len(t, f.Texts, 3)
			got = append(got, f.Rule+" "+f.Where)
		}
		require.Equal(t, []string{"unknown-variable steps[0].email.en.body[3]", "unknown-variable steps[0].email.en.subject"}, got)
		err := d.GoLive(t.Context(), d.shop, "thank_you", false)
		require.True(t, fault.Is(err, fault.Invalid))
		require.ErrorContains(t, err, "There is no order.nmae")

		_, err = d.Lint(t.Context(), d.shop, playbook(t, "thank_you", func(def *campaign.Definition) {
			e := def.Steps[0].Email["en"]
			e.Subject = " "
			def.Steps[0].Email["en"] = e
		}))
		require.ErrorContains(t, err, "en: subject, column 1: the subject is blank")
	})
}
