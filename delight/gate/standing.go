package gate

import "flywheel/commerce"

// Standing says whether an order deserves asks at all. It is derived from the
// facts as they are, never stored, so that every order of arrival ends alike:
// Skip for what cannot come back, Hold for what may.
func Standing(o *commerce.Order, s commerce.Settings) Decision {
	switch {
	case o.SameAs != "":
		return skip(SamePurchase, "")
	case o.Detail.Test:
		return skip(TestOrder, "")
	case o.DeletedAt != 0:
		return skip(Deleted, "")
	case o.Refused(s):
		return skip(ParcelRefused, "")
	case o.CancelledAt != 0:
		return skip(Cancelled, "")
	case o.Detail.FinancialStatus == "voided":
		return skip(Voided, "")
	case o.FullyRefunded():
		return skip(Refunded, "")
	case o.DisputeState() == commerce.DisputeLost:
		return skip(DisputeLost, "")
	case o.DisputeState() == commerce.DisputeOpen:
		return hold(DisputeOpen, "")
	case o.Stub():
		return hold(NoOrder, "")
	case o.Detail.Unconfirmed:
		return hold(Unconfirmed, "")
	case o.Sale(s) == 0:
		return hold(Unpaid, "%s", o.Detail.FinancialStatus)
	}
	return send()
}
