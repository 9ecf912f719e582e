package server

import (
	"fmt"
	"unicode"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/templates"
)

// told is a fault's sentence in three languages: the string refused_KEY, in which
// the values of its form have these names; "" = that one is not told.
type told struct {
	key   string
	names []string
}

// refusedWords are the faults that merchants meet on their pages, by the forms of
// their sentences. What is not here is told by its kind, with the English sentence
// beside it for whoever helps.
var refusedWords = map[string]told{
	// What is sent to us.
	"what was sent is larger than %s; nothing was changed. Send less at once":         {"larger", []string{"Size"}},
	"the form did not arrive whole":                                                   {"not_whole", nil},
	"you are not signed in any more: sign in and do it again; nothing was changed":    {"signed_out", nil},
	"another site has sent this; nothing was changed":                                 {"other_site", nil},
	"your role here is %s; this needs %s. An owner of the shop can change that":       {"role", []string{"Role", "Needs"}},
	"the page about the sender is switched off":                                       {"off", nil},
	"plans are switched off":                                                          {"off", nil},
	"nobody signs in here: the app is opened inside Shopify alone":                    {"inside_only", nil},
	"Shopify asks for this inside its admin alone: open the app there":                {"inside_admin", nil},
	"the app was opened without a valid ID token: open it again in the Shopify admin": {"token", nil},
	"this view has ended: load the page again":                                        {"ended", nil},

	// Customers.
	"no address of this customer is known, so nothing can be settled for it": {"no_address", nil},
	"a pause lasts from 1 to %d days":                                        {"pause_days", []string{"Days"}},
	"choose what is to be stopped":                                           {"choose_stop", nil},
	"this is not stopped any more":                                           {"not_stopped", nil},
	"choose yes or no":                                                       {"yes_or_no", nil},
	"say where and how they said it, such as by phone on 3 March: it must be possible to show that":       {"say_how", nil},
	"nobody of that id was joined to this customer":                                                       {"not_joined", nil},
	"there is no such thing of this customer's":                                                           {"gone", nil},
	"nobody is known by this address":                                                                     {"nobody_known", nil},
	"it waits for %s at the step %s, and that is not ours to make happen":                                 {"waits_for", []string{"Event", "Step"}},
	"the next step, %s, sends nothing but decides the way; there is nothing to skip before it has":        {"decides", []string{"Step"}},
	"this person's way through %s has ended already (%s)":                                                 {"walk_ended", []string{"Campaign", ""}},
	"%s is %s, so nothing of it goes out; %s":                                                             {"campaign_out", []string{"Campaign", "", "Why"}},
	"there is nothing more to send in %s for this person":                                                 {"nothing_more", []string{"Campaign"}},
	"the shop's deliveries are being processed just now: try again in a minute":                           {"busy", nil},
	"so many mails are under way that the mail server takes no more at the moment: try again in a minute": {"busy", nil},
	"tick at most %d rows at once":                                                                        {"tick_rows", []string{"Count"}},
	"tick at most %d shops at once":                                                                       {"tick_shops", []string{"Count"}},
	"the file is larger than 1 MB: split it, or import it by the command line":                            {"file_larger", nil},
	"choose a file, or paste its lines":                                                                   {"choose_file", nil},
	"the file has no header line with the column address; the columns are %s":                             {"no_header", []string{"Columns"}},
	"name an address, and a scope such as all or topic:reviews":                                           {"name_address", nil},
	"the list has no line %s of this address, or it stands for somebody who was erased":                   {"no_line", []string{""}},

	// Points.
	"somebody else has changed the program meanwhile: load the page again":                                                  {"club_meanwhile", nil},
	"the program has another state by now: load the page again":                                                             {"club_meanwhile", nil},
	"there is no loyalty program in this shop yet":                                                                          {"club_none", nil},
	"the shop has no loyalty program yet":                                                                                   {"club_none", nil},
	"there is no program yet: begin one before points are read in":                                                          {"club_none", nil},
	"this is not in the program any more: load the page again":                                                              {"gone", nil},
	"there is no such customer in this shop":                                                                                {"gone", nil},
	"the act has no key: load the page again":                                                                               {"ended", nil},
	"a tier or the referrals give a reward that does not come in one piece: set its least and most steps":                   {"club_piece", nil},
	"a tier or the referrals give this reward: choose another there first":                                                  {"club_used", nil},
	"the program has no rule yet: add one first":                                                                            {"club_no_rule", nil},
	"who joins by an order hears of it first: let a campaign for new members, such as the playbook %s, go live before this": {"club_unheard", []string{"Campaign"}},
	"this reward is not stuck: it is looked after by itself":                                                                {"club_not_stuck", nil},
	"the code of this reward is not known here: say that there is none, and give another":                                   {"club_code_unknown", nil},
	"write a whole number of points, such as 50 or -50":                                                                     {"club_whole", nil},
	"say why: it stands in the customer's history":                                                                          {"club_why", nil},
	"a reason has at most %d letters":                                                                                       {"club_why_long", []string{"Most"}},
	"give or take from 1 to %d points":                                                                                      {"club_adjust", []string{"Most"}},
	"there are only %d points to take":                                                                                      {"club_too_few", []string{"Points"}},
	"this customer is not a member of the loyalty program":                                                                  {"club_no_member", nil},
	"this customer was taken out of the loyalty program":                                                                    {"club_blocked", nil},
	"this customer is not blocked":                                                                                          {"club_not_blocked", nil},
	"there is no such day in the year":                                                                                      {"club_no_day", nil},
	"this reward has ended already: there is nothing to take back":                                                          {"club_ended", nil},
	"the month's budget for rewards is used up: nothing was taken, and it can be had next month":                            {"club_budget", nil},
	"this reward is not offered any more":                                                                                   {"club_hidden", nil},
	"this reward was had as often as one person may have it":                                                                {"club_often", nil},
	"the file has no header line with the columns email and points; it may have %s":                                         {"club_header", []string{"Columns"}},
	"this customer was taken out of the program: %s":                                                                        {"club_blocked", []string{""}},
	"there is no such reward in this shop":                                                                                  {"gone", nil},
	"there is no such referral in this shop":                                                                                {"gone", nil},
	"this customer was erased":                                                                                              {"club_erased", nil},
	"the shop's currency is not known before its first order":                                                               {"club_currency", nil},
	"Stripe makes codes for a percentage or an amount only: choose one of those for this reward":                            {"club_stripe", nil},
	"say what the reward takes off at most: the budget is kept by it":                                                       {"club_worth", nil},
	"tiers begin above zero and each above the one before it":                                                               {"club_order", nil},
	"a program has %d rewards at most":                                                                                      {"club_most", []string{"Most"}},
	"a program has %d rules at most":                                                                                        {"club_most", []string{"Most"}},
	"a program has %d tiers at most":                                                                                        {"club_most", []string{"Most"}},

	// Campaigns and messages.
	"nothing was changed since version %d": {"unchanged", []string{"Version"}},
	"version %d was saved since this draft began from version %d: look at the difference, then save over it or discard the draft": {"saved_since", []string{"Version", "From"}},
	"version %d is the present one":                   {"present", []string{"Version"}},
	"%d trials went out within an hour: wait a while": {"trials", []string{"Count"}},
	"%q is not an address":                            {"no_mail", []string{"Address"}},
	"%s cannot %s now; %s":                            {"campaign_cannot", []string{"Campaign", "", "Why"}},
	"the shop has %s already, version %d, %s":         {"has_already", []string{"Campaign", "Version", ""}},
	"everybody in %s is in version %d already":        {"moved_already", []string{"Campaign", "Version"}},
	"%s is live: a new version reaches customers, which needs the role publisher. Ask somebody who has it to save yours": {"live_needs", []string{"Campaign"}},
	"there is no campaign %s in this shop":                              {"no_campaign", []string{"Campaign"}},
	"the form does not say which draft it changes: load the page again": {"ended", nil},
	"the form does not say which draft it saves: load the page again":   {"ended", nil},

	// The sender.
	"the port is a number, such as 587": {"port", nil},
	"%q is no mail address":             {"no_mail", []string{"Address"}},
	"mails from %s would be refused: %s lets nobody but itself send from its addresses (DMARC). Use an address of your own domain": {"dmarc", []string{"Address", "Domain"}},
	"%s is the domain of the shared sender: use an address of your own domain":                                                     {"shared_domain", []string{"Domain"}},
	"nobody can publish DNS records for %s: use an address of your own domain":                                                     {"no_records", []string{"Domain"}},
	"the shop has no domain of its own, whose keys could be rotated":                                                               {"no_domain", nil},
	"no mail server is set here (SMTP_URL), so nothing can be sent":                                                                {"no_server", nil},
	"no mail can be sent from here: the operator has to set SMTP_URL":                                                              {"no_server", nil},
	"the mail server did not take the mail: %s":                                                                                    {"not_taken", []string{"Answer"}},
	"the mail server did not take the mail: %d %s %s":                                                                              {"not_taken", []string{"Answer", "", ""}},
	"the mail server did not say whether it took the mail: look into the mailbox before it is sent again":                          {"maybe_taken", nil},

	// Connections.
	"the name %q may only hold small letters, digits, _ and -": {"hook_name", []string{"Name"}},
	"%s is live and tells %s at its step %s: pause it first":   {"hook_used", []string{"Campaign", "", ""}},
	"say which program uses it":                                {"which_program", nil},
	"choose what it may do":                                    {"choose_role", nil},
	"there is no such connection":                              {"gone", nil},
	"this shop has no such connection":                         {"gone", nil},
	"no Stripe app is set up here":                             {"off", nil},
	"choose one of the languages and themes":                   {"choose_list", nil},

	// People.
	"choose a role":                                                 {"choose_role", nil},
	"the end has to be ahead":                                       {"end_ahead", nil},
	"the end is a date, such as 2026-12-31":                         {"end_date", nil},
	"they do not belong to this account":                            {"not_member", nil},
	"say what the account is called":                                {"account_name", nil},
	"say what your new account is called":                           {"account_name", nil},
	"only an owner of the account can do this":                      {"owner_only", nil},
	"only an owner of an account can take a shop into it":           {"owner_only", nil},
	"this invitation is for another address: sign in with that one": {"other_address", nil},
	"this invitation is not open any more":                          {"offer_closed", nil},
	"this link cannot be used here: ask for another":                {"link", nil},
	"the passkey was not taken: try again, or sign in by mail":      {"passkey", nil},
	"passkeys cannot be used at this address":                       {"no_passkeys", nil},
}

