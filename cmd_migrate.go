package main

import (
	"fmt"

	"flywheel/app"
)

type migrateCommand struct{}

// Run brings the schema up to date; it is the release command of a deploy.
func (migrateCommand) Run(s *session) error {
	st, err := app.OpenStore(s.ctx, s.config)
	if err != nil {
		return err
	}
	defer st.Close()
	n, err := st.Migrate(s.ctx)
	if err == nil {
		fmt.Printf("schema up to date, %d steps taken\n", n)
	}
	return err
}
