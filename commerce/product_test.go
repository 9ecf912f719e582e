package commerce

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestProductMerge(t *testing.T) {
	p := Product{ID: "7", Title: "Socks", UpdatedAt: after(2)}
	require.False(t, p.Merge(Product{ID: "7", Title: "Sock", UpdatedAt: after(1)}), "an older word changes nothing")
	require.False(t, p.Merge(p))
	require.True(t, p.Merge(Product{ID: "7", Title: "Wool socks", PublishedAt: after(3), UpdatedAt: after(3)}))
	require.True(t, p.Merge(Product{ID: "7", DeletedAt: after(4)}))
	require.Equal(t, Product{ID: "7", Title: "Wool socks", PublishedAt: after(3), UpdatedAt: after(3), DeletedAt: after(4)}, p)
	p.Merge(Product{ID: "7", Title: "Late news", UpdatedAt: after(5)})
	require.Equal(t, after(4), p.DeletedAt, "gone is gone")
}

func TestProductMergesAlikeInAnyOrder(t *testing.T) {
	told := rapid.Custom(func(t *rapid.T) Product {
		some := rapid.IntRange(0, 2)
		return Product{
			ID: "7", Title: rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "title"), Tags: rapid.SampledFrom([][]string{nil, {"x"}}).Draw(t, "tags"),
			PublishedAt: second(some.Draw(t, "out")), UpdatedAt: second(some.Draw(t, "updated")), DeletedAt: Instant(some.Draw(t, "deleted")),
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.SliceOfN(told, 1, 6).Draw(t, "told")
		merge := func(all []Product) (p Product) {
			for _, n := range all {
				p.Merge(n)
			}
			return p
		}
		require.Equal(t, merge(all), merge(rapid.Permutation(append(all, all[0])).Draw(t, "otherwise")))
	})
}

func TestProductLink(t *testing.T) {
	shop := Settings{StoreURL: "https://wool.example/"}
	require.Equal(t, "https://wool.example/products/wool-socks", Product{Handle: "wool-socks"}.Link(shop))
	require.Equal(t, "https://wool.example/products/%D8%B9%D9%88%D8%AF%2F", Product{Handle: "عود/"}.Link(shop))
	require.Equal(t, "https://own.example", Product{Handle: "x", URL: "https://own.example"}.Link(shop))
	require.Empty(t, Product{}.Link(shop))
	require.Empty(t, Product{Handle: "x"}.Link(Settings{}))
}
