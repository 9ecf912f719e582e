package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/hibiken/asynq"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/mail"
	"flywheel/integrations/slack"
	"flywheel/message"
	"flywheel/store"
	"flywheel/templates"
)

// noticeID is the TaskID of the one task that tells teams what they should know.
const noticeID = "notice:next"

const (
	noticeTime = 20 * time.Second
	// noticeLease is how long one may take to tell one thing. Afterwards nobody knows whether the team has it.
	noticeLease = 2 * time.Minute
	// noticesSide is how many teams are told something at once, and noticePatience how long one may take: up
	// to the final dot of a mail, or to a channel's answer.
	noticesSide    = 8
	noticePatience = 10 * time.Second
)

// noticePauses is how long a notice waits after each try in vain: a day in all.
var noticePauses = []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour}

// hintNotices has a worker tell teams what they should know.
func (s *sweep) hintNotices(ctx context.Context) error {
	if !s.looking {
		return nil
	}
	due, err := s.Store.NoticesDue(ctx)
	if err != nil || !due {
		return err
	}
	err = s.Queue.enqueue(ctx, taskNotice, noticeID, struct{}{})
	if isConflict(err) {
		s.Queue.lost(noticeID) // frees the id if a killed worker left it archived
		return nil
	}
	return err
}

// handleNotices tells a few teams side by side, each one thing at a time: a server
// or channel that is slow holds up its own team alone.
func (w *Worker) handleNotices(ctx context.Context, _ *asynq.Task) error {
	told := make(chan commerce.ShopID, noticesSide)
	var telling []commerce.ShopID
	for end := time.Now().Add(noticeTime); ; {
		if len(telling) < noticesSide && time.Now().Before(end) && ctx.Err() == nil {
			if n, found := w.nextNotice(ctx, telling); found {
				telling = append(telling, n.Shop)
				go func() {
					defer func() { told <- n.Shop }()
					w.tellOne(ctx, n)
				}()
				continue
			}
		}
		if len(telling) == 0 {
			return nil
		}
		done := <-told
		telling = slices.DeleteFunc(telling, func(s commerce.ShopID) bool { return s == done })
	}
}

// nextNotice takes the next one of a team that is not being told something already.
func (w *Worker) nextNotice(ctx context.Context, telling []commerce.ShopID) (store.Notice, bool) {
	for {
		n, found, err := w.Store.NextNotice(ctx, noticeLease, telling...)
		if err != nil {
			w.Log.Warn("notices not taken", "error", err) // the sweep asks again
			return n, false
		}
		if !found || n.State != store.NoticeFailed {
			return n, found
		}
		w.Log.Error("a notice cannot be read", "shop", n.Shop, "notice", n.ID, "kind", n.Kind)
	}
}

