package templates

import "strings"

// AuditPage lists who changed what in a shop.
type AuditPage struct {
	Admin
	Account string // only what was done by its access is shown; "" = all
	List    List
}

// ActWords says in words what was done, by its route: the string act_ROUTE
// without what the route names. One that has no words is said as it is.
func ActWords(lang, act string) string {
	key := "act"
	for part := range strings.SplitSeq(act, "/") {
		if part != "" && !strings.HasPrefix(part, ":") {
			key += "_" + strings.ReplaceAll(part, "-", "_")
		}
	}
	if Known(key) {
		return Say(lang, key, nil)
	}
	return act
}
