package jobs

import (
	"encoding/json"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/integrations/mail/mailfake"
	"flywheel/integrations/slack"
	"flywheel/integrations/slack/slackfake"
	"flywheel/message"
	"flywheel/store"
	"flywheel/store/storetest"
)

// channel gives the shop's team a channel.
func (w *world) channel() *slackfake.Channel {
	w.t.Helper()
	c := &slackfake.Channel{}
	server := httptest.NewServer(c)
	w.t.Cleanup(server.Close)
	w.Slack = slack.New(slack.Options{AllowPrivate: true})
	w.t.Cleanup(w.Slack.Close)
	require.NoError(w.t, w.Store.SetTeamChannel(w.t.Context(), w.shop, store.NoticeSlack, server.URL+slackfake.Path))
	return c
}

// notice has the team told that a campaign was paused.
func (w *world) notice(subject string) {
	w.t.Helper()
	storetest.Do(w.t, w.Store, func(tx *store.Tx) error {
		return tx.AddNotice(w.shop, store.NoticeFuse, subject, map[string]string{"Campaign": "Ask", "Cause": "refunds", "Detail": "9 of 20"})
	})
}

// tellAll tells what is due, as the task does.
func (w *world) tellAll() {
	w.t.Helper()
	require.NoError(w.t, w.handleNotices(w.t.Context(), asynq.NewTask(taskNotice, nil)))
}

// noticeStates are how the shop's notices stand, by channel.
func (w *world) noticeStates() map[string]string {
	w.t.Helper()
	all, err := w.Store.LastNotices(w.t.Context(), w.shop, 100)
	require.NoError(w.t, err)
	out := map[string]string{}
	for _, n := range all {
		out[string(n.Channel)+" "+n.Subject] = string(n.State)
	}
	return out
}

// The team is told by mail and by its channel, each once, in the language of the shop's staff.
func TestTeamIsTold(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.channel()
		w.notice("ask 1")
		w.tellAll()
		w.tellAll()
		require.Equal(t, map[string]string{"mail ask 1": "sent", "slack ask 1": "sent"}, w.noticeStates())
		shop, err := w.Store.Shop(t.Context(), w.shop)
		require.NoError(t, err)
		mails := w.sink.Mails()
		require.Len(t, mails, 1)
		require.Equal(t, shop.Email, mails[0].To)
		require.Len(t, c.Posted(), 1)
		require.Regexp(t, `^`+shop.Name+`: .*Ask`, c.Posted()[0])
		require.Contains(t, c.Posted()[0], "\n", "what to do stands below it")
		require.Empty(t, c.Refused())
	})
}

// What needs no values is told as well.
func TestNoticeWithoutValues(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		storetest.Do(t, w.Store, func(tx *store.Tx) error { return tx.AddNotice(w.shop, store.NoticeTest, "test", nil) })
		w.tellAll()
		require.Equal(t, map[string]string{"mail test": "sent"}, w.noticeStates())
	})
}

// What could not be told is told later: as late as the other side asks, and for a day at most.
func TestNoticeIsTriedAgain(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.channel()
		away := true
		w.sink.Trouble(func(string) *mailfake.Trouble {
			if away {
				return &mailfake.Trouble{At: "rcpt", Code: 451}
			}
			return nil
		})
		c.Next(slackfake.Trouble{Code: 429, RetryAfter: "600"})
		w.notice("ask 1")
		w.tellAll()
		require.Equal(t, map[string]string{"mail ask 1": "due", "slack ask 1": "due"}, w.noticeStates())
		away = false
		storetest.ClockOf(w.Store).Advance(time.Minute)
		w.tellAll()
		require.Equal(t, map[string]string{"mail ask 1": "sent", "slack ask 1": "due"}, w.noticeStates(), "ten minutes are asked for")
		storetest.ClockOf(w.Store).Advance(9 * time.Minute)
		w.tellAll()
		require.Equal(t, "sent", w.noticeStates()["slack ask 1"])

		away = true
		w.notice("ask 2")
		for range noticePauses {
			w.tellAll()
			require.Equal(t, "due", w.noticeStates()["mail ask 2"])
			storetest.ClockOf(w.Store).Advance(12 * time.Hour)
		}
		w.tellAll()
		require.Equal(t, "failed", w.noticeStates()["mail ask 2"])
		require.Equal(t, 1, w.sent())
	})
}

