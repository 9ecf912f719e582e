package sender

import (
	"context"
	"time"

	"flywheel/integrations/mail"
	"flywheel/store"
)

// platformLease names the one process that makes the shared domain's keys.
const platformLease = "platform_keys"

// platformSigner signs as the shared domain; nil while DNS shows none of its keys.
func (d *Desk) platformSigner(ctx context.Context) (*mail.Signer, error) {
	d.mu.Lock()
	s := d.platform
	d.mu.Unlock()
	if time.Now().Before(s.until) {
		return s.signer, nil
	}
	keys, err := d.Store.PlatformKeys(ctx, d.Domain)
	if err != nil {
		return nil, err
	}
	if s.signer, err = signs(d.Domain, keys, d.Provider); err != nil {
		return nil, err
	}
	s.until = time.Now().Add(believed)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.platform = s
	return s.signer, nil
}

// PlatformKeys returns the shared domain's keys; where there are none yet, it
// makes them.
func (d *Desk) PlatformKeys(ctx context.Context) ([]store.SenderKey, error) {
	keys, err := d.Store.PlatformKeys(ctx, d.Domain)
	if err != nil || len(keys) > 0 || d.Domain == "" {
		return keys, err
	}
	owner := store.NewID()
	if leads, err := d.Store.Lead(ctx, platformLease, owner, time.Minute); err != nil || !leads {
		return nil, err // another makes them at this moment
	}
	defer func() { _ = d.Store.Yield(context.WithoutCancel(ctx), platformLease, owner) }() // it ends by itself
	if keys, err = d.Store.PlatformKeys(ctx, d.Domain); err != nil || len(keys) > 0 {
		return keys, err
	}
	if keys, err = makeKeys(d.Domain, d.Store.Now()); err != nil {
		return nil, err
	}
	return keys, d.Store.Transact(ctx, func(tx *store.Tx) error { return tx.SavePlatformKeys(keys) })
}

// CheckPlatform looks the shared domain up in DNS and moves its keys by what it
// shows: those that are seen sign. It does nothing where there is no shared domain.
func (d *Desk) CheckPlatform(ctx context.Context) (mail.Findings, error) {
	keys, err := d.PlatformKeys(ctx)
	if err != nil || len(keys) == 0 {
		return mail.Findings{}, err
	}
	found := d.ask(ctx, d.Domain, keys)
	if err := ctx.Err(); err != nil {
		return found, err
	}
	_, changed, drop := turn(keys, seen(found), d.Store.Now())
	err = d.Store.Transact(ctx, func(tx *store.Tx) error {
		if err := tx.SavePlatformKeys(changed); err != nil {
			return err
		}
		return tx.DropPlatformKeys(d.Domain, drop)
	})
	d.mu.Lock()
	d.platform = signer{}
	clear(d.ways)
	d.mu.Unlock()
	return found, err
}

// RotatePlatform makes new keys for the shared domain, to be published beside
// those in use; where such keys wait already it does nothing.
func (d *Desk) RotatePlatform(ctx context.Context) error {
	keys, err := d.PlatformKeys(ctx)
	if err != nil {
		return err
	}
	for _, k := range keys {
		if k.State == store.KeyNext && k.Kind == mail.RSA {
			return nil
		}
	}
	made, err := makeKeys(d.Domain, d.Store.Now())
	if err != nil {
		return err
	}
	return d.Store.Transact(ctx, func(tx *store.Tx) error { return tx.SavePlatformKeys(made) })
}
