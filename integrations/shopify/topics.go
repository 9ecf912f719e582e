package shopify

import (
	"maps"
	"slices"
)

// Topics lists the webhook topics that Decode reads. shopify.app.toml subscribes
// to them (a test holds the two together).
func Topics() []string { return slices.Sorted(maps.Keys(decoders)) }

// Version is the version of the Admin API that is asked and whose webhooks are read.
const Version = apiVersion
