package gate

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"flywheel/commerce"
)

func TestYielding(t *testing.T) {
	one := capped(1, 7)
	for name, c := range map[string]struct {
		self   func(*Facts)
		rivals []Rival
		until  commerce.Instant // 0 = it goes
		to     string
	}{
		"nobody else":                        {one, nil, 0, ""},
		"one that matters more":              {one, []Rival{rival("A", after(10))}, after(10) + minute, "A"},
		"one that is due later":              {one, []Rival{rival("A", after(11))}, after(11) + minute, "A"},
		"one that was due long ago":          {one, []Rival{rival("A", after(2))}, after(10) + minute, "A"},
		"one that was put off":               {one, []Rival{putOff(rival("A", after(2)), after(10)+minute*5)}, after(10) + minute*6, "A"},
		"one due after the window":           {one, []Rival{rival("A", after(17))}, 0, ""},
		"put off to after the window":        {one, []Rival{putOff(rival("A", after(2)), after(17))}, 0, ""},
		"room for both":                      {capped(2, 7), []Rival{rival("A", after(10))}, 0, ""},
		"room for one of three":              {capped(2, 7), []Rival{rival("B", after(12)), rival("A", after(11))}, after(11) + minute, "A"},
		"room that was used":                 {seq(capped(2, 7), used(after(9), Service)), []Rival{rival("A", after(10))}, after(10) + minute, "A"},
		"no cap, no rivals":                  {capped(-1, 7), []Rival{rival("A", after(10))}, 0, ""},
		"one that matters less":              {one, []Rival{ranked(rival("A", after(1)), -1)}, 0, ""},
		"an equal that is due earlier":       {one, []Rival{ranked(rival("A", after(4)), 0)}, after(10) + minute, "A"},
		"an equal that is due later":         {one, []Rival{ranked(rival("A", after(6)), 0)}, 0, ""},
		"an equal of one moment, by id":      {one, []Rival{ranked(rival("A", after(5)), 0)}, after(10) + minute, "A"},
		"an equal of one moment, after":      {one, []Rival{ranked(rival("z", after(5)), 0)}, 0, ""},
		"itself":                             {one, []Rival{rival("self", after(5))}, 0, ""},
		"thanks":                             {one, []Rival{rival("A", after(10), of(Transactional))}, 0, ""},
		"what goes to the team":              {one, []Rival{rival("A", after(10), internal)}, 0, ""},
		"one that is held":                   {one, []Rival{rival("A", after(10), told(disputed(commerce.DisputeOpen)))}, 0, ""},
		"one without consent":                {one, []Rival{rival("A", after(10), func(f *Facts) { f.Rule.Need = NeedDouble })}, 0, ""},
		"one that will be too late":          {one, []Rival{rival("A", after(10), func(f *Facts) { f.LatestUseful = after(9) })}, 0, ""},
		"one whose campaign is paused":       {one, []Rival{rival("A", after(10), func(f *Facts) { f.CampaignLive = false })}, 0, ""},
		"one at night goes in the morning":   {one, []Rival{exactly(rival("A", after(10)+minute*60*10), after(11)-minute*60*5)}, after(11) - minute*60*5 + minute, "A"},
		"one at night, by then too late":     {one, []Rival{exactly(rival("A", after(10)+minute*60*10), after(11)-minute*60*5-1)}, 0, ""},
		"marketing that matters more":        {one, []Rival{rival("A", after(11), of(Marketing))}, after(11) + minute, "A"},
		"of two the one that goes first":     {one, []Rival{rival("B", after(13)), rival("A", after(12)), rival("C", after(12))}, after(12) + minute, "A"},
		"marketing before marketing":         {seq(capped(5, 7), of(Marketing)), []Rival{rival("A", after(12), of(Marketing))}, after(12) + minute, "A"},
		"service does not use marketing's":   {seq(capped(5, 7), of(Marketing)), []Rival{rival("A", after(12))}, 0, ""},
		"beyond marketing's shorter window":  {seq(capped(5, 7), of(Marketing)), []Rival{rival("A", after(13), of(Marketing))}, 0, ""},
		"thanks themselves yield to nobody":  {seq(one, of(Transactional)), []Rival{rival("A", after(10))}, 0, ""},
		"nor does what goes to the team":     {seq(one, internal), []Rival{rival("A", after(10))}, 0, ""},
		"rivals of a rival are not its own":  {one, []Rival{nested(rival("A", after(10)))}, after(10) + minute, "A"},
		"a rival's own place is in its rank": {one, []Rival{placed(rival("A", after(10)))}, after(10) + minute, "A"},
		"one that was missed in a pause":     {one, []Rival{placed(rival("A", after(3), func(f *Facts) { f.PausedAt, f.ResumedAt = after(2), after(9) }))}, 0, ""},
	} {
		f := facts(c.self, func(f *Facts) { f.Rivals = c.rivals })
		want := send()
		if c.until != 0 {
			want = Decision{Answer: Defer, Reason: Yielded, Detail: c.to, Until: c.until}
		}
		require.Equal(t, want, Decide(f, after(10)), name)
		slices.Reverse(f.Rivals)
		require.Equal(t, want, Decide(f, after(10)), name)
		if c.until != 0 {
			f.LatestUseful = c.until - 1
			require.Equal(t, Decision{Answer: Skip, Reason: TooLate, Detail: "yielded (" + c.to + ") until after the latest useful time"}, Decide(f, after(10)), name)
		}
	}
}

