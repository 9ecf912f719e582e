package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/lint"
	"flywheel/fault"
	"flywheel/manage"
	"flywheel/store"
	"flywheel/templates"
)

type campaignsCommand struct {
	List     campaignsListCommand     `cmd:"" help:"List a shop's campaigns with their state."`
	Show     campaignsShowCommand     `cmd:"" help:"Print a campaign as a file that save reads."`
	Add      campaignsAddCommand      `cmd:"" help:"Take up a playbook as a draft; flywheel playbooks lists them."`
	Save     campaignsSaveCommand     `cmd:"" help:"Keep a file as the next version of the campaign it names."`
	Lint     campaignsLintCommand     `cmd:"" help:"Say what is wrong with a file; nothing is kept."`
	Live     campaignsLiveCommand     `cmd:"" help:"Go live: from now on it reaches customers."`
	Rehearse campaignsRehearseCommand `cmd:"" help:"Play a draft for real orders, to the team's addresses only."`
	Pause    campaignsPauseCommand    `cmd:"" help:"Hold a campaign with everybody in it."`
	Resume   campaignsResumeCommand   `cmd:"" help:"Let a paused campaign go on."`
	Archive  campaignsArchiveCommand  `cmd:"" help:"Put a campaign away."`
	Versions campaignsVersionsCommand `cmd:"" help:"List the versions of a campaign."`
	Preview  campaignsPreviewCommand  `cmd:"" help:"Say who is in a campaign, and who could be moved to its present version."`
	Move     campaignsMoveCommand     `cmd:"" help:"Move those whom preview names; the others finish their version."`
	Figures  campaignsFiguresCommand  `cmd:"" help:"What became of people and steps, and why."`
	Split    campaignsSplitCommand    `cmd:"" help:"Read the splits of a campaign, once they have their sample."`
}

// ofShop names a shop.
type ofShop struct {
	Shop string `required:"" help:"Id of the shop." placeholder:"ID"`
}

func (o ofShop) id() commerce.ShopID { return commerce.ShopID(o.Shop) }

// ofCampaign names a campaign of a shop.
type ofCampaign struct {
	ofShop
	Name string `arg:"" help:"Name of the campaign."`
}

func (o ofCampaign) campaign() campaign.CampaignID { return campaign.CampaignID(o.Name) }

// atDesk opens the database for what a person may do to campaigns.
func (s *session) atDesk(do func(manage.Desk) error) error {
	return s.withStore(func(st *store.Store) error { return do(manage.Desk{Store: st}) })
}

// inShop opens the database for what is asked about a shop that must be there.
func (s *session) inShop(id commerce.ShopID, do func(*store.Store, commerce.Shop) error) error {
	return s.withStore(func(st *store.Store) error {
		shop, err := st.Shop(s.ctx, id)
		if err != nil {
			return err
		}
		return do(st, shop)
	})
}

// table writes rows below a heading.
func table(heading string) *tabwriter.Writer {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, heading)
	return w
}

type campaignsListCommand struct{ ofShop }

// Run prints every campaign of a shop.
func (c campaignsListCommand) Run(s *session) error {
	return s.inShop(c.id(), func(st *store.Store, _ commerce.Shop) error {
		all, err := st.ListCampaigns(s.ctx, c.id())
		if err != nil {
			return err
		}
		w := table("NAME\tSTATE\tVERSION\tCLASS\tPRIORITY\tTRIGGER\tTITLE")
		for _, g := range all {
			state := string(g.State)
			if g.PausedReason != "" {
				state += " (" + string(g.PausedReason) + ")"
			}
			fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%d\t%s\t%s\n", g.ID, state, g.Version, g.Class, g.Priority, g.Trigger.Kind, g.Title["en"])
		}
		if err := finish(w, min(len(all), listed)); err != nil {
			return err
		}
		return s.tellFanouts(st, c.id())
	})
}

// tellFanouts says how far the looks through past orders and persons have come
// that are under way: after a campaign went live, or a product came out.
func (s *session) tellFanouts(st *store.Store, shop commerce.ShopID) error {
	all, err := st.ListFanouts(s.ctx, shop, listed)
	for _, f := range all {
		if f.Finished {
			continue
		}
		what := "past orders"
		if f.Kind == store.FanUnconfirmed {
			what = "customers for a yes that nobody confirmed"
		}
		fmt.Printf("%s is looking through %s: %d done so far\n", f.Campaign, what, f.Done)
	}
	return err
}

type campaignsShowCommand struct {
	ofCampaign
	Number int `help:"Number of an older version, as campaigns versions lists them; 0 is the present one."`
}

// Run prints a version as YAML.
func (c campaignsShowCommand) Run(s *session) error {
	return s.atDesk(func(desk manage.Desk) error {
		g, err := desk.Campaign(s.ctx, c.id(), c.campaign())
		if err != nil {
			return err
		}
		d := g.Definition
		if c.Number != 0 {
			if d, err = desk.Store.CampaignVersion(s.ctx, c.id(), c.campaign(), c.Number); err != nil {
				return err
			}
		}
		text, err := manage.WriteDefinition(d)
		fmt.Print(text)
		return err
	})
}

