package commerce

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRoles(t *testing.T) {
	for i, r := range Roles() {
		for j, least := range Roles() {
			require.Equal(t, i >= j, r.Allows(least), "%s may do what needs %s", r, least)
			require.Equal(t, Roles()[min(i, j)], r.Lesser(least))
		}
	}
	require.False(t, Role("").Allows(RoleViewer))
	require.False(t, Role("root").Allows(RoleViewer))
	require.False(t, RoleOwner.Allows("root"), "a need that nobody knows is met by nobody")
	require.Equal(t, Role("root"), Role("root").Lesser(RoleOwner), "what is unknown is the least")
}
