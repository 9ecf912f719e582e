package store

import (
	"flywheel/commerce"
	"flywheel/delight/loyalty"
)

// mergeMembers gives what from has in the program to into, whose ledger is both
// theirs from now on: who was a member makes the other one.
func (tx *Tx) mergeMembers(shop commerce.ShopID, from, into commerce.PersonID) error {
	found, err := tx.membersOf(shop, []commerce.PersonID{from, into}, tx.forUpdate())
	if err != nil || found[from].Person == "" {
		return err
	}
	if _, err := tx.LockMembers(shop, []commerce.PersonID{into}); err != nil {
		return err
	}
	if _, err := tx.exec(`UPDATE loyalty_members SET pending = 0, points = 0, earned = 0, ends_at = 0, ending = 0, tier_look_at = 0 WHERE shop_id = $1 AND person_id = $2`, shop, from); err != nil {
		return err
	}
	if was := found[from]; was.State == Joined && found[into].State != Joined && found[into].State != Blocked {
		if err := tx.Join(shop, into, was.How, was.Terms); err != nil {
			return err
		}
	}
	return tx.rebuildMembers(shop, into)
}

// rebuildMembers makes balances anew by the shop's policy; who is in no program has none.
func (tx *Tx) rebuildMembers(shop commerce.ShopID, persons ...commerce.PersonID) error {
	found, err := tx.membersOf(shop, persons, "")
	if err != nil || len(found) == 0 {
		return err
	}
	p, err := tx.program(shop)
	if err != nil {
		return err
	}
	for _, id := range persons {
		if found[id].Person == "" {
			continue
		}
		if _, err := tx.RebuildMember(shop, id, p.Policy); err != nil {
			return err
		}
	}
	return nil
}

// moveLedger gives what an order earned to the person it turned out to be of.
func (tx *Tx) moveLedger(shop commerce.ShopID, order commerce.OrderID, from, to commerce.PersonID) error {
	moved, err := tx.exec(`UPDATE ledger SET person_id = $4 WHERE shop_id = $1 AND cause_kind = $5 AND cause_id = $2 AND person_id = $3`, shop, order, from, to, loyalty.OfOrder)
	if err != nil || moved == 0 {
		return err
	}
	if _, err := tx.exec(`UPDATE loyalty_awards SET person_id = $4 WHERE shop_id = $1 AND cause_kind = $5 AND cause_id = $2 AND person_id = $3`, shop, order, from, to, loyalty.OfOrder); err != nil {
		return err
	}
	if _, err := tx.LockMembers(shop, []commerce.PersonID{from, to}); err != nil {
		return err
	}
	return tx.rebuildMembers(shop, from, to)
}

// splitMembers gives from back what they earned, with what was posted about it
// while they were one with another.
func (tx *Tx) splitMembers(shop commerce.ShopID, into []commerce.PersonID, from commerce.PersonID) error {
	if _, err := tx.exec(`UPDATE ledger SET person_id = $3 WHERE shop_id = $1 AND person_id `+tx.in(2)+` AND EXISTS (SELECT 1 FROM loyalty_awards a
		WHERE a.shop_id = $1 AND a.cause_kind = ledger.cause_kind AND a.cause_id = ledger.cause_id AND a.rule = ledger.rule AND a.person_id = $3)`,
		shop, list(&tx.query, into), from); err != nil {
		return err
	}
	return tx.rebuildMembers(shop, append(into, from)...)
}
