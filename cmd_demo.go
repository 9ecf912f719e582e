package main

import (
	"cmp"
	"os"

	"flywheel/demo"
)

type demoCommand struct {
	Once bool   `help:"Play the scenario, print the books and end; an error if they do not balance."`
	Addr string `help:"Listen here instead of ADDR."`
}

// Run plays the demo. It needs nothing outside this process.
func (c demoCommand) Run(s *session) error {
	return demo.Run(s.ctx, demo.Options{
		Addr: cmp.Or(c.Addr, s.config.Addr), Once: c.Once, Out: os.Stdout, Log: newLog(s.config.LogLevel),
	})
}

// demoEnv is all of the environment that the demo sees: it has a database,
// keys, a mail domain and parties of its own, and what is set for real ones must
// not touch it.
func demoEnv(name string) string {
	switch name {
	case "ADDR":
		return os.Getenv(name)
	case "LOG_LEVEL":
		return cmp.Or(os.Getenv(name), "warn")
	}
	return ""
}
