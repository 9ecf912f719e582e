package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"flywheel/app"
	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/templates"
)

type consentCommand struct {
	Import consentImportCommand `cmd:"" help:"Read a CSV of what customers agreed to, with date and source."`
	Held   consentHeldCommand   `cmd:"" help:"Say how many messages a lack of consent holds."`
}

type consentHeldCommand struct {
	Shop string `required:"" help:"Id of the shop."`
	Days int    `default:"30" help:"How far back to count."`
}

// Run counts what was held, and of how many customers.
func (c consentHeldCommand) Run(s *session) error {
	if c.Days < 1 {
		return fault.New(fault.Invalid, "--days is at least 1")
	}
	return s.withStore(func(st *store.Store) error { return c.tell(s.ctx, st) })
}

func (c consentHeldCommand) tell(ctx context.Context, st *store.Store) error {
	shop, err := st.Shop(ctx, commerce.ShopID(c.Shop))
	if err != nil {
		return err
	}
	held, err := st.ConsentHeld(ctx, shop.ID, st.Now().Add(-time.Duration(c.Days)*24*time.Hour))
	if err == nil {
		fmt.Print(tellHeld(held, c.Days))
	}
	return err
}

// tellHeld says what ConsentHeld counted, and what can be done about it.
func tellHeld(held store.ConsentHeld, days int) string {
	if held.Messages == 0 {
		return fmt.Sprintf("nothing was held for lack of consent in the last %d days\n", days)
	}
	least := ""
	if held.More {
		least = "at least "
	}
	return fmt.Sprintf(`held for lack of consent in the last %d days: %s%d messages to %d customers, %d of them known from Stripe alone
they go out when the customer agrees: on the preference page of any mail, by the consent to promotions in Stripe Checkout, or by flywheel consent import
`, days, least, held.Messages, held.Persons, held.Stripe)
}

type consentImportCommand struct {
	Shop string `required:"" help:"Id of the shop."`
	File string `arg:"" type:"existingfile" help:"CSV with the columns email, class, state, date, source, and wording where it is known."`
}

// openStore opens the database and refuses one that this binary must not touch.
func openStore(s *session) (*store.Store, error) {
	st, err := app.OpenStore(s.ctx, s.config)
	if err != nil {
		return nil, err
	}
	if err := st.CheckSchema(s.ctx); err != nil {
		return nil, errors.Join(err, st.Close())
	}
	return st, nil
}

// maxWording bounds what of a text that was agreed to is kept, in letters.
const maxWording = 1000

// consentRows are kept in transactions of this size.
const consentRows = 100

// Run reads the whole file first and keeps nothing of one with a wrong line.
func (c consentImportCommand) Run(s *session) error {
	f, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer f.Close()
	said, err := readConsents(f)
	if err != nil {
		return err
	}
	return s.withStore(func(st *store.Store) error {
		if _, err := st.Shop(s.ctx, commerce.ShopID(c.Shop)); err != nil {
			return err
		}
		for part := range slices.Chunk(said, consentRows) {
			if err := st.Transact(s.ctx, func(tx *store.Tx) error { return tx.KeepConsents(commerce.ShopID(c.Shop), part) }); err != nil {
				return err
			}
		}
		fmt.Printf("%d statements kept\n", len(said))
		return nil
	})
}

// readConsents reads the file and names every line that is wrong.
func readConsents(r io.Reader) ([]commerce.ConsentChange, error) {
	buffered := bufio.NewReader(r)
	if mark, _ := buffered.Peek(3); string(mark) == "\xef\xbb\xbf" { // spreadsheets put it there
		_, _ = buffered.Discard(3)
	}
	lines := csv.NewReader(buffered)
	head, err := lines.Read()
	if err != nil {
		return nil, fault.New(fault.Invalid, "the file has no header line email,class,state,date,source")
	}
	at := map[string]int{}
	for i, name := range head {
		at[strings.ToLower(strings.TrimSpace(name))] = i
	}
	for _, name := range []string{"email", "class", "state", "date", "source"} {
		if _, ok := at[name]; !ok {
			return nil, fault.New(fault.Invalid, "the column %s is missing; there must be email,class,state,date,source", name)
		}
	}
	var said []commerce.ConsentChange
	var wrong []error
	for {
		row, err := lines.Read()
		if err == io.EOF {
			return said, errors.Join(wrong...)
		}
		if err != nil {
			return nil, fault.New(fault.Invalid, "%v", err) // it names the line
		}
		number, _ := lines.FieldPos(0)
		c, err := readConsent(func(name string) string {
			i, there := at[name]
			if !there {
				return ""
			}
			return strings.TrimSpace(row[i])
		})
		if err != nil {
			wrong = append(wrong, fault.New(fault.Invalid, "line %d: %v", number, err))
			continue
		}
		said = append(said, c)
	}
}

func readConsent(field func(string) string) (commerce.ConsentChange, error) {
	c := commerce.ConsentChange{
		Email: commerce.NormalEmail(field("email")), Channel: commerce.ByMail, Class: field("class"),
		State: commerce.ConsentState(field("state")), Source: field("source"), Wording: templates.Clean(field("wording"), maxWording),
	}
	if c.Email == "" {
		return c, errors.New("the email is not an address")
	}
	if gate.Class(c.Class) != gate.Service && gate.Class(c.Class) != gate.Marketing {
		return c, fmt.Errorf("class %q is not service or marketing", c.Class)
	}
	if field("state") == "double_opt_in" {
		c.State, c.Double = commerce.Subscribed, true
	}
	if c.State != commerce.Subscribed && c.State != commerce.Unsubscribed {
		return c, fmt.Errorf("state %q is not subscribed, double_opt_in or unsubscribed", c.State)
	}
	if c.Source == "" {
		return c, errors.New("the source is missing: where and how did they agree?")
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, field("date")); err == nil {
			c.At = commerce.At(t)
			if t.After(time.Now().Add(24 * time.Hour)) {
				return c, errors.New("the date lies in the future")
			}
			return c, nil
		}
	}
	return c, fmt.Errorf("date %q is not a day such as 2026-03-31", field("date"))
}
