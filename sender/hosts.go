package sender

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"flywheel/commerce"
	"flywheel/delight/gate"
)

// hosts are the only hosts that links in mails by the shared sender may lead
// to, each with what lies below it: the shop's and ours. A shop's page for
// reviews is among them where it lies below one of these.
func (d *Desk) hosts(ctx context.Context, shop commerce.Shop) ([]string, error) {
	connections, err := d.Store.Connections(ctx, shop.ID)
	if err != nil {
		return nil, err
	}
	_, mailbox, _ := strings.Cut(shop.Email, "@")
	all := []string{hostOf(d.BaseURL), d.Domain}
	theirs := []string{hostOf(shop.Settings.StoreURL)}
	if !gate.PublicMail(mailbox) {
		theirs = append(theirs, mailbox)
	}
	for _, c := range connections {
		if c.Open() && c.Platform == commerce.Shopify {
			theirs = append(theirs, c.ExternalID)
		}
	}
	for _, host := range theirs {
		if host = strings.ToLower(strings.TrimSuffix(host, ".")); ownable(host) {
			all = append(all, strings.TrimPrefix(host, "www."))
		}
	}
	slices.Sort(all)
	return slices.Compact(slices.DeleteFunc(all, func(h string) bool { return h == "" })), nil
}

// ownable reports whether a host is somebody's own: not a suffix such as com or
// myshopify.com, below which anybody may have a page.
func ownable(host string) bool {
	if host == "" || !strings.Contains(host, ".") {
		return false
	}
	suffix, _ := publicsuffix.PublicSuffix(host)
	return suffix != strings.TrimPrefix(host, "www.")
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Hostname()
}
