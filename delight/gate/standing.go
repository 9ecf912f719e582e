package gate

import "flywheel/commerce"

// Standing says whether an order deserves asks at all. It is derived from the
// facts as they are, never stored, so that every order of arrival ends alike:
// Skip for what ends asks, Hold for what only delays them. Skip goes first.
// What hangs on the person too, such as a staff address or a purchase over the
// counter, is left to Decide.
func Standing(o *commerce.Order, s commerce.Settings) Decision {
	return foremost(gone(o), kindLeftAlone(o, &s), stopped(o, &s, false), givenBack(o))
}

// foremost is the first refusal, else the first hold.
func foremost(all ...Decision) Decision {
	held := send()
	for _, d := range all {
		switch {
		case d.Answer == Skip:
			return d
		case held.Answer == Send:
			held = d
		}
	}
	return held
}

// Stands is Standing whatever kind of order it is: what was given for one that a
// shop has excluded since still follows it.
func Stands(o *commerce.Order, s commerce.Settings) Decision {
	return foremost(gone(o), stopped(o, &s, false), givenBack(o))
}

// LeftAlone reports whether an order is of a kind that the shop leaves alone.
func LeftAlone(o *commerce.Order, s commerce.Settings) bool {
	return kindLeftAlone(o, &s).Answer == Skip
}

// Exists is Standing for what answers an outcome, such as refund care: whether
// there is an order to answer about, whatever became of it.
func Exists(o *commerce.Order, s commerce.Settings) Decision {
	if d := gone(o); d.Answer != Send {
		return d
	}
	return stopped(o, &s, true)
}

// Undone says whether an order was taken back whole: cancelled, voided,
// refunded, or lost to a dispute. A parcel that came back by itself is not.
func Undone(o *commerce.Order) Decision {
	switch {
	case o.Cancel.At() != 0:
		return skip(Cancelled, "")
	case o.Detail.FinancialStatus == "voided":
		return skip(Voided, "")
	case o.FullyRefunded():
		return skip(Refunded, "")
	case o.DisputeState() == commerce.DisputeLost:
		return skip(DisputeLost, "")
	}
	return send()
}

// gone names orders that are none.
func gone(o *commerce.Order) Decision {
	switch {
	case o.SameAs != "":
		return skip(SamePurchase, "")
	case o.Detail.Test:
		return skip(TestOrder, "")
	case o.DeletedAt != 0:
		return skip(Deleted, "")
	}
	return send()
}

// stopped asks what became of an order before it was a purchase that stands;
// for what answers such an outcome, only whether it is known.
func stopped(o *commerce.Order, s *commerce.Settings, answers bool) Decision {
	if !answers {
		switch {
		case o.Refused(*s):
			return skip(ParcelRefused, "")
		case o.Cancel.At() != 0:
			return skip(Cancelled, "")
		case o.Detail.FinancialStatus == "voided":
			return skip(Voided, "")
		}
	}
	switch {
	case o.Stub():
		return hold(NoOrder, "")
	case o.Detail.Unconfirmed:
		return hold(Unconfirmed, "")
	case !answers && o.Sale(*s) == 0:
		return hold(Unpaid, "%s", o.Detail.FinancialStatus)
	}
	return send()
}

// givenBack asks what became of a purchase afterwards.
func givenBack(o *commerce.Order) Decision {
	switch {
	case o.FullyRefunded():
		return skip(Refunded, "")
	case o.DisputeState() == commerce.DisputeLost:
		return skip(DisputeLost, "")
	case o.DisputeState() == commerce.DisputeOpen:
		return hold(DisputeOpen, "")
	}
	return send()
}

// Reversible reports whether facts that come later may take back what ended an
// enrollment: a refund fails, a parcel that was given up arrives, a voided
// payment is made after all, a newer snapshot denies a cancel, a tag is taken
// off. Such an enrollment is taken up again where it stood when its order
// deserves asks once more; else the order of arrival would decide.
func (r Reason) Reversible() bool {
	switch r {
	case Refunded, ParcelRefused, Voided, Cancelled:
		return true
	case Marketplace, BusinessOrder, DraftOrder, ZeroTotal, ExcludedTag, ExcludedProduct:
		return true
	case CauseGone, JoinedOther, BoughtAgain: // an earlier order is heard of, or a later one taken back
		return true
	}
	return false
}
