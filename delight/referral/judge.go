package referral

import (
	"slices"
	"strings"

	"golang.org/x/text/cases"

	"flywheel/commerce"
)

// Who is somebody as far as they are known. Hashes are keyed by the shop; what is not known is empty.
type Who struct {
	Persons   []commerce.PersonID // all that are the same
	Emails    []string            // as typed
	Phones    []string            // as typed: nobody has made them alike
	Addresses []string            // hashes of postal addresses
	Nets      []string            // hashes of where visits came from
	Name      string
}

// Facts are what is known when a friend's order is judged.
type Facts struct {
	Advocate, Friend Who
	Via              Via              // by what the friend is known
	Banned           bool             // the advocate
	FirstSale        commerce.Instant // the friend's; 0 = none before this one
	Sale             commerce.Instant // of this order
	Today            int              // the advocate's friends of the last day, this one among them
}

// Verdict is what speaks against a referral.
type Verdict struct {
	Blocks, Flags []Reason
	// Late are flags that came up after it had been paid: they are shown, and take nothing back.
	Late []Reason `json:",omitempty"`
}

// Since is a verdict on what was paid by the one of then: what is to be looked at only since is late.
func (v Verdict) Since(then Verdict) Verdict {
	out := Verdict{Blocks: v.Blocks}
	for _, f := range v.Flags {
		if slices.Contains(then.Flags, f) {
			out.Flags = append(out.Flags, f)
		} else {
			out.Late = append(out.Late, f)
		}
	}
	return out
}

// State is where a referral begins by a verdict.
func (v Verdict) State() State {
	switch {
	case len(v.Blocks) > 0:
		return Refused
	case len(v.Flags) > 0:
		return Flagged
	}
	return Waiting
}

// Judge says what speaks against a referral, everything that does. Whether the
// order is large enough is of its state, which changes: Settle asks.
func Judge(f Facts, r Rules) (v Verdict) {
	block := func(reason Reason, holds bool) {
		if holds {
			v.Blocks = append(v.Blocks, reason)
		}
	}
	flag := func(reason Reason, holds bool) {
		if holds {
			v.Flags = append(v.Flags, reason)
		}
	}
	a, b := f.Advocate, f.Friend
	block(OwnCode, f.Via == ByCode && meet(a.Persons, b.Persons, same))
	block(SamePerson, meet(a.Persons, b.Persons, same))
	block(SameMailbox, meet(a.Emails, b.Emails, Mailbox))
	block(SamePhone, meet(a.Phones, b.Phones, digits))
	block(SameAddress, meet(a.Addresses, b.Addresses, same))
	block(ExistingCustomer, f.FirstSale != 0 && f.FirstSale < f.Sale)
	block(Banned, f.Banned)
	flag(SamePhone, !meet(a.Phones, b.Phones, digits) && meet(a.Phones, b.Phones, lastDigits))
	flag(SameName, sameName(a.Name, b.Name))
	flag(SameNet, meet(a.Nets, b.Nets, same))
	flag(ManyAtOnce, f.Today > r.burst())
	return v
}

func same[T ~string](s T) string { return string(s) }

// meet reports whether two lists have something in common that is not empty.
func meet[T ~string](a, b []T, as func(T) string) bool {
	for _, x := range a {
		if key := as(x); key != "" && slices.ContainsFunc(b, func(y T) bool { return as(y) == key }) {
			return true
		}
	}
	return false
}

// Mailbox is where mail to an address arrives, for comparing: without the tag
// behind a plus, and at Google without dots (support.google.com/mail/answer/7436150).
func Mailbox(address string) string {
	name, domain, ok := strings.Cut(strings.ToLower(strings.TrimSpace(address)), "@")
	if !ok {
		return ""
	}
	name, _, _ = strings.Cut(name, "+")
	if domain == "googlemail.com" {
		domain = "gmail.com"
	}
	if domain == "gmail.com" {
		name = strings.ReplaceAll(name, ".", "")
	}
	if name == "" {
		return ""
	}
	return name + "@" + domain
}

// phoneDigits is how many digits at its end tell a number from others, whatever
// country and trunk prefix stands before them: many countries have numbers of eight.
const phoneDigits = 8

// digits are those of a number, without the zeros that dial out or stand for the
// trunk; "" for one that is too short to be anybody's alone.
func digits(phone string) string {
	var out strings.Builder
	for _, r := range phone {
		switch {
		case '0' <= r && r <= '9':
			out.WriteRune(r)
		case '٠' <= r && r <= '٩': // as Arabic writes them
			out.WriteRune('0' + r - '٠')
		case '۰' <= r && r <= '۹': // as Persian does
			out.WriteRune('0' + r - '۰')
		}
	}
	n := strings.TrimLeft(out.String(), "0")
	if len(n) < phoneDigits {
		return ""
	}
	return n
}

// lastDigits compares numbers of which one names its country and the other does
// not. Two people's may end alike, so that it is a flag only.
func lastDigits(phone string) string {
	n := digits(phone)
	return n[max(0, len(n)-phoneDigits):]
}

// sameName compares names of two words or more: a first name alone says nothing.
func sameName(a, b string) bool {
	fold := cases.Fold()
	x, y := strings.Fields(fold.String(a)), strings.Fields(fold.String(b))
	slices.Sort(x)
	slices.Sort(y)
	return len(x) > 1 && slices.Equal(x, y)
}
