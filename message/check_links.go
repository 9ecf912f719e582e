package message

import (
	"net/url"
	"strings"

	"golang.org/x/net/html"
)

// checkLinks finds links that lead nowhere, somewhere unsafe, or where this mail
// may not lead, and pictures that are not fetched over https or lie where they may not.
func checkLinks(page *html.Node, hosts []string) Finding {
	var bad, plain []string
	eachNode(page, func(n *html.Node) {
		if n.Type != html.ElementNode || n.Data != "a" && n.Data != "img" {
			return
		}
		key := map[string]string{"a": "href", "img": "src"}[n.Data]
		address := strings.TrimSpace(attrOf(n, key))
		switch u, err := url.Parse(address); {
		case address == "" || address == "#" || err != nil:
			bad = append(bad, wordsOf(n)+" → "+address)
		case n.Data == "a" && (u.Scheme == "mailto" || u.Scheme == "tel"):
			if u.Opaque == "" && u.RawQuery == "" { // "mailto:?subject=" asks who it goes to
				bad = append(bad, address)
			}
		case u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil:
			bad = append(bad, address)
		case hosts != nil && !belowHosts(u.Hostname(), hosts) && (n.Data == "a" || !belowHosts(u.Hostname(), pictureHosts)):
			bad = append(bad, address)
		case u.Scheme == "http":
			plain = append(plain, address)
		}
	})
	if len(bad) > 0 {
		return faults(CheckLinks, CheckBad, bad)
	}
	return faults(CheckLinks, CheckLook, plain)
}

// belowHosts reports whether a host is one of hosts or lies below one.
func belowHosts(host string, hosts []string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	for _, h := range hosts {
		if h = strings.ToLower(h); host == h || strings.HasSuffix(host, "."+h) {
			return true
		}
	}
	return false
}

// wordsOf are the words of an element in one line, for pointing at it.
func wordsOf(n *html.Node) string {
	var b strings.Builder
	eachNode(n, func(c *html.Node) {
		if c.Type == html.TextNode {
			b.WriteString(c.Data + " ")
		}
	})
	return strings.Join(strings.Fields(b.String()), " ")
}

// checkAlt finds pictures without an alternative text. An empty one is right for
// what only decorates or counts, but not where a picture is all there is of a link.
func checkAlt(page *html.Node) Finding {
	var details []string
	eachNode(page, func(n *html.Node) {
		if n.Type != html.ElementNode || n.Data != "img" {
			return
		}
		has, alt := false, ""
		for _, a := range n.Attr {
			if a.Key == "alt" {
				has, alt = true, strings.TrimSpace(a.Val)
			}
		}
		if !has || alt == "" && onlyOne(n) {
			details = append(details, attrOf(n, "src"))
		}
	})
	return faults(CheckAlt, CheckBad, details)
}

// onlyOne reports whether a picture is all there is of a link.
func onlyOne(img *html.Node) bool {
	for p := img.Parent; p != nil; p = p.Parent {
		if p.Type == html.ElementNode && p.Data == "a" {
			return wordsOf(p) == ""
		}
	}
	return false
}
