package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/stripe"
	"flywheel/store"
)

// examineOwn looks at the endpoints of connected accounts that have a key of
// their own. A database that is not there yet has none.
func (a asker) examineOwn() (saw, wrong []string, err error) {
	if path, lite := strings.CutPrefix(a.config.DatabaseURL, "sqlite:"); lite {
		if _, err := os.Stat(path); os.IsNotExist(err) {
			return nil, nil, nil
		}
	}
	if a.config.Keys == nil {
		return nil, nil, nil // checkStore complains of it
	}
	st, err := openStore(a.session)
	if err != nil {
		return nil, nil, err
	}
	defer st.Close()
	sound := 0
	err = eachOpen(a.ctx, st, commerce.Stripe, func(c commerce.Connection) {
		if c.Token == "" {
			return
		}
		ills := a.examineAccount(c)
		if wrong = append(wrong, ills...); len(ills) == 0 {
			sound++
		}
	})
	if sound > 0 {
		saw = append(saw, fmt.Sprintf("own keys: %d accounts as they should be", sound))
	}
	return saw, wrong, err
}

// eachOpen goes over all open connections at a platform, some at a time.
func eachOpen(ctx context.Context, st *store.Store, p commerce.Platform, look func(commerce.Connection)) error {
	for after := commerce.ConnectionID(""); ; {
		ids, err := st.OpenConnections(ctx, p, after, 100)
		if err != nil || len(ids) == 0 {
			return err
		}
		for _, id := range ids {
			c, err := st.ConnectionByID(ctx, id)
			if err != nil {
				return err
			}
			look(c)
		}
		after = ids[len(ids)-1]
	}
}

// examineAccount says what is wrong with an account's own key and endpoint. A key
// need not be one that may see endpoints; then there is nothing to say of them.
func (a asker) examineAccount(c commerce.Connection) (wrong []string) {
	access, flag := stripe.Access{Key: c.Token}, ""
	if !c.Live {
		flag = " --test"
	}
	again := fmt.Sprintf("flywheel shop connect --shop %s --platform stripe --account %s%s --token KEY", c.ShopID, c.ExternalID, flag)
	all, err := a.client.Endpoints(a.ctx, access)
	if fault.Is(err, fault.Denied) {
		if _, err = a.client.Account(a.ctx, access); err == nil {
			return nil
		}
	}
	if err != nil {
		return []string{fmt.Sprintf("%s: its own key is of no use: %s: %s", c.ExternalID, fault.Sentence(err), again)}
	}
	address := a.config.BaseURL + "/webhooks/stripe/" + string(c.ID)
	there := false
	for _, e := range all {
		if e.URL != address {
			continue
		}
		there = true
		for _, ill := range ails(e) {
			wrong = append(wrong, fmt.Sprintf("%s of %s: %s: %s --endpoint makes another", e.ID, c.ExternalID, ill, again))
		}
	}
	if !there && len(c.Secrets) > 0 {
		wrong = append(wrong, fmt.Sprintf("no endpoint of %s leads to %s: %s --endpoint makes one", c.ExternalID, address, again))
	}
	return wrong
}
