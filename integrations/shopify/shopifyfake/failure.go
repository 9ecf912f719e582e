package shopifyfake

import (
	"io"
	"net/http"
	"strings"
)

// Failure is how one answer goes wrong.
type Failure string

// The failures, as Shopify makes them.
const (
	Throttled    Failure = "throttled"     // HTTP 200, errors[].extensions.code THROTTLED
	TooMany      Failure = "too many"      // HTTP 429 with Retry-After
	Unavailable  Failure = "unavailable"   // HTTP 503 with an HTML page
	AccessDenied Failure = "access denied" // HTTP 200, nothing of what was asked, ACCESS_DENIED
	FieldDenied  Failure = "field denied"  // HTTP 200, orders without their customers, ACCESS_DENIED
	Forbidden    Failure = "forbidden"     // HTTP 403
	Frozen       Failure = "frozen"        // HTTP 402, the shop has not paid Shopify
	Unauthorized Failure = "unauthorized"  // HTTP 401, as for a dead token
	Moved        Failure = "moved"         // HTTP 307 to another host
	Garbled      Failure = "garbled"       // HTTP 200 with an HTML page
	Huge         Failure = "huge"          // more than 8 MiB
	Slow         Failure = "slow"          // no answer until the asker gives up
	Lost         Failure = "lost"          // it is carried out, but the answer does not arrive (HTTP 502)
)

// Fail makes the next answers of the GraphQL APIs fail, one each.
func (f *Fake) Fail(failures ...Failure) { f.FailOn("", failures...) }

// FailOn makes the next answers to one operation fail, one each: the name the
// document gives it (Order, StartBulk ...), ActiveSubscription of the Partner
// API, "token" for the token endpoint or "bulk" for the download of a file.
func (f *Fake) FailOn(operation string, failures ...Failure) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.failures[operation] = append(f.failures[operation], failures...)
}

// failing takes the next failure meant for an operation, "" if none. f.mu is held.
func (f *Fake) failing(operation string, graph bool) Failure {
	for _, name := range []string{operation, ""} {
		if list := f.failures[name]; len(list) > 0 && (name != "" || graph) {
			f.failures[name] = list[1:]
			return list[0]
		}
	}
	return ""
}

// page is what stands where an answer should be.
const page = "<!DOCTYPE html><html><body><h1>Something went wrong</h1></body></html>"

// fail answers as the failure says.
func fail(w http.ResponseWriter, r *http.Request, failure Failure) {
	switch failure {
	case TooMany:
		w.Header().Set("Retry-After", "2.0")
		refuse(w, http.StatusTooManyRequests, "Exceeded 2 calls per second for api client.")
	case Unavailable, Lost:
		status := http.StatusServiceUnavailable
		if failure == Lost {
			status = http.StatusBadGateway
		}
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, page)
	case Forbidden:
		refuse(w, http.StatusForbidden, "This action requires merchant approval for read_orders scope.")
	case Frozen:
		refuse(w, http.StatusPaymentRequired, "Unavailable Shop")
	case Unauthorized:
		refuse(w, http.StatusUnauthorized, deadToken)
	case Moved:
		http.Redirect(w, r, "http://elsewhere.invalid"+r.URL.Path, http.StatusTemporaryRedirect)
	case Garbled:
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, page)
	case Huge:
		_, _ = io.WriteString(w, `{"data":{"order":null},"padding":"`+strings.Repeat("x", 9<<20)+`"}`)
	case Slow:
		<-r.Context().Done()
	}
}
