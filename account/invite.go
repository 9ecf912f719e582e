package account

import (
	"cmp"
	"context"
	"encoding/hex"
	"strings"
	"time"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/links"
	"flywheel/store"
	"flywheel/templates"
)

// InvitationLife is how long an invitation is open.
const InvitationLife = 7 * 24 * time.Hour

// Offer is an invitation to be made: to a place in Account, or, where that is "",
// of Shop to another account.
type Offer struct {
	Account commerce.AccountID
	Shop    commerce.ShopID // where it is listed; "" = at the account alone
	Email   string          // whom it is for, who gets a mail; "" = whoever has the code
	Role    commerce.Role
	Until   commerce.Instant // when the access ends; 0 = never
	Life    time.Duration    // 0 = InvitationLife
	By      commerce.Actor
	Lang    string
}

// Made is an invitation as it is shown, once.
type Made struct {
	Email  string // it was mailed there; "" = it was not
	Link   string
	Code   string // "" = it is for one address, whose owner has the link
	Mailed bool
}

// Invite makes an invitation. What cannot be is fault.Invalid.
func (d *Desk) Invite(ctx context.Context, o Offer) (Made, error) {
	made := Made{Email: commerce.NormalEmail(o.Email)}
	if strings.TrimSpace(o.Email) != "" && made.Email == "" {
		return made, fault.New(fault.Invalid, "%q is not an address", o.Email)
	}
	if !o.Role.Known() {
		return made, fault.New(fault.Invalid, "choose a role")
	}
	if o.Until != 0 && o.Until <= d.Store.Now() {
		return made, fault.New(fault.Invalid, "the end has to be ahead")
	}
	if o.Life == 0 {
		o.Life = InvitationLife
	}
	i := store.Invitation{Account: o.Account, Email: made.Email, Role: o.Role, Until: o.Until, By: o.By.Name, ExpiresAt: d.Store.Now().Add(o.Life)}
	if made.Email != "" {
		token, hash := links.NewToken()
		i.Hash, made.Link = hex.EncodeToString(hash), d.BaseURL+"/join/"+token
	} else {
		made.Code, i.Hash = newInvite()
		made.Link = d.BaseURL + "/join/" + made.Code
	}
	err := d.Store.Transact(ctx, func(tx *store.Tx) error {
		if _, err := tx.AddInvitation(o.Shop, i); err != nil || o.Account == "" {
			return err
		}
		return tx.AuditAccount(o.Account, store.AccountAudit{User: o.By.User, Who: o.By.Name, Act: "invited", Subject: cmp.Or(made.Email, string(o.Role))})
	})
	if err != nil || made.Email == "" || d.Post == nil {
		return made, err
	}
	if err := d.allow(ctx, "invite "+made.Email, 5, 24*time.Hour); err != nil { // nobody is written to again and again
		return made, nil
	}
	return made, d.mailInvitation(ctx, o, &made)
}

func (d *Desk) mailInvitation(ctx context.Context, o Offer, made *Made) error {
	name, err := d.calledOf(ctx, o.Account, o.Shop)
	if err != nil {
		return err
	}
	m, err := letter(o.Lang, "invite", made.Link, map[string]string{
		"What": templates.Clean(name, 80), "By": templates.Clean(o.By.Name, 80), "Role": templates.Say(o.Lang, "role_"+string(o.Role), nil),
	})
	if err != nil {
		return err
	}
	m.To, made.Mailed = made.Email, true
	d.later(ctx, func(ctx context.Context) error { return d.Post(ctx, m) })
	return nil
}

// calledOf is what an invitation is to, by name: the shop where there is one.
func (d *Desk) calledOf(ctx context.Context, account commerce.AccountID, shop commerce.ShopID) (string, error) {
	if shop != "" {
		s, err := d.Store.Shop(ctx, shop)
		return s.Name, err
	}
	a, err := d.Store.AccountByID(ctx, account)
	return a.Name, err
}

