package main

import (
	"fmt"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/fault"
	"flywheel/manage"
)

type actCommand struct {
	Stop    actStopCommand    `cmd:"" help:"End a person's way through a campaign."`
	Skip    actSkipCommand    `cmd:"" help:"Leave out the next step that sends something."`
	SendNow actSendNowCommand `cmd:"" help:"Do the next step now, without its wait; the gate is asked as always."`
}

// oneWalk names one person's way through a campaign.
type oneWalk struct {
	ofShop
	Enrollment string `help:"Id of the enrollment."`
	Campaign   string `help:"Or the campaign, and whom it is about:"`
	Email      string `help:"by address,"`
	Order      string `help:"or by the platform's id of an order."`
}

type actStopCommand struct{ oneWalk }

// Run ends the walk.
func (c actStopCommand) Run(s *session) error {
	return c.act(s, func(d manage.Desk, id campaign.EnrollmentID) (string, error) {
		return "is stopped", d.Stop(s.ctx, c.id(), id)
	})
}

type actSkipCommand struct{ oneWalk }

// Run leaves out a step.
func (c actSkipCommand) Run(s *session) error {
	return c.act(s, func(d manage.Desk, id campaign.EnrollmentID) (string, error) {
		step, err := d.SkipNext(s.ctx, c.id(), id)
		return "leaves out " + step, err
	})
}

type actSendNowCommand struct{ oneWalk }

// Run has the next step done.
func (c actSendNowCommand) Run(s *session) error {
	return c.act(s, func(d manage.Desk, id campaign.EnrollmentID) (string, error) {
		return "goes on now, if the gate lets it", d.SendNow(s.ctx, c.id(), id)
	})
}

func (o oneWalk) act(s *session, do func(manage.Desk, campaign.EnrollmentID) (string, error)) error {
	who := o.Email != "" || o.Order != ""
	if (o.Enrollment != "") == (o.Campaign != "" || who) || o.Enrollment == "" && (o.Campaign == "" || !who) {
		return fault.New(fault.Invalid, "say --enrollment, or --campaign with --email or --order")
	}
	email := commerce.NormalEmail(o.Email)
	if o.Email != "" && email == "" {
		return fault.New(fault.Invalid, "--email %q is not an address", o.Email)
	}
	return s.atDesk(func(d manage.Desk) error {
		id := campaign.EnrollmentID(o.Enrollment)
		if id == "" {
			var err error
			if id, err = d.WalkOf(s.ctx, o.id(), campaign.CampaignID(o.Campaign), email, o.Order); err != nil {
				return err
			}
		}
		done, err := do(d, id)
		if err == nil {
			fmt.Println("enrollment", id, done)
		}
		return err
	})
}
