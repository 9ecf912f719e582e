package hook

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"strconv"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"flywheel/fault"
)

// MaxBody is how many bytes a webhook's body may have. The specification
// recommends less than 20 kB.
const MaxBody = 64 << 10

// Request is one webhook, ready to be signed.
type Request struct {
	// ID is the webhook-id, the same on each retry: 1 to 128 of A-Z a-z 0-9 _ -.
	ID string
	// URL is where it goes; CheckURL says which are taken.
	URL string
	// Secrets are whsec_..., newest first. Each makes one signature: during a
	// rotation there are two, and receivers with either of them are content.
	Secrets []string
	// Body is JSON, sent byte for byte, at most MaxBody.
	Body []byte
}

// anID keeps the full stop out, which parts the signed fields from each other.
var anID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)

// signed makes the HTTP request. Errors are fault.Invalid: no retry mends them.
func (r Request) signed(ctx context.Context, g guard, at time.Time) (*http.Request, error) {
	if !anID.MatchString(r.ID) {
		return nil, fault.New(fault.Invalid, "the webhook's id must be 1 to 128 letters, digits, _ or -")
	}
	if len(r.Body) > MaxBody {
		return nil, fault.New(fault.Invalid, "the webhook's body is larger than %d KB", MaxBody>>10)
	}
	if !json.Valid(r.Body) {
		return nil, fault.New(fault.Invalid, "the webhook's body is not JSON")
	}
	if err := g.checkURL(r.URL); err != nil { // again: what is allowed may have changed since it was saved
		return nil, err
	}
	signatures, err := sign(r.Secrets, r.ID, at, r.Body)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.URL, bytes.NewReader(r.Body))
	if err != nil {
		return nil, errURL // without err, which repeats the address
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "Flywheel")
	req.Header.Set(standardwebhooks.HeaderWebhookID, r.ID)
	req.Header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(at.Unix(), 10)) // of the attempt, so it changes on a retry
	req.Header.Set(standardwebhooks.HeaderWebhookSignature, signatures)
	return req, nil
}
