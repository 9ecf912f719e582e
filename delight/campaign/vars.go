package campaign

import (
	"slices"
	"sync"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"flywheel/commerce"
)

// VarType says what a variable of conditions holds.
type VarType string

// The types of variables. Lines and properties are for conditions written by
// hand: the builder has no operators for them.
const (
	NumberVar   VarType = "number"
	MoneyVar    VarType = "money" // major units of the shop's reporting currency where the rate is known, else as paid
	TextVar     VarType = "text"
	ListVar     VarType = "list" // of texts
	YesNoVar    VarType = "yes_no"
	MomentVar   VarType = "moment"
	CountryVar  VarType = "country"  // ISO 3166-1 alpha-2
	LanguageVar VarType = "language" // BCP 47
	ChoiceVar   VarType = "choice"   // one of the Choices
	LinesVar    VarType = "lines"    // of objects with the parts of a line
	PropsVar    VarType = "props"    // by name, of any type
)

// VarSpec is one variable of the registry. What nobody told is an empty text or
// list, 0 or no; of a moment, or of days since one, every comparison is false
// then. has(x) tells.
type VarSpec struct {
	Name    string // as CEL has it, such as order.total
	Type    VarType
	Ops     []string // of the builder's rows; none = only in CEL
	Choices []string // what a ChoiceVar may be, in small letters
	Texts   Texts    // its label

	needs   need
	maybe   bool // it may be absent: a moment, or a count of days since one
	private bool // its texts may name a person: only how many there are is told
	of      func(*world) ref.Val
}

// need says which facts a variable takes beyond the cause, its order and its person.
type need int

const (
	needsHistory need = 1 << iota
	needsProducts
	needsConsents
	needsLoyalty
)

// Variables lists all variables of conditions.
func Variables() []VarSpec { return slices.Clone(variableTable()) }

var variableTable = sync.OnceValue(func() []VarSpec {
	all := slices.Concat(orderVars, personVars, loyaltyVars, otherVars)
	for i := range all {
		all[i].Ops = opsOf[all[i].Type]
		if all[i].maybe {
			all[i].Ops = slices.Concat(all[i].Ops, []string{OpSet, OpNotSet})
		}
	}
	return all
})

var byName = sync.OnceValue(func() map[string]*VarSpec {
	m := map[string]*VarSpec{}
	for i, v := range variableTable() {
		m[v.Name] = &variableTable()[i]
	}
	return m
})

// Vars is what a condition reads: facts, the enrollment and now. It is safe for
// concurrent use as long as nobody changes the facts.
type Vars struct{ world *world }

// VarsOf shows facts to conditions. Nothing is computed before a condition asks for it.
func VarsOf(f Facts, e Enrollment, now commerce.Instant) Vars {
	w := &world{Facts: f, enrollment: e, now: now}
	if w.Order == nil {
		w.Order = &commerce.Order{}
	}
	if w.Loyalty == nil {
		w.Loyalty = &Loyalty{}
	}
	return Vars{w}
}

// known is v, of no facts where it is the zero value.
func (v Vars) known() Vars {
	if v.world == nil {
		return VarsOf(Facts{}, Enrollment{}, 0)
	}
	return v
}

// world stands behind each of the names order, person, loyalty, referral, event, shop and enrollment.
type world struct {
	Facts
	enrollment Enrollment
	now        commerce.Instant

	once sync.Once
	kept []commerce.Line
}

// lines are those the customer still has.
func (w *world) lines() []commerce.Line {
	w.once.Do(func() { w.kept = w.Order.Kept() })
	return w.kept
}

// ResolveName makes a world what CEL looks names up in.
func (w *world) ResolveName(name string) (any, bool) {
	if name == "now" {
		return celMoment(w.now), true
	}
	return w, slices.Contains(scopes, name)
}

// Parent ends CEL's search.
func (w *world) Parent() cel.Activation { return nil }

// total is the order's in the shop's money where the rate is known, else as paid.
func (w *world) total() commerce.Money {
	if w.Order.Reporting.Rate != "" {
		return w.Order.Reporting.Amount
	}
	return w.Order.Detail.Total
}

// scaled turns an amount told beside whole, such as a refund beside what was
// paid, into the money of total.
func (w *world) scaled(amount float64, whole commerce.Money) float64 {
	total := w.total()
	if whole.Currency == total.Currency || whole.Amount == 0 {
		return amount
	}
	return amount * total.Float() / whole.Float()
}

// subtotal is what the lines cost that the customer still has.
func (w *world) subtotal() float64 {
	d := w.Order.Detail
	if d.SubtotalCurrent.Currency != "" {
		return w.scaled(d.SubtotalCurrent.Float(), d.ShopTotal)
	}
	sum := commerce.Money{Currency: d.Total.Currency}
	for _, l := range w.lines() {
		sum.Amount += l.Price.Amount * l.Current
	}
	return w.scaled(sum.Float(), d.Total)
}

// local is now on the clocks of the shop; UTC where its zone is not known.
func (w *world) local() time.Time { return w.now.Time().In(zone(w.Shop.Timezone)) }

// zones keeps the zones that were loaded, some 600 at most: loading reads a file.
var zones sync.Map

func zone(name string) *time.Location {
	if name == "Local" {
		return time.UTC // Go would take the machine's
	}
	if known, ok := zones.Load(name); ok {
		return known.(*time.Location)
	}
	loaded, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	zones.Store(name, loaded)
	return loaded
}

// days counts whole days from at to now; -1 where at is never.
func (w *world) days(at commerce.Instant) ref.Val {
	if at == 0 {
		return types.Int(-1)
	}
	return types.Int(max(0, w.now-at) / Duration(day).Instants())
}
