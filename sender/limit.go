package sender

// How much a new sender takes on at first. Mail providers distrust an address
// that they have never seen and that writes to thousands at once; what grows
// day by day is known by its earlier days. Gmail's and Yahoo's rules ask for a
// complaint rate below 0.3% (support.google.com/mail/answer/81126).
const (
	sharedFirst, sharedMost = 100, 5_000
	domainFirst, domainMost = 50, 10_000

	complaintsFrom     = 200 // sent; below it single complaints are counted
	complaintsFew      = 3
	complaintsPerMille = 3
)

// SharedLimit is how many mails a shop may send by the shared sender on a day,
// after so many days on which it sent: 100, doubling daily to 5,000.
func SharedLimit(days int64) int64 { return doubled(sharedFirst, sharedMost, days) }

// DomainLimit is how many mails a shop's own domain may send on a day, after so
// many days on which it sent: 50, doubling daily; 0 = any number, from 10,000 on.
func DomainLimit(days int64) int64 {
	if n := doubled(domainFirst, domainMost, days); n < domainMost {
		return n
	}
	return 0
}

func doubled(first, most, times int64) int64 {
	n := first
	for ; times > 0 && n < most; times-- {
		n *= 2
	}
	return min(n, most)
}

// TooManyComplaints reports whether the shared sender must take nothing more of
// a shop: more than 0.3% of at least 200 mails, or three complaints among fewer.
func TooManyComplaints(sent, complaints int64) bool {
	if sent < complaintsFrom {
		return complaints >= complaintsFew
	}
	return complaints*1000 > sent*complaintsPerMille
}
