package shopify

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flywheel/fault"
	"flywheel/integrations/shopify/shopifyfake"
)

func TestTags(t *testing.T) {
	fake, client := startFake(t)
	fake.PutCustomer(testShop, shopifyfake.Customer{ID: 7, Email: "a@example.com", Tags: []string{"vip"}})
	require.NoError(t, client.AddTags(t.Context(), testAccess, "7", []string{" fan ", "", "سعيد", "vip"}))
	assert.ElementsMatch(t, []string{"vip", "fan", "سعيد"}, fake.Tags(testShop, 7))
	require.NoError(t, client.RemoveTags(t.Context(), testAccess, "7", []string{"vip", " fan", "never had"}))
	assert.Equal(t, []string{"سعيد"}, fake.Tags(testShop, 7))

	asked := len(fake.Asked())
	require.NoError(t, client.AddTags(t.Context(), testAccess, "7", []string{" "}))
	assert.Len(t, fake.Asked(), asked, "nothing to do")
}

func TestTagsRefused(t *testing.T) {
	fake, client := startFake(t)
	fake.PutCustomer(testShop, shopifyfake.Customer{ID: 7, Email: "a@example.com"})
	forty := strings.Repeat("ه", 40)
	many := make([]string, 251)
	for i := range many {
		many[i] = "a"
	}
	for name, tt := range map[string]struct {
		customer string
		tags     []string
		kind     fault.Kind
	}{
		"forty letters":   {"7", []string{forty}, ""},
		"one more":        {"7", []string{forty + "a"}, fault.Invalid},
		"two in one":      {"7", []string{"a,b"}, fault.Invalid},
		"too many":        {"7", many, fault.Invalid},
		"no customer":     {"", []string{"a"}, fault.Invalid},
		"a customer gone": {"8", []string{"a"}, fault.NotFound},
	} {
		t.Run(name, func(t *testing.T) {
			err := client.AddTags(t.Context(), testAccess, tt.customer, tt.tags)
			assert.Equal(t, tt.kind, fault.KindOf(err), "%v", err)
			err = client.RemoveTags(t.Context(), testAccess, tt.customer, tt.tags)
			assert.Equal(t, tt.kind, fault.KindOf(err), "%v", err)
		})
	}
}