// refusedParts are what may stand within such a sentence as a part of its own.
var refusedParts = map[string]string{
	"it is a draft: it can rehearse or go live":                        "refused_is_draft",
	"it is in rehearsal: it can go live, or pause to be a draft again": "refused_is_rehearsal",
	"it is live: pause it first":                                       "refused_is_live",
	"it is paused: it can be resumed or archived":                      "refused_is_paused",
	"it is archived: it can go live again":                             "refused_is_archived",
	"it is live already":                                               "refused_live_already",
	"it is live already, nothing holds it":                             "refused_live_already",
	"it is paused: resume it":                                          "refused_resume",
	"it is in rehearsal already":                                       "refused_rehearses",
	"it is live: save a copy under another name to rehearse that":      "refused_copy",
	"it is paused already":                                             "refused_paused_already",
	"it is archived already":                                           "refused_archived_already",
}

// wordsOf says why something was refused in a reader's language: what is known of
// it in three languages, else by its kind, with the English sentence as detail.
func wordsOf(err error, lang string) (said, detail string) {
	if templates.Language(lang) == "en" {
		return fault.Sentence(err), ""
	}
	if key := refusalKey(err); key != "" {
		return templates.Say(lang, key, nil), ""
	}
	form, args := fault.FormOf(err)
	if one, known := refusedWords[form]; known && len(one.names) == len(args) {
		return templates.Say(lang, "refused_"+one.key, one.values(lang, args)), ""
	}
	return templates.Say(lang, "problem_"+string(fault.KindOf(err)), nil), fault.Sentence(err)
}

// values are those of a form by their names, as they stand in a sentence.
func (t told) values(lang string, args []any) map[string]string {
	out := map[string]string{}
	for i, name := range t.names {
		switch value := args[i].(type) {
		case commerce.Role:
			out[name] = templates.Say(lang, "role_"+string(value), nil)
		case int:
			out[name] = templates.Number(lang, "", int64(value))
		case int64:
			out[name] = templates.Number(lang, "", value)
		default:
			text := fmt.Sprint(value)
			if out[name] = apart(text); refusedParts[text] != "" {
				out[name] = templates.Say(lang, refusedParts[text], nil)
			}
		}
	}
	return out
}

// apart keeps a name or a code from turning the sentence around it, whatever
// script it is in (Unicode FSI and PDI).
func apart(text string) string {
	const most = 200
	clean := []rune{}
	for _, r := range text {
		if len(clean) < most && !unicode.IsControl(r) && !unicode.In(r, unicode.Bidi_Control) {
			clean = append(clean, r)
		}
	}
	return "\u2068" + string(clean) + "\u2069"
}
