package stripe

import (
	"encoding/hex"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-go/v76/webhook"

	"flywheel/fault"
	"flywheel/integrations/stripe/stripefake"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func TestVerify(t *testing.T) {
	body := []byte(`{"id":"evt_1"}`)
	const secret, old = "whsec_new", "whsec_old"
	v1 := func(secret string, at time.Time) string {
		return "v1=" + hex.EncodeToString(webhook.ComputeSignature(at, body, secret))
	}
	stamp := fmt.Sprintf("t=%d", noon.Unix())
	signed := stripefake.Sign(body, secret, noon).Get("Stripe-Signature")
	stale := noon.Add(-time.Hour)

	for name, c := range map[string]struct {
		signature string
		secrets   []string
		now       time.Time
		want      string // sentence, "" = trusted
	}{
		"fresh":                       {signed, []string{secret}, noon, ""},
		"rotation, new first":         {signed, []string{secret, old}, noon, ""},
		"rotation, old first":         {signed, []string{old, secret}, noon, ""},
		"several v1, ours last":       {stamp + "," + v1("whsec_x", noon) + "," + v1(secret, noon), []string{secret}, noon, ""},
		"several v1, one broken":      {stamp + ",v1=zz," + v1(secret, noon) + ",v0=00", []string{secret}, noon, ""},
		"300 s old":                   {signed, []string{secret}, noon.Add(300 * time.Second), ""},
		"300 s ahead":                 {signed, []string{secret}, noon.Add(-300 * time.Second), ""},
		"301 s old":                   {signed, []string{secret}, noon.Add(301 * time.Second), "the signature is older than 5m0s"},
		"301 s ahead":                 {signed, []string{secret}, noon.Add(-301 * time.Second), "the signature is more than 5m0s ahead of our clock"},
		"far future":                  {"t=9223372036854775807," + v1(secret, noon), []string{secret}, noon, "the Stripe-Signature header cannot be read"},
		"far past":                    {"t=-9223372036854775808," + v1(secret, noon), []string{secret}, noon, "the Stripe-Signature header cannot be read"},
		"other secret":                {signed, []string{old}, noon, "the signature fits none of the webhook secrets"},
		"no header":                   {"", []string{secret}, noon, "the delivery has no Stripe-Signature header"},
		"no time":                     {v1(secret, noon), []string{secret}, noon, "the Stripe-Signature header tells no time"},
		"no signature":                {stamp, []string{secret}, noon, "the signature fits none of the webhook secrets"},
		"v0 only":                     {stamp + ",v0=" + v1(secret, noon)[3:], []string{secret}, noon, "the signature fits none of the webhook secrets"},
		"garbage":                     {"hello", []string{secret}, noon, "the Stripe-Signature header tells no time"},
		"garbage after a time":        {stamp + ",hello", []string{secret}, noon, "the Stripe-Signature header cannot be read"},
		"time no number":              {"t=noon," + v1(secret, noon), []string{secret}, noon, "the Stripe-Signature header cannot be read"},
		"two times, fresh one first":  {stamp + fmt.Sprintf(",t=%d,", stale.Unix()) + v1(secret, stale), []string{secret}, noon, "the Stripe-Signature header cannot be read"},
		"no secrets":                  {signed, nil, noon, "no webhook secret is set for Stripe, so no delivery can be trusted"},
		"empty secret":                {stamp + "," + v1("", noon), []string{""}, noon, "a webhook secret for Stripe is empty, so no delivery can be trusted"},
		"empty secret beside another": {stamp + "," + v1("", noon), []string{secret, ""}, noon, "a webhook secret for Stripe is empty, so no delivery can be trusted"},
		"blank secret":                {stamp + "," + v1(" ", noon), []string{" "}, noon, "a webhook secret for Stripe is empty, so no delivery can be trusted"},
	} {
		t.Run(name, func(t *testing.T) {
			err := Verify(http.Header{"Stripe-Signature": {c.signature}}, body, c.secrets, c.now)
			if c.want == "" {
				require.NoError(t, err)
				return
			}
			require.Equal(t, fault.Denied, fault.KindOf(err))
			require.Equal(t, c.want, fault.Sentence(err))
		})
	}

	t.Run("changed body", func(t *testing.T) {
		err := Verify(stripefake.Sign(body, secret, noon), append([]byte(" "), body...), []string{secret}, noon)
		require.Equal(t, fault.Denied, fault.KindOf(err))
	})
}
