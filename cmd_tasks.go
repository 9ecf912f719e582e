package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"flywheel/commerce"
	"flywheel/store"
	"flywheel/timeline"
)

type tasksCommand struct {
	List   tasksListCommand   `cmd:"" help:"List the calls that staff have to make, the first due first."`
	Done   tasksDoneCommand   `cmd:"" help:"Say that a call was made, and how it went."`
	Reopen tasksReopenCommand `cmd:"" help:"Put a call back on the list."`
}

type tasksListCommand struct {
	ofShop
	State string `default:"open" enum:"open,done,dropped" help:"open, done or dropped."`
	Full  bool   `help:"With what to say."`
}

// Run prints tasks of a state.
func (c tasksListCommand) Run(s *session) error {
	return s.inShop(c.id(), func(st *store.Store, shop commerce.Shop) error { return c.list(s.ctx, st, shop) })
}

// list prints whom to call, and when, as staff read it: by name and in the shop's zone.
func (c tasksListCommand) list(ctx context.Context, st *store.Store, shop commerce.Shop) error {
	rows, err := st.ListTasks(ctx, shop.ID, store.TaskState(c.State), store.Task{}, listed+1)
	if err != nil {
		return err
	}
	shown := rows[:min(len(rows), listed)]
	ids := make([]commerce.PersonID, len(shown))
	for i, t := range shown {
		ids[i] = t.Person
	}
	persons, err := st.Persons(ctx, shop.ID, ids)
	if err != nil {
		return err
	}
	zone := timeline.Zone(shop)
	w := table("TASK\tDUE (" + zone.String() + ")\tCAMPAIGN\tCUSTOMER\tPHONE\tTITLE\tOUTCOME")
	for _, t := range shown {
		p := persons[t.Person]
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", t.ID, timeline.Moment(t.DueAt.Time(), zone), t.Campaign,
			called(p, t.Person), cmp.Or(oneLine(p.Phone), "no number"), oneLine(t.Title), oneLine(t.Outcome))
	}
	if err := finish(w, len(rows)); err != nil || !c.Full {
		return err
	}
	for _, t := range shown {
		fmt.Printf("\n%s  %s\n%s\n", t.ID, oneLine(t.Title), t.Script)
	}
	return nil
}

// called is what staff know a customer by: the name, else the address, else our id.
func called(p commerce.Person, id commerce.PersonID) string {
	return cmp.Or(oneLine(p.FirstName+" "+p.LastName), p.Email, string(id))
}

// oneLine keeps a text within its row.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

type tasksDoneCommand struct {
	ofShop
	ID      string `arg:"" name:"task" help:"Id, as tasks list prints it."`
	Outcome string `required:"" help:"How it went, such as reached, not reached, call again."`
	Note    string `help:"What was said."`
}

// Run closes a task.
func (c tasksDoneCommand) Run(s *session) error {
	return s.withStore(func(st *store.Store) error {
		err := st.FinishTask(s.ctx, c.id(), store.EffectID(c.ID), c.Outcome, c.Note)
		if err == nil {
			fmt.Println(c.ID, "is done")
		}
		return err
	})
}

type tasksReopenCommand struct {
	ofShop
	ID string `arg:"" name:"task" help:"Id, as tasks list prints it."`
}

// Run opens a task again.
func (c tasksReopenCommand) Run(s *session) error {
	return s.withStore(func(st *store.Store) error {
		err := st.ReopenTask(s.ctx, c.id(), store.EffectID(c.ID))
		if err == nil {
			fmt.Println(c.ID, "is open again")
		}
		return err
	})
}
