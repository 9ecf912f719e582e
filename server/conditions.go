package server

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"flywheel/delight/campaign"
	"flywheel/fault"
	"flywheel/manage"
	"flywheel/store"
	"flywheel/templates"
)

// maxRows bounds the rows of a condition.
const maxRows = 30

// conditionQuestion and conditionAnswer are what an exact count is asked and says.
type conditionQuestion struct {
	About     string `json:"about"`
	Condition string `json:"condition"`
}

type conditionAnswer struct {
	Holds int64 `json:"holds"`
	Of    int64 `json:"of"`
}

// conditions is the builder for a condition: the campaign's own where step is "".
func (s *Server) conditions(c echo.Context, v visit, d manage.Draft, see looked, draw *cards, step, expression string, rows []campaign.Row) (*templates.Conditions, error) {
	list, rowable := rowsOf(expression, rows)
	out := &templates.Conditions{Card: step, Lock: d.Lock, Text: expression, Rowable: rowable, Fields: draw.scopes(""), Words: draw.condition(expression, rows)}
	out.ByHand = !rowable || c.QueryParam("as") == "text" || see.typed.Get("as") == "text"
	for _, r := range draw.remarks[step] {
		if r.Code == "condition" {
			out.Wrong = &r
			break
		}
	}
	if len(rows) > 0 {
		out.Text, _ = campaign.CompileRows(rows)
	}
	if !out.ByHand {
		out.Groups = draw.groups(list)
		if out.Wrong != nil && int(out.Wrong.Line) <= len(list) && out.Wrong.Column == 0 {
			markRow(out, int(out.Wrong.Line)-1, out.Wrong.Text)
		}
	}
	if see.count && out.Wrong == nil && out.Text != "" {
		if err := s.counted(c, v, d, out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// markRow puts what is wrong with a row beside it.
func markRow(out *templates.Conditions, n int, says string) {
	for g := range out.Groups {
		for r := range out.Groups[g].Rows {
			if out.Groups[g].Rows[r].N == n {
				out.Groups[g].Rows[r].Wrong = says
			}
		}
	}
}

// counted asks the sample, and says how far the exact count is.
func (s *Server) counted(c echo.Context, v visit, d manage.Draft, out *templates.Conditions) error {
	condition, err := campaign.Compile(out.Text)
	if err != nil {
		return nil //nolint:nilerr // it is said elsewhere
	}
	n, err := s.desk().CountHolds(c.Request().Context(), v.Shop.ID, d.Definition, condition)
	if err != nil {
		return err
	}
	out.Count = &templates.ConditionCount{
		About: n.About, N: n.About95, Of: n.Of, Low: n.Low, Up: n.High, Exact: n.Exact, Newest: n.Newest, Sample: n.Sample, Failed: n.Failed > 0, Nothing: n.Sample == 0,
	}
	if n.Exact {
		return nil
	}
	question, err := json.Marshal(conditionQuestion{n.About, out.Text})
	if err != nil {
		return err
	}
	e, found, err := s.Store.LastEstimate(c.Request().Context(), v.Shop.ID, store.EstimateCondition, d.Campaign.ID, question)
	if err != nil || !found {
		return err
	}
	out.Exact = &templates.ConditionExact{State: string(e.State), Seen: e.Seen, Expected: e.Expected}
	var answer conditionAnswer
	if json.Unmarshal(e.Answer, &answer) == nil {
		out.Exact.Holds, out.Exact.Of = answer.Holds, answer.Of
	}
	return nil
}

// askCount has the condition of a draft counted exactly.
func (s *Server) askCount(c echo.Context, v visit) error {
	ctx := c.Request().Context()
	d, err := s.desk().Draft(ctx, v.Shop.ID, campaign.CampaignID(c.Param("campaign")))
	if err != nil {
		return err
	}
	card, expression, rows := c.FormValue("card"), d.Definition.Condition, d.Definition.Rows
	if step := manage.Step(&d.Definition, card); step != nil {
		expression, rows = step.Condition, step.Rows
	}
	if len(rows) > 0 {
		if expression, err = campaign.CompileRows(rows); err != nil {
			return err
		}
	}
	if _, err := campaign.Compile(expression); err != nil {
		return err
	}
	question, err := json.Marshal(conditionQuestion{manage.AboutOf(d.Definition), expression})
	if err != nil {
		return err
	}
	if _, err := s.Store.AskEstimate(ctx, v.Shop.ID, store.Estimate{Kind: store.EstimateCondition, Campaign: d.Campaign.ID, Question: question}); err != nil {
		return err
	}
	if card == "" {
		card = startCard
	}
	return s.done(c, v, campaignPath(d.Campaign.ID, "/edit?card="+card), "campaign_asked")
}

// scopes are the variables that rows may compare, below their headings.
func (s speaker) scopes(current string) (out []templates.ConditionScope) {
	for _, spec := range campaign.Variables() {
		if len(spec.Ops) == 0 {
			continue
		}
		key, _, _ := strings.Cut(spec.Name, ".")
		if len(out) == 0 || out[len(out)-1].Key != key {
			out = append(out, templates.ConditionScope{Key: key})
		}
		last := &out[len(out)-1]
		last.Fields = append(last.Fields, templates.Choice{Value: spec.Name, Name: s.of(spec.Texts), On: spec.Name == current})
	}
	return out
}

// groups draws rows, numbered through.
func (s speaker) groups(rows []campaign.Row) (out []templates.ConditionGroup) {
	for i, r := range rows {
		if i == 0 || r.Group != rows[i-1].Group {
			out = append(out, templates.ConditionGroup{Number: int64(r.Group)})
		}
		spec, _ := variable(r.Field)
		row := templates.ConditionRow{
			N: i, Field: r.Field, Type: string(spec.Type), Op: r.Op, Value: r.Value,
			None: r.Op == campaign.OpSet || r.Op == campaign.OpNotSet, Many: r.Op == campaign.OpOneOf || r.Op == campaign.OpNoneOf,
		}
		if row.Many {
			row.Value = strings.Join(r.List, ", ")
		}
		for _, op := range spec.Ops {
			row.Ops = append(row.Ops, templates.Choice{Value: op, Name: s.say("condition_op_" + op), On: op == r.Op})
		}
		row.Options = s.options(spec, r.Value)
		last := &out[len(out)-1]
		last.Rows = append(last.Rows, row)
	}
	return out
}

// options are what a value may be, of a variable that is one of a few.
func (s speaker) options(spec campaign.VarSpec, current string) []templates.Choice {
	switch spec.Type {
	case campaign.YesNoVar:
		return optionsOf(strings.ToLower(current), [2]string{"yes", s.say("yes")}, [2]string{"no", s.say("no")})
	case campaign.ChoiceVar:
		var all [][2]string
		for _, one := range spec.Choices {
			all = append(all, [2]string{one, s.value(spec, one)})
		}
		return optionsOf(current, all...)
	}
	return nil
}

// setCondition takes the builder's form: rows, or the text that was written by hand.
func (e *editing) setCondition() error {
	rows, expression := &e.d.Rows, &e.d.Condition
	if of := e.form.Get("of"); of != "" {
		s := manage.Step(e.d, of)
		if s == nil || s.Kind != campaign.If {
			return manage.ErrNoStep
		}
		rows, expression = &s.Rows, &s.Condition
	}
	if e.form.Get("as") == "text" {
		*rows, *expression = nil, strings.TrimSpace(e.long("condition"))
		return nil
	}
	next, err := e.rows()
	if err != nil {
		return err
	}
	*rows, *expression = next, ""
	return nil
}

// rows reads the builder's rows, with one more or one less where a button asks for it.
func (e *editing) rows() (out []campaign.Row, err error) {
	drop := e.form.Get("drop")
	group := 0
	for i := range maxRows {
		at := func(name string) string { return strings.TrimSpace(e.form.Get(fmt.Sprintf("row_%d_%s", i, name))) }
		if at("field") == "" || drop == fmt.Sprint(i) {
			continue
		}
		r := campaign.Row{Group: numberOf(at("group")), Field: at("field"), Op: at("op")}
		spec, known := variable(r.Field)
		if !known {
			return nil, errNoVariable
		}
		if !slices.Contains(spec.Ops, r.Op) {
			r.Op = spec.Ops[0] // another field was chosen
		}
		e.rowValue(&r, spec, templates.Clean(at("value"), maxLine))
		out, group = append(out, r), max(group, r.Group)
	}
	switch more := e.form.Get("more"); {
	case more == "":
	case len(out) >= maxRows:
		return nil, errManyRows
	case more == "or":
		out = append(out, campaign.Row{Group: group + 1, Field: "order.total", Op: campaign.OpAtLeast})
	default:
		out = append(out, campaign.Row{Group: numberOf(more), Field: "order.total", Op: campaign.OpAtLeast})
	}
	slices.SortStableFunc(out, func(a, b campaign.Row) int { return a.Group - b.Group })
	for i, last, n := 0, -1, -1; i < len(out); i++ { // groups are numbered anew, as rows come back
		if out[i].Group != last || i == 0 {
			n++
		}
		last, out[i].Group = out[i].Group, n
	}
	return out, nil
}

// rowValue reads what a row compares with: numbers in any digits, several with commas between.
func (e *editing) rowValue(r *campaign.Row, spec campaign.VarSpec, text string) {
	switch r.Op {
	case campaign.OpSet, campaign.OpNotSet:
		return
	case campaign.OpOneOf, campaign.OpNoneOf:
		for _, one := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == '،' }) {
			if one = strings.TrimSpace(one); one != "" {
				r.List = append(r.List, one)
			}
		}
		return
	}
	if spec.Type == campaign.NumberVar || spec.Type == campaign.MoneyVar {
		text = strings.ReplaceAll(templates.Western(text), ",", "")
	}
	if spec.Type == campaign.YesNoVar && text == "" {
		text = "yes"
	}
	if spec.Type == campaign.ChoiceVar && text != "" && !slices.Contains(spec.Choices, text) {
		text = ""
	}
	r.Value = text
}

var (
	errNoVariable = fault.New(fault.Invalid, "there is no such variable to compare")
	errManyRows   = fault.New(fault.Invalid, "a condition has 30 rows at most: write it as text instead")
)
