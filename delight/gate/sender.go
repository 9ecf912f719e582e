package gate

import "flywheel/commerce"

// Sender is what by whom a shop's mails go out has to say about a message. Its
// zero value lets everything go.
type Sender struct {
	// Stopped says that nothing goes to customers: too many of them complained.
	Stopped bool
	// OnlyBuyers says that only people with an order in the shop are written to; Bought, that the person has one.
	OnlyBuyers, Bought bool
}

// carried asks whether the sender takes the mail. What is stopped may be taken
// up again, or by another sender; a stranger is nobody to write to by an address
// that all shops share.
func carried(f *Facts) Decision {
	if f.Internal || f.Channel != commerce.ByMail {
		return send()
	}
	switch {
	case f.Sender.Stopped:
		return hold(SenderStopped, "")
	case f.Sender.OnlyBuyers && !f.Sender.Bought:
		return skip(NoOrderHere, "")
	}
	return send()
}
