package templates

// NavItem is one place of the navigation; its text is the string nav_KEY.
type NavItem struct {
	Key   string // what Admin.Here says of the pages that belong to it
	Icon  string
	Path  string // of the page, for Admin.Link; of one with Items its first
	Items []NavItem
}

// navigation is all that a shop's pages may be reached by, in order.
var navigation = []NavItem{
	{Key: "home", Icon: "home", Path: ""},
	{Key: "campaigns", Icon: "campaign", Path: "/campaigns"},
	{Key: "messages", Icon: "message", Path: "/messages"},
	{Key: "customers", Icon: "people", Path: "/customers"},
	{Key: "loyalty", Icon: "gift", Path: "/loyalty"},
	{Key: "referrals", Icon: "people", Path: "/loyalty/referrals"},
	{Key: "lists", Icon: "list", Items: []NavItem{
		{Key: "lists/messages", Path: "/lists/messages"},
		{Key: "lists/walks", Path: "/lists/walks"},
		{Key: "lists/held", Path: "/lists/held"},
		{Key: "lists/unknown", Path: "/lists/unknown"},
		{Key: "lists/webhooks", Path: "/lists/webhooks"},
		{Key: "lists/findings", Path: "/lists/findings"},
		{Key: "lists/suppression", Path: "/lists/suppression"},
		{Key: "lists/tasks", Path: "/lists/tasks"},
	}},
	{Key: "settings", Icon: "settings", Path: "/settings"},
}

// Nav is the navigation of who may open the pages that opens tells of, by their
// paths. A part of which there is no such page is left out.
func Nav(opens func(path string) bool) []NavItem {
	var out []NavItem
	for _, item := range navigation {
		if item.Items == nil {
			if opens(item.Path) {
				out = append(out, item)
			}
			continue
		}
		var inner []NavItem
		for _, one := range item.Items {
			if opens(one.Path) {
				inner = append(inner, one)
			}
		}
		if len(inner) > 0 {
			item.Items, item.Path = inner, inner[0].Path
			out = append(out, item)
		}
	}
	return out
}

// Current is the value of aria-current for a page of here: page where the item
// leads to pages of that name, true where it holds such an item; "" else.
func (n NavItem) Current(here string) string {
	if n.Key == here && here != "" {
		return "page"
	}
	if n.Items != nil && n.holds(here) {
		return "true"
	}
	return ""
}

func (n NavItem) holds(here string) bool {
	for _, one := range n.Items {
		if one.Key == here {
			return true
		}
	}
	return here == n.Key
}
