package server

import (
	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/manage"
	"flywheel/templates"
)

// startCard names the card that stands above the flow: who enters.
const startCard = "start"

// cards draws a definition as cards.
type cards struct {
	speaker
	id      campaign.CampaignID
	on      string // the card that is edited
	remarks map[string][]templates.FlowRemark
	figures map[string]*templates.FlowFigures
}

func (s speaker) cards(id campaign.CampaignID, remarks []manage.Remark) *cards {
	c := &cards{speaker: s, id: id, remarks: map[string][]templates.FlowRemark{}, figures: map[string]*templates.FlowFigures{}}
	for _, r := range remarks {
		c.remarks[r.Step] = append(c.remarks[r.Step], s.remark(r))
	}
	return c
}

// count keeps what became of each step that reaches out.
func (c *cards) count(figures []manage.StepFigures) {
	for _, f := range figures {
		out := &templates.FlowFigures{Waiting: f.Waiting, Due: f.Due, Sent: f.Sent, Held: f.Held, Not: f.Not, Shares: c.shares(f.Shares)}
		if f.Due > 0 {
			out.SentPart, out.HeldPart, out.NotPart = f.Sent*100/f.Due, f.Held*100/f.Due, f.Not*100/f.Due
		}
		c.figures[f.Step] = out
	}
}

// shares words outcomes.
func (s speaker) shares(all []manage.Share) (out []templates.FlowShare) {
	for _, one := range all {
		share := templates.FlowShare{What: one.What, Reason: string(one.Reason), Count: one.Count, Share: s.tenths(one.Tenths)}
		switch one.What {
		case string(gate.Send):
			share.What = "claimed" // at work
		case "ended", "refused":
			share.What = ""
		}
		out = append(out, share)
	}
	return out
}

// list draws the steps of one branch; inner says that it is not the flow itself.
func (c *cards) list(steps []campaign.Step, inner bool) (out []templates.FlowCard) {
	for i := range steps {
		card := c.card(&steps[i])
		card.First, card.Last, card.Inner = i == 0, i == len(steps)-1, inner
		for _, by := range []int{-1, 1} {
			if j := i + by; j >= 0 && j < len(steps) && manage.Branches(&steps[j]) != nil {
				card.Beside = true
			}
		}
		out = append(out, card)
	}
	return out
}

func (c *cards) card(s *campaign.Step) templates.FlowCard {
	card := templates.FlowCard{
		ID: s.ID, Kind: string(s.Kind), Name: c.kind(s.Kind), Icon: stepIcons[s.Kind], Sentence: c.does(s), Text: inShort(c.writes(s)), On: s.ID == c.on,
		Thin: s.Kind == campaign.Wait || s.Kind == campaign.WaitUntil || s.Kind == campaign.End, Remarks: c.remarks[s.ID], Figures: c.figures[s.ID],
	}
	if s.Kind == campaign.SendEmail || s.Kind == campaign.NotifyTeam {
		card.Messages = messagePath(c.id, s.ID)
	}
	if s.Kind == campaign.SendEmail {
		card.Write = card.Messages + writePath
	}
	for _, b := range manage.Branches(s) {
		card.Branches = append(card.Branches, templates.FlowBranch{Key: s.ID + ":" + b.Name, Name: c.branch(s, b.Name), Cards: c.list(*b.Steps, true)})
	}
	card.MayBranch = card.Branches != nil
	return card
}

// start draws who enters.
func (c *cards) start(d campaign.Definition) templates.FlowCard {
	card := templates.FlowCard{ID: startCard, Kind: startCard, Name: c.trigger(d.Trigger.Kind), Icon: "play", Sentence: c.triggers(d), On: c.on == startCard}
	if words := c.condition(d.Condition, d.Rows); words != "" {
		card.Text = c.say("editor_only_if", "Condition", words)
	}
	for _, r := range c.remarks[""] {
		if r.Code == "condition" {
			card.Remarks = append(card.Remarks, r)
		}
	}
	return card
}

// loose are the remarks that stand on no card.
func (c *cards) loose() (out []templates.FlowRemark) {
	for _, r := range c.remarks[""] {
		if r.Code != "condition" {
			out = append(out, r)
		}
	}
	return out
}

// triggers says who enters from now on, with what the trigger takes.
func (s speaker) triggers(d campaign.Definition) string {
	spec := campaign.TriggerOf(d.Trigger.Kind)
	if spec == nil {
		return string(d.Trigger.Kind)
	}
	says, t := s.of(spec.Texts.Sentence), d.Trigger
	add := func(key string, pairs ...string) { says += " " + s.say(key, pairs...) }
	switch {
	case t.After > 0:
		add("editor_after", "Time", s.span(t.After))
	case t.N > 0:
		add("editor_number", "Number", templates.Number(s.lang, s.country, int64(t.N)))
	case t.Amount != "":
		add("editor_amount", "Amount", templates.Isolated(t.Amount))
	case t.Name != "":
		add("editor_named", "Name", templates.Isolated(t.Name))
	}
	if len(t.Products) > 0 {
		add("editor_products", "Products", s.list(t.Products))
	}
	return says
}

// entryMode is how often one person enters: what the campaign says, else its trigger's own.
func entryMode(d campaign.Definition) campaign.EntryMode {
	spec := campaign.TriggerOf(d.Trigger.Kind)
	switch {
	case d.Entry.Mode != "":
		return d.Entry.Mode
	case spec != nil:
		return spec.Mode
	}
	return campaign.EveryTime
}

// stateTone is the badge of a campaign's state.
var stateTone = map[campaign.State]string{
	campaign.Live: "good", campaign.Paused: "bad", campaign.Rehearsal: "wait", campaign.Draft: "off", campaign.Archived: "off",
}

// jobName says what a job is.
func (s speaker) job(j commerce.Job) string {
	if j == "" {
		return ""
	}
	return s.say("campaigns_job_" + string(j))
}
