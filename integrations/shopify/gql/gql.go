// Package gql holds the operations we ask of Shopify's Admin API (operations/)
// as typed Go (generated.go, by genqlient) and the part of the schema they use
// (schema.graphql, which the fake checks questions and answers by). Package
// shopify turns the answers into commerce's facts; nobody else imports it.
package gql

import _ "embed"

//go:generate go run ./generate

// Schema is the part of the Admin API's schema, in the version we pin, that our operations use.
//
//go:embed schema.graphql
var Schema string

// BulkQuery is the operation BulkOrders in the form that bulk operations take.
//
//go:embed bulk.graphql
var BulkQuery string