// Invited is what an open invitation gives.
type Invited struct {
	store.Invitation
	Name string // of the shop or the account
}

// Look returns what an invitation gives, by its token or code. One that is not
// open is fault.NotFound; who looks too often gets ErrTooOften.
func (d *Desk) Look(ctx context.Context, token, ip string) (Invited, error) {
	if err := d.allow(ctx, "join "+ip, 60, time.Hour); err != nil {
		return Invited{}, err
	}
	hash := hashOf(token)
	if hash == "" {
		return Invited{}, fault.New(fault.NotFound, "this invitation is not open any more")
	}
	i, err := d.Store.InvitationByHash(ctx, hash)
	if err != nil {
		return Invited{}, err
	}
	name, err := d.calledOf(ctx, i.Account, i.Shop)
	return Invited{i, name}, err
}

// Homes are the accounts into which somebody may take a shop: agencies they own.
// A merchant's account holds the people of one shop, and takes in no other: else
// who leads one shop could make themselves at home in another.
func (d *Desk) Homes(ctx context.Context, user commerce.UserID) ([]store.Membership, error) {
	all, err := d.Store.Memberships(ctx, user)
	var out []store.Membership
	for _, m := range all {
		if m.Kind == store.AgencyAccount && m.Role == commerce.RoleOwner {
			out = append(out, m)
		}
	}
	return out, err
}

// Accept takes an invitation up for somebody who is signed in. A shop comes into
// the account into, or into a new one of that name. One for another address is
// fault.Forbidden, one that is not open fault.NotFound.
func (d *Desk) Accept(ctx context.Context, u User, token string, into commerce.AccountID, name string) (store.Invitation, error) {
	homes, err := d.Homes(ctx, u.ID)
	if err != nil {
		return store.Invitation{}, err
	}
	var taken store.Invitation
	err = d.Store.Transact(ctx, func(tx *store.Tx) error {
		i, err := tx.TakeInvitation(hashOf(token), into)
		if err != nil {
			return err
		}
		if i.Email != "" && i.Email != u.Email {
			return fault.New(fault.Forbidden, "this invitation is for another address: sign in with that one")
		}
		taken = i
		if i.Account != "" {
			return joinAccount(tx, i, u)
		}
		return takeShop(tx, i, u, homes, into, name)
	})
	return taken, err
}

// joinAccount makes somebody a member; who has a greater role there keeps it.
func joinAccount(tx *store.Tx, i store.Invitation, u User) error {
	if role, err := tx.RoleIn(i.Account, u.ID); err != nil || role.Allows(i.Role) {
		return err
	}
	if err := tx.SetMember(i.Account, u.ID, i.Role); err != nil {
		return err
	}
	return tx.AuditAccount(i.Account, store.AccountAudit{User: u.ID, Who: u.Email, Act: "joined", Subject: string(i.Role)})
}

func takeShop(tx *store.Tx, i store.Invitation, u User, homes []store.Membership, into commerce.AccountID, name string) error {
	if into == "" {
		if name = templates.Clean(name, 80); name == "" {
			return fault.New(fault.Invalid, "say what your new account is called")
		}
		var err error
		if into, err = tx.AddAccount(name, store.AgencyAccount); err != nil {
			return err
		}
		if err = tx.SetMember(into, u.ID, commerce.RoleOwner); err != nil {
			return err
		}
	} else {
		mine := false
		for _, home := range homes {
			mine = mine || home.ID == into
		}
		if !mine {
			return fault.New(fault.Forbidden, "only an owner of an account can take a shop into it")
		}
	}
	if err := tx.GrantShop(i.Shop, into, i.Role, i.Until); err != nil {
		return err
	}
	return tx.AuditAccount(into, store.AccountAudit{User: u.ID, Who: u.Email, Act: "took_shop", Subject: string(i.Role)})
}
