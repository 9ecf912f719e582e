package campaign

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"flywheel/delight/gate"
	"flywheel/fault"
)

// maxPlaybook bounds a playbook file; aliases are refused because they expand.
const maxPlaybook = 64 << 10

const maxSteps = 100

// Parse reads a playbook and checks it. Errors are fault.Invalid with the line
// where the file has one.
func Parse(data []byte) (Definition, error) {
	var d Definition
	if len(data) > maxPlaybook {
		return d, fault.New(fault.Invalid, "the playbook is larger than 64 KB")
	}
	if err := yaml.UnmarshalWithOptions(data, &d, yaml.DisallowUnknownField(), yaml.Strict()); err != nil {
		return d, fault.Wrap(fault.Invalid, err, "the playbook cannot be read")
	}
	return d, d.Check()
}

// Check reports everything that is wrong with a definition, all at once.
func (d Definition) Check() error {
	var wrong []string
	note := func(bad bool, format string, args ...any) {
		if bad {
			wrong = append(wrong, fmt.Sprintf(format, args...))
		}
	}
	note(d.Name == "", "name is missing")
	note(d.Class != gate.Transactional && d.Class != gate.Service && d.Class != gate.Marketing,
		"class %q is not transactional, service or marketing", d.Class)
	note(d.Topic == "", "topic is missing")
	note(d.Trigger.Kind != OnOrderPaid && d.Trigger.Kind != OnOrderArrived,
		"trigger %q is unknown; there are order_paid and order_arrived", d.Trigger.Kind)
	note(len(d.Steps) == 0, "there are no steps")
	note(len(d.Steps) > maxSteps, "there are %d steps, at most %d are allowed", len(d.Steps), maxSteps)
	if d.Condition != "" {
		_, err := Compile(d.Condition)
		note(err != nil, "%v", err)
	}
	seen := map[string]bool{}
	for i, step := range d.Steps {
		note(step.ID == "" || seen[step.ID], "step %d needs an id of its own", i+1)
		seen[step.ID] = true
		wrong = append(wrong, step.check()...)
	}
	if len(wrong) > 0 {
		return fault.New(fault.Invalid, "campaign %s: %s", d.Name, strings.Join(wrong, "; "))
	}
	return nil
}

func (s Step) check() (wrong []string) {
	switch s.Kind {
	case Wait:
		if s.For <= 0 {
			wrong = append(wrong, "step "+s.ID+" waits for nothing")
		}
	case SendEmail:
		if s.Useful <= 0 {
			wrong = append(wrong, "step "+s.ID+" does not say how long it is useful")
		}
		if len(s.Email) == 0 {
			wrong = append(wrong, "step "+s.ID+" has no text")
		}
		for lang, mail := range s.Email {
			if mail.Subject == "" || len(mail.Body) == 0 {
				wrong = append(wrong, "step "+s.ID+" has no subject or body in "+lang)
			}
		}
	default:
		wrong = append(wrong, fmt.Sprintf("step %s has the unknown kind %q; there are wait and send_email", s.ID, s.Kind))
	}
	return wrong
}

// UnmarshalYAML reads "14d", "36h" or "30m".
func (d *Duration) UnmarshalYAML(data []byte) error {
	text := strings.Trim(strings.TrimSpace(string(data)), `"'`)
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.Atoi(days)
		if err != nil || n < 0 || n > 3650 {
			return fault.New(fault.Invalid, "%q is not a number of days", text)
		}
		*d = Duration(time.Duration(n) * 24 * time.Hour)
		return nil
	}
	v, err := time.ParseDuration(text)
	if err != nil || v < 0 {
		return fault.New(fault.Invalid, "%q is not a duration such as 14d or 36h", text)
	}
	*d = Duration(v)
	return nil
}
