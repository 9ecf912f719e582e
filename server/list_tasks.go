package server

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"flywheel/commerce"
	"flywheel/store"
	"flywheel/templates"
)

// taskTones are the badges of calls.
var taskTones = map[store.TaskState]string{store.TaskOpen: "wait", store.TaskDone: "good", store.TaskDropped: "off"}

// showTasks lists the calls that staff have to make, the first due first; else those that are made.
func (s *Server) showTasks(c echo.Context, v visit) error {
	ctx, page := c.Request().Context(), s.frameFor(c, v, "lists/tasks")
	p := pagerOf(c, page, "/lists/tasks", "state")
	state := store.TaskState(cmp.Or(p.asked.Get("state"), string(store.TaskOpen)))
	if wantsFile(c) {
		return s.saveTasks(c, v, state)
	}
	rows, err := s.Store.ListTasks(ctx, v.Shop.ID, state, taskPlace(p.after), listRows+1)
	if err != nil {
		return err
	}
	rows, next := nextTask(rows, listRows)
	n, err := s.namesOfTasks(ctx, v, rows)
	if err != nil {
		return err
	}
	l := p.list("lists_tasks", next, column("lists_due"), column("lists_task"), column("lists_who"), column("lists_phone"), column("lists_outcome"))
	for _, t := range rows {
		l.Rows = append(l.Rows, templates.Row{ID: string(t.ID), Cells: []templates.Cell{
			{At: moment(t.DueAt)},
			{Text: templates.Clean(t.Title, 200), Href: page.Link(taskPath(t.ID)), Sub: n.titles[t.Campaign]},
			n.who(page, t.Person),
			{Code: v.number(n.people[t.Person].Phone)},
			{Text: cmp.Or(outcomeSaid(v, t.Outcome), templates.Say(v.lang, "lists_task_"+string(t.State), nil)), Tone: taskTones[t.State]},
		}})
	}
	f := templates.Filter{Name: "state", Key: "lists_state", Value: string(state)}
	for _, one := range []store.TaskState{store.TaskOpen, store.TaskDone, store.TaskDropped} {
		f.Options = append(f.Options, templates.Choice{Value: string(one), Name: templates.Say(v.lang, "lists_task_"+string(one), nil), On: one == state})
	}
	l.Filters = []templates.Filter{f}
	return s.listPage(c, v, page, l)
}

func taskPath(id store.EffectID) string { return "/lists/tasks/" + url.PathEscape(string(id)) }

// nextTask cuts a page off and says where the next begins.
func nextTask(rows []store.Task, limit int) ([]store.Task, string) {
	if len(rows) <= limit {
		return rows, ""
	}
	last := rows[limit-1]
	return rows[:limit], strconv.FormatInt(int64(last.DueAt), 10) + " " + string(last.ID)
}

// taskPlace reads a place as nextTask writes it.
func taskPlace(text string) store.Task {
	at, id, _ := strings.Cut(text, " ")
	n, _ := strconv.ParseInt(at, 10, 64) // from the first on where it is none
	return store.Task{DueAt: commerce.Instant(n), ID: store.EffectID(id)}
}

func (s *Server) namesOfTasks(ctx context.Context, v visit, rows []store.Task) (names, error) {
	var persons []commerce.PersonID
	var orders []commerce.OrderID
	for _, t := range rows {
		persons, orders = append(persons, t.Person), append(orders, t.Order)
	}
	return s.namesOf(ctx, v, persons, orders)
}

// outcomeSaid says what a call led to; a merchant's own words stand as they are.
func outcomeSaid(v visit, outcome string) string {
	if key := "lists_outcome_" + outcome; templates.Known(key) {
		return templates.Say(v.lang, key, nil)
	}
	return templates.Clean(outcome, 100)
}

