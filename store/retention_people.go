package store

import (
	"context"
	"fmt"
	"time"

	"flywheel/commerce"
)

const (
	keepAudit       = 760 * 24 * time.Hour // 25 months, as events
	keepInvitations = 90 * 24 * time.Hour  // past their end
	keepStrangers   = 395 * 24 * time.Hour // users who belong to no account
)

// retainPeople deletes what is past its time of who came in and what they did.
// Sessions and links to sign in by end by the real clock. Who belongs to no
// account and has not come for 13 months is forgotten.
func (s *Store) retainPeople(ctx context.Context) (sum int64, err error) {
	now, real := s.Now(), realNow()
	strangers := `id NOT IN (SELECT user_id FROM members) AND made_at < $1 AND seen_at < $1`
	for _, c := range []struct {
		table, where string
		before       commerce.Instant
	}{
		{"sessions", "expires_at < $1", real},
		{"sign_ins", "expires_at < $1", real},
		{"invitations", "expires_at < $1", now.Add(-keepInvitations)},
		{"audit", "at < $1", now.Add(-keepAudit)},
		{"account_audit", "at < $1", now.Add(-keepAudit)},
		{"account_shops", "until_at > 0 AND until_at < $1", now.Add(-keepAudit)},
		// the people of a shop that was erased
		{"members", "since < $1 AND account_id IN (SELECT a.id FROM accounts a WHERE a.kind = 'merchant' AND NOT EXISTS (SELECT 1 FROM account_shops g WHERE g.account_id = a.id))", now.Add(-keepInvitations)},
		{"passkeys", "user_id IN (SELECT id FROM users WHERE " + strangers + ")", min(real, now).Add(-keepStrangers)},
		{"users", strangers, min(real, now).Add(-keepStrangers)},
	} {
		n, err := s.deleteInSteps(ctx, c.table, c.where, c.before)
		sum += n
		if err != nil {
			return sum, fmt.Errorf("retain %s: %w", c.table, err)
		}
	}
	return sum, nil
}
