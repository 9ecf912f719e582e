package apptest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/integrations/shopify/shopifyfake"
)

// A guest and, later, a customer with the same verified address are one person.
func TestGuestBecomesCustomer(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, a *App) {
		a.Send("orders/paid", a.Order(1).Guest(Ada).Body())
		a.Wait()
		a.Send("orders/paid", a.Order(2).Body())
		a.Wait()
		orders, err := a.App.Store.OrdersOf(a.Ctx, a.Shop.ID, a.Person(Ada).ID)
		require.NoError(t, err)
		require.Len(t, orders, 2)
	})
}

// An address nobody verified joins nobody: two customers who typed the same one stay two.
func TestUnverifiedAddressJoinsNobody(t *testing.T) {
	t.Parallel()
	a := WithShop(t)
	for id := range int64(2) {
		a.Send("orders/paid", a.Order(id+1).For(shopifyfake.Customer{ID: 6001 + id, Email: Ada, FirstName: "Ada", Unverified: true}, "GB").Body())
		a.Wait()
	}
	require.Len(t, a.Persons(Ada), 2)
	a.Send("customers/redact", shopifyfake.RedactCustomer(Domain, 6001, Ada, 1))
	a.Wait()
	require.Empty(t, a.Persons(Ada), "an erasure by address finds both")
}

// Two persons turn out to be one when the second's address is verified.
func TestVerifiedAddressJoins(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, a *App) {
		unverified := shopifyfake.Customer{ID: 6002, Email: Ada, FirstName: "Ada", Unverified: true}
		first, second := shipped(a, 1), a.Order(2).For(unverified, "GB")
		second.Fulfil(a.Clock.Now())
		a.Send("orders/paid", second.Body())
		a.Wait()
		require.Len(t, a.Persons(Ada), 2)
		second.Customer.Unverified = false
		a.Send("customers/update", second.Touch(a.Clock.Now().Add(time.Second)).CustomerBody())
		a.Wait()
		a.Person(Ada)
		_ = first
		a.After(untilAsked)
		require.Len(t, a.Mails(Ada), 3, "each order is thanked for, and both are one question")
	})
}

// The merchant corrects whose order it is before the mail can go.
func TestOrderThatIsHandedOn(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, a *App) {
		a.Send("orders/paid", a.Order(9).Body()) // Ada is known
		a.Wait()
		o := a.Order(1).Unpaid("bank_transfer")
		a.Send("orders/create", o.Body())
		a.After(time.Hour)
		o.For(shopifyfake.Customer{ID: 6002, Email: "bo@example.com", FirstName: "Bo"}, "GB")
		a.Send("orders/paid", o.Pay(a.Clock.Now()).Body())
		a.Wait()
		a.WantMails("bo@example.com", "Thank you")
		a.WantMails(Ada, "Thank you")
		require.Equal(t, "Ada", a.Person(Ada).FirstName)
		require.Equal(t, "Bo", a.Person("bo@example.com").FirstName)
	})
}

// A customer who changes the address gets what is still to come at the new one.
func TestNewAddress(t *testing.T) {
	t.Parallel()
	a := WithShop(t)
	o := shipped(a, 1)
	a.After(24 * time.Hour)
	o.Customer.Email = "ada@new.example"
	a.Send("customers/update", o.Touch(a.Clock.Now()).CustomerBody())
	a.After(untilAsked)
	a.WantMails(Ada, "Thank you")
	a.WantMails("ada@new.example", "What do you think")
}

// An order nobody is named in has a place on a timeline, and no mail.
func TestOrderWithoutACustomer(t *testing.T) {
	t.Parallel()
	a := WithShop(t)
	o := a.Order(1)
	o.Customer = nil
	a.Send("orders/paid", o.Body())
	a.After(time.Hour)
	require.Empty(t, a.Mail.Mails())
	require.Contains(t, a.Reasons("", "thank_you"), "no_address")
}
