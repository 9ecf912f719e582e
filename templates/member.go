package templates

// Club is the page "member": what somebody has in a shop's program. Who comes
// by a link of a mail is not Known, for it may have been forwarded: to them it
// tells figures alone, and offers to mail the link that opens the rest. All texts
// are sentences, ready to be shown.
type Club struct {
	Frame
	Known  bool
	Email  string // masked; "" unless Known
	Action string // where forms post to, and what is looked at before, is asked for

	Said    string // what the last button did
	Trouble bool   // Said is why it did not
	State   string // why there is no balance to show, or why it cannot be used; "" = a member

	Balance  string
	Notes    []string // on it: what waits, what ends
	Tier     string
	TierNote string
	Reached  int64 // of Goal on the way to the next tier; Goal 0 = there is none
	Goal     int64

	Offers  []ClubOffer
	Rewards []ClubReward
	History []ClubRow
	Older   string // where what came before stands; "" = nothing did
	Earns   []string

	MayJoin, MayLeave bool
	Terms             string // what joining means
	Friends           bool   // friends may be sent here
	Share             Shares // the link for them; its zero value = it is not made yet
	Birthday          string // as it is kept, in a sentence
	Months, Days      []Choice
	Mails             bool // there is a page on which mails are chosen
	Asked             bool // for their data, a moment ago or earlier
}

// ClubOffer is a reward that points buy.
type ClubOffer struct {
	ID, Name, Words, Cost string
	Short                 string   // how many points are missing; "" = it can be taken
	Sizes                 []Choice // of a sliding one, by steps
}

// ClubReward is one that somebody has.
type ClubReward struct {
	Words, State string
	Code         string // "" = there is none, or it is of no use any more
}

// ClubRow is a line of a ledger.
type ClubRow struct{ Day, Text, Points, Balance string }

// ClubIn is the page "member_in", on which somebody types their address to get
// the link to their own page, and reads that it is on its way.
type ClubIn struct {
	Frame
	Action string
	Sent   bool
	Said   string // why they are here; "" = they came by themselves
	Wrong  bool   // what was typed is no address
	Weak   string // where the link of a mail led, to go back to
}

// ClubOpen is the page "member_open", to which the mail with that link leads.
type ClubOpen struct {
	Frame
	Email  string // masked
	Action string
}

// ClubTake is the page "member_take": what a reward costs, before it is taken.
type ClubTake struct {
	Frame
	Words, Cost, Left, Valid string
	Reward, Steps, Request   string // what the form sends; Request makes it count once
	Action                   string
}

// ClubLeave is the page "member_leave": what is lost by leaving.
type ClubLeave struct {
	Frame
	Loses  []string
	Action string
}
