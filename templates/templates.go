// Package templates holds what the product says: the default playbooks, the
// consent policy, the layouts of mails and customer pages, the fixed strings of
// each language, and how numbers, money and directions are written in it. All
// of it is embedded and parsed once. It knows nothing of orders or persons:
// package message fills the mail layouts, package server the pages.
package templates

import (
	"embed"
	"fmt"
	"path"
	"strings"
)

//go:embed playbooks policy email pages locales legal plans.yaml
var files embed.FS

// Playbooks lists the names of all playbooks, in alphabetical order.
func Playbooks() []string {
	entries, err := files.ReadDir("playbooks")
	must(err)
	var names []string
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), ".yaml"); ok {
			names = append(names, name)
		}
	}
	return names
}

// Playbook returns the file of a playbook, for campaign.Parse.
func Playbook(name string) ([]byte, error) {
	data, err := files.ReadFile(path.Join("playbooks", path.Base(name)+".yaml"))
	if err != nil {
		return nil, fmt.Errorf("there is no playbook %q; there are %s", name, strings.Join(Playbooks(), ", "))
	}
	return data, nil
}

// PlaybookSchema returns the JSON Schema of playbook files, as published.
func PlaybookSchema() []byte { return read("playbooks/schema.json") }

// ConsentPolicy returns the consent table of first countries, for gate.ParsePolicy.
func ConsentPolicy() []byte { return read("policy/consent.yaml") }

// Plans returns what shops may have, for billing.ParsePlans.
func Plans() []byte { return read("plans.yaml") }

// read returns an embedded file; its absence is a mistake of the build.
func read(name string) []byte {
	data, err := files.ReadFile(name)
	must(err)
	return data
}

func must(err error) {
	if err != nil {
		panic(err) // embedded files are checked by the tests; nothing from outside comes here
	}
}