func (s *Server) saveTasks(c echo.Context, v visit, state store.TaskState) error {
	head := []string{"id", "due", "title", "campaign", "person", "name", "address", "phone", "order", "state", "outcome", "note", "done"}
	return s.file(c, "tasks", head, func(ctx context.Context, after string) (lines [][]string, next string, err error) {
		rows, err := s.Store.ListTasks(ctx, v.Shop.ID, state, taskPlace(after), listStep+1)
		if err != nil {
			return nil, "", err
		}
		rows, next = nextTask(rows, listStep)
		n, err := s.namesOfTasks(ctx, v, rows)
		for _, t := range rows {
			line := append([]string{string(t.ID), stamp(t.DueAt), t.Title, string(t.Campaign)}, n.whoLine(t.Person)...)
			lines = append(lines, append(line, v.number(n.people[t.Person].Phone), n.orders[t.Order], string(t.State), t.Outcome, t.Note, stamp(t.DoneAt)))
		}
		return lines, next, err
	})
}

// showTask is one call: what to say, to whom, and how late it is there.
func (s *Server) showTask(c echo.Context, v visit) error {
	return s.taskPage(c, v, http.StatusOK, templates.Refusal{})
}

func (s *Server) taskPage(c echo.Context, v visit, code int, wrong templates.Refusal) error {
	ctx := c.Request().Context()
	t, err := s.Store.Task(ctx, v.Shop.ID, store.EffectID(c.Param("task")))
	if err != nil {
		return err
	}
	n, err := s.namesOfTasks(ctx, v, []store.Task{t})
	if err != nil {
		return err
	}
	p := n.people[t.Person]
	page := templates.ListTask{
		Admin: s.frameFor(c, v, "lists/tasks"), ID: string(t.ID), Title: templates.Clean(t.Title, 200), Script: t.Script, Person: string(p.ID), Who: n.callsWho(p),
		PhoneShown: v.number(p.Phone), Order: n.orders[t.Order], Campaign: cmp.Or(n.titles[t.Campaign], string(t.Campaign)), State: string(t.State), Tone: taskTones[t.State],
		Due: moment(t.DueAt), Done: moment(t.DoneAt), Outcome: outcomeSaid(v, t.Outcome), Remark: t.Note, Wrong: wrong,
	}
	if v.mayRead() {
		page.Phone = dialled(p.Phone)
	}
	if zone, err := time.LoadLocation(cmp.Or(p.Timezone, v.Shop.Timezone)); err == nil {
		page.Place = zone.String()
		page.Now = templates.Style{Lang: templates.Language(v.lang), Country: v.Shop.Country, Zone: zone}.Date(s.Store.Now().Time(), "time")
	}
	if code != http.StatusOK {
		page.Outcome, page.Remark = c.FormValue("outcome"), c.FormValue("note")
	}
	return s.adminPage(c, code, "lists_task", v.lang, page)
}

// dialled is a phone number as a link to it holds it (RFC 3966): digits and one plus.
func dialled(phone string) string {
	number := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, templates.Western(phone))
	if number != "" && strings.HasPrefix(strings.TrimSpace(phone), "+") {
		return "+" + number
	}
	return number
}

// finishTask says that a call was made, and how it went.
func (s *Server) finishTask(c echo.Context, v visit) error {
	outcome := cmp.Or(templates.Clean(c.FormValue("other"), 100), templates.Clean(c.FormValue("outcome"), 100))
	if outcome == "" {
		return s.taskPage(c, v, http.StatusUnprocessableEntity, templates.Refusal{Field: "outcome", Said: templates.Say(v.lang, "lists_outcome_missing", nil)})
	}
	id := store.EffectID(c.Param("task"))
	if err := s.Store.FinishTask(c.Request().Context(), v.Shop.ID, id, outcome, templates.Clean(c.FormValue("note"), 1000)); err != nil {
		return err
	}
	return s.done(c, v, "/lists/tasks", "lists_called")
}

// reopenTask puts a call back on the list.
func (s *Server) reopenTask(c echo.Context, v visit) error {
	id := store.EffectID(c.Param("task"))
	if err := s.Store.ReopenTask(c.Request().Context(), v.Shop.ID, id); err != nil {
		return err
	}
	return s.done(c, v, taskPath(id), "lists_reopened")
}
