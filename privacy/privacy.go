// Package privacy gathers what is kept of a customer into one document that a
// machine can read and, made of it, a page that a person can; and it keeps the
// file of erasures that makes them hold after a restore. What is erased and how
// is package store's.
package privacy

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"flywheel/commerce"
	"flywheel/store"
)

// Format names the shape of an Export; it changes only where a reader must.
const Format = "flywheel-export/1"

// Export is everything a shop keeps of the customer a request names. An export
// without sections says that nothing is kept.
type Export struct {
	Format   string          `json:"format"`
	MadeAt   time.Time       `json:"made_at"`
	Shop     Shop            `json:"shop"`
	Request  Request         `json:"request"`
	ErasedAt *time.Time      `json:"erased_at,omitempty"` // the customer was erased then, and nothing but this is kept
	Sections []store.Section `json:"sections"`
	NotShown []Left          `json:"not_shown"`
}

// Shop is whose customer it is.
type Shop struct {
	ID   commerce.ShopID `json:"id"`
	Name string          `json:"name"`
}

// Request is what was asked.
type Request struct {
	ID         string    `json:"id"`
	PlatformID string    `json:"platform_id,omitempty"`
	Customer   string    `json:"customer,omitempty"` // the platform's customer id
	ReceivedAt time.Time `json:"received_at"`
}

// Left is a table that is not shown, and why.
type Left struct {
	Table  string `json:"table"`
	Reason string `json:"reason"`
}

// Gather reads what is kept of whom a request names. It changes nothing, so it
// may begin anew at any time.
func Gather(ctx context.Context, st *store.Store, p store.PrivacyRequest) (Export, error) {
	shop, err := st.Shop(ctx, p.Shop)
	if err != nil {
		return Export{}, err
	}
	e := Export{
		Format: Format, MadeAt: st.Now().Time().UTC(), Shop: Shop{shop.ID, shop.Name},
		Request:  Request{p.ID, p.RequestID, p.Subject, p.ReceivedAt.Time().UTC()},
		Sections: []store.Section{}, NotShown: []Left{},
	}
	for table, reason := range store.NotHeld() {
		e.NotShown = append(e.NotShown, Left{table, reason})
	}
	held, err := st.Held(ctx, p.Shop, p.Persons)
	if err != nil {
		return Export{}, err
	}
	e.Sections = append(e.Sections, held...)
	var ids []commerce.Identity
	for _, kind := range []commerce.IdentityKind{commerce.ByShopify, commerce.ByStripe} {
		ids = append(ids, commerce.Identity{Kind: kind, Value: p.Subject})
	}
	at, err := st.ErasedAt(ctx, p.Shop, ids)
	if at != 0 {
		when := at.Time().UTC()
		e.ErasedAt = &when
	}
	return e, err
}

// Read reads an export as it was kept.
func Read(body []byte) (Export, error) {
	var e Export
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber() // ids and hashes are longer than a float64 holds
	if err := d.Decode(&e); err != nil {
		return e, fmt.Errorf("export: %w", err)
	}
	if e.Format != Format {
		return e, fmt.Errorf("export: the format %q is not %q", e.Format, Format)
	}
	return e, nil
}