func seq(changes ...func(*Facts)) func(*Facts) {
	return func(f *Facts) {
		for _, c := range changes {
			c(f)
		}
	}
}

func used(at commerce.Instant, c Class) func(*Facts) {
	return func(f *Facts) { f.Used = append(f.Used, Use{at, c}) }
}

func ranked(r Rival, priority int) Rival { r.Priority = priority; return r }

func putOff(r Rival, next commerce.Instant) Rival { r.Next = next; return r }

func exactly(r Rival, latest commerce.Instant) Rival { r.Facts.LatestUseful = latest; return r }

func placed(r Rival) Rival { r.Facts.Self = Rank{}; return r }

func nested(r Rival) Rival {
	capped(1, 7)(&r.Facts)
	r.Facts.Rivals = []Rival{ranked(rival("B", after(10)), 9)}
	return r
}

func TestRankIsATotalOrder(t *testing.T) {
	ranks := []Rank{{2, 5, "z"}, {1, 3, "a"}, {1, 3, "b"}, {1, 4, "a"}, {-1, 0, ""}}
	for i, a := range ranks {
		for j, b := range ranks {
			require.Equal(t, i < j, a.Before(b), "%v %v", a, b)
		}
	}
}

// asks are what one person may get, as in the tables of a shop.
type asks struct {
	waiting []*waiting
	used    []Use
	sent    []*waiting // in their order
}

type waiting struct {
	Rival
	next  commerce.Instant
	ended Decision
}

// facts gathers what the gate reads about w.
func (a *asks) facts(w *waiting) Facts {
	f := w.Facts
	f.Used = a.used
	for _, other := range a.waiting {
		if other != w && other.ended.Reason == "" {
			r := other.Rival
			r.Next, r.Facts.Used = other.next, a.used
			f.Rivals = append(f.Rivals, r)
		}
	}
	return f
}

// run lets time pass until everything has ended, and returns how many decisions that took.
func (a *asks) run(t *rapid.T) (decisions int) {
	for ; ; decisions++ {
		var open []*waiting
		for _, w := range a.waiting {
			if w.ended.Reason == "" && (len(open) == 0 || w.next <= open[0].next) {
				if len(open) > 0 && w.next < open[0].next {
					open = nil
				}
				open = append(open, w)
			}
		}
		if len(open) == 0 {
			return decisions
		}
		require.Less(t, decisions, 2000, "they wait for each other for ever")
		w := rapid.SampledFrom(open).Draw(t, "whose turn")
		switch d := Decide(a.facts(w), w.next); d.Answer {
		case Send:
			a.used, a.sent, w.ended = append(a.used, Use{w.next, w.Facts.Class}), append(a.sent, w), d
		case Defer:
			require.True(t, w.next < d.Until && d.Until <= w.Facts.LatestUseful)
			w.next = d.Until
		default:
			w.ended = d
		}
	}
}

func anyAsks(t *rapid.T, limit int) *asks {
	a := &asks{}
	n := rapid.IntRange(1, 6).Draw(t, "asks")
	for i := range n {
		due := noon + minute*commerce.Instant(rapid.IntRange(0, 60*48).Draw(t, "due"))
		r := rival(fmt.Sprint(i), due, capped(limit, 7), of(rapid.SampledFrom([]Class{Service, Marketing}).Draw(t, "class")))
		r.Priority = rapid.IntRange(0, 2).Draw(t, "priority")
		r.Facts.Self = r.Rank
		r.Facts.LatestUseful = due + 24*60*minute*commerce.Instant(rapid.IntRange(2, 20).Draw(t, "useful"))
		a.waiting = append(a.waiting, &waiting{Rival: r, next: due})
	}
	return a
}

