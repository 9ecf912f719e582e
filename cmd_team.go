package main

import (
	"fmt"
	"time"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/manage"
	"flywheel/message"
	"flywheel/store"
)

type teamCommand struct {
	Show  teamShowCommand  `cmd:"" help:"Say whom notices go to, and what was told last."`
	Slack teamSlackCommand `cmd:"" help:"Tell the team by an incoming webhook of Slack too, or of what takes the same."`
	Test  teamTestCommand  `cmd:"" help:"Tell the team that this is a test."`
}

type teamShowCommand struct{ ofShop }

// Run prints the channels, without the addresses that are secrets, and the last notices.
func (c teamShowCommand) Run(s *session) error {
	return s.inShop(c.id(), func(st *store.Store, shop commerce.Shop) error {
		first, others := message.Team(shop)
		fmt.Println("mail:", append([]string{first}, others...))
		channel, err := st.TeamChannel(s.ctx, c.id(), store.NoticeSlack)
		switch {
		case fault.Is(err, fault.NotFound):
			fmt.Println("slack: not set")
		case err != nil:
			return err
		case channel.FailedAt != 0:
			fmt.Printf("slack: off since %s: %s\n", channel.FailedAt.Time().Format(time.RFC3339), channel.Note)
		default:
			fmt.Println("slack: in use,", host(channel.Address))
		}
		all, err := st.LastNotices(s.ctx, c.id(), listed)
		if err != nil {
			return err
		}
		w := table("MADE\tKIND\tABOUT\tCHANNEL\tSTATE\tTRIES\tNOTE")
		for _, n := range all {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%d\t%s\n", n.MadeAt.Time().Format(time.RFC3339), n.Kind, n.Subject, n.Channel, n.State, n.Tries, n.Note)
		}
		return finish(w, len(all))
	})
}

type teamSlackCommand struct {
	ofShop
	URL string `name:"url" help:"The webhook's address: https://hooks.slack.com/services/..." placeholder:"URL" xor:"slack" required:""`
	Off bool   `help:"Tell the team by mail alone." xor:"slack" required:""`
}

// Run sets or forgets the webhook.
func (c teamSlackCommand) Run(s *session) error {
	return s.atDesk(func(desk manage.Desk) error {
		if c.Off {
			err := desk.DropSlack(s.ctx, c.id())
			if err == nil {
				fmt.Println("the team is told by mail alone")
			}
			return err
		}
		err := desk.SetSlack(s.ctx, c.id(), c.URL)
		if err == nil {
			fmt.Println("the team is told there too; try it: flywheel team test --shop", c.Shop)
		}
		return err
	})
}

type teamTestCommand struct{ ofShop }

// Run tells the team something of no weight, and says what came of it.
func (c teamTestCommand) Run(s *session) error {
	return s.atDesk(func(desk manage.Desk) error {
		if err := desk.TestTeam(s.ctx, c.id()); err != nil {
			return err
		}
		return s.awaitNotices(desk.Store, c.ofShop, store.NoticeTest)
	})
}
