package store

import "flywheel/commerce"

// SetBirthday keeps a member's birthday as month * 100 + day, 0 = not told; when it comes next is found out anew.
func (tx *Tx) SetBirthday(shop commerce.ShopID, person commerce.PersonID, birthday int) error {
	_, err := tx.exec(`UPDATE loyalty_members SET birthday = $3, birthday_at = 0 WHERE shop_id = $1 AND person_id = $2`, shop, person, birthday)
	return err
}
