package stripefake

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"time"
)

// AccountInfo is what an account says of itself; what is "" it never filled in.
type AccountInfo struct {
	Name     string    // business_profile.name
	Display  string    // settings.dashboard.display_name
	Email    string    // of the account
	Support  string    // business_profile.support_email
	Timezone string    // of the IANA database; Etc/UTC
	Country  string    // US
	Currency string    // usd
	URL      string    // business_profile.url
	Address  Address   // business_profile.support_address
	Created  time.Time // 2025-01-01 00:00 UTC
}

// Address is a postal address.
type Address struct{ Line1, Line2, PostalCode, City, State, Country string }

// place is one side of an account: its live or its test data.
type place struct {
	account string // "" is the platform's own
	live    bool
}

// book is what Stripe keeps of a place.
type book struct {
	place
	connected bool                // to the platform's app
	settled   bool                // that it is connected or not was said once
	objects   map[string]Object   // by id, as JSON would give them
	order     map[string][]string // ids by kind, the first put first
	told      map[string]int64    // when an object was last as it is, in seconds
	events    []*told             // the first first
	event     map[string]*told    // by id
	once      map[string]*first   // by idempotency key
}

// platform is the id of the account that has the platform's keys.
const platform = "acct_platform"

// AddAccount lets Stripe know an account to which the app is not connected: its
// owner may install it. Facts that are the zero value change nothing of one that
// is known.
func (s *Server) AddAccount(account string, facts AccountInfo) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.introduce(account, facts)
}

func (s *Server) introduce(account string, facts AccountInfo) {
	s.know(account)
	if facts != (AccountInfo{}) {
		s.infos[account] = facts
	}
}

// Connect installs the app in one mode of an account, again where it was
// disconnected: what the account holds has stayed there.
func (s *Server) Connect(account string, live bool, facts AccountInfo) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.introduce(account, facts)
	s.book(account, live).connect(true)
}

func (b *book) connect(yes bool) { b.connected, b.settled = yes, true }

// Disconnect takes the platform's access to both modes of an account away,
// until it is connected again.
func (s *Server) Disconnect(account string) {
	s.DisconnectMode(account, true)
	s.DisconnectMode(account, false)
}

// DisconnectMode takes the access to one mode away.
func (s *Server) DisconnectMode(account string, live bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.book(account, live).connect(false)
}

// Put keeps objects in an account, each in the mode that its livemode says, a
// refund in that of its charge, else live, over earlier ones of the same id. The first Put connects
// that mode of the account; one that was connected once stays as it is.
func (s *Server) Put(account string, objects ...Object) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.know(account); len(objects) == 0 {
		s.book(account, true).putFirst()
	}
	for _, o := range objects {
		o = plain(o)
		b := s.bookOf(account, o)
		b.putFirst()
		s.seen(time.Unix(o.number("created"), 0))
		b.put(o, s.now().Unix())
	}
}

func (s *Server) bookOf(account string, o Object) *book {
	if live, told := o["livemode"].(bool); told {
		return s.book(account, live)
	}
	test := s.book(account, false)
	if _, there := test.objects[o.ref("charge")]; there {
		return test
	}
	return s.book(account, true)
}

// putFirst connects what was never connected or disconnected.
func (b *book) putFirst() {
	if !b.settled {
		b.connect(true)
	}
}

// Object returns an object as the account has it now, and whether it does.
func (s *Server) Object(account, id string) (Object, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, live := range []bool{true, false} {
		if b := s.book(account, live); b.objects[id] != nil {
			return s.current(b, b.objects[id]), true
		}
	}
	return nil, false
}

func (s *Server) know(account string) {
	if _, known := s.infos[account]; !known {
		s.infos[account] = AccountInfo{}
	}
}

func (s *Server) book(account string, live bool) *book {
	at := place{account, live}
	b := s.books[at]
	if b == nil {
		b = &book{place: at, objects: map[string]Object{}, order: map[string][]string{}, told: map[string]int64{}, event: map[string]*told{}, once: map[string]*first{}}
		s.books[at] = b
	}
	return b
}

func (s *Server) seen(at time.Time) {
	if at.After(s.newest) {
		s.newest = at
	}
}

// put keeps o as it was at at, unless it is known as it was later: events come
// in any order. Objects without an id are not kept.
func (b *book) put(o Object, at int64) {
	id := o.text("id")
	if id == "" || at < b.told[id] {
		return
	}
	if _, known := b.objects[id]; !known {
		kind := o.text("object")
		b.order[kind] = append(b.order[kind], id)
	}
	b.objects[id], b.told[id] = o, at
}

// find returns an object of a kind that is there and not deleted.
func (b *book) find(kind, id string) (Object, bool) {
	o, found := b.objects[id]
	return o, found && o.text("object") == kind && o["deleted"] != true
}

// all lists a kind's objects, the newest first; of the same second, the last put.
func (b *book) all(kind string) []Object {
	var out []Object
	for _, id := range slices.Backward(b.order[kind]) {
		if o, found := b.find(kind, id); found {
			out = append(out, o)
		}
	}
	slices.SortStableFunc(out, func(x, y Object) int { return cmp.Compare(y.number("created"), x.number("created")) })
	return out
}

// plain is o as JSON gives it: a deep copy, of maps, lists and json.Number.
func plain(o Object) Object {
	body, err := json.Marshal(o)
	if err != nil {
		panic("stripefake: an object holds what JSON cannot: " + err.Error())
	}
	return decoded(body)
}

func decoded(body []byte) Object {
	var out Object
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if err := d.Decode(&out); err != nil {
		panic("stripefake: " + err.Error())
	}
	return out
}

func (o Object) clone() Object { return maps.Clone(o) }
