package lint

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"flywheel/delight/campaign"
)

// tree draws a list of steps, each with an id of its own.
func tree(t *rapid.T, depth int, n *int) (list []campaign.Step) {
	kinds := []campaign.StepKind{campaign.SendEmail, campaign.Wait, campaign.End, campaign.If, campaign.WaitForEvent, campaign.Split}
	if depth == 0 {
		kinds = kinds[:3]
	}
	for range rapid.IntRange(0, 3).Draw(t, "steps") {
		*n++
		s := campaign.Step{ID: fmt.Sprint(*n), Kind: rapid.SampledFrom(kinds).Draw(t, "kind")}
		switch s.Kind {
		case campaign.SendEmail:
			s = mail(s.ID)
		case campaign.If:
			s.Condition = rapid.SampledFrom([]string{"order.first", "event.props.score > 8", "true"}).Draw(t, "condition")
			s.Then, s.Else = tree(t, depth-1, n), tree(t, depth-1, n)
		case campaign.WaitForEvent:
			s.Event, s.Timeout = "order_paid", hours
			s.Then, s.Else = tree(t, depth-1, n), tree(t, depth-1, n)
		case campaign.Split:
			s.Arms = []campaign.Arm{{Name: "a", Weight: 1, Steps: tree(t, depth-1, n)}, {Name: "b", Weight: rapid.IntRange(0, 1).Draw(t, "weight"), Steps: tree(t, depth-1, n)}}
		}
		list = append(list, s)
	}
	return list
}

// Wherever a mail stands, what is sold in it is found there, and nothing else
// becomes of it; two readings say the same.
func TestEveryMailIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := 0
		d := thanks(steps(tree(t, 3, &n)...))
		before := found(d, trilingual)
		require.Equal(t, before, found(d, trilingual))
		each(d.Steps, "steps", func(s *campaign.Step, where string) {
			if s.Kind != campaign.SendEmail {
				return
			}
			plain := s.Email["ar"]
			saying(*s, "ar", "تسوق الآن")
			var fresh []string
			for _, f := range found(d, trilingual) {
				if !slices.Contains(before, f) && !strings.HasPrefix(f, "score-") { // it is a reward as well
					fresh = append(fresh, f)
				}
			}
			require.Equal(t, []string{"promo-in-transactional " + where + ".email.ar.body[1]"}, fresh)
			s.Email["ar"] = plain
		})
	})
}

// A step is unreachable or it is not: with the ends taken out, all are reached.
func TestWithoutEndsAllIsReached(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := 0
		d := thanks(steps(tree(t, 3, &n)...))
		each(d.Steps, "steps", func(s *campaign.Step, _ string) {
			if s.Kind == campaign.End {
				*s = wait(1)
			}
			if s.Condition == "true" {
				s.Condition = "order.gift"
			}
		})
		for _, f := range found(d, trilingual) {
			require.NotContains(t, f, "unreachable")
		}
	})
}
