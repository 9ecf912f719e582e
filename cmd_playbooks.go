package main

import (
	"fmt"
	"slices"

	"flywheel/delight/campaign"
	"flywheel/templates"
)

type playbooksCommand struct{}

// Run prints every playbook with its goal.
func (playbooksCommand) Run(*session) error {
	names := templates.Playbooks()
	w := table("NAME\tCLASS\tPRIORITY\tTRIGGER\tGOAL")
	for _, name := range names {
		data, err := templates.Playbook(name)
		if err != nil {
			return err
		}
		d, err := campaign.Parse(data)
		if err != nil {
			return err
		}
		goal := d.Goal["en"]
		if slices.Contains(templates.DefaultPlaybooks(), name) {
			goal += " (live in a shop you add)"
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%s\n", name, d.Class, d.Priority, d.Trigger.Kind, goal)
	}
	return finish(w, min(len(names), listed))
}
