package lint

import (
	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
)

// jobs looks for what a campaign does without saying so: the question whether
// another tool, or another campaign, does the same goes by its job.
func jobs(l *linter) {
	thanked, asked := false, false
	each(l.Steps, "steps", func(s *campaign.Step, where string) {
		for _, f := range fields(s, where) {
			if word := l.heard(review, f.lang, f.text); word != "" && !asked && l.Job != commerce.JobReviewAsk && l.Job != commerce.JobSurvey {
				l.find("job-of-review", "job", "word", word)
				asked = true
			}
			if word := l.heard(thanksFor, f.lang, f.text); word != "" && !thanked && l.greets() {
				l.find("job-of-thanks", "job", "word", word)
				thanked = true
			}
		}
		for _, e := range s.Email {
			if url := l.reviewLink(e); url != "" && !asked && l.Job != commerce.JobReviewAsk {
				l.find("job-of-review", "job", "word", url)
				asked = true
			}
		}
	})
}

// reviewLink is the first link of a mail to where a review is written; "" where there is none.
func (l *linter) reviewLink(e campaign.Email) string {
	for _, to := range links(e) {
		if l.reviewPage(to.url) {
			return to.url
		}
	}
	return ""
}

// greets reports whether a campaign answers a purchase without saying what for.
func (l *linter) greets() bool {
	switch l.Trigger.Kind {
	case campaign.OnOrderPlaced, campaign.OnOrderPaid, campaign.OnFirstOrder, campaign.OnNthOrder, campaign.OnSpendThreshold:
		return l.Class == gate.Transactional && l.Job == ""
	}
	return false
}

// praise looks for a mail that wants good reviews only: it pays for stars, or
// sends whoever is not happy elsewhere.
func praise(l *linter) {
	gift := l.gift()
	each(l.Steps, "steps", func(s *campaign.Step, where string) {
		said := map[string]map[meaning]string{} // by language
		for _, f := range fields(s, where) {
			if said[f.lang] == nil {
				said[f.lang] = map[meaning]string{}
			}
			for _, m := range []meaning{review, reward, stars, ifHappy} {
				if word := l.heard(m, f.lang, f.text); word != "" && said[f.lang][m] == "" {
					said[f.lang][m] = word
				}
			}
		}
		for lang, e := range s.Email {
			heard, at := said[lang], where+".email."+lang
			asks := heard[review] != "" || l.reviewLink(e) != ""
			if heard[reward] == "" && (gift || showsReward(e)) && heard[stars] != "" {
				heard[reward] = "reward"
			}
			switch {
			case heard[stars] != "" && heard[reward] != "":
				l.find("reward-for-praise", at, "word", heard[stars], "reward", heard[reward])
			case heard[ifHappy] != "" && asks:
				l.find("review-if-happy", at, "word", heard[ifHappy])
			case heard[stars] != "":
				l.find("asks-for-stars", at, "word", heard[stars])
			}
		}
	})
}

// gift reports whether the campaign gives points or a reward by a step.
func (l *linter) gift() (any bool) {
	each(l.Steps, "steps", func(s *campaign.Step, _ string) {
		any = any || s.Kind == campaign.GivePoints || s.Kind == campaign.GiveReward
	})
	return any
}
