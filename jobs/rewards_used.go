package jobs

// useRewards notes which rewards a batch's orders came with. What is used stays
// used, whatever becomes of the order: the platform has counted it.
func (m *merge) useRewards(orders []*orderWork) error {
	for _, o := range orders {
		if err := m.tx.UseRewards(m.shop.ID, o.ID, o.Detail.DiscountCodes, o.Detail.Promotions); err != nil {
			return err
		}
	}
	return nil
}
