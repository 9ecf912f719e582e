package store

import (
	"context"

	"flywheel/commerce"
	"flywheel/fault"
)

// User is somebody who signs in with us.
type User struct {
	ID     commerce.UserID  `db:"id"`
	Email  string           `db:"email"`  // as commerce.NormalEmail writes it
	Name   string           `db:"name"`   // "" = not told
	Locale string           `db:"locale"` // "" = the browser's
	Theme  string           `db:"theme"`  // light, dark; "" = the system's
	MadeAt commerce.Instant `db:"made_at"`
	SeenAt commerce.Instant `db:"seen_at"` // real time
	Rev    int64            `db:"rev"`     // rises when what they may do changes
}

const userColumns = `id, email, name, locale, theme, made_at, seen_at, rev`

// User returns somebody by id; a missing one is fault.NotFound.
func (s *Store) User(ctx context.Context, id commerce.UserID) (User, error) {
	return first[User](s.query(ctx), "there is no such user", `SELECT `+userColumns+` FROM users WHERE id = $1`, id)
}

// UserByEmail returns somebody by their normal address; a missing one is fault.NotFound.
func (s *Store) UserByEmail(ctx context.Context, email string) (User, error) {
	return s.query(ctx).userByEmail(email)
}

func (q *query) userByEmail(email string) (User, error) {
	return first[User](q, "there is no such user", `SELECT `+userColumns+` FROM users WHERE email = $1`, email)
}

// MakeUser returns the user of a normal address, whom it makes where there is none.
func (tx *Tx) MakeUser(email string) (User, error) {
	if commerce.NormalEmail(email) != email || email == "" {
		return User{}, fault.New(fault.Invalid, "%q is not an address", email)
	}
	if _, err := tx.exec(`INSERT INTO users (id, email, made_at) VALUES ($1, $2, $3) ON CONFLICT (email) DO NOTHING`, NewID(), email, tx.Now()); err != nil {
		return User{}, err
	}
	return tx.userByEmail(email)
}

// SaveUser keeps how somebody is called and what they like to read.
func (s *Store) SaveUser(ctx context.Context, u User) error {
	n, err := s.exec(ctx, `UPDATE users SET name = $2, locale = $3, theme = $4 WHERE id = $1`, u.ID, u.Name, u.Locale, u.Theme)
	if err == nil && n == 0 {
		err = fault.New(fault.NotFound, "there is no such user")
	}
	return err
}

// turned notes that what all members of an account, or one of them, may do has changed.
func (tx *Tx) turned(account commerce.AccountID, user commerce.UserID) error {
	_, err := tx.exec(`UPDATE users SET rev = rev + 1 WHERE id IN (SELECT user_id FROM members WHERE account_id = $1) AND ($2 = '' OR id = $2)`, account, user)
	return err
}
