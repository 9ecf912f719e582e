package main

import (
	"fmt"
	"os"
	"strings"

	"flywheel/manage"
)

type shopSettingsCommand struct {
	ofShop
	Set string `type:"existingfile" help:"A file with all settings; what it leaves out takes its default."`
}

// Run prints or replaces a shop's settings.
func (c shopSettingsCommand) Run(s *session) error {
	return s.atDesk(func(desk manage.Desk) error {
		st := desk.Store
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
			return c.misfits(s, desk)
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

// misfits says which live campaigns the settings leave unfit: they go on, and
// somebody should look at them.
func (c shopSettingsCommand) misfits(s *session, desk manage.Desk) error {
	all, err := desk.Misfits(s.ctx, c.id())
	for _, m := range all {
		fmt.Printf("%s is live and no longer fits:\n  %s\n", m.Campaign, strings.ReplaceAll(m.Why, "\n", "\n  "))
	}
	if len(all) > 0 {
		fmt.Println("they stay live as they are: pause them (flywheel campaigns pause), or mend them and save again")
	}
	return err
}
