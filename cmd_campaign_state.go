package main

import (
	"fmt"
	"strings"

	"flywheel/manage"
	"flywheel/message"
)

type campaignsLiveCommand struct {
	ofCampaign
	Force bool `help:"Even though another live campaign does the same job."`
}

// Run lets a campaign reach customers.
func (c campaignsLiveCommand) Run(s *session) error {
	return c.act(s, "is live: what happens from now on counts", func(d manage.Desk) error {
		return d.GoLive(s.ctx, c.id(), c.campaign(), c.Force)
	})
}

type campaignsRehearseCommand struct{ ofCampaign }

// Run plays a draft to the team.
func (c campaignsRehearseCommand) Run(s *session) error {
	return s.atDesk(func(d manage.Desk) error {
		shop, err := d.Store.Shop(s.ctx, c.id())
		if err != nil {
			return err
		}
		if err := d.Rehearse(s.ctx, c.id(), c.campaign()); err != nil {
			return err
		}
		first, others := message.Team(shop)
		fmt.Printf("%s is in rehearsal: its mails go to the team only, %s\n", c.Name, strings.Join(append([]string{first}, others...), ", "))
		return nil
	})
}

type campaignsPauseCommand struct{ ofCampaign }

// Run holds a campaign.
func (c campaignsPauseCommand) Run(s *session) error {
	return c.act(s, "is paused: nothing of it goes out", func(d manage.Desk) error { return d.Pause(s.ctx, c.id(), c.campaign()) })
}

type campaignsResumeCommand struct {
	ofCampaign
	Force bool `help:"Even though another live campaign does the same job."`
}

// Run lets a campaign go on.
func (c campaignsResumeCommand) Run(s *session) error {
	return c.act(s, "goes on; what is old news by now is left out", func(d manage.Desk) error {
		return d.Resume(s.ctx, c.id(), c.campaign(), c.Force)
	})
}

type campaignsArchiveCommand struct{ ofCampaign }

// Run puts a campaign away.
func (c campaignsArchiveCommand) Run(s *session) error {
	return c.act(s, "is archived", func(d manage.Desk) error { return d.Archive(s.ctx, c.id(), c.campaign()) })
}

func (o ofCampaign) act(s *session, done string, do func(manage.Desk) error) error {
	return s.atDesk(func(d manage.Desk) error {
		err := do(d)
		if err == nil {
			fmt.Println(o.Name, done)
		}
		return err
	})
}
