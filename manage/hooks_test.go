package manage_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/delight/campaign"
	"flywheel/fault"
)

func TestHooks(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		secret, err := d.AddHook(t.Context(), d.shop, "crm", "https://crm.example/in")
		require.NoError(t, err)
		require.Regexp(t, `^whsec_\S{40}$`, secret)
		_, err = d.AddHook(t.Context(), d.shop, "crm", "https://crm.example/in")
		require.True(t, fault.Is(err, fault.Conflict), "%v", err)
		for name, url := range map[string]string{
			"C R M": "https://crm.example/in", "plain": "http://crm.example/in", "inner": "https://10.0.0.1/in", "local": "https://localhost/in",
		} {
			_, err = d.AddHook(t.Context(), d.shop, name, url)
			require.True(t, fault.Is(err, fault.Invalid), "%s %s: %v", name, url, err)
		}
		_, err = d.AddHook(t.Context(), "nowhere", "crm", "https://crm.example/in")
		require.True(t, fault.Is(err, fault.NotFound), "%v", err)

		next, err := d.RotateHook(t.Context(), d.shop, "crm")
		require.NoError(t, err)
		kept, err := d.Store.Endpoint(t.Context(), d.shop, "crm")
		require.NoError(t, err)
		require.Equal(t, []string{next, secret}, kept.Secrets)
	})
}

func TestAHookInUseStays(t *testing.T) {
	tell := campaign.Step{ID: "tell", Kind: campaign.Webhook, Hook: "crm", Useful: campaign.Duration(week)}
	each(t, func(t *testing.T, d desk) {
		_, err := d.AddHook(t.Context(), d.shop, "crm", "https://crm.example/in")
		require.NoError(t, err)
		id := d.live(playbook(t, "thank_you", func(def *campaign.Definition) { def.Steps = append(def.Steps, tell) }))
		err = d.RemoveHook(t.Context(), d.shop, "crm")
		require.True(t, fault.Is(err, fault.Conflict), "%v", err)
		require.ErrorContains(t, err, "thank_you is live")
		require.NoError(t, d.Pause(t.Context(), d.shop, id))
		require.NoError(t, d.RemoveHook(t.Context(), d.shop, "crm"))
		require.ErrorContains(t, d.Resume(t.Context(), d.shop, id, false), "[endpoint_gone]")
		require.True(t, fault.Is(d.RemoveHook(t.Context(), d.shop, "crm"), fault.NotFound))
	})
}
