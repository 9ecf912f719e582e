package main

import (
	"errors"
	"fmt"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/store"
)

// target is one shop or all of them.
type target struct {
	Shop string `help:"Id of the shop." placeholder:"ID"`
	All  bool   `help:"Every shop of this installation."`
}

type pauseCommand struct{ target }

type resumeCommand struct{ target }

// Run stops all outward acts; it counts from the next mail on.
func (c pauseCommand) Run(s *session) error { return c.set(s, true) }

// Run lets them go on; what is past its latest useful time expires instead.
func (c resumeCommand) Run(s *session) error { return c.set(s, false) }

func (t target) set(s *session, paused bool) error {
	if (t.Shop == "") == !t.All {
		return fault.New(fault.Invalid, "say --shop ID or --all")
	}
	return s.withStore(func(st *store.Store) error {
		word := map[bool]string{true: "paused: nothing goes out", false: "resumed"}[paused]
		if t.All {
			fmt.Println("every shop is", word)
			return st.SetPauseAll(s.ctx, paused)
		}
		state := commerce.ShopActive
		if paused {
			state = commerce.ShopPaused
		}
		err := st.SetShopState(s.ctx, commerce.ShopID(t.Shop), state)
		if err == nil {
			fmt.Println(t.Shop, "is", word)
		}
		return err
	})
}

// withStore opens the database for a short command beside the running processes.
func (s *session) withStore(do func(*store.Store) error) error {
	if err := demand(s.config, false, false); err != nil {
		return err
	}
	st, err := openStore(s)
	if err != nil {
		return err
	}
	return errors.Join(do(st), st.Close())
}
