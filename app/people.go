package app

import (
	"cmp"
	"context"
	"time"

	"github.com/go-redis/redis_rate/v10"

	"flywheel/account"
	"flywheel/integrations/mail"
)

// openPeople makes the desk of who signs in with us. Their mails go out from
// this very process: a link to sign in by is worth nothing a quarter of an hour
// later, and whoever waits for it in vain asks again.
func (a *App) openPeople() {
	o := account.Options{Store: a.Store, BaseURL: a.Config.BaseURL, Log: a.Log, Limits: a.limiter()}
	if a.Mail != nil {
		o.Post = a.postLetter
	}
	a.People = account.New(o)
}

// limiter counts by Redis, for all processes.
func (a *App) limiter() *account.Limiter {
	limiter := redis_rate.NewLimiter(a.Queue.Redis())
	return &account.Limiter{Shared: func(ctx context.Context, key string, n int, per time.Duration) (time.Duration, error) {
		r, err := limiter.Allow(ctx, "people:"+key, redis_rate.Limit{Rate: n, Burst: n, Period: per})
		if err != nil || r.Allowed > 0 {
			return 0, err
		}
		return r.RetryAfter, nil
	}}
}

func (a *App) postLetter(ctx context.Context, m account.Letter) error {
	return a.Senders.PostOurs(ctx, mail.Message{
		To: m.To, FromName: "Flywheel", Subject: m.Subject, HTML: m.HTML, Text: m.Text,
		Headers: [][2]string{{"Message-ID", "<" + m.ID + "@" + a.Config.helo() + ">"}, {"Auto-Submitted", "auto-generated"}},
	}, cmp.Or(a.Config.Support, "accounts@"+a.Config.helo()))
}
