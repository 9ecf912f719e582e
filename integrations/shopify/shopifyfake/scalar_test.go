package shopifyfake

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestLeaves(t *testing.T) {
	word := "word"
	tests := map[string]struct {
		good, bad []any
	}{
		"Int":                 {[]any{1, int64(-1), 1<<31 - 1, -1 << 31}, []any{1 << 31, -1<<31 - 1, "1", 1.0, true}},
		"Boolean":             {[]any{true, false}, []any{"true", 1}},
		"String":              {[]any{"", "ü\n\"\\<", &word}, []any{1, nil}},
		"ID":                  {[]any{"gid://shopify/Order/1"}, []any{"1", "", "gid://shopify/Order/"}},
		"DateTime":            {[]any{"2026-11-02T12:00:00Z"}, []any{"2026-11-02", "2026-11-02T12:00:00", &word}},
		"Decimal":             {[]any{"0.00", "-5", "12.500"}, []any{"1e3", ".5", "1,00", 1.5}},
		"UnsignedInt64":       {[]any{"0", "18446744073709551615"}, []any{"-1", 1, ""}},
		"URL":                 {[]any{"https://wool.myshopify.com"}, []any{"wool", "/a"}},
		"CurrencyCode":        {[]any{"EUR", "KWD"}, []any{"eur", "XEU", 1}},
		"BulkOperationStatus": {[]any{"RUNNING"}, []any{"running"}},
	}
	for name, tt := range tests {
		def := adminSchema().Types[name]
		for _, v := range tt.good {
			text, err := leaf(def, v)
			assert.NoError(t, err, name)
			if s, ok := v.(string); ok {
				assert.JSONEq(t, string(write(s)), string(text))
			}
		}
		for _, v := range tt.bad {
			_, err := leaf(def, v)
			assert.Error(t, err, "%v is no %s", v, name)
		}
	}
}
