package server

import "flywheel/commerce"

// JoinToken is the token that a server of these options puts into a shop's home.
func JoinToken(o Options, shop commerce.ShopID, user string) string {
	return (&Server{Options: o}).joinToken(shop, user)
}
