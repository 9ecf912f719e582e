package main

import (
	"cmp"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"flywheel/app"
	"flywheel/delight/campaign"
	"flywheel/fault"
	"flywheel/integrations/mail"
	"flywheel/manage"
	"flywheel/message"
	"flywheel/store"
)

type messageCommand struct {
	Preview messagePreviewCommand `cmd:"" help:"Show a message as it arrives with somebody, or write it into a folder."`
	Check   messageCheckCommand   `cmd:"" help:"Say what is wrong with a message, in each of its languages."`
	Send    messageSendCommand    `cmd:"" help:"Send a message as a trial to the team or one address; no customer gets anything."`
}

// oneMessage names a message of a campaign, and as whose it is looked at.
type oneMessage struct {
	ofShop
	Campaign string `required:"" help:"Name of the campaign."`
	Step     string `help:"Id of the step that writes; the first one if it is left out."`
	Order    string `help:"As for an order, by the name its customer knows it by, such as #1001; else the last one." xor:"whose"`
	Person   string `help:"Or as for a customer, by address." xor:"whose"`
	Lang     string `help:"Language tag such as ar; else as they read."`
}

// sample is what is looked at, by whatever the shop's mails go out by.
func (o oneMessage) sample(s *session, desk manage.Desk) (manage.Sample, error) {
	sample := manage.Sample{
		Campaign: campaign.CampaignID(o.Campaign), Step: o.Step, Who: cmp.Or(o.Order, o.Person), Lang: o.Lang, BaseURL: s.config.BaseURL,
	}
	shop, err := desk.Store.Shop(s.ctx, o.id())
	if err != nil {
		return sample, err
	}
	senders := app.NewSenders(s.config, desk.Store, nil, slog.New(slog.DiscardHandler))
	defer senders.Close()
	way, err := senders.Of(s.ctx, o.id())
	sample.LinkHosts = way.LinkHosts
	sample.Writer = func(lang string) message.From { return way.Writer(shop, lang) }
	return sample, err
}

type messagePreviewCommand struct {
	oneMessage
	Out string `help:"Folder to write the message into, as HTML, text and EML." placeholder:"DIR"`
}

// Run shows a message. Nothing is sent, and no link in it is live.
func (c messagePreviewCommand) Run(s *session) error {
	return s.atDesk(func(desk manage.Desk) error {
		sample, err := c.sample(s, desk)
		if err != nil {
			return err
		}
		p, err := desk.Message(s.ctx, c.id(), sample)
		if err != nil {
			return err
		}
		if p.MadeUp {
			fmt.Println("the shop has no order yet: this is as for somebody made up")
		}
		if p.SampleClub && !p.MadeUp {
			fmt.Println("of points, rewards and codes, this shows examples where the customer has none yet")
		}
		m := p.Message
		fmt.Printf("From: %s <%s>\nTo: %s <%s>\nSubject: %s\n", m.FromName, m.From, m.ToName, m.To, m.Subject)
		if c.Out == "" {
			fmt.Printf("\n%s\n", m.Text)
			return nil
		}
		return c.write(s, p)
	})
}

// write keeps the message as files that are named after it.
func (c messagePreviewCommand) write(s *session, p manage.Preview) error {
	if err := os.MkdirAll(c.Out, 0o700); err != nil {
		return err
	}
	m, name := p.Message, fmt.Sprintf("%s.%s.%s", p.Campaign.ID, p.Step, p.Lang)
	path := filepath.Join(c.Out, name)
	for end, text := range map[string]string{".html": m.HTML, ".txt": m.Text} {
		if err := os.WriteFile(path+end, []byte(text), 0o600); err != nil {
			return err
		}
	}
	folder, err := filepath.Abs(c.Out)
	if err != nil {
		return err
	}
	sender, err := mail.Open("file:"+folder, mail.Options{})
	if err != nil {
		return err
	}
	defer sender.Close()
	out := mail.Message{
		To: m.To, ToName: m.ToName, Also: m.Also, From: m.From, FromName: m.FromName, ReplyTo: m.ReplyTo, Subject: m.Subject, HTML: m.HTML, Text: m.Text,
		Headers: append(m.Headers[:len(m.Headers):len(m.Headers)], [2]string{"X-Flywheel-ID", name}), // the file is named by it
	}
	if o := sender.Send(s.ctx, []mail.Message{out}, nil)[0]; o.State != mail.Sent {
		return fault.New(fault.Permanent, "the mail could not be written: %s", o.Detail)
	}
	for _, end := range []string{".html", ".txt", ".eml"} {
		fmt.Println("wrote", path+end)
	}
	return nil
}

