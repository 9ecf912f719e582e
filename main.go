// Command flywheel turns order and refund webhooks into follow-ups that happy
// customers come back for. See README.md; every command is in a file of its name.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"flywheel/app"
)

// version is set by the build (-ldflags "-X main.version=...").
var version = "dev"

// commands is the whole command line. Settings come from the environment, see README.md.
type commands struct {
	Demo        demoCommand        `cmd:"" help:"Run everything in one process with two made-up shops and a mailbox."`
	All         allCommand         `cmd:"" help:"Web and worker in one process; the way to run on SQLite."`
	Serve       serveCommand       `cmd:"" help:"The web part alone, on PostgreSQL and Redis."`
	Work        workCommand        `cmd:"" help:"The worker alone, on PostgreSQL and Redis."`
	Migrate     migrateCommand     `cmd:"" help:"Bring the database schema up to date."`
	Doctor      doctorCommand      `cmd:"" help:"Check configuration and surroundings and say what to mend."`
	Shop        shopCommand        `cmd:"" help:"Register shops and connect platforms without OAuth."`
	Pause       pauseCommand       `cmd:"" help:"Stop everything that goes out, for one shop or all."`
	Resume      resumeCommand      `cmd:"" help:"Let what was paused go on."`
	Consent     consentCommand     `cmd:"" help:"Keep what customers agreed to."`
	Suppression suppressionCommand `cmd:"" help:"Who gets nothing, or not everything."`
	Playbooks   playbooksCommand   `cmd:"" help:"List the campaigns that are ready to take up."`
	Campaigns   campaignsCommand   `cmd:"" help:"Save, try, start, hold and read a shop's campaigns."`
	Message     messageCommand     `cmd:"" help:"Look at messages as they arrive, check them, send them as a trial."`
	Team        teamCommand        `cmd:"" help:"Whom a shop's notices go to."`
	User        userCommand        `cmd:"" help:"Who signs in to shops outside Shopify."`
	Act         actCommand         `cmd:"" help:"Stop, skip or hurry one person's way through a campaign."`
	Tasks       tasksCommand       `cmd:"" help:"Calls for staff to make."`
	Hooks       hooksCommand       `cmd:"" help:"Endpoints for outgoing webhooks."`
	Privacy     privacyCommand     `cmd:"" help:"What the law asks: a customer's data, erasing, proofs, and erasing again after a restore."`
	Why         whyCommand         `cmd:"" help:"What happened to a customer, what was decided and why."`
	Inbox       inboxCommand       `cmd:"" help:"Deliveries that could not be read."`
	Findings    findingsCommand    `cmd:"" help:"What a shop should look at, such as what webhooks left out."`
	Token       tokenCommand       `cmd:"" help:"Let other systems in at the API."`
	Code        codeCommand        `cmd:"" help:"Discount codes in a shop's Stripe account."`
	Stripe      stripeCommand      `cmd:"" help:"Webhook endpoints at Stripe."`
	Mail        mailCommand        `cmd:"" help:"What became of mails after they went out."`
	Loyalty     loyaltyCommand     `cmd:"" help:"A shop's points: what is owed, files of members, and whether all adds up."`
	Sender      senderCommand      `cmd:"" help:"Who shops write as: the shared sender, their own domain, their own account."`
	Unknown     unknownCommand     `cmd:"" help:"Mails of which nobody knows whether they went out."`
	Version     kong.VersionFlag
}

// session is what every command runs with.
type session struct {
	ctx      context.Context
	config   app.Config
	problems error // with the environment
}

// arguments lets people ask for help as they do elsewhere: flywheel, flywheel
// help, flywheel help campaigns.
func arguments(args []string) []string {
	switch {
	case len(args) == 0:
		return []string{"--help"}
	case args[0] == "help":
		return append(args[1:len(args):len(args)], "--help")
	}
	return args
}

func main() {
	var cli commands
	parser := kong.Must(&cli, kong.Name("flywheel"), kong.UsageOnError(), kong.Vars{"version": version},
		kong.Description("Delight-stage follow-ups for Shopify and Stripe shops."))
	parsed, err := parser.Parse(arguments(os.Args[1:]))
	parser.FatalIfErrorf(err)
	// SIGINT and SIGTERM both end orderly: what runs finishes first.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	getenv := os.Getenv
	if parsed.Command() == "demo" {
		getenv = demoEnv
	}
	config, err := loadConfig(getenv)
	switch parsed.Command() {
	case "all", "serve", "work": // they name what is missing as well, all at once
		err = parsed.Run(&session{ctx, config, err})
	default:
		if err == nil {
			err = parsed.Run(&session{ctx, config, nil})
		}
	}
	if err != nil {
		complain(err)
		stop()
		os.Exit(1)
	}
}
