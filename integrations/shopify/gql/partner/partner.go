// Package partner holds the operations we ask of Shopify's Partner API, as gql
// does for the Admin API.
package partner

import _ "embed"

// Schema is the part of the Partner API's schema that our operations use.
//
//go:embed schema.graphql
var Schema string
