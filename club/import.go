package club

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"

	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/fault"
	"flywheel/store"
)

// Mode says what the points of a file do to the balances that are there, as at Smile.io.
type Mode string

// Ways of reading points in.
const (
	ModeAdd   Mode = "add"   // they come on top
	ModeReset Mode = "reset" // balances are what the file says
)

// Imported says what became of a file, or would.
type Imported struct {
	Read    int   // lines that were done
	Before  int   // of them, those that were done before
	New     int   // persons that nobody knew
	Points  int64 // by which balances moved, those before left out
	Refused []Refused
}

// linesAtOnce is how many lines one transaction has: on SQLite nobody else writes meanwhile.
const linesAtOnce = 100

// errCalledOff ends the transaction of a look without a trace.
var errCalledOff = errors.New("only a look")

// errKnownNow ends one in which somebody became known by an order; it is tried again.
var errKnownNow = fault.New(fault.Temporary, "some of these people have become known in this moment: try again")

// Import reads a file into a shop's ledger, a hundred lines a transaction:
// what was cut off goes on where it was when the same file is read again, and
// no line counts twice. Persons whom nobody knows are made. Nobody is told of
// it. progress hears of each portion; nil = nobody.
func (d Desk) Import(ctx context.Context, shop commerce.Shop, f File, mode Mode, by string, progress func(done int)) (Imported, error) {
	return d.readIn(ctx, shop, f, mode, by, progress, false)
}

// Preview says what Import would do, and does nothing.
func (d Desk) Preview(ctx context.Context, shop commerce.Shop, f File, mode Mode) (Imported, error) {
	return d.readIn(ctx, shop, f, mode, "", nil, true)
}

func (d Desk) readIn(ctx context.Context, shop commerce.Shop, f File, mode Mode, by string, progress func(int), look bool) (out Imported, err error) {
	out.Refused = f.Bad
	if mode != ModeAdd && mode != ModeReset {
		return out, fault.New(fault.Invalid, "points are added or reset, not %q", mode)
	}
	for at := 0; at < len(f.lines); at += linesAtOnce {
		some := f.lines[at:min(at+linesAtOnce, len(f.lines))]
		var got Imported
		step := func(tx *store.Tx) (err error) {
			p := portion{tx: tx, shop: shop, mark: f.mark, mode: mode, by: by}
			if got, err = p.read(some); err == nil && look {
				err = errCalledOff
			}
			return err
		}
		err := d.Store.Transact(ctx, step)
		for again := 0; errors.Is(err, errKnownNow) && again < 5; again++ {
			err = d.Store.Transact(ctx, step)
		}
		if err != nil && !errors.Is(err, errCalledOff) {
			return out, err
		}
		out.Read, out.Before, out.New, out.Points = out.Read+got.Read, out.Before+got.Before, out.New+got.New, out.Points+got.Points
		out.Refused = append(out.Refused, got.Refused...)
		if progress != nil {
			progress(out.Read)
		}
	}
	return out, nil
}

// portion is the lines of one transaction.
type portion struct {
	tx      *store.Tx
	shop    commerce.Shop
	mark    string
	mode    Mode
	by      string
	program store.Program
	known   map[commerce.Identity]commerce.PersonID
	stones  store.Tombstones
	members map[commerce.PersonID]store.LoyaltyMember
	done    map[string]bool
}

func (p *portion) cause(l importLine) loyalty.Cause {
	return loyalty.Cause{Kind: loyalty.OfStaff, ID: "import:" + p.mark + ":" + string(p.mode) + ":" + strconv.Itoa(l.number)}
}

func (p *portion) read(lines []importLine) (out Imported, err error) {
	if p.program, err = p.tx.LoyaltyProgram(p.shop.ID); err == nil && p.program.Rev == 0 {
		err = fault.New(fault.Conflict, "there is no program yet: begin one before points are read in")
	}
	if err != nil {
		return out, err
	}
	if out.New, err = p.find(lines); err != nil {
		return out, err
	}
	for _, l := range lines {
		id := commerce.Identity{Kind: commerce.ByEmail, Value: l.email}
		who, there := p.known[id]
		why := ""
		switch m := p.members[who]; {
		case !there:
			why = RefusedErased
		case p.done[p.cause(l).ID]:
			out.Read, out.Before = out.Read+1, out.Before+1
			continue
		case p.program.Floor && (p.mode == ModeReset && l.points < 0 || p.mode == ModeAdd && m.Points+l.points < min(0, m.Points)):
			why = RefusedBelow
		}
		if why != "" {
			out.Refused = append(out.Refused, Refused{l.number, why, l.email})
			continue
		}
		moved, err := p.post(l, who)
		if err != nil {
			return out, err
		}
		out.Read, out.Points = out.Read+1, out.Points+moved
	}
	return out, nil
}

