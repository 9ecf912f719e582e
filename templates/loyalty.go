package templates

import "time"

// loyaltyTabs are the pages of the program: the strings club_TAB.
var loyaltyTabs = []string{"overview", "rules", "rewards", "tiers", "settings", "members", "versions"}

// Loyalty is the page "loyalty": whether points are given, and what is owed in them.
type Loyalty struct {
	Admin
	State    string // draft, live, paused; "" = there is no program
	Rev      int64
	Currency string
	Unit     string  // what one unit of the currency is, in words
	Budget   string  // as it was typed
	Wrong    Refusal // of the form that begins a program
	Answer   string
	Touched  string // whom a start touches
	Figures  []LoyaltyFigure
	Chart    *Chart
	Owed     []LoyaltyFigure
	Notes    []string // how the figures are made
	Spent    []LoyaltyFigure
	Lacks    []string // what is to be done before a start, in words
	Welcome  string   // where the campaign is that is to be live before a start; "" = nothing is wanting of it
	CSV      string
}

// LoyaltyFigure is a number with its name, the string club_KEY, and where it is listed.
type LoyaltyFigure struct{ Key, Text, Sub, Href string }

// LoyaltyParts is the page "loyalty_parts": the rules, rewards or tiers of a
// program, with a form for one of them.
type LoyaltyParts struct {
	Admin
	Part  string // rules, rewards, tiers: the strings club_PART, club_PART_lead and club_PART_empty
	Rev   int64
	Rows  []LoyaltyPart
	Adds  []Choice // Value is the address
	Form  *LoyaltyForm
	Whole *LoyaltyForm // what is about all of them
}

// LoyaltyPart is one rule, reward or tier in words.
type LoyaltyPart struct {
	ID, Title string
	Says      []string
	Hidden    bool
	Edit      string // the address
	Acts      []LoyaltyAct
}

// LoyaltyAct is something that is done with a button: the string club_do_DO, and club_ask_ASK before.
type LoyaltyAct struct{ Do, Ask string }

// LoyaltyForm is a form about the program. It posts rev, id, kind and do.
type LoyaltyForm struct {
	Title  string
	ID     string
	Kind   string
	Do     string
	Groups []SettingsFields
	Wrong  Refusal
}

// LoyaltySettings is the page "loyalty_settings".
type LoyaltySettings struct {
	Admin
	Rev  int64
	Form LoyaltyForm
}

// LoyaltyVersions is the page "loyalty_versions".
type LoyaltyVersions struct {
	Admin
	Rows  []LoyaltyVersion
	Next  string
	First string
}

// LoyaltyVersion is what a version changed.
type LoyaltyVersion struct {
	Number  int64
	At      time.Time
	By      string
	Present bool
	Changes []LoyaltyChange
}

// LoyaltyChange is one thing that a version made another: the string campaigns_diff_KIND.
type LoyaltyChange struct {
	Kind, Tone string // added, removed, changed
	What       string
	Old, New   string
}

// LoyaltyMembers is the page "loyalty_members".
type LoyaltyMembers struct {
	Admin
	List List
	// Words says that somebody's words are not made yet, so that a search may miss them.
	Words bool
}

// LoyaltyMember is the page "loyalty_member": somebody's points, row by row.
type LoyaltyMember struct {
	Admin
	ID, Name     string
	State, Tone  string
	Why          string // blocked
	Facts        []LoyaltyFact
	Statement    List
	Rewards      []LoyaltyReward
	Merged       []CustomerMerged
	Offers       []Choice // rewards that may be given
	Act          string   // names the act of a form, so that it counts once
	Points       string   // as they were typed
	Note         string
	Reward       string
	Month, Day   string
	Months       []Choice
	Wrong        Refusal
	Member, Left bool
	Blocked      bool
}

// LoyaltyFact is something known of a member: the string club_fact_KEY.
type LoyaltyFact struct {
	Key, Text, Sub string
	At             time.Time
}

// LoyaltyReward is one that a member was given: the string club_reward_STATE.
type LoyaltyReward struct {
	ID, Says, Code string
	State, Tone    string
	Cause          string
	At, Until      time.Time
	Recalled       bool
	MayEnd         bool
	Stuck, Made    bool // staff may settle it by hand; its code was made
	Note           string
}

// LoyaltyCard is what a customer's page says of their points; nil = there is no program.
type LoyaltyCard struct {
	State, Tone   string
	Points, Waits string
	Tier          string
	Ends          time.Time
	Ending        string
}

// LoyaltyImport is the page "loyalty_import".
type LoyaltyImport struct {
	Admin
	Mode    string
	Wrong   Refusal
	Lines   string // of the file that was looked at, to be sent again
	Look    *LoyaltyImported
	Done    *LoyaltyImported
	Columns string
}

// LoyaltyImported says what became of a file, or would.
type LoyaltyImported struct {
	Read, Before, New int64
	Points            string
	Bad               int64
	Refused           []LoyaltyRefused // the first
}

// LoyaltyRefused is a line that was left out: the string club_import_WHY.
type LoyaltyRefused struct {
	Line     int64
	Why, Has string
}
