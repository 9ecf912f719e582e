package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/store"
)

const (
	// rewardsWait is how long a reward may wait for its code.
	rewardsWait = time.Hour
	// rewardShops is how many shops are named.
	rewardShops = 20
)

// checkRewards finds rewards that customers have paid for with points and whose codes cannot be made.
func checkRewards(s *session) (string, error) {
	if s.config.Keys == nil {
		return "", fault.New(fault.Invalid, "not looked at: SECRET_KEY is missing")
	}
	if path, lite := strings.CutPrefix(s.config.DatabaseURL, "sqlite:"); lite {
		if _, err := os.Stat(path); os.IsNotExist(err) {
			return "none yet", nil
		}
	}
	var lines []string
	err := s.withStore(func(st *store.Store) error {
		before := st.Now().Add(-rewardsWait)
		shops, err := st.ShopsWithWaitingRewards(s.ctx, before, rewardShops)
		for _, shop := range shops {
			w, failed := st.WaitingRewards(s.ctx, shop, before)
			if failed != nil {
				return failed
			}
			lines = append(lines, waitingLine(w))
		}
		return err
	})
	switch {
	case err != nil:
		return "", err
	case len(lines) == 0:
		return "none waits for its code", nil
	}
	return "", fault.New(fault.Temporary, "%s", strings.Join(lines, "\n"))
}

func waitingLine(w store.WaitingRewards) string {
	why := w.Note
	if why == "" {
		why = "no worker has looked after it: is one running?"
	}
	return fmt.Sprintf("%d of shop %s wait for their codes, the first since %s: %s", w.Count, w.Shop, when(w.Since), why)
}

func when(at commerce.Instant) string { return at.Time().UTC().Format(time.RFC3339) }
