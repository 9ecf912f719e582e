package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/api"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/integrations/stripe/stripefake"
)

// length is how much business time the scenario takes.
const length = 30 * 24 * time.Hour

// answered is what the door made of a delivery. The door says 200 to all but
// the last; its own figures tell them apart, and the books compare the two.
type answered string

const (
	accepted  answered = "accepted"
	duplicate answered = "duplicate"
	stranger  answered = "unknown_shop" // kept until that shop comes
	refused   answered = "bad_signature"
)

// play is a scenario on its way through a world.
type play struct {
	*World
	ctx    context.Context
	start  time.Time
	stands []*stand
	sent   map[string]map[answered]int // by shop name, "" = no shop of ours
	told   int                         // events that other systems told of at the API, and our own pages
	gone   int                         // accepted deliveries that went with the shop they were for

	moments map[commerce.ShopID][]moment
	awaited []func() error // what goes on behind the doors and must have come to its end with the month
}

// newPlay opens the shops. Business time must be at the scenario's start.
func newPlay(ctx context.Context, w *World, stands []*stand) (*play, error) {
	p := &play{World: w, ctx: ctx, start: w.Clock.Now(), stands: stands, sent: map[string]map[answered]int{}, moments: map[commerce.ShopID][]moment{}}
	for _, s := range stands {
		if err := s.open(ctx, w); err != nil {
			return nil, fmt.Errorf("open %s: %w", s.Shop.Name, err)
		}
	}
	w.Mail.Trouble(mailTrouble())
	return p, nil
}

func (p *play) now() time.Time { return p.Clock.Now() }

// run plays every act at its time, then lets what is left of the month pass up to until.
func (p *play) run(until func() time.Time) error {
	var acts []act
	for _, s := range p.stands {
		for _, t := range s.tales {
			acts = append(acts, t.acts...)
		}
		acts = append(acts, s.acts...)
	}
	slices.SortStableFunc(acts, func(a, b act) int { return int(a.at - b.at) })
	for _, a := range acts {
		if err := Advance(p.ctx, p.App, p.Clock, p.start.Add(a.at)); err != nil {
			return err
		}
		if err := a.do(p); err != nil {
			return fmt.Errorf("after %s: %w", a.at, err)
		}
	}
	if err := Advance(p.ctx, p.App, p.Clock, until()); err != nil {
		return err
	}
	for _, over := range append(p.awaited, p.teamsTold) {
		if err := over(); err != nil {
			return err
		}
	}
	return nil
}

// shopify posts one signed delivery and holds the answer against what must come.
func (p *play) shopify(s *stand, topic string, body []byte, want answered, opts ...shopifyfake.SendOption) error {
	status, err := p.FromShopify(p.ctx, s.Domain, topic, body, opts...)
	return p.count(s.Shop.Name, topic, want, status, err)
}

func (p *play) stripe(s *stand, e stripefake.Event, want answered) error {
	e.Account = s.Account
	status, err := p.FromStripe(p.ctx, e)
	return p.count(s.Shop.Name, e.Type, want, status, err)
}

func (p *play) count(shop, topic string, want answered, status int, err error) error {
	if err != nil {
		return err
	}
	expected := http.StatusOK
	if want == refused {
		expected = http.StatusUnauthorized
	}
	if status != expected {
		return fault.New(fault.Conflict, "%s was answered with %d, not %d", topic, status, expected)
	}
	if p.sent[shop] == nil {
		p.sent[shop] = map[answered]int{}
	}
	p.sent[shop][want]++
	return nil
}

// touch has the shop's newsletter tool tell of a message of its own.
func (p *play) touch(s *stand, email, class, title string) error {
	return p.tell(s, "touches", api.Touch{Email: email, At: p.now().Format(time.RFC3339), Class: class, Source: "newsletters", Campaign: title})
}

// reports has the shop's helpdesk tell that somebody wrote about a problem.
func (p *play) reports(s *stand, email string) error {
	p.told++
	return p.tell(s, "events", map[string]any{"name": "problem_reported", "id": "ticket-" + strconv.FormatInt(p.now().Unix(), 10), "email": email, "at": p.now().Format(time.RFC3339), "properties": map[string]any{"channel": "email"}})
}

// tell is another system at our API.
func (p *play) tell(s *stand, what string, said any) error {
	body, err := json.Marshal(said)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(p.ctx, http.MethodPost, p.URL+"/api/v1/"+what, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+s.token)
	_, err = p.answered(req, http.StatusOK, http.StatusAccepted)
	return err
}
