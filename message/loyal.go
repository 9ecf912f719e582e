package message

import (
	"regexp"
	"slices"

	"flywheel/delight/campaign"
)

// loyalNames are the variables that tell of the loyalty program, wherever they stand in a text.
var loyalNames = regexp.MustCompile(`\b(?:loyalty|reward|referral)\.|\b(?:points_name|account_url)\b`)

// friendNames are those of them that tell with what friends are sent.
var friendNames = regexp.MustCompile(`\breferral\.`)

// loyalBlocks are the blocks that do.
var loyalBlocks = []campaign.BlockKind{campaign.BlockPoints, campaign.BlockReward, campaign.BlockReferral}

// TellsOfLoyalty reports whether a text shows anything of the loyalty program. A
// word that only looks so costs a question and nothing else.
func TellsOfLoyalty(e campaign.Email) bool { return shows(e, loyalNames, loyalBlocks) }

// tellsOfFriends is TellsOfLoyalty of what friends are sent with.
func tellsOfFriends(e campaign.Email) bool {
	return shows(e, friendNames, []campaign.BlockKind{campaign.BlockReferral})
}

// shows reports whether a text has one of these names or blocks.
func shows(e campaign.Email, names *regexp.Regexp, blocks []campaign.BlockKind) bool {
	if names.MatchString(e.Subject) || names.MatchString(e.Preheader) {
		return true
	}
	for _, p := range place(e) {
		if slices.Contains(blocks, p.Kind) && !p.Hidden {
			return true
		}
		for _, f := range p.fields() {
			if names.MatchString(f.source) {
				return true
			}
		}
	}
	return false
}

// noteTellsOfLoyalty is TellsOfLoyalty of what staff read.
func noteTellsOfLoyalty(n campaign.Note) bool {
	return loyalNames.MatchString(n.Title) || slices.ContainsFunc(n.Body, loyalNames.MatchString)
}
