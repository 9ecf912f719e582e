package faults

import (
	"bufio"
	"bytes"
	"database/sql"
	"net/textproto"
	"strconv"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// tally is how the books of a site close.
type tally struct{ sent, unknown int }

// balance demands that nothing was lost and nothing done twice: every order has
// one mail in the books; one that is sent arrived once, one that is unknown at
// most once; nothing arrived that is not in the books.
func (s *site) balance(orders []int64) (sum tally) {
	s.t.Helper()
	arrived, perAddress := s.arrived()
	booked := map[int64]int{}
	for _, e := range s.booked() {
		booked[e.order]++
		n := arrived[e.id]
		delete(arrived, e.id)
		switch e.state {
		case "sent":
			sum.sent++
			assert.Equal(s.t, 1, n, "mail %s of order %d is sent", e.id, e.order)
		case "unknown":
			sum.unknown++
			assert.LessOrEqual(s.t, n, 1, "mail %s of order %d is unknown", e.id, e.order)
		default:
			assert.Fail(s.t, "neither sent nor unknown", "mail of order %d is %s: %s", e.order, e.state, e.note)
		}
	}
	assert.Empty(s.t, arrived, "mails that are not in the books")
	for _, id := range orders {
		assert.Equal(s.t, 1, booked[id], "mails in the books for order %d", id)
	}
	for to, n := range perAddress {
		assert.LessOrEqual(s.t, n, 1, "mails to %s", to)
	}
	assert.Empty(s.t, s.sink.Refused())
	assert.Equal(s.t, s.aside, s.number(`SELECT COUNT(*) FROM inbox WHERE state = 2 AND note <> ''`), "quarantined deliveries")
	require.False(s.t, s.t.Failed(), "the books do not balance")
	return sum
}

// arrived counts the mails at the sink by X-Flywheel-ID and by address.
func (s *site) arrived() (byID, byAddress map[string]int) {
	byID, byAddress = map[string]int{}, map[string]int{}
	for _, m := range s.sink.Mails() {
		head, err := textproto.NewReader(bufio.NewReader(bytes.NewReader(m.Raw))).ReadMIMEHeader()
		require.NoError(s.t, err)
		id := head.Get("X-Flywheel-ID")
		require.NotEmpty(s.t, id)
		byID[id]++
		byAddress[m.To]++
	}
	return byID, byAddress
}

// booking is a mail as the database knows it.
type booking struct {
	id, state, note string
	order           int64
}

func (s *site) booked() (all []booking) {
	s.t.Helper()
	numbers := map[string]int64{} // of orders by our ids
	s.rows(`SELECT order_id, external_id FROM order_keys WHERE kind = 'order'`, func(rows *sql.Rows) error {
		var id, external string
		err := rows.Scan(&id, &external)
		numbers[id], _ = strconv.ParseInt(external, 10, 64)
		return err
	})
	s.rows(`SELECT id, state, note, order_id FROM effects`, func(rows *sql.Rows) error {
		var b booking
		var order string
		err := rows.Scan(&b.id, &b.state, &b.note, &order)
		b.order = numbers[order]
		all = append(all, b)
		return err
	})
	return all
}

// inState lists the ids of mails in a state.
func (s *site) inState(state string) (ids []string) {
	s.t.Helper()
	for _, b := range s.booked() {
		if b.state == state {
			ids = append(ids, b.id)
		}
	}
	return ids
}

func (s *site) rows(text string, scan func(*sql.Rows) error) {
	s.t.Helper()
	rows, err := s.db.Query(text)
	require.NoError(s.t, err)
	defer rows.Close()
	for rows.Next() {
		require.NoError(s.t, scan(rows))
	}
	require.NoError(s.t, rows.Err())
}