type messageCheckCommand struct{ oneMessage }

// Run prints the check list of a message, and fails where something is to be mended.
func (c messageCheckCommand) Run(s *session) error {
	return s.atDesk(func(desk manage.Desk) error {
		sample, err := c.sample(s, desk)
		if err != nil {
			return err
		}
		first, err := desk.Message(s.ctx, c.id(), sample)
		if err != nil {
			return err
		}
		langs := first.Langs
		if c.Lang != "" {
			langs = []string{c.Lang}
		}
		worst := message.CheckOK
		w := table("LANGUAGE\tCHECK\tSTATE\tWHAT")
		for _, lang := range langs {
			sample.Lang = lang
			p, err := desk.Message(s.ctx, c.id(), sample)
			if err != nil {
				return err
			}
			for _, f := range p.Findings {
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", lang, f.Check, f.State, strings.Join(append([]string{f.Say("en", "US")}, f.Details...), " | "))
			}
			if message.Worst(p.Findings) != message.CheckOK && worst != message.CheckBad {
				worst = message.Worst(p.Findings)
			}
		}
		if err := w.Flush(); err != nil {
			return err
		}
		if worst == message.CheckBad {
			return fault.New(fault.Invalid, "something in this message is to be mended")
		}
		return nil
	})
}

type messageSendCommand struct {
	oneMessage
	To string `help:"Address; the team's if it is left out." placeholder:"ADDRESS"`
}

// trialPatience is how long the command waits for a worker to send a trial.
const trialPatience = 30 * time.Second

// Run has a worker send a trial and says what came of it.
func (c messageSendCommand) Run(s *session) error {
	return s.atDesk(func(desk manage.Desk) error {
		sample, err := c.sample(s, desk)
		if err != nil {
			return err
		}
		fresh, err := desk.SendTrial(s.ctx, c.id(), sample, c.To)
		if err != nil {
			return err
		}
		if !fresh {
			fmt.Println("the same is on its way already: wait a minute before the next")
			return nil
		}
		return s.awaitNotices(desk.Store, c.ofShop, store.NoticeTrial)
	})
}

// awaitNotices waits until a worker has told what is newest of a kind, by each channel.
func (s *session) awaitNotices(st *store.Store, shop ofShop, kind store.NoticeKind) error {
	end, look := time.After(trialPatience), time.NewTicker(100*time.Millisecond)
	defer look.Stop()
	for {
		all, err := st.LastNotices(s.ctx, shop.id(), 20)
		if err != nil {
			return err
		}
		open, subject := false, ""
		var said []string
		for _, n := range all {
			if n.Kind != kind || subject != "" && n.Subject != subject {
				continue
			}
			subject = n.Subject
			open = open || n.DoneAt == 0 && n.Note == ""
			said = append(said, strings.TrimSpace(fmt.Sprintf("%s: %s %s", n.Channel, n.State, n.Note)))
		}
		if !open {
			fmt.Println(strings.Join(said, "\n"))
			return nil
		}
		select {
		case <-s.ctx.Done():
			return s.ctx.Err()
		case <-end:
			fmt.Println("no worker has taken it yet; it goes out as soon as one runs")
			return nil
		case <-look.C:
		}
	}
}
