package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/integrations/mail"
	"flywheel/integrations/mail/mailfake"
	"flywheel/message"
	"flywheel/templates"
)

const (
	lettersMade = 5000 // rendered and built in a round
	lettersSent = 3000 // in a round, once unsigned and once signed
)

// letters measures a mail by itself: rendered and built, and what two signatures
// cost on the whole way from its facts to the answer of a mail server that does
// nothing but take it.
func letters(ctx context.Context, _ string, rounds int, bound float64) ([]figure, error) {
	set, facts, err := letter()
	if err != nil {
		return nil, err
	}
	sink, err := mailfake.Start(mailfake.Options{})
	if err != nil {
		return nil, err
	}
	defer sink.Stop()
	sender, err := mail.Open(sink.URL(), mail.Options{})
	if err != nil {
		return nil, err
	}
	defer sender.Close()
	signer, err := newSigner()
	if err != nil {
		return nil, err
	}
	made := figure{Name: "render_and_build", Unit: "us", Goal: atMost(bound)}
	signed := figure{Name: "signed_mails", Unit: "x", Goal: atLeast(0.28), Note: "rendered, built, signed with RSA-2048 and Ed25519 and sent on 4 connections, by the same without signatures"}
	for round := range rounds + 1 {
		began, size := time.Now(), 0
		for range lettersMade {
			m, err := one(set, facts, nil)
			if err != nil {
				return nil, err
			}
			raw, err := m.Bytes(began)
			if err != nil {
				return nil, err
			}
			size = len(raw)
		}
		took := time.Since(began)
		bare, err := sendAll(ctx, sender, sink, set, facts, nil)
		if err != nil {
			return nil, err
		}
		both, err := sendAll(ctx, sender, sink, set, facts, signer)
		if err != nil {
			return nil, err
		}
		made.Note = fmt.Sprintf("a thank-you of %d bytes as it travels", size)
		if round > 0 { // the first one warms up
			made.Values = append(made.Values, float64(took.Microseconds())/lettersMade)
			signed.Pairs = append(signed.Pairs, pair{Ours: perSecond(lettersSent, both), Reference: perSecond(lettersSent, bare)})
		}
	}
	return []figure{made, signed}, ctx.Err()
}

// letter is the thank-you of an ordinary order.
func letter() (*message.Set, message.Facts, error) {
	source, err := templates.Playbook("thank_you")
	if err != nil {
		return nil, message.Facts{}, err
	}
	d, err := campaign.Parse(source)
	if err != nil {
		return nil, message.Facts{}, err
	}
	set, err := message.CompileAll(d.Steps[0].Email)
	order := &commerce.Order{ID: "order", Detail: commerce.Detail{Platform: commerce.Shopify, Name: "#1001", Language: "en", Total: commerce.Money{Amount: 14700, Currency: "GBP"}}}
	for _, title := range []string{"Linen shirt", "Canvas tote", "Olive soap"} {
		order.Detail.Lines = append(order.Detail.Lines, commerce.Line{ID: title, Title: title, Quantity: 1, Current: 1, Price: commerce.Money{Amount: 4900, Currency: "GBP"}})
	}
	return set, message.Facts{
		Shop: commerce.Shop{ID: "shop", Name: "Harbour", Email: "hello@harbour.example", Locale: "en", Country: "GB"},
		Person: commerce.Person{
			ID: "person", Email: "ada@customer.example", FirstName: "Ada", LastName: "Byron",
		},
		Order: order, Class: d.Class, Topic: d.Topic, EffectID: "effect", UnsubscribeURL: "https://flywheel.example/u/AAAAAAAAAAAAAAAAAAAAAA",
	}, err
}

func newSigner() (*mail.Signer, error) {
	s := &mail.Signer{Domain: "harbour.example"}
	for _, kind := range []string{mail.RSA, mail.Ed25519} {
		key, err := mail.NewKey(kind)
		if err != nil {
			return nil, err
		}
		s.Keys = append(s.Keys, mail.SigningKey{Selector: kind, Key: key})
	}
	return s, nil
}

// one renders a mail for sending.
func one(set *message.Set, f message.Facts, signer *mail.Signer) (mail.Message, error) {
	m, err := set.Render(f)
	return mail.Message{
		To: m.To, ToName: m.ToName, From: m.From, FromName: m.FromName, ReplyTo: m.ReplyTo,
		Subject: m.Subject, HTML: m.HTML, Text: m.Text, Headers: m.Headers, Signer: signer,
	}, err
}

// sendAll sends mails over all connections at once, each rendered by who sends it.
func sendAll(ctx context.Context, sender *mail.Sender, sink *mailfake.Sink, set *message.Set, f message.Facts, signer *mail.Signer) (time.Duration, error) {
	sink.Clear()
	errs := make([]error, loopConnections)
	var wg sync.WaitGroup
	began := time.Now()
	for i := range loopConnections {
		wg.Go(func() {
			for range lettersSent / loopConnections {
				m, err := one(set, f, signer)
				if err != nil {
					errs[i] = err
					return
				}
				if o := sender.Send(ctx, []mail.Message{m}, nil)[0]; o.State != mail.Sent {
					errs[i] = fmt.Errorf("the sink answered %s %s", o.State, o.Detail)
					return
				}
			}
		})
	}
	wg.Wait()
	took := time.Since(began)
	for _, err := range errs {
		if err != nil {
			return 0, err
		}
	}
	if sink.Count() != lettersSent {
		return 0, fmt.Errorf("%d of %d mails arrived", sink.Count(), lettersSent)
	}
	return took, nil
}
