package gate

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"flywheel/commerce"
)

const (
	yes     = commerce.Subscribed
	no      = commerce.Unsubscribed
	pending = commerce.Pending
)

func confirmed(c commerce.ConsentChange) commerce.ConsentChange {
	c.Double = true
	return c
}

func TestSuppressionScopes(t *testing.T) {
	reviews := TopicScope("reviews")
	for _, c := range []struct {
		scope Scope
		class Class
		topic string
		want  bool
	}{
		{ScopeAll, Transactional, "orders", true},
		{ScopeAll, Service, "reviews", true},
		{ScopeAll, Marketing, "news", true},
		{ScopeNonTransactional, Transactional, "orders", false},
		{ScopeNonTransactional, Service, "reviews", true},
		{ScopeNonTransactional, Marketing, "news", true},
		{ScopePause, Transactional, "orders", false},
		{ScopePause, Service, "reviews", true},
		{ScopePause, Marketing, "news", true},
		{reviews, Transactional, "reviews", false}, // a topic never stops what the purchase itself calls for
		{reviews, Service, "reviews", true},
		{reviews, Service, "surveys", false},
		{reviews, Marketing, "reviews", true},
		{reviews, Marketing, "news", false},
		{"", Marketing, "", false},
	} {
		require.Equal(t, c.want, c.scope.Stops(c.class, c.topic), "%s, %s %s", c.scope, c.class, c.topic)
	}
}

func TestConsentByNeed(t *testing.T) {
	bought := func(days int) *commerce.Order { // so many days ago
		o := order()
		o.Payment.Told = after(-days)
		return o
	}
	type words = []commerce.ConsentChange
	for name, c := range map[string]struct {
		class Class
		rule  Rule
		said  words
		order *commerce.Order
		goes  bool
	}{
		"nothing needed":             {Service, Rule{Need: NeedNothing}, nil, nil, true},
		"nothing needed, yet a no":   {Service, Rule{Need: NeedNothing}, words{said(Service, no, noon)}, nil, false},
		"opt-out, silent":            {Marketing, Rule{Need: NeedOptOut}, nil, nil, true},
		"opt-out, pending":           {Marketing, Rule{Need: NeedOptOut}, words{said(Marketing, pending, noon)}, nil, true},
		"opt-out, a no":              {Marketing, Rule{Need: NeedOptOut}, words{said(Marketing, no, noon)}, nil, false},
		"opt-in, silent":             {Marketing, Rule{Need: NeedOptIn}, nil, nil, false},
		"opt-in, pending":            {Marketing, Rule{Need: NeedOptIn}, words{said(Marketing, pending, noon)}, nil, false},
		"opt-in, a yes":              {Marketing, Rule{Need: NeedOptIn}, words{said(Marketing, yes, noon)}, nil, true},
		"opt-in, bought":             {Marketing, Rule{Need: NeedOptIn}, nil, bought(1), false},
		"opt-in, a yes for service":  {Marketing, Rule{Need: NeedOptIn}, words{said(Service, yes, noon)}, nil, false},
		"double, a plain yes":        {Marketing, Rule{Need: NeedDouble}, words{said(Marketing, yes, noon)}, nil, false},
		"double, confirmed":          {Marketing, Rule{Need: NeedDouble}, words{confirmed(said(Marketing, yes, noon))}, nil, true},
		"confirmed, then ticked":     {Marketing, Rule{Need: NeedDouble}, words{confirmed(said(Marketing, yes, noon)), said(Marketing, yes, after(1))}, nil, true},
		"confirmed, no, ticked":      {Marketing, Rule{Need: NeedDouble}, words{confirmed(said(Marketing, yes, noon)), said(Marketing, no, after(1)), said(Marketing, yes, after(2))}, nil, false},
		"implied, bought lately":     {Marketing, Rule{Need: NeedImplied, Months: 24}, nil, bought(729), true},
		"implied, bought long ago":   {Marketing, Rule{Need: NeedImplied, Months: 24}, nil, bought(731), false},
		"implied, never bought":      {Marketing, Rule{Need: NeedImplied, Months: 24}, nil, unpaid(), false},
		"implied, on delivery":       {Marketing, Rule{Need: NeedImplied, Months: 24}, nil, onDelivery(), true},
		"implied, no order":          {Marketing, Rule{Need: NeedImplied, Months: 24}, nil, nil, false},
		"implied, a yes of old":      {Marketing, Rule{Need: NeedImplied, Months: 24}, words{said(Marketing, yes, 1)}, nil, true},
		"implied, bought but a no":   {Marketing, Rule{Need: NeedImplied, Months: 24}, words{said(Marketing, no, noon)}, bought(1), false},
		"no rule":                    {Marketing, Rule{}, words{confirmed(said(Marketing, yes, noon))}, nil, false},
		"transactional, silent":      {Transactional, Rule{Need: NeedNothing}, nil, nil, true},
		"transactional, a no to all": {Transactional, Rule{Need: NeedNothing}, words{said(Marketing, no, noon), said(Service, no, noon), said(Transactional, no, noon)}, nil, true},
	} {
		f := facts(func(f *Facts) { f.Class, f.Rule, f.Consents, f.Order = c.class, c.rule, c.said, c.order })
		require.Equal(t, c.goes, consented(&f, noon).Answer == Send, name)
	}
}

