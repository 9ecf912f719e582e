package campaign

import (
	"fmt"

	"flywheel/commerce"
)

// checkNames refuses custom events that nobody can tell of: their names are
// those of Flywheel's own kinds, so nothing would ever begin or be waited for in
// vain.
func (d *Definition) checkNames(p *problems) {
	refuse := func(where, name string) {
		p.note(commerce.Reserved(name), "%s: no custom event is called %s, the name is taken%s", where, name, instead(name))
	}
	refuse("trigger "+string(d.Trigger.Kind), d.Trigger.Name)
	eachStep(d.Steps, func(s *Step, _ int) {
		for _, kind := range []string{s.Event, s.Goal} {
			if name, custom := commerce.EventKind(kind).Custom(); custom {
				refuse("step "+s.ID, name)
			}
		}
	})
}

// instead names what is there under a taken name.
func instead(name string) string {
	if TriggerOf(TriggerKind(name)) != nil {
		return fmt.Sprintf("; the trigger %s is there, and the event %s to wait for", name, name)
	}
	if _, ok := waitable[commerce.EventKind(name)]; ok {
		return fmt.Sprintf("; a step can wait for the event %s", name)
	}
	return ""
}
