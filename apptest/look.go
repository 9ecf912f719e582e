package apptest

import (
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/store"
	"flywheel/store/storetest"
)

// Person returns the usual shop's person with an address; the test fails without one.
func (a *App) Person(email string) commerce.Person {
	a.t.Helper()
	persons := a.Persons(email)
	require.Len(a.t, persons, 1, "persons with the address %s", email)
	return persons[0]
}

// Persons returns everybody in the usual shop with an address.
func (a *App) Persons(email string) []commerce.Person {
	a.t.Helper()
	all, err := a.App.Store.ListPersons(a.Ctx, a.Shop.ID, "", 1000)
	require.NoError(a.t, err)
	return slices.DeleteFunc(all, func(p commerce.Person) bool { return p.Email != email })
}

// Timeline returns what happened to a person of the usual shop and what was decided.
func (a *App) Timeline(email string) []store.Entry {
	a.t.Helper()
	lines, err := a.App.Store.Timeline(a.Ctx, a.Shop.ID, a.Person(email).ID, 1000)
	require.NoError(a.t, err)
	return lines
}

// Reasons lists the reasons of the decisions about a person in one campaign.
func (a *App) Reasons(email, campaign string) []string {
	a.t.Helper()
	var out []string
	for _, line := range a.Timeline(email) {
		if line.Kind == "decision" && line.Campaign == campaign {
			out = append(out, line.Reason)
		}
	}
	return out
}

// Events lists a person's events by kind, oldest first.
func (a *App) Events(email string) []string {
	a.t.Helper()
	var out []string
	for _, line := range a.Timeline(email) {
		if line.Kind == "event" {
			out = append(out, line.What)
		}
	}
	return out
}

// Effects lists the states of a person's outward acts in one campaign.
func (a *App) Effects(email, campaign string) []string {
	a.t.Helper()
	var out []string
	for _, line := range a.Timeline(email) {
		if line.Kind == "effect" && line.Campaign == campaign {
			out = append(out, line.What)
		}
	}
	return out
}

// SentAt lists when the mails to an address came.
func (a *App) SentAt(to string) []time.Time {
	a.t.Helper()
	var out []time.Time
	for _, m := range a.Mail.Mails() {
		if m.To == to {
			out = append(out, m.At.UTC())
		}
	}
	return out
}

// Subjects counts the mails to an address by subject.
func (a *App) Subjects(to string) map[string]int {
	a.t.Helper()
	out := map[string]int{}
	for _, m := range a.Mails(to) {
		out[m.Subject]++
	}
	return out
}

// Touches lists what other tools sent to a person.
func (a *App) Touches(email string) []string {
	a.t.Helper()
	var out []string
	for _, line := range a.Timeline(email) {
		if line.Kind == "touch" {
			out = append(out, line.Detail)
		}
	}
	return out
}

// Passes lists the branches a person took, oldest first.
func (a *App) Passes(email string) []string {
	a.t.Helper()
	var out []string
	for _, line := range a.Timeline(email) {
		if line.Kind == "pass" {
			out = append(out, line.What)
		}
	}
	return out
}

// Tasks lists the usual shop's calls in a state.
func (a *App) Tasks(state store.TaskState) []store.Task {
	a.t.Helper()
	tasks, err := a.App.Store.ListTasks(a.Ctx, a.Shop.ID, state, store.Task{}, 1000)
	require.NoError(a.t, err)
	return tasks
}

// Purchase returns the one order of a person of the usual shop.
func (a *App) Purchase(email string) *store.StoredOrder {
	a.t.Helper()
	orders, err := a.App.Store.OrdersOf(a.Ctx, a.Shop.ID, a.Person(email).ID)
	require.NoError(a.t, err)
	orders = slices.DeleteFunc(orders, func(o *store.StoredOrder) bool { return o.SameAs != "" })
	require.Len(a.t, orders, 1, "orders of %s", email)
	return orders[0]
}

// Count runs a SELECT COUNT(*) over the rows themselves.
func (a *App) Count(text string, args ...any) int {
	a.t.Helper()
	var n int
	require.NoError(a.t, storetest.DB(a.t, a.database).QueryRowContext(a.Ctx, text, args...).Scan(&n))
	return n
}
