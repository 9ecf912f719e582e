package main

import (
	"fmt"
	"os"

	"flywheel/manage"
	"flywheel/store"
)

type shopSettingsCommand struct {
	ofShop
	Set string `type:"existingfile" help:"A file with all settings; what it leaves out takes its default."`
}

// Run prints or replaces a shop's settings.
func (c shopSettingsCommand) Run(s *session) error {
	return s.withStore(func(st *store.Store) error {
		if c.Set != "" {
			data, err := os.ReadFile(c.Set)
			if err != nil {
				return err
			}
			settings, err := manage.ReadSettings(data)
			if err != nil {
				return err
			}
			if err := manage.SaveSettings(s.ctx, st, c.id(), settings); err != nil {
				return err
			}
			fmt.Println("the settings count from now on")
			return nil
		}
		shop, err := st.Shop(s.ctx, c.id())
		if err != nil {
			return err
		}
		text, err := manage.WriteSettings(shop.Settings)
		if err == nil && text == "" {
			text = "# nothing is chosen: every setting has its default\n"
		}
		fmt.Print(text)
		return err
	})
}
