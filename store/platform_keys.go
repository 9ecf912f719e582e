package store

import "context"

func platformKeySeal(domain, selector string) string {
	return "platform key " + domain + " " + selector
}

// PlatformKeys lists the keys of the domain that shops share, by selector.
func (s *Store) PlatformKeys(ctx context.Context, domain string) ([]SenderKey, error) {
	var rows []senderKeyRow
	if err := s.query(ctx).all(&rows, `SELECT `+senderKeyColumns+` FROM platform_keys WHERE domain = $1 ORDER BY selector`, domain); err != nil {
		return nil, err
	}
	out := make([]SenderKey, len(rows))
	for i, r := range rows {
		private, err := s.keys.Open(r.Sealed, platformKeySeal(r.Domain, r.Selector))
		if err != nil {
			return nil, err
		}
		out[i] = r.key(private)
	}
	return out, nil
}

// SavePlatformKeys adds keys, or moves those that are there to their state.
func (tx *Tx) SavePlatformKeys(keys []SenderKey) error {
	for _, key := range keys {
		sealed, err := tx.store.keys.Seal(key.Private, platformKeySeal(key.Domain, key.Selector))
		if err != nil {
			return err
		}
		if _, err := tx.exec(`INSERT INTO platform_keys (domain, selector, kind, state, public, sealed, made_at, since) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
			ON CONFLICT (domain, selector) DO UPDATE SET state = excluded.state, since = excluded.since`,
			key.Domain, key.Selector, key.Kind, key.State, key.Public, sealed, key.MadeAt, key.Since); err != nil {
			return err
		}
	}
	return nil
}

// DropPlatformKeys forgets keys of the shared domain.
func (tx *Tx) DropPlatformKeys(domain string, selectors []string) error {
	if len(selectors) == 0 {
		return nil
	}
	_, err := tx.exec(`DELETE FROM platform_keys WHERE domain = $1 AND selector `+tx.in(2), domain, list(&tx.query, selectors))
	return err
}
