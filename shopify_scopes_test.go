package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/integrations/shopify"
)

// An install by code asks for what Shopify grants where it installs the app itself.
func TestAnInstallByCodeAsksForTheSameScopes(t *testing.T) {
	require.Equal(t, strings.Split(parseApp(t, appText(t)).Access.Scopes, ","), shopify.RequiredScopes())
}