type campaignsAddCommand struct {
	ofShop
	Playbook string `arg:"" help:"Name of the playbook."`
}

// Run takes up a playbook.
func (c campaignsAddCommand) Run(s *session) error {
	data, err := templates.Playbook(c.Playbook)
	if err != nil {
		return fault.New(fault.NotFound, "%v", err)
	}
	d, err := campaign.Parse(data)
	if err != nil {
		return err
	}
	return s.atDesk(func(desk manage.Desk) error {
		if old, err := desk.Campaign(s.ctx, c.id(), campaign.CampaignID(d.Name)); err == nil {
			return fault.New(fault.Conflict, "the shop has %s already, version %d, %s: campaigns show prints it", old.ID, old.Version, old.State)
		} else if !fault.Is(err, fault.NotFound) {
			return err
		}
		return save(s, desk, c.id(), d, "playbook "+c.Playbook)
	})
}

type campaignsSaveCommand struct {
	ofShop
	File string `arg:"" type:"existingfile" help:"A campaign as YAML; playbooks are examples."`
	Note string `help:"What is new in it."`
}

// Run keeps a file as the next version.
func (c campaignsSaveCommand) Run(s *session) error {
	d, err := readCampaign(c.File)
	if err != nil {
		return err
	}
	return s.atDesk(func(desk manage.Desk) error { return save(s, desk, c.id(), d, c.Note) })
}

func readCampaign(file string) (campaign.Definition, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return campaign.Definition{}, err
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return campaign.Definition{}, fault.New(fault.Invalid, "%s is empty; flywheel campaigns show prints a campaign to begin with", file)
	}
	return campaign.Parse(data)
}

func save(s *session, desk manage.Desk, shop commerce.ShopID, d campaign.Definition, why string) error {
	saved, err := desk.Save(s.ctx, shop, d, manage.Note{By: "command line", Why: why})
	if err != nil {
		return err
	}
	fmt.Printf("%s is kept as version %d, %s\n", d.Name, saved.Version, saved.State)
	if saved.Moved > 0 {
		fmt.Printf("%d people whose moment has not come are in it from now on\n", saved.Moved)
	}
	printFindings(saved.Findings)
	printNext(shop, d.Name, saved)
	return nil
}

// printNext says how what was saved comes to customers.
func printNext(shop commerce.ShopID, name string, saved manage.Saved) {
	first := ""
	if lint.Errors(saved.Findings) {
		first = "mend the errors; then "
	}
	switch saved.State {
	case campaign.Draft:
		fmt.Printf("next: %sflywheel campaigns live --shop %s %s lets it reach customers; campaigns rehearse plays it to the team before\n", first, shop, name)
	case campaign.Paused:
		fmt.Printf("next: %sflywheel campaigns resume --shop %s %s\n", first, shop, name)
	}
}

type campaignsLintCommand struct {
	ofShop
	File string `arg:"" type:"existingfile" help:"A campaign as YAML."`
}

// Run says what is wrong with a file; errors make the command fail.
func (c campaignsLintCommand) Run(s *session) error {
	d, err := readCampaign(c.File)
	if err != nil {
		return err
	}
	return s.atDesk(func(desk manage.Desk) error {
		findings, err := desk.Lint(s.ctx, c.id(), d)
		if err != nil {
			return err
		}
		printFindings(findings)
		if lint.Errors(findings) {
			return fault.New(fault.Invalid, "%s cannot go live as it is", d.Name)
		}
		fmt.Println("nothing is in the way")
		return nil
	})
}

// printFindings prints each with its place and how to mend it.
func printFindings(findings []lint.Finding) {
	for _, f := range findings {
		fmt.Printf("%s  %s  %s\n         %s  [%s]\n", f.Severity, f.Where, f.Texts["en"], f.Mend["en"], f.Rule)
	}
}

type campaignsVersionsCommand struct{ ofCampaign }

// Run prints every version, the newest first.
func (c campaignsVersionsCommand) Run(s *session) error {
	return s.atDesk(func(d manage.Desk) error {
		if _, err := d.Campaign(s.ctx, c.id(), c.campaign()); err != nil {
			return err
		}
		all, err := d.Store.Versions(s.ctx, c.id(), c.campaign())
		if err != nil {
			return err
		}
		w := table("VERSION\tSAVED\tBY\tNOTE")
		for _, v := range all[:min(len(all), listed)] {
			fmt.Fprintf(w, "%d\t%s\t%s\t%s\n", v.Number, v.At.Time().Format(time.RFC3339), v.By, strings.Join(strings.Fields(v.Note), " "))
		}
		return finish(w, len(all))
	})
}
