package commerce

// Return is goods that came back, as far as a platform says so by itself;
// money that goes back for them is a Refund.
type Return struct {
	ID    string       `json:"id"`
	At    Instant      `json:"at"`
	Lines []RefundLine `json:"lines,omitempty"` // sorted; empty where nobody told
}

// with adds what n says: the first moment told stands, and the telling of most lines.
func (r Return) with(n Return) Return {
	return Return{ID: n.ID, At: Earliest(r.At, n.At), Lines: fuller(r.Lines, n.Lines)}
}