func TestMonthsAreCalendarMonths(t *testing.T) {
	bought := order()
	f := facts(func(f *Facts) { f.Class, f.Rule, f.Order = Marketing, Rule{Need: NeedImplied, Months: 1}, bought })
	require.Equal(t, Send, consented(&f, after(31)-1).Answer, "2 March to 2 April")
	require.Equal(t, Hold, consented(&f, after(31)).Answer)
}

func TestLastWord(t *testing.T) {
	for name, c := range map[string]struct {
		class Class
		said  []commerce.ConsentChange
		want  commerce.ConsentState
	}{
		"silence":                              {Service, nil, ""},
		"the newest":                           {Marketing, []commerce.ConsentChange{said(Marketing, yes, after(2)), said(Marketing, no, after(1))}, yes},
		"of one moment the no":                 {Marketing, []commerce.ConsentChange{said(Marketing, no, noon), said(Marketing, yes, noon)}, no},
		"of one moment what is not confirmed":  {Marketing, []commerce.ConsentChange{said(Marketing, yes, noon), said(Marketing, pending, noon)}, pending},
		"a yes to marketing covers service":    {Service, []commerce.ConsentChange{said(Marketing, yes, noon)}, yes},
		"until it is taken back":               {Service, []commerce.ConsentChange{said(Marketing, yes, noon), said(Marketing, no, after(1))}, ""},
		"a no to marketing is none to service": {Service, []commerce.ConsentChange{said(Service, yes, noon), said(Marketing, no, after(1))}, yes},
		"a later yes to marketing":             {Service, []commerce.ConsentChange{said(Service, no, noon), said(Marketing, yes, after(1))}, yes},
		"an earlier yes to marketing":          {Service, []commerce.ConsentChange{said(Marketing, yes, noon), said(Service, no, after(1))}, no},
		"of one moment, by class":              {Service, []commerce.ConsentChange{said(Marketing, yes, noon), said(Service, no, noon)}, no},
		"a no to service":                      {Marketing, []commerce.ConsentChange{said(Marketing, yes, noon), said(Service, no, after(1))}, yes},
	} {
		require.Equal(t, c.want, LastWord(c.said, commerce.ByMail, c.class).State, name)
	}
}

func TestAYesToAnotherChannelIsNone(t *testing.T) {
	word := said(Marketing, yes, noon)
	word.Channel = "sms"
	f := facts(func(f *Facts) { f.Rule.Need, f.Consents = NeedOptIn, []commerce.ConsentChange{word} })
	require.Equal(t, NoConsent, Decide(f, noon).Reason)
	word.State = no
	f.Rule.Need, f.Consents = NeedOptOut, []commerce.ConsentChange{word}
	require.Equal(t, OK, Decide(f, noon).Reason)
}

