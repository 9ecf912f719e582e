package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"flywheel/fault"
	"flywheel/store"
)

// checkLooks finds connections whose looks for what webhooks left out fail and fail.
func checkLooks(s *session) (string, error) {
	if s.config.Keys == nil {
		return "", fault.New(fault.Invalid, "not looked at: SECRET_KEY is missing")
	}
	if path, lite := strings.CutPrefix(s.config.DatabaseURL, "sqlite:"); lite {
		if _, err := os.Stat(path); os.IsNotExist(err) {
			return "none yet", nil
		}
	}
	var stuck []store.StuckLook
	if err := s.withStore(func(st *store.Store) (err error) {
		stuck, err = st.StuckLooks(s.ctx, 20)
		return err
	}); err != nil {
		return "", err
	}
	if len(stuck) == 0 {
		return "none has failed for long", nil
	}
	var lines []string
	for _, l := range stuck {
		last := "never came to its end"
		if l.LookedAt > 0 {
			last = "last came to its end " + l.LookedAt.Time().UTC().Format(time.RFC3339)
		}
		lines = append(lines, fmt.Sprintf("the look at %s connection %s of shop %s %s: %s", l.Platform, l.Connection, l.Shop, last, l.Note))
	}
	return "", fault.New(fault.Temporary, "%s", strings.Join(lines, "\n"))
}
