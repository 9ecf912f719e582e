package store

import (
	"context"

	"flywheel/commerce"
	"flywheel/fault"
)

// SignIn is a link, mailed to sign in by. Its times are real ones.
type SignIn struct {
	Hash      string           `db:"hash"` // of the link's token
	Email     string           `db:"email"`
	Browser   string           `db:"browser"` // hash of what the browser that asked holds
	Code      string           `db:"code"`    // hash of the code that may be typed there instead
	Back      string           `db:"back"`
	MadeAt    commerce.Instant `db:"made_at"`
	ExpiresAt commerce.Instant `db:"expires_at"`
	UsedAt    commerce.Instant `db:"used_at"` // 0 = not yet
	Tries     int64            `db:"tries"`   // codes typed in vain
}

const signInColumns = `hash, email, browser, code, back, made_at, expires_at, used_at, tries`

// AddSignIn keeps one.
func (s *Store) AddSignIn(ctx context.Context, x SignIn) error {
	_, err := s.exec(ctx, `INSERT INTO sign_ins (hash, email, browser, code, back, made_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		x.Hash, x.Email, x.Browser, x.Code, x.Back, x.MadeAt, x.ExpiresAt)
	return err
}

// SignIn returns one by the hash of its token, also one that is used or past; a missing one is fault.NotFound.
func (s *Store) SignIn(ctx context.Context, hash string) (SignIn, error) {
	return first[SignIn](s.query(ctx), "there is no such link", `SELECT `+signInColumns+` FROM sign_ins WHERE hash = $1`, hash)
}

// UseSignIn takes a link that is good at now, once. Else it is fault.Denied.
func (tx *Tx) UseSignIn(hash string, now commerce.Instant) (SignIn, error) {
	n, err := tx.exec(`UPDATE sign_ins SET used_at = $2 WHERE hash = $1 AND used_at = 0 AND expires_at > $2`, hash, now)
	if err == nil && n == 0 {
		err = fault.New(fault.Denied, "this link was used already, or is too old")
	}
	if err != nil {
		return SignIn{}, err
	}
	return first[SignIn](&tx.query, "there is no such link", `SELECT `+signInColumns+` FROM sign_ins WHERE hash = $1`, hash)
}

// TrySignIn looks for the link that a browser asked for last and is still good,
// and counts a try against it: after most of them it takes no more codes.
// It returns the link, whose code the caller compares; fault.Denied where there is none.
func (s *Store) TrySignIn(ctx context.Context, browser string, now commerce.Instant, most int64) (x SignIn, err error) {
	err = s.Transact(ctx, func(tx *Tx) error {
		x, err = first[SignIn](&tx.query, "", `SELECT `+signInColumns+` FROM sign_ins WHERE browser = $1 AND browser <> '' ORDER BY made_at DESC, hash LIMIT 1`+tx.forUpdate(), browser)
		if fault.Is(err, fault.NotFound) || err == nil && (x.UsedAt != 0 || x.ExpiresAt <= now || x.Tries >= most) {
			return fault.New(fault.Denied, "no code can be typed here now: ask for another")
		}
		if err != nil {
			return err
		}
		_, err := tx.exec(`UPDATE sign_ins SET tries = tries + 1 WHERE hash = $1`, x.Hash)
		return err
	})
	return x, err
}