// By the shipped policy a transactional mail asks nobody for consent, but what
// stops everything stops it.
func TestTransactionalNeedsNoConsent(t *testing.T) {
	policy := shipped(t)
	rapid.Check(t, func(t *rapid.T) {
		country := rapid.SampledFrom([]string{"", "DE", "SA", "US", "CA", "BR", "??"}).Draw(t, "country")
		f := facts(func(f *Facts) {
			f.Class, f.Topic, f.Rule = Transactional, "orders", policy.For(commerce.ByMail, Transactional, country)
			f.Consents = rapid.SliceOfN(anyStatement, 0, 4).Draw(t, "consents")
			f.Suppressions = []Suppression{{Scope: ScopeNonTransactional}, {Scope: TopicScope("orders")}}
		})
		require.Equal(t, send(), Decide(f, noon))
		f.Suppressions = append(f.Suppressions, Suppression{Scope: ScopeAll, Reason: "bounced"})
		require.Equal(t, Decision{Answer: Skip, Reason: Suppressed, Detail: "all, bounced"}, Decide(f, noon))
	})
}

// Where a rule does not listen, nothing that is said about marketing stops what
// would go: the platform need not be asked.
func TestRuleThatDoesNotListen(t *testing.T) {
	for _, c := range []struct {
		class Class
		need  Need
		want  bool
	}{
		{Transactional, NeedNothing, false},
		{Service, NeedNothing, false},
		{Service, NeedOptOut, false},
		{Service, NeedImplied, true},
		{Service, NeedOptIn, true},
		{Service, NeedDouble, true},
		{Marketing, NeedOptOut, true},
		{Marketing, NeedOptIn, true},
	} {
		require.Equal(t, c.want, Rule{Need: c.need}.Listens(c.class, order(), &commerce.Settings{}), "%s, %s", c.class, c.need)
	}
	counter := order()
	counter.Detail.SourceName = "pos"
	require.True(t, Rule{Need: NeedOptOut}.Listens(Service, counter, &commerce.Settings{}))
	require.False(t, Rule{Need: NeedOptOut}.Listens(Service, counter, &commerce.Settings{Exclude: commerce.Exclude{AllowPOS: true}}))
	require.False(t, Rule{Need: NeedOptOut}.Listens(Service, nil, &commerce.Settings{}))
	rapid.Check(t, func(t *rapid.T) {
		f := anyFacts(t)
		before := consented(&f, after(10))
		if f.Rule.Listens(f.Class, f.Order, &f.Shop.Settings) || before.Answer != Send || newest(slices.SortedFunc(slices.Values(f.Consents), compareSaid), commerce.ByMail, Service).State == no {
			return
		}
		f.Unread = true
		f.Consents = append(f.Consents, said(Marketing, rapid.SampledFrom([]commerce.ConsentState{yes, no, pending}).Draw(t, "state"), after(9)))
		require.Equal(t, before, consented(&f, after(10)))
	})
}

// What cannot be read is asked again in some minutes, as long as the message is of use.
func TestUnreadConsent(t *testing.T) {
	unread := func(f *Facts) {
		f.Unread, f.Rule.Need, f.Consents = true, NeedOptIn, []commerce.ConsentChange{said(Marketing, yes, noon)}
	}
	f := facts(unread)
	require.Equal(t, Decision{Answer: Defer, Reason: ConsentUnread, Until: after(10) + 5*minute}, Decide(f, after(10)))
	f.LatestUseful = after(10) + 4*minute
	require.Equal(t, TooLate, Decide(f, after(10)).Reason)
	require.Equal(t, send(), Decide(facts(unread, func(f *Facts) { f.Rule.Need = NeedOptOut }), after(10)))
	require.Equal(t, send(), Decide(facts(unread, internal), after(10)))
	counter := facts(unread, shown(func(d *commerce.Detail) { d.SourceName = "pos" }), func(f *Facts) { f.Rule.Need, f.Consents = NeedOptOut, nil })
	require.Equal(t, ConsentUnread, Decide(counter, after(10)).Reason, "there may be a yes")
}

