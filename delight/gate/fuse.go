package gate

import (
	"fmt"
	"math"
)

// Figures are what a campaign's sends led to within the fuse's window.
type Figures struct {
	Sends        int // messages tried, failed ones included
	Failures     int // the mail server refused them for good
	Unsubscribes int // by the messages' own links
	Refunds      int // orders refunded after the send
	Bounces      int // taken at first, then told to be undeliverable or refused
	Complaints   int // called spam by who got them
}

// When a fuse blows. Fewer sends than fuseVolume show nothing. The shares lie
// well above what a sound campaign sees and well below what costs a sender its
// name: mail providers act on lists with more than a few percent of dead
// addresses, and two unsubscribes in a hundred are several times the usual. Gmail
// and Yahoo refuse senders of whom more than 0.3% of the recipients complain
// (support.google.com/mail/answer/81126); one or two people who do are no share.
const (
	fuseVolume       = 50
	fuseFailures     = 0.05
	fuseUnsubscribes = 0.02
	fuseRefunds      = 0.15
	fuseComplaints   = 0.003
	fewComplaints    = 3
)

// FuseBlows reports whether a campaign must pause itself: whether, of enough
// sends, the share of failures, bounces, complaints, unsubscribes or refunds is above
// its threshold beyond chance, by the lower end of its 95% interval. Cause names the first
// such figure, detail gives it in numbers: "12 of 100 sends, more than 5%".
func FuseBlows(f Figures) (blown bool, cause, detail string) {
	if f.Sends < fuseVolume {
		return false, "", ""
	}
	for _, c := range []struct {
		cause string
		n     int
		most  float64
		few   int // fewer than these prove nothing
	}{
		{"failures", f.Failures, fuseFailures, 0},
		{"bounces", f.Failures + f.Bounces, fuseFailures, 0}, // a dead address is one, whenever its server says so
		{"complaints", f.Complaints, fuseComplaints, fewComplaints},
		{"unsubscribes", f.Unsubscribes, fuseUnsubscribes, 0},
		{"refunds", f.Refunds, fuseRefunds, 0},
	} {
		if c.n >= c.few && atLeast(c.n, f.Sends) > c.most {
			return true, c.cause, fmt.Sprintf("%d of %d sends, more than %g%%", c.n, f.Sends, c.most*100)
		}
	}
	return false, "", ""
}

// atLeast is the lower end of the 95% Wilson score interval of k among n > 0
// (Wilson 1927, J. Am. Stat. Assoc. 22, 209-212): it holds for small shares
// and small n, where the plain interval does not.
func atLeast(k, n int) float64 {
	const z = 1.959964 // the standard normal distribution's 97.5% quantile
	size := float64(n)
	p := min(1, max(0, float64(k)/size))
	middle := p + z*z/(2*size)
	half := z * math.Sqrt(p*(1-p)/size+z*z/(4*size*size))
	return (middle - half) / (1 + z*z/size)
}
