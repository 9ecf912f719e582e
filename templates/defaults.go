package templates

// DefaultPlaybooks lists the playbooks that are live in a shop that its
// operator adds: the two that suit every shop as they are. All others are added
// by choice, since they want a look at their days, amounts and words first.
func DefaultPlaybooks() []string { return []string{"thank_you", "review_request"} }