// A channel that is gone is asked no more, and the team learns it by mail.
func TestChannelThatIsGone(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.channel()
		c.Next(slackfake.Trouble{Code: 410, Body: "channel_is_archived"})
		w.notice("ask 1")
		w.notice("ask 2")
		w.tellAll()
		kept, err := w.Store.TeamChannel(t.Context(), w.shop, store.NoticeSlack)
		require.NoError(t, err)
		require.Equal(t, w.Store.Now(), kept.FailedAt)
		require.Contains(t, kept.Note, "channel_is_archived")
		states := w.noticeStates()
		require.Equal(t, "failed", states["slack ask 1"])
		require.Equal(t, "failed", states["slack ask 2"])
		require.Empty(t, c.Posted())
		w.notice("ask 3")
		w.tellAll()
		require.Equal(t, 4, w.sent(), "three pauses, and that the channel is gone")
		require.NotContains(t, w.noticeStates(), "slack ask 3")
	})
}

// What a campaign tells staff by mail stands in the channel too, once, whatever becomes of the mail.
func TestNoteStandsInTheChannel(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.channel()
		w.alone()
		w.save(w.mails("story", outward(campaign.NotifyTeam)))
		w.sink.Trouble(func(string) *mailfake.Trouble { return &mailfake.Trouble{At: "rcpt", Code: 451} })
		w.hear("orders/paid", w.order(1).Body())
		w.sink.Trouble(nil)
		w.tellAll()
		require.Zero(t, w.sent())
		require.Len(t, c.Posted(), 1, "it waits for no mail server")
		w.pass(3, 10*time.Minute) // the mail is tried again, and goes
		w.tellAll()
		require.Equal(t, 1, w.sent())
		require.Len(t, c.Posted(), 1)
		require.Contains(t, c.Posted()[0], "Call Ada\nThank them.")
		require.Equal(t, "{}", w.text(`SELECT data FROM notices`), "the customer's name is kept nowhere")
	})
}

// Without a channel a note goes by mail alone, and makes no row.
func TestNoteWithoutAChannel(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		w.save(w.mails("story", outward(campaign.NotifyTeam)))
		w.hear("orders/paid", w.order(1).Body())
		require.Equal(t, 1, w.sent())
		require.Zero(t, w.count(`SELECT COUNT(*) FROM notices`))
	})
}

// A trial is sent as it was written, to the team.
func TestTrialGoesToTheTeam(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := message.Message{To: "team@example.com", From: "hello@shop.example", Subject: "[Test] Thanks", HTML: "<p>Hi</p>", Text: "Hi"}
		text, err := json.Marshal(m)
		require.NoError(t, err)
		storetest.Do(t, w.Store, func(tx *store.Tx) error {
			_, err := tx.AddTrial(w.shop, "thank_you/thanks", string(text))
			return err
		})
		w.tellAll()
		mails := w.sink.Mails()
		require.Len(t, mails, 1)
		require.Equal(t, "team@example.com", mails[0].To)
		require.Zero(t, w.count(`SELECT COUNT(*) FROM effects`), "it is no act of a campaign")
	})
}

// Each kind has its sentences, in each language, with nothing left to fill in.
func TestNoticesHaveWords(t *testing.T) {
	for _, kind := range []store.NoticeKind{
		store.NoticeFuse, store.NoticeSenderStopped, store.NoticeSenderReady, store.NoticeDomainBroken, store.NoticeAccessRefused, store.NoticeSlackGone, store.NoticeTest, "of a newer binary",
	} {
		for _, lang := range []string{"en", "ar", "fa"} {
			n := store.Notice{ID: store.NewID(), Kind: kind, Data: map[string]string{"Campaign": "C", "Cause": "refunds", "Detail": "D", "Sender": "S", "Platform": "P"}}
			shop := commerce.Shop{Name: "Nour", Email: "hello@nour.example", Locale: lang}
			m, err := noticeMail(shop, n)
			require.NoError(t, err)
			require.NotContains(t, m.Subject+m.Text, "notice_", "%s %s", kind, lang)
			require.NotContains(t, m.HTML, "{{")
			require.NotContains(t, noticeText(shop, n), "notice_")
		}
	}
}

// The sweep has notices told by one task.
func TestNoticesAreATask(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := newSweep(w.Worker)
		s.looking = true
		hinted := func() int {
			require.NoError(t, s.hintNotices(t.Context()))
			tasks, err := w.Queue.inspector.ListPendingTasks(fetchQueue)
			if err != nil {
				return 0 // nothing was ever in it
			}
			return len(tasks)
		}
		require.Zero(t, hinted())
		w.notice("ask 1")
		require.Equal(t, 1, hinted())
		require.Equal(t, 1, hinted())
	})
}
