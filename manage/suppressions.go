package manage

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/fault"
	"flywheel/store"
)

// stopColumns are those of a suppression list, in its order.
var stopColumns = []string{"address", "scope", "reason", "at", "until"}

// stopsAtOnce is how many lines one transaction keeps, and maxBadLines how many bad ones are named.
const (
	stopsAtOnce = 100
	maxBadLines = 50
)

// Imported says what became of the lines of a suppression list.
type Imported struct {
	Added int64 // that say something new
	Known int64 // that were there
	Bad   int64 // that were left out
	// Why names the first bad ones, by line.
	Why []string
}

// ImportStops adds the lines of a CSV to a shop's suppression list as they are
// read; a line that is wrong is left out and named, the others stay. The columns
// are address, scope (all, non_transactional, pause, topic:NAME), reason, at and
// until; all but the address may be missing or empty. Doing it again changes
// nothing. A file without the column address is fault.Invalid.
func (k Desk) ImportStops(ctx context.Context, shop commerce.ShopID, r io.Reader) (out Imported, err error) {
	if _, err := k.Store.Shop(ctx, shop); err != nil {
		return out, err
	}
	lines, column, err := openStops(r)
	if err != nil {
		return out, err
	}
	var some []store.Stop
	keep := func() error {
		added := int64(0)
		err := k.Store.Transact(ctx, func(tx *store.Tx) (err error) {
			added, err = tx.AddStops(shop, some)
			return err
		})
		if err == nil {
			out.Added, out.Known, some = out.Added+added, out.Known+int64(len(some))-added, nil
		}
		return err
	}
	for {
		row, err := lines.Read()
		if err == io.EOF {
			return out, keep()
		}
		var broken *csv.ParseError
		if err != nil && !errors.As(err, &broken) {
			return out, err // the file cannot be read on
		}
		var stop store.Stop
		if err == nil {
			stop, err = readStop(k.Store.Now(), cells(column, row))
			if number, _ := lines.FieldPos(0); err != nil {
				err = fmt.Errorf("line %d: %w", number, err)
			}
		}
		if err != nil {
			if out.Bad++; len(out.Why) < maxBadLines {
				out.Why = append(out.Why, err.Error())
			}
			continue
		}
		if some = append(some, stop); len(some) == stopsAtOnce {
			if err := keep(); err != nil {
				return out, err
			}
		}
	}
}

// cells finds a row's cells by their column; "" where there is none.
func cells(column map[string]int, row []string) func(name string) string {
	return func(name string) string {
		if i, there := column[name]; there && i < len(row) {
			return strings.TrimSpace(row[i])
		}
		return ""
	}
}

// openStops reads the header and returns where each column stands.
func openStops(r io.Reader) (*csv.Reader, map[string]int, error) {
	buffered := bufio.NewReader(r)
	if mark, _ := buffered.Peek(3); string(mark) == "\xef\xbb\xbf" { // spreadsheets put it there
		_, _ = buffered.Discard(3)
	}
	lines := csv.NewReader(buffered)
	lines.FieldsPerRecord, lines.ReuseRecord = -1, true
	head, err := lines.Read()
	column := map[string]int{}
	for i, name := range head {
		column[strings.ToLower(strings.TrimSpace(name))] = i
	}
	if _, there := column["address"]; err != nil || !there {
		return nil, nil, fault.New(fault.Invalid, "the file has no header line with the column address; the columns are %s", strings.Join(stopColumns, ","))
	}
	return lines, column, nil
}

func readStop(now commerce.Instant, field func(string) string) (store.Stop, error) {
	s := store.Stop{Address: commerce.NormalEmail(field("address"))}
	var err error
	if s.Scope, err = stopScope(field("scope")); err != nil {
		return s, err
	}
	if s.Address == "" {
		return s, errors.New("the address is none")
	}
	if s.Reason, err = stopReason(field("reason")); err != nil {
		return s, err
	}
	if s.At, err = stopTime("at", field("at")); err != nil {
		return s, err
	}
	if s.At > now.Add(24*time.Hour) {
		return s, errors.New("at lies in the future")
	}
	if s.At == 0 {
		s.At = now
	}
	s.Until, err = stopTime("until", field("until"))
	if err == nil && s.Scope == gate.ScopePause && s.Until == 0 {
		err = errors.New("a pause has an end: until is missing")
	}
	return s, err
}

