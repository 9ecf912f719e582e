package commerce

import "net/netip"

// Origin is where an order came from, as far as it tells whose friend its buyer
// is. An OrderChange has it as it was told; an order keeps keyed hashes of the
// address and the net, and never the words.
type Origin struct {
	Ref  string `json:"ref,omitempty"`  // the code of the link by which the buyer came to the shop
	Door string `json:"door,omitempty"` // the postal address it went to
	Net  string `json:"net,omitempty"`  // the internet address it was placed from
}

// merge takes over what n says. What is told differently later is settled alike in any order.
func (o *Origin) merge(n Origin) {
	o.Ref, o.Door, o.Net = max(o.Ref, n.Ref), max(o.Door, n.Door), max(o.Net, n.Net)
}

// NetOf is the part of an internet address that is one household's or office's:
// all of IPv4, of IPv6 the first 64 bits.
func NetOf(ip netip.Addr) string {
	ip = ip.Unmap().WithZone("")
	if ip.Is6() {
		net, _ := ip.Prefix(64) // an address of 128 bits has one
		return net.String()
	}
	return ip.String()
}
