package commerce

// Cancel gathers the evidence of whether an order was cancelled. A snapshot
// that shows it cancelled is believed until a newer one shows that it is not:
// stale snapshots come late and undo nothing, in whatever order all arrive.
type Cancel struct {
	// Told is the earliest moment a platform named for the cancellation.
	Told Instant `json:"told,omitempty"`
	// Seen is the latest updated_at of a snapshot that showed the order cancelled.
	Seen Instant `json:"seen,omitempty"`
	// Denied is the latest updated_at of a snapshot that showed it not cancelled.
	Denied Instant `json:"denied,omitempty"`
}

func (c *Cancel) merge(n Cancel) {
	c.Told = Earliest(c.Told, n.Told)
	c.Seen, c.Denied = max(c.Seen, n.Seen), max(c.Denied, n.Denied)
}

// At returns when the order was cancelled; 0 = it is not. Of one second the
// cancellation stands.
func (c Cancel) At() Instant {
	if c.Denied > c.Seen {
		return 0
	}
	return c.Told
}
