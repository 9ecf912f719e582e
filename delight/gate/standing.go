package gate

import "flywheel/commerce"

// Standing says whether an order deserves asks at all. It is derived from the
// facts as they are, never stored, so that every order of arrival ends alike:
// Skip for what ends asks, Hold for what only delays them. Skip goes first.
func Standing(o *commerce.Order, s commerce.Settings) Decision {
	kind := excluded(o, s)
	if kind.Answer == Skip {
		return kind
	}
	if back := givenBack(o); kind.Answer == Send || back.Answer == Skip {
		return back
	}
	return kind
}

// excluded names the kinds of order that no message is for.
func excluded(o *commerce.Order, s commerce.Settings) Decision {
	switch {
	case o.SameAs != "":
		return skip(SamePurchase, "")
	case o.Detail.Test:
		return skip(TestOrder, "")
	case o.DeletedAt != 0:
		return skip(Deleted, "")
	case o.Refused(s):
		return skip(ParcelRefused, "")
	case o.Cancel.At() != 0:
		return skip(Cancelled, "")
	case o.Detail.FinancialStatus == "voided":
		return skip(Voided, "")
	case o.Stub():
		return hold(NoOrder, "")
	case o.Detail.Unconfirmed:
		return hold(Unconfirmed, "")
	case o.Sale(s) == 0:
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
// payment is made after all, a newer snapshot denies a cancel. Such an
// enrollment is taken up again where it stood when its order deserves asks once
// more; else the order of arrival would decide.
func (r Reason) Reversible() bool {
	switch r {
	case Refunded, ParcelRefused, Voided, Cancelled:
		return true
	}
	return false
}