// Of all that one person could get under a cap of one, the first of the total
// order is sent first; everything else ends too, sent or too late, with its
// reason; and nobody is ever asked more often than the cap allows.
func TestWhatMattersMostGoesFirst(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := anyAsks(t, 1)
		best := slices.MinFunc(a.waiting, func(a, b *waiting) int {
			if a.Before(b.Rank) {
				return -1
			}
			return 1
		})
		a.run(t)
		require.NotEmpty(t, a.sent)
		require.Same(t, best, a.sent[0])

		reasons := map[Reason]int{}
		for _, w := range a.waiting {
			require.Contains(t, []Reason{OK, TooLate}, w.ended.Reason)
			require.Equal(t, w.ended.Reason == TooLate, w.ended.Detail != "", "it says what held it")
			reasons[w.ended.Reason]++
		}
		require.Equal(t, len(a.sent), reasons[OK])
		require.Equal(t, len(a.waiting), reasons[OK]+reasons[TooLate], "the reasons add up")
		for i := 1; i < len(a.used); i++ {
			require.GreaterOrEqual(t, a.used[i].At-a.used[i-1].At, 7*24*60*minute)
		}
	})
}

func TestCapsHoldWithRoomForMore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := anyAsks(t, 2)
		a.run(t)
		for i := 2; i < len(a.used); i++ {
			require.GreaterOrEqual(t, a.used[i].At-a.used[i-2].At, 7*24*60*minute)
		}
		var marketing []commerce.Instant
		for _, u := range a.used {
			if u.Class == Marketing {
				marketing = append(marketing, u.At)
			}
		}
		for i := 1; i < len(marketing); i++ {
			require.GreaterOrEqual(t, marketing[i]-marketing[i-1], 3*24*60*minute)
		}
	})
}

// Two campaigns due in the same minute under a cap of one: the higher is sent,
// the other moves, and expires with a reason if that is too late.
func TestTwoInOneMinute(t *testing.T) {
	high, low := rival("High", after(10), capped(1, 7)), rival("Low", after(10), capped(1, 7))
	low.Priority = 0
	low.Facts.Self = low.Rank
	a := asks{waiting: []*waiting{{Rival: low, next: after(10)}, {Rival: high, next: after(10)}}}
	require.Equal(t, Decision{Answer: Defer, Reason: Yielded, Detail: "High", Until: after(10) + minute}, Decide(a.facts(a.waiting[0]), after(10)))
	require.Equal(t, send(), Decide(a.facts(a.waiting[1]), after(10)))

	a.waiting[1].ended, a.used = send(), []Use{{after(10), Service}}
	moved := Decide(a.facts(a.waiting[0]), after(10)+minute)
	require.Equal(t, Capped, moved.Reason)
	require.GreaterOrEqual(t, moved.Until, after(17))
	a.waiting[0].Facts.LatestUseful = after(16)
	require.Equal(t, Decision{
		Answer: Skip, Reason: TooLate, Detail: "frequency_cap (asks: 1 in 7 days) until after the latest useful time",
	}, Decide(a.facts(a.waiting[0]), after(10)+minute))
}

// A rival more never lets something go that would not have gone, nor changes
// what has nothing to do with rivals.
func TestARivalOnlyDelays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := anyFacts(t)
		f.Shop.Settings.Caps.Asks = commerce.Cap{Limit: rapid.IntRange(0, 3).Draw(t, "limit"), Days: 7}
		now := after(10)
		before := Decide(f, now)
		more := rival("more", after(rapid.IntRange(0, 20).Draw(t, "due")))
		more.Priority = rapid.IntRange(-1, 1).Draw(t, "priority")
		more.Facts = anyFacts(t)
		f.Rivals = append(slices.Clone(f.Rivals), more)
		after := Decide(f, now)
		if before.Answer == Hold || before.Answer == Skip && before.Reason != TooLate {
			require.Equal(t, before, after)
		}
		if before.Answer != Send {
			require.NotEqual(t, Send, after.Answer)
		}
		if before != after {
			require.True(t, after.Reason == Yielded || after.Reason == TooLate)
		}
	})
}
