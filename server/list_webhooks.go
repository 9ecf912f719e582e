package server

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/templates"
)

// receivedWords are the states of webhooks as they stand in addresses, strings and badges.
var receivedWords = map[store.ReceivedState][2]string{
	store.ReceivedNew: {"new", "wait"}, store.ReceivedDone: {"done", "good"}, store.ReceivedQuarantined: {"quarantined", "bad"},
}

func receivedState(word string) *store.ReceivedState {
	for state, words := range receivedWords {
		if words[0] == word {
			return &state
		}
	}
	return nil
}

// showReceiveds lists the webhooks that came, the last first.
func (s *Server) showReceiveds(c echo.Context, v visit) error {
	ctx, page := c.Request().Context(), s.frameFor(c, v, "lists/webhooks")
	p := pagerOf(c, page, "/lists/webhooks", "state", "topic")
	f := store.ReceivedFilter{State: receivedState(p.asked.Get("state")), Topic: p.asked.Get("topic"), Before: commerce.DeliveryID(p.after)}
	if wantsFile(c) {
		return s.saveReceiveds(c, v, f)
	}
	rows, next, err := s.Store.Receiveds(ctx, v.Shop.ID, f, listRows)
	if err != nil {
		return err
	}
	l := p.list("lists_webhooks", string(next), column("lists_received"), column("lists_topic"), column("lists_platform"), column("lists_state"))
	for _, r := range rows {
		l.Rows = append(l.Rows, templates.Row{ID: string(r.ID), Cells: []templates.Cell{
			{At: moment(r.ReceivedAt), Href: page.Link(webhookPath(r.ID))}, {Code: r.Topic}, {Text: platformName(r.Platform)}, receivedCell(v, r),
		}})
	}
	topics, err := s.Store.ReceivedTopics(ctx, v.Shop.ID)
	if err != nil {
		return err
	}
	var choices []templates.Choice
	for _, topic := range topics {
		choices = append(choices, templates.Choice{Value: topic, Name: topic})
	}
	var states []templates.Choice
	for _, state := range []store.ReceivedState{store.ReceivedNew, store.ReceivedDone, store.ReceivedQuarantined} {
		states = append(states, templates.Choice{Value: receivedWords[state][0], Name: receivedSaid(v, state)})
	}
	l.Filters = []templates.Filter{p.choose(v.lang, "state", "lists_state", states...), p.choose(v.lang, "topic", "lists_topic", choices...)}
	if v.Who.Role.Allows(commerce.RolePublisher) && f.State != nil && *f.State == store.ReceivedQuarantined {
		l.Bulk = []templates.Bulk{{Key: "lists_replay", Path: page.Link("/lists/webhooks/replay")}}
	}
	return s.listPage(c, v, page, l)
}

func webhookPath(id commerce.DeliveryID) string {
	return "/lists/webhooks/" + url.PathEscape(string(id))
}

func platformName(p commerce.Platform) string {
	if name, ok := map[commerce.Platform]string{commerce.Shopify: "Shopify", commerce.Stripe: "Stripe"}[p]; ok {
		return name
	}
	return string(p)
}

func receivedSaid(v visit, state store.ReceivedState) string {
	return templates.Say(v.lang, "lists_received_"+receivedWords[state][0], nil)
}

func receivedCell(v visit, r store.Received) templates.Cell {
	return templates.Cell{Text: receivedSaid(v, r.State), Tone: receivedWords[r.State][1], Sub: r.Note}
}

func (s *Server) saveReceiveds(c echo.Context, v visit, f store.ReceivedFilter) error {
	head := []string{"id", "received", "told", "platform", "topic", "external_id", "state", "note"}
	return s.file(c, "webhooks", head, func(ctx context.Context, after string) (lines [][]string, next string, err error) {
		f.Before = commerce.DeliveryID(after)
		rows, last, err := s.Store.Receiveds(ctx, v.Shop.ID, f, listStep)
		for _, r := range rows {
			lines = append(lines, []string{string(r.ID), stamp(r.ReceivedAt), stamp(r.TriggeredAt), string(r.Platform), r.Topic, r.ExternalID, receivedWords[r.State][0], r.Note})
		}
		return lines, string(last), err
	})
}

// showReceived is one webhook without its body.
func (s *Server) showReceived(c echo.Context, v visit) error { return s.receivedPage(c, v, false) }

// showBody is one webhook with its body, which holds a customer's data: who looked is written down.
func (s *Server) showBody(c echo.Context, v visit) error {
	return s.audited(c, v, "/lists/webhooks/:delivery/body", func(c echo.Context, v visit) error { return s.receivedPage(c, v, true) })
}

func (s *Server) receivedPage(c echo.Context, v visit, open bool) error {
	r, body, err := s.Store.ReceivedWhole(c.Request().Context(), v.Shop.ID, commerce.DeliveryID(c.Param("delivery")))
	if err != nil {
		return err
	}
	page := templates.ListWebhook{
		Admin: s.frameFor(c, v, "lists/webhooks"), ID: string(r.ID), Platform: platformName(r.Platform), Topic: r.Topic, External: r.ExternalID,
		State: receivedSaid(v, r.State), Tone: receivedWords[r.State][1], Note: r.Note, Told: moment(r.TriggeredAt), Received: moment(r.ReceivedAt),
		Open: open, Replay: r.State == store.ReceivedQuarantined,
	}
	if open {
		page.Body = readable(body)
	}
	return s.adminPage(c, http.StatusOK, "lists_webhook", v.lang, page)
}

// readable indents JSON; what is none stays as it came.
func readable(body []byte) string {
	var b bytes.Buffer
	if json.Indent(&b, body, "", "  ") == nil {
		return b.String()
	}
	return strings.ToValidUTF8(string(body), "?")
}

// replayOne puts one webhook of the quarantine back in line.
func (s *Server) replayOne(c echo.Context, v visit) error {
	id := commerce.DeliveryID(c.Param("delivery"))
	if err := s.Store.ReplayInbox(c.Request().Context(), v.Shop.ID, id); err != nil {
		return err
	}
	s.Queue.InboxArrived(v.Shop.ID)
	return s.done(c, v, webhookPath(id), "lists_replayed", 1)
}

// replaySome does so with those that are ticked.
func (s *Server) replaySome(c echo.Context, v visit) error {
	ids, err := ticked(c)
	if err != nil {
		return err
	}
	n := int64(0)
	for _, id := range ids {
		err := s.Store.ReplayInbox(c.Request().Context(), v.Shop.ID, commerce.DeliveryID(id))
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		if err == nil {
			n++
		}
	}
	if n > 0 {
		s.Queue.InboxArrived(v.Shop.ID)
	}
	return s.done(c, v, "/lists/webhooks?state=quarantined", "lists_replayed", n)
}
