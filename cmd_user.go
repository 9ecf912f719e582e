package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"flywheel/account"
	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/store"
)

type userCommand struct {
	Invite userInviteCommand `cmd:"" help:"Let somebody sign in to a shop: prints the link of an invitation."`
	List   userListCommand   `cmd:"" help:"Say who may see a shop, and who is invited."`
	Revoke userRevokeCommand `cmd:"" help:"Let somebody, or another account, in no more, at once."`
}

// operator is who acts from the command line.
var operator = commerce.Actor{Name: "operator", Via: commerce.ViaCLI, Role: commerce.RoleOwner}

type userInviteCommand struct {
	ofShop
	Email string `help:"Whom it is for; without it, whoever has the code." placeholder:"ADDRESS"`
	Role  string `default:"viewer" enum:"viewer,builder,publisher,owner" help:"What they may do: viewer, builder, publisher or owner."`
}

// Run makes an invitation and prints it. No mail goes out.
func (c userInviteCommand) Run(s *session) error {
	return s.withStore(func(st *store.Store) error { return c.invite(s.ctx, st, s.config.BaseURL, os.Stdout) })
}

func (c userInviteCommand) invite(ctx context.Context, st *store.Store, base string, out io.Writer) error {
	home, err := st.HomeAccount(ctx, c.id())
	if err != nil {
		return err
	}
	var made account.Made
	err = audited(ctx, st, c.id(), "/user/invite", c.Role, func() error {
		made, err = account.New(account.Options{Store: st, BaseURL: base}).Invite(ctx, account.Offer{Account: home, Shop: c.id(), Email: c.Email, Role: commerce.Role(c.Role), By: operator})
		return err
	})
	if err != nil {
		return err
	}
	fmt.Fprintln(out, made.Link)
	if made.Code != "" {
		fmt.Fprintln(out, "code", made.Code)
	}
	fmt.Fprintln(out, "It is good once, for seven days. It is not shown again.")
	return nil
}

// audited does something in a shop and writes it down there.
func audited(ctx context.Context, st *store.Store, shop commerce.ShopID, act, role string, do func() error) error {
	detail := map[string]string{}
	if role != "" {
		detail["role"] = role
	}
	id, err := st.BeginAudit(ctx, shop, store.Audit{Who: operator.Name, Via: operator.Via, Act: act, Detail: detail})
	if err != nil {
		return err
	}
	err = do()
	if ended := st.EndAudit(ctx, shop, id, err == nil); ended != nil && err == nil {
		err = ended
	}
	return err
}

type userListCommand struct{ ofShop }

// Run prints members, other accounts and open invitations.
func (c userListCommand) Run(s *session) error {
	return s.withStore(func(st *store.Store) error { return c.list(s.ctx, st, os.Stdout) })
}

func (c userListCommand) list(ctx context.Context, st *store.Store, out io.Writer) error {
	home, err := st.HomeAccount(ctx, c.id())
	if err != nil {
		return err
	}
	members, err := st.Members(ctx, home)
	if err != nil {
		return err
	}
	accounts, err := st.ShopAccounts(ctx, c.id())
	if err != nil {
		return err
	}
	invitations, err := st.ShopInvitations(ctx, c.id())
	if err != nil {
		return err
	}
	for _, m := range members {
		fmt.Fprintf(out, "member\t%s\t%s\tlast seen %s\n", m.Email, m.Role, orNever(m.SeenAt))
	}
	for _, a := range accounts {
		if a.Account != home {
			fmt.Fprintf(out, "account\t%s %q\t%s\tuntil %s\tlast seen %s\n", a.Account, a.Name, a.Role, orNever(a.Until), orNever(a.SeenAt))
		}
	}
	for _, i := range invitations {
		whom := i.Email
		if whom == "" {
			whom = "whoever has the code"
		}
		fmt.Fprintf(out, "invited\t%s\t%s\topen until %s\n", whom, i.Role, orNever(i.ExpiresAt))
	}
	return nil
}

func orNever(at commerce.Instant) string {
	if at == 0 {
		return "never"
	}
	return at.Time().Format(time.RFC3339)
}

type userRevokeCommand struct {
	ofShop
	Email   string `help:"A member of the shop's own people." placeholder:"ADDRESS" xor:"whom" required:""`
	Account string `help:"Another account that the shop is open to, by its id." placeholder:"ID" xor:"whom" required:""`
}

// Run ends their access; the next request is refused.
func (c userRevokeCommand) Run(s *session) error {
	return s.withStore(func(st *store.Store) error {
		err := c.revoke(s.ctx, st)
		if err == nil {
			fmt.Println("they are let in no more")
		}
		return err
	})
}

func (c userRevokeCommand) revoke(ctx context.Context, st *store.Store) error {
	return audited(ctx, st, c.id(), "/user/revoke", "", func() error {
		if c.Account != "" {
			return st.Transact(ctx, func(tx *store.Tx) error { return tx.RevokeShop(c.id(), commerce.AccountID(c.Account)) })
		}
		home, err := st.HomeAccount(ctx, c.id())
		if err != nil {
			return err
		}
		u, err := st.UserByEmail(ctx, commerce.NormalEmail(c.Email))
		if fault.Is(err, fault.NotFound) {
			return fault.New(fault.NotFound, "%s does not sign in here", c.Email)
		}
		if err != nil {
			return err
		}
		return account.New(account.Options{Store: st}).Remove(ctx, operator, home, u.ID)
	})
}