// find looks up whose the lines are, makes who is not known, and locks all.
func (p *portion) find(lines []importLine) (fresh int, err error) {
	ids, causes := make([]commerce.Identity, len(lines)), make([]string, len(lines))
	for i, l := range lines {
		ids[i], causes[i] = commerce.Identity{Kind: commerce.ByEmail, Value: l.email}, p.cause(l).ID
	}
	if p.known, err = p.tx.PersonsByIdentity(p.shop.ID, ids); err != nil {
		return 0, err
	}
	if p.stones, err = p.tx.Tombstones(p.shop.ID, ids, nil); err != nil {
		return 0, err
	}
	var made []commerce.Person
	as := map[commerce.Identity]commerce.PersonID{}
	for i, l := range lines {
		if _, there := p.known[ids[i]]; there || p.stones.Has(ids[i]) {
			continue
		}
		one := commerce.Person{ID: commerce.PersonID(store.NewID()), Email: l.email, FirstName: l.first, LastName: l.last, UpdatedAt: p.tx.Now()}
		made, as[ids[i]], p.known[ids[i]] = append(made, one), one.ID, one.ID
	}
	if err := p.tx.SavePersons(p.shop.ID, made); err != nil {
		return 0, err
	}
	if err := p.tx.AddIdentities(p.shop.ID, as); err != nil {
		return 0, err
	}
	if err := p.stillNew(as); err != nil {
		return 0, err
	}
	if err := p.lock(); err != nil {
		return 0, err
	}
	p.done, err = p.tx.Posted(p.shop.ID, loyalty.OfStaff, causes)
	return len(made), err
}

// stillNew refuses people who have become known by an order in this moment: what they
// are given must not be of somebody with their address beside them.
func (p *portion) stillNew(as map[commerce.Identity]commerce.PersonID) error {
	if len(as) == 0 {
		return nil
	}
	now, err := p.tx.PersonsByIdentity(p.shop.ID, slices.Collect(maps.Keys(as)))
	for id, who := range as {
		if err == nil && now[id] != who {
			err = errKnownNow
		}
	}
	return err
}

// lock locks whom the lines are about, and follows who was merged into another.
func (p *portion) lock() error {
	asked := make([]commerce.PersonID, 0, len(p.known))
	for _, id := range p.known {
		asked = append(asked, id)
	}
	persons, err := p.tx.LockPersons(p.shop.ID, asked)
	if err != nil {
		return err
	}
	var whole []commerce.PersonID
	for id, who := range p.known {
		if one := persons[who]; one.ID == "" || one.Erased {
			delete(p.known, id)
		} else {
			p.known[id] = one.ID
			whole = append(whole, one.ID)
		}
	}
	p.members, err = p.tx.LockMembers(p.shop.ID, whole)
	return err
}

// post does one line and returns by how many points the balance moved.
func (p *portion) post(l importLine, who commerce.PersonID) (moved int64, err error) {
	if err := p.stand(l, who); err != nil {
		return 0, err
	}
	m, before := p.members[who], p.members[who].Points
	rows := []loyalty.Row{{Points: l.points}}
	if len(l.lots) > 0 {
		rows = append([]loyalty.Row{}, l.lots...)
	}
	if p.mode == ModeReset && len(l.lots) > 0 && m.Points != 0 { // what was there goes, what the file has comes
		rows = append([]loyalty.Row{{Points: -m.Points}}, rows...)
	} else if p.mode == ModeReset && len(l.lots) == 0 {
		rows[0].Points = l.points - m.Points // a row of nothing says that it was looked at
	}
	for i := range rows {
		r := &rows[i]
		r.Kind, r.Cause, r.At, r.By, r.Note = loyalty.Adjust, p.cause(l), p.tx.Now(), p.by, "import"
		if r.Points > 0 && len(l.lots) == 0 && p.program.Months > 0 {
			r.ExpiresAt = commerce.At(p.tx.Now().Time().AddDate(0, p.program.Months, 0))
		}
	}
	if m, err = p.tx.PostLedger(p.shop.ID, m, rows, p.program.Policy); err != nil {
		return 0, err
	}
	p.members[who] = m
	return m.Points - before, nil
}

// stand makes somebody what the file says they are; who is not said to be anything is a
// member, but who has left stays out unless the file says that they are one.
func (p *portion) stand(l importLine, who commerce.PersonID) (err error) {
	m := p.members[who]
	switch {
	case m.State == store.Blocked || l.state == store.Guest:
	case l.state == store.Blocked:
		err = p.tx.Block(p.shop.ID, who, "import", p.by)
		m.State = store.Blocked
	case l.state == store.Left:
		if err = p.tx.Join(p.shop.ID, who, "import", p.program.Version); err == nil {
			err = p.tx.Leave(p.shop.ID, who)
		}
		m.State = store.Left
	case m.State == store.Left && l.state != store.Joined: // who left comes back by a word of theirs alone
	case m.State != store.Joined:
		err = p.tx.Join(p.shop.ID, who, "import", p.program.Version)
		m.State = store.Joined
	}
	if err == nil && l.birthday != 0 && m.Birthday == 0 {
		m.Birthday = l.birthday
		err = p.tx.SetBirthday(p.shop.ID, who, l.birthday)
	}
	p.members[who] = m
	return err
}