// tellOne tells one thing and logs where that failed. After a panic its lease ends.
func (w *Worker) tellOne(ctx context.Context, n store.Notice) {
	defer func() {
		if p := recover(); p != nil {
			w.Log.Error("panic while telling a team", "shop", n.Shop, "notice", n.ID, "panic", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
		}
	}()
	if err := w.tell(ctx, n); err != nil {
		w.Log.Warn("team not told", "shop", n.Shop, "notice", n.ID, "kind", n.Kind, "channel", n.Channel, "try", n.Tries, "error", err)
	}
}

// told is how a try to tell something ended.
type told struct {
	state store.NoticeState // NoticeDue = later again
	note  string
	wait  time.Duration // what the other side asks for
	busy  bool          // nobody was asked: there was no room
}

// tell makes one try and records how it ended. The record is insisted on, so
// that what the team has been told is not told again.
func (w *Worker) tell(ctx context.Context, n store.Notice) error {
	shop, err := w.Store.Shop(ctx, n.Shop)
	var t told
	switch {
	case fault.Is(err, fault.NotFound) || err == nil && (shop.State == commerce.ShopClosed || n.Data == nil):
		t = told{state: store.NoticeFailed, note: "the shop is gone"}
	case err != nil:
		t = told{state: store.NoticeDue, note: "the shop could not be read"}
	case n.Kind == store.NoticeAccessRefused && !w.stillRefused(ctx, n):
		t = told{state: store.NoticeFailed, note: "it is over"}
	case n.Kind == store.NoticeSignIn:
		t, err = w.tellCustomer(ctx, shop, n)
	case n.Kind == store.NoticeFriend:
		t, err = w.tellFriend(ctx, shop, n)
	case n.Channel == store.NoticeSlack:
		t, err = w.tellSlack(ctx, shop, n)
	default:
		t, err = w.tellMail(ctx, shop, n)
	}
	pause := time.Duration(0)
	switch {
	case t.state == store.NoticeDue && t.busy:
		pause = noticePauses[0]
	case t.state == store.NoticeDue:
		if n.Tries > int64(len(noticePauses)) {
			t.state = store.NoticeFailed
		} else {
			pause = max(t.wait, noticePauses[n.Tries-1])
		}
	}
	w.insist("notice not recorded", n.Shop, func(ctx context.Context) error {
		if t.state == store.NoticeDue {
			return w.Store.PutOffNotice(ctx, n.Shop, n, w.Store.Now().Add(pause), t.note)
		}
		return w.Store.FinishNotice(ctx, n.Shop, n, t.state, t.note)
	})
	if t.state == store.NoticeSent {
		w.Log.Info("team told", "shop", n.Shop, "notice", n.ID, "kind", n.Kind, "channel", n.Channel, "try", n.Tries)
		return nil
	}
	return errors.Join(err, errors.New(t.note))
}

// stillRefused reports whether what a notice says of a connection still holds. What
// cannot be read is told.
func (w *Worker) stillRefused(ctx context.Context, n store.Notice) bool {
	c, err := w.Store.ConnectionByID(ctx, commerce.ConnectionID(n.Data["Connection"]))
	if err != nil {
		return !fault.Is(err, fault.NotFound)
	}
	return c.ShopID == n.Shop && c.Open() && c.TokenState == commerce.TokenRevoked
}

func (w *Worker) tellMail(ctx context.Context, shop commerce.Shop, n store.Notice) (told, error) {
	m, err := noticeMail(shop, n)
	if err != nil {
		return told{state: store.NoticeFailed, note: "the notice cannot be written"}, err
	}
	o, err := w.mailToTeam(ctx, shop, m, n.ID)
	if err != nil {
		return told{state: store.NoticeDue, note: "the sender could not be read"}, err
	}
	return mailTold(o), nil
}

// mailTold is how a try to tell something by mail ended.
func mailTold(o mail.Outcome) told {
	t := told{note: strings.TrimSpace(fmt.Sprintf("%d %s %s", o.Code, o.Enhanced, o.Detail))}
	switch o.State {
	case mail.Sent:
		t.state = store.NoticeSent
	case mail.Failed:
		t.state = store.NoticeFailed
	case mail.Unknown:
		t.state = store.NoticeUnknown
	default:
		t.state, t.busy = store.NoticeDue, o.Detail == noRoom
	}
	return t
}

// noRoom is why a mail was not even tried.
const noRoom = "the mail server takes no more at the moment"

// mailToTeam sends one mail to a shop's own people by whatever way the shop writes,
// also where that is stopped for customers.
func (w *Worker) mailToTeam(ctx context.Context, shop commerce.Shop, m message.Message, id string) (mail.Outcome, error) {
	way, err := w.way(ctx, shop.ID)
	if err != nil {
		return mail.Outcome{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, noticePatience)
	defer cancel()
	if way.Take(ctx, 1, noticePatience/2) == 0 {
		return mail.Outcome{State: mail.Retry, Detail: noRoom}, nil
	}
	return way.Mail.Send(ctx, []mail.Message{writes(way, shop, m, templates.Language(shop.Locale), id)}, nil)[0], nil
}

// tellSlack posts one text. A channel that takes nothing any more is taken out
// of use, which the team is told by mail.
func (w *Worker) tellSlack(ctx context.Context, shop commerce.Shop, n store.Notice) (told, error) {
	c, err := w.Store.TeamChannel(ctx, shop.ID, store.NoticeSlack)
	switch {
	case fault.Is(err, fault.NotFound) || err == nil && c.FailedAt != 0:
		return told{state: store.NoticeFailed, note: "the channel was switched off"}, nil
	case err != nil:
		return told{state: store.NoticeDue, note: "the channel could not be read"}, err
	case w.Slack == nil:
		return told{state: store.NoticeFailed, note: "nothing is posted from here"}, nil
	}
	posting, cancel := context.WithTimeout(ctx, noticePatience)
	defer cancel()
	o := w.Slack.Post(posting, c.Address, noticeText(shop, n))
	t := told{note: strings.TrimSpace(o.Detail), wait: o.RetryAfter}
	switch o.State {
	case slack.Sent:
		t.state = store.NoticeSent
	case slack.Retry:
		t.state = store.NoticeDue
	case slack.Unknown:
		t.state = store.NoticeUnknown
	default:
		t.state = store.NoticeFailed
	}
	if o.State != slack.Gone {
		return t, nil
	}
	err = w.Store.FailTeamChannel(ctx, shop.ID, store.NoticeSlack, c.MadeAt, o.Detail)
	if err == nil {
		err = w.Store.Transact(ctx, func(tx *store.Tx) error {
			return tx.AddNotice(shop.ID, store.NoticeSlackGone, fmt.Sprintf("slack %d", c.MadeAt), map[string]string{"Detail": o.Detail})
		})
	}
	return t, err
}

// noticeMail writes a notice as a mail to the team. A trial of a message is
// written already.
func noticeMail(shop commerce.Shop, n store.Notice) (m message.Message, err error) {
	if n.Kind == store.NoticeTrial {
		err = json.Unmarshal([]byte(n.Data["Message"]), &m)
		return m, err
	}
	return message.ToTeam(shop, noticeSaid(shop, n), n.ID)
}

// noticeText writes a notice as a few lines, the shop's name in front: a team may have several shops.
func noticeText(shop commerce.Shop, n store.Notice) string {
	said := noticeSaid(shop, n)
	title := templates.Clean(said.Title, 200)
	if shop.Name != "" {
		title = templates.Clean(shop.Name, 80) + ": " + title
	}
	return strings.Join(append([]string{title}, said.Body...), "\n")
}

// noticeSaid finds the sentences of a notice in the language of the shop's
// staff: notice_KIND_title, _body and, where there is something to do, _mend.
func noticeSaid(shop commerce.Shop, n store.Notice) message.Said {
	lang := templates.Language(shop.Locale)
	said := message.Said{Lang: lang}
	add := func(keys ...string) {
		for _, key := range keys {
			if templates.Known(key) {
				said.Body = append(said.Body, templates.Say(lang, key, n.Data))
			}
		}
	}
	kind := "notice_" + string(n.Kind)
	switch {
	case n.Kind == store.NoticeNote:
		said.Lang = n.Data["Lang"]
		said.Title = n.Data["Title"]
		for line := range strings.Lines(n.Data["Body"]) {
			said.Body = append(said.Body, strings.TrimRight(line, "\n"))
		}
	case n.Kind == store.NoticeFuse:
		said.Title = templates.Say(lang, "fuse_title", n.Data)
		add("fuse_"+n.Data["Cause"], "fuse_mend")
	case !templates.Known(kind + "_title"): // of a newer binary
		said.Title = templates.Say(lang, "notice_other_title", n.Data)
		add("notice_other_body")
	default:
		said.Title = templates.Say(lang, kind+"_title", n.Data)
		add(kind+"_body", kind+"_mend")
	}
	return said
}

// addNotes has Slack told what campaigns tell staff by mail, once for each step
// of each walk, where the shop has chosen that.
func addNotes(tx *store.Tx, shop commerce.ShopID, runs []*run, results []store.EffectResult) error {
	for _, r := range runs {
		if r.said == nil || !slices.ContainsFunc(results, func(e store.EffectResult) bool { return e.ID == r.effect.ID && e.State != store.Withdrawn }) {
			continue // withdrawn: decided anew
		}
		if _, err := tx.AddNote(shop, r.effect, map[string]string{
			"Lang": r.said.Lang, "Title": r.said.Title, "Body": strings.Join(r.said.Body, "\n"),
		}); err != nil {
			return err
		}
	}
	return nil
}
