package stripefake

import (
	_ "embed"
	"net/url"
	"slices"
	"strings"
)

// eventTypes are all that an endpoint may ask for, of the specification that
// stripe-mock v0.203.0 brings (2026-08-26.dahlia).
//
//go:embed event_types.txt
var eventTypes string

// maxEndpoints is how many endpoints a mode of an account may have.
const maxEndpoints = 16

// makeEndpoint answers POST /v1/webhook_endpoints; the secret is told now only.
func (q *request) makeEndpoint() (Object, *problem) {
	p := q.params
	if bad := p.needs("enabled_events", "url"); bad != nil {
		return nil, bad
	}
	if bad := q.checkEndpoint(); bad != nil {
		return nil, bad
	}
	if len(q.all("webhook_endpoint")) >= maxEndpoints {
		return nil, wrong("", "", "You have reached the maximum of 16 webhook endpoints.")
	}
	var app any
	if p.text("connect") == "true" {
		app = "ca_fake"
	}
	o := plain(Object{
		"id": q.nextID("we_"), "object": "webhook_endpoint", "api_version": p.or("api_version", p.text("api_version")), "application": app,
		"created": q.now().Unix(), "description": p.or("description", p.text("description")), "enabled_events": p["enabled_events"],
		"livemode": q.live, "metadata": p.metadata(nil), "secret": q.nextID("whsec_"), "status": "enabled", "url": p.text("url"),
	})
	q.put(o, q.now().Unix())
	return o.With("metadata", o["metadata"]), nil
}

func (q *request) checkEndpoint() *problem {
	p := q.params
	for _, t := range p["enabled_events"] {
		if t != "*" && !slices.Contains(strings.Fields(eventTypes), t) {
			return invalid("enabled_events", "The event type "+t+" cannot be enabled: it does not exist.")
		}
	}
	if v := p.text("api_version"); v != "" && v != APIVersion {
		return invalid("api_version", "The fake speaks "+APIVersion+", not "+v+".")
	}
	if p.has("url") {
		if bad := q.checkAddress(p.text("url")); bad != nil {
			return bad
		}
	}
	return checkMetadata(p)
}

// checkAddress refuses what Stripe could not reach; live events go over TLS only.
func (q *request) checkAddress(text string) *problem {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return coded(invalid("url", "Invalid URL: An explicit scheme (such as https) must be provided."), "url_invalid")
	case u.Scheme == "http" && q.live:
		return coded(invalid("url", "Invalid URL: live mode endpoints must be https."), "url_invalid")
	case u.Hostname() == "localhost" || strings.HasPrefix(u.Hostname(), "127."):
		return coded(invalid("url", "Invalid URL: URL must be publicly accessible."), "url_invalid")
	}
	return nil
}

// changeEndpoint answers POST /v1/webhook_endpoints/:id. Its version stays.
func (q *request) changeEndpoint() (Object, *problem) {
	o, found := q.find("webhook_endpoint", q.id)
	if !found {
		return nil, missing("webhook_endpoint", q.id, "id")
	}
	if bad := q.checkEndpoint(); bad != nil {
		return nil, bad
	}
	p := q.params
	o = o.With("metadata", p.metadata(o.inner("metadata")))
	for _, field := range []string{"url", "description"} {
		if p.has(field) {
			o[field] = p.text(field)
		}
	}
	if p.has("enabled_events") {
		o["enabled_events"] = p["enabled_events"]
	}
	switch p.text("disabled") {
	case "true":
		o["status"] = "disabled"
	case "false":
		o["status"] = "enabled"
	}
	q.put(o, q.now().Unix())
	return q.current(q.book, o), nil
}
