package e2e

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/demo"
)

// A merchant installs the app, is led through setting up, changes a campaign, lets
// it go live, and sees what it did for the first order: inside the Shopify admin,
// where a frame of another site has no cookies.
func TestWalkInsideShopify(t *testing.T) {
	t.Parallel()
	inBoth(t, map[string]string{"en": "postgres", "ar": "sqlite"}, func(o *outside) {
		runNode(o.t, "walk.mjs", append(o.env(), "WAY=inside")...)
	})
}

// The same by somebody who signs in with us by a mailed link.
func TestWalkSignedIn(t *testing.T) {
	t.Parallel()
	inBoth(t, map[string]string{"en": "sqlite", "ar": "postgres"}, func(o *outside) {
		o.connected()
		runNode(o.t, "walk.mjs", append(o.env(), "WAY=signed in")...)
	})
}

// All forms work where no script runs.
func TestWalkWithoutScript(t *testing.T) {
	t.Parallel()
	inBoth(t, map[string]string{"en": "postgres", "ar": "sqlite"}, func(o *outside) {
		o.connected()
		runNode(o.t, "plain.mjs", o.env()...)
	})
}

// abreast is how many walks are on at once, each with a browser of its own.
var abreast = make(chan struct{}, 3)

// inBoth takes a walk in both languages, each in a world of its own on an engine
// of storetest.Engines.
func inBoth(t *testing.T, engines map[string]string, walk func(*outside)) {
	for lang, engine := range engines {
		t.Run(lang, func(t *testing.T) {
			t.Parallel()
			abreast <- struct{}{}
			defer func() { <-abreast }()
			walk(startOutside(t, engine, lang))
		})
	}
}

// connected is a shop that has the app already, with its past read and somebody who leads it.
func (o *outside) connected() {
	o.t.Helper()
	ctx := o.t.Context()
	_, err := o.Install(ctx, o.shop.Domain, o.shop.info)
	require.NoError(o.t, err)
	require.NoError(o.t, o.SeatOwner(ctx, demo.OwnerEmail))
	require.NoError(o.t, o.readPast(ctx))
}
