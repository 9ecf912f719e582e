package main

import (
	"errors"
	"net/http"
	"time"

	"flywheel/app"
)

type (
	allCommand   struct{}
	serveCommand struct{}
	workCommand  struct{}
)

// Run is web and worker in one process.
func (allCommand) Run(s *session) error {
	if err := errors.Join(s.problems, demand(s.config, true, false)); err != nil {
		return err
	}
	return s.run(app.Parts{Web: true, Work: true})
}

// Run is the web part of a larger installation.
func (serveCommand) Run(s *session) error {
	if err := errors.Join(s.problems, demand(s.config, false, true)); err != nil {
		return err
	}
	return s.run(app.Parts{Web: true})
}

// Run is the worker of a larger installation.
func (workCommand) Run(s *session) error {
	if err := errors.Join(s.problems, demand(s.config, true, true)); err != nil {
		return err
	}
	return s.run(app.Parts{Work: true})
}

// run starts the parts, prints the effective settings and ends on a signal.
func (s *session) run(parts app.Parts) error {
	log := newLog(s.config.LogLevel)
	log.Info("settings", s.config.Summary()...)
	a, err := app.Start(s.ctx, s.config, parts, log)
	if err != nil {
		return err
	}
	ops := &http.Server{Addr: s.config.OpsAddr, Handler: a.Ops(), ReadHeaderTimeout: 5 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- ops.ListenAndServe() }()
	select {
	case <-s.ctx.Done():
	case err = <-ended:
		log.Error("ops listener ended", "error", err)
	}
	log.Info("stopping")
	_ = ops.Close()
	return errors.Join(err, a.Stop())
}
