package commerce

// Forget takes from an order all that could tell who bought it: its name, what
// the customer or the shop wrote, where it went and what the lines were called.
// Ids, amounts, currencies, moments and states stay, so that sums still hold and
// a repeat of a delivery still finds it. It reports whether anything went.
func (o *Order) Forget() bool {
	before := o.clone()
	d := &o.Detail
	d.Name, d.Language, d.Region, d.ShippingMethod = "", "", "", ""
	d.Tags, d.DiscountCodes, d.Promotions = nil, nil, nil
	o.Origin = Origin{}
	lines := make([]Line, 0, len(d.Lines))
	for _, l := range d.Lines {
		l.Title, l.Variant, l.SKU, l.Image, l.Vendor = "", "", "", "", ""
		lines = append(lines, l)
	}
	if len(lines) > 0 { // the lines of the clone are those of o
		d.Lines = lines
	}
	return !before.equal(o)
}