// stopScope reads what is to be stopped; nothing said is everything.
func stopScope(text string) (gate.Scope, error) {
	scope := gate.Scope(text)
	topic, isTopic := scope.Topic()
	switch {
	case text == "":
		return gate.ScopeAll, nil
	case slices.Contains([]gate.Scope{gate.ScopeAll, gate.ScopeNonTransactional, gate.ScopePause}, scope), isTopic && plainName.MatchString(topic):
		return scope, nil
	}
	return "", fmt.Errorf("scope %q is not all, non_transactional, pause or topic:NAME", short(text))
}

func stopReason(text string) (string, error) {
	if len(text) > 100 || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\ufffd' }) {
		return "", errors.New("the reason is longer than 100 letters, or holds such as no line has")
	}
	if text == "" || text == "erased" { // which says that somebody was erased, and nobody says so by a list
		return "imported", nil
	}
	return text, nil
}

func stopTime(name, text string) (commerce.Instant, error) {
	if text == "" {
		return 0, nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil && t.Year() >= 1970 && t.Year() < 2200 {
			return commerce.At(t), nil
		}
	}
	return 0, fmt.Errorf("%s %q is not a day such as 2026-03-31", name, short(text))
}

// short keeps a report readable when a column holds a book.
func short(text string) string {
	if letters := []rune(text); len(letters) > 40 {
		return string(letters[:40]) + "..."
	}
	return text
}

// AddStop adds one line, as ImportStops does; until 0 = for good.
func (k Desk) AddStop(ctx context.Context, shop commerce.ShopID, address, scope, reason string, until commerce.Instant) (added bool, err error) {
	if _, err := k.Store.Shop(ctx, shop); err != nil {
		return false, err
	}
	end := ""
	if until != 0 {
		end = until.Time().Format(time.RFC3339)
	}
	values := map[string]string{"address": address, "scope": scope, "reason": reason, "until": end}
	stop, err := readStop(k.Store.Now(), func(name string) string { return values[name] })
	if err != nil {
		return false, fault.New(fault.Invalid, "%v", err)
	}
	return added, k.Store.Transact(ctx, func(tx *store.Tx) error {
		n, err := tx.AddStops(shop, []store.Stop{stop})
		added = n > 0
		return err
	})
}

// RemoveStop takes a line off the list; one that is not there is fault.NotFound.
func (k Desk) RemoveStop(ctx context.Context, shop commerce.ShopID, address, scope string) error {
	if _, err := k.Store.Shop(ctx, shop); err != nil {
		return err
	}
	what, err := stopScope(scope)
	normal := commerce.NormalEmail(address)
	if err != nil || normal == "" {
		return fault.New(fault.Invalid, "name an address, and a scope such as all or topic:reviews")
	}
	return k.Store.Transact(ctx, func(tx *store.Tx) error {
		removed, err := tx.RemoveStop(shop, normal, what)
		if err == nil && !removed {
			err = fault.New(fault.NotFound, "the list has no line %s of this address, or it stands for somebody who was erased", what)
		}
		return err
	})
}

// ExportStops writes a shop's suppression list as the CSV that ImportStops reads,
// a page at a time. Stops of which nobody knows the address any more are left out.
func (k Desk) ExportStops(ctx context.Context, shop commerce.ShopID, w io.Writer) (lines int64, err error) {
	if _, err := k.Store.Shop(ctx, shop); err != nil {
		return 0, err
	}
	out := csv.NewWriter(w)
	_ = out.Write(stopColumns) // an error stays in the writer
	err = k.Store.EachStop(ctx, shop, func(s store.Stop) error {
		lines++
		_ = out.Write([]string{unformula(s.Address), string(s.Scope), unformula(s.Reason), moment(s.At), moment(s.Until)})
		return out.Error()
	})
	out.Flush()
	return lines, errors.Join(err, out.Error())
}

func moment(at commerce.Instant) string {
	if at == 0 {
		return ""
	}
	return at.Time().UTC().Format(time.RFC3339)
}

// unformula keeps a spreadsheet from reading what a stranger wrote as a formula.
// What is put in front is no part of an address, and NormalEmail takes it off.
func unformula(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t", rune(text[0])) {
		return " " + text
	}
	return text
}
