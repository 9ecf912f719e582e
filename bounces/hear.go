package bounces

import (
	"context"
	"net/http"

	"flywheel/fault"
)

// Hear takes a delivery of a provider's webhook. endpoint "" is that of the
// operator's mail server, whose events name the shop by our reference; else the
// shop is the one whose own account tells there. It returns after the commit.
// Errors are fault.NotFound for an address where nothing is expected, else those
// of events.Door.Read, and without a kind where it could not be kept.
func (d *Desk) Hear(ctx context.Context, provider, endpoint string, header http.Header, body []byte) (Taken, error) {
	if endpoint == "" {
		if d.Provider != provider || d.Secret == "" {
			return Taken{}, nothingHere()
		}
		all, err := d.Door.Read(ctx, provider, d.Secret, header, body)
		if err != nil {
			return Taken{}, err
		}
		for i := range all { // whom it names is of no weight without our reference
			all[i].Address = ""
		}
		return d.take(ctx, "", all)
	}
	shop, sender, err := d.Store.SenderAt(ctx, endpoint)
	if err != nil {
		return Taken{}, err
	}
	if sender.Provider != provider || sender.Account.Secret == "" {
		return Taken{}, nothingHere()
	}
	all, err := d.Door.Read(ctx, provider, sender.Account.Secret, header, body)
	if err != nil {
		return Taken{}, err
	}
	return d.take(ctx, shop, all)
}

func nothingHere() error {
	return fault.New(fault.NotFound, "nobody's mail events are told at this address")
}
