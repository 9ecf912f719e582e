package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"flywheel/app"
	"flywheel/fault"
)

type doctorCommand struct {
	Health bool `help:"Only ask the running process for its health; for container health checks."`
}

// checkup is one thing the doctor looks at; it returns what it saw.
type checkup struct {
	name  string
	check func(*session) (string, error)
}

// Run says what is wrong and how to mend it.
func (c doctorCommand) Run(s *session) error {
	if c.Health {
		return health(s)
	}
	sick := 0
	all := []checkup{
		{"configuration", checkConfig},
		{"database", checkStore},
		{"redis", checkRedis},
		{"smtp", checkMail},
		{"sender", checkSenders},
		{"clock", checkClock},
		{"erasures", checkErasures},
		{"looks", checkLooks},
		{"stripe", checkStripe},
		{"rewards", checkRewards},
	}
	for _, up := range all {
		saw, err := up.check(s)
		mark := "ok  "
		if err != nil {
			mark, saw, sick = "sick", fmt.Sprint(err), sick+1
		}
		fmt.Printf("%s  %-14s %s\n", mark, up.name, strings.ReplaceAll(saw, "\n", "\n      "+strings.Repeat(" ", 15)))
	}
	if sick > 0 {
		return fault.New(fault.Invalid, "%d of %d need mending", sick, len(all))
	}
	return nil
}

func health(s *session) error {
	client := &http.Client{Timeout: 3 * time.Second}
	addr := strings.Replace(s.config.Addr, "0.0.0.0:", "127.0.0.1:", 1)
	resp, err := client.Get("http://" + addr + "/healthz")
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fault.New(fault.Temporary, "health is %s", resp.Status)
	}
	return nil
}

func checkConfig(s *session) (string, error) {
	saw := "complete"
	if s.config.ShopifySecrets == nil && s.config.StripeSecrets == nil {
		saw = "complete; no app secrets, so only connections with their own secret are answered"
	}
	return saw, demand(s.config, true, false)
}

func checkStore(s *session) (string, error) {
	if s.config.Keys == nil {
		return "", fault.New(fault.Invalid, "not looked at: SECRET_KEY is missing")
	}
	if path, lite := strings.CutPrefix(s.config.DatabaseURL, "sqlite:"); lite {
		if _, err := os.Stat(path); os.IsNotExist(err) {
			return "not there yet: flywheel all makes it. The volume must be encrypted: email, phone and name stand in plain columns", nil
		}
	}
	st, err := openStore(s)
	if err != nil {
		return "", err
	}
	defer st.Close()
	if err := st.Whole(s.ctx); err != nil {
		return "", err
	}
	drift, err := st.ClockDrift(s.ctx)
	if err != nil {
		return "", err
	}
	if drift > 5*time.Second || drift < -5*time.Second {
		return "", fault.New(fault.Invalid, "its clock differs from this machine's by %s: run a time service on both", drift)
	}
	return "schema fits, and nothing is broken; remember: email, phone and name stand in plain columns, so the volume must be encrypted", nil
}

func checkRedis(s *session) (string, error) {
	if s.config.RedisURL == "" {
		return "in process", nil
	}
	o, err := asynq.ParseRedisURI(s.config.RedisURL) // it knows sentinels, as the worker does
	if err != nil {
		return "", fault.New(fault.Invalid, "REDIS_URL cannot be read; it looks like redis://host:6379/0")
	}
	client, ok := o.MakeRedisClient().(redis.UniversalClient)
	if !ok {
		return "", fault.New(fault.Invalid, "REDIS_URL names no kind of Redis that can be asked")
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(s.ctx, 3*time.Second)
	defer cancel()
	info, err := client.Info(ctx, "memory").Result()
	if err != nil {
		return "", fault.New(fault.Temporary, "does not answer: is it running, and is the password right?")
	}
	if !strings.Contains(info, "maxmemory_policy:noeviction") {
		return "", fault.New(fault.Invalid, "may throw tasks away: set maxmemory-policy noeviction")
	}
	return "answers, noeviction", nil
}

func checkMail(s *session) (string, error) {
	if s.config.SMTPURL == "" {
		return "", fault.New(fault.Invalid, "SMTP_URL is missing: smtp://user:pass@host:587, smtps://... or file:DIR")
	}
	sender, err := app.OpenMail(s.config)
	if err != nil {
		return "", err
	}
	defer sender.Close()
	ctx, cancel := context.WithTimeout(s.ctx, 15*time.Second)
	defer cancel()
	return "takes our connection", sender.Check(ctx)
}

// checkClock finds a clock that was never set; a small difference shows beside
// the database's clock (checkStore).
func checkClock(*session) (string, error) {
	now := time.Now()
	if now.Year() < 2026 {
		return "", fault.New(fault.Invalid, "this machine believes it is %s: signatures would be refused; run a time service", now.Format(time.DateOnly))
	}
	return now.UTC().Format(time.RFC3339), nil
}
