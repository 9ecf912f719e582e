package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/api"
	"flywheel/store"
)

type tokenCommand struct {
	Add    tokenAddCommand    `cmd:"" help:"Make a token for another system and show it, once."`
	List   tokenListCommand   `cmd:"" help:"List a shop's tokens."`
	Revoke tokenRevokeCommand `cmd:"" help:"End a token at once."`
}

type tokenAddCommand struct {
	Shop string `required:"" help:"Id of the shop the token is for."`
	Name string `required:"" help:"Who uses it, such as klaviyo-sync."`
	Role string `default:"builder" enum:"viewer,builder,publisher,owner" help:"What it may do: viewer, builder, publisher or owner. Writing needs builder."`
}

// Run makes a token. Only its hash is kept, so it is never shown again.
func (c tokenAddCommand) Run(s *session) error {
	return s.withStore(func(st *store.Store) error { return c.add(s.ctx, st, os.Stdout) })
}

func (c tokenAddCommand) add(ctx context.Context, st *store.Store, out io.Writer) error {
	if len(c.Name) > 100 {
		return fault.New(fault.Invalid, "--name is longer than 100 bytes")
	}
	if strings.TrimSpace(c.Name) == "" {
		return fault.New(fault.Invalid, "--name is empty: say who uses the token, such as klaviyo-sync")
	}
	token, hash := api.NewToken()
	id, err := st.AddToken(ctx, commerce.ShopID(c.Shop), c.Name, store.Role(c.Role), hash)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "id %s\ntoken %s\nKeep it now: it is not shown again. Whoever has it acts for this shop.\n", id, token)
	return nil
}

type tokenListCommand struct {
	Shop string `required:"" help:"Id of the shop."`
}

// Run prints a shop's tokens, those that were revoked too.
func (c tokenListCommand) Run(s *session) error {
	return s.withStore(func(st *store.Store) error { return c.list(s.ctx, st, os.Stdout) })
}

func (c tokenListCommand) list(ctx context.Context, st *store.Store, out io.Writer) error {
	if _, err := st.Shop(ctx, commerce.ShopID(c.Shop)); err != nil {
		return err
	}
	tokens, err := st.ListTokens(ctx, commerce.ShopID(c.Shop))
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tNAME\tROLE\tADDED\tLAST USED\tSTATE")
	for _, t := range tokens {
		state := "valid"
		if t.Revoked != 0 {
			state = "revoked on " + t.Revoked.Time().Format(time.DateOnly)
		}
		used := "never"
		if t.LastUsed != 0 {
			used = t.LastUsed.Time().Format("2006-01-02 15:04")
		}
		fmt.Fprintf(w, "%s\t%q\t%s\t%s\t%s\t%s\n", t.ID, t.Name, t.Role, t.AddedAt.Time().Format(time.DateOnly), used, state)
	}
	return w.Flush()
}

type tokenRevokeCommand struct {
	Shop string `required:"" help:"Id of the shop."`
	ID   string `required:"" help:"Id of the token, as token list shows it."`
}

// Run ends a token; the next request with it is refused.
func (c tokenRevokeCommand) Run(s *session) error {
	return s.withStore(func(st *store.Store) error {
		err := st.RevokeToken(s.ctx, commerce.ShopID(c.Shop), c.ID)
		if err == nil {
			fmt.Println(c.ID, "is revoked")
		}
		return err
	})
}