// A pause puts off until its day, the longest of several; what is stopped for good is skipped.
func TestStopsThatEnd(t *testing.T) {
	pause := Suppression{Scope: ScopePause, Reason: "paused", Until: after(14)}
	month := Suppression{Scope: TopicScope("reviews"), Reason: "imported", Until: after(17)}
	for name, c := range map[string]struct {
		stops  []Suppression
		class  Class
		now    commerce.Instant
		answer Answer
		reason Reason
		until  commerce.Instant
	}{
		"paused":                      {[]Suppression{pause}, Service, after(10), Defer, PausedByThem, after(14)},
		"paused, an order mail":       {[]Suppression{pause}, Transactional, after(10), Send, OK, 0},
		"on the last moment":          {[]Suppression{pause}, Service, after(14) - 1, Defer, PausedByThem, after(14)},
		"over":                        {[]Suppression{pause}, Service, after(14), Send, OK, 0},
		"for good as well":            {[]Suppression{pause, {Scope: ScopeAll, Reason: "bounced"}}, Service, after(10), Skip, Suppressed, 0},
		"a topic for longer":          {[]Suppression{pause, month}, Service, after(10), Defer, PausedByThem, after(17)},
		"a topic for longer, in turn": {[]Suppression{month, pause}, Service, after(10), Defer, PausedByThem, after(17)},
		"the topic alone is left":     {[]Suppression{month, pause}, Service, after(15), Defer, PausedByThem, after(17)},
		"beyond what is useful":       {[]Suppression{{Scope: ScopePause, Until: after(90)}}, Service, after(10), Skip, TooLate, 0},
		"a pause without an end":      {[]Suppression{{Scope: ScopePause, Reason: "imported"}}, Service, after(10), Skip, Suppressed, 0},
	} {
		f := facts()
		f.Class, f.Topic, f.Suppressions, f.LatestUseful = c.class, "reviews", c.stops, after(30)
		d := Decide(f, c.now)
		require.Equal(t, c.answer, d.Answer, "%s: %+v", name, d)
		require.Equal(t, c.reason, d.Reason, name)
		require.Equal(t, c.until, d.Until, name)
	}
}

// A second act is asked for only where one is needed, and only of a yes that is the last word.
func TestWhatMustBeConfirmed(t *testing.T) {
	double, word := Rule{Need: NeedDouble}, said(Marketing, yes, after(5))
	for name, c := range map[string]struct {
		rule  Rule
		known []commerce.ConsentChange
		word  commerce.ConsentChange
		want  bool
	}{
		"a first yes":            {double, nil, word, true},
		"after a no":             {double, []commerce.ConsentChange{said(Marketing, no, after(1))}, word, true},
		"again, never confirmed": {double, []commerce.ConsentChange{said(Marketing, yes, after(1))}, word, true},
		"again, confirmed":       {double, []commerce.ConsentChange{confirmed(said(Marketing, yes, after(1)))}, word, false},
		"confirmed, then taken back": {
			double, []commerce.ConsentChange{confirmed(said(Marketing, yes, after(1))), said(Marketing, no, after(2))}, word, true,
		},
		"confirmed by itself":     {double, nil, confirmed(word), false},
		"a no":                    {double, nil, said(Marketing, no, after(5)), false},
		"an old one, told late":   {double, []commerce.ConsentChange{said(Marketing, no, after(6))}, word, false},
		"where a yes is enough":   {Rule{Need: NeedOptIn}, nil, word, false},
		"where nothing is needed": {Rule{Need: NeedOptOut}, nil, word, false},
	} {
		known := append([]commerce.ConsentChange(nil), c.known...)
		require.Equal(t, c.want, c.rule.MustConfirm(known, c.word), name)
		require.Equal(t, c.known, known, name)
	}
}
