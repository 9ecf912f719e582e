package shopify

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"flywheel/fault"
)

func TestStatusFaults(t *testing.T) {
	for status, kind := range map[int]fault.Kind{
		200: "", 301: fault.Permanent, 400: fault.Permanent, 401: fault.Denied, 402: fault.Denied, 403: fault.Denied, 404: fault.NotFound,
		408: fault.Temporary, 423: fault.Temporary, 429: fault.Temporary, 430: fault.Temporary, 500: fault.Temporary, 502: fault.Temporary, 504: fault.Temporary,
	} {
		assert.Equal(t, kind, fault.KindOf(statusFault(status)), "%d", status)
	}
}

func TestJudge(t *testing.T) {
	tests := map[string]fault.Kind{
		`{"data":{"order":null}}`:                                                  "",
		`{"data":{"order":{}},"errors":null}`:                                      "",
		`{"data":{"order":{}},"extensions":{"cost":"free"}}`:                       "",
		`{"errors":"[API] Invalid API key"}`:                                       fault.Permanent,
		`{"errors":[{"message":"no such field"}]}`:                                 fault.Permanent,
		`{"errors":[{"extensions":{"code":"THROTTLED"}}]}`:                         fault.Temporary,
		`{"errors":[{"extensions":{"code":"MAX_COST"}}]}`:                          fault.Permanent,
		`{"data":null,"errors":[{"extensions":{"code":"ACCESS_DENIED"}}]}`:         fault.Denied,
		`{"data":{"order":{}},"errors":[{"extensions":{"code":"ACCESS_DENIED"}}]}`: "",
		`{"data":{"order":{}},"errors":[{"extensions":{"code":"ACCESS_DENIED"}},{"extensions":{"code":"INTERNAL_SERVER_ERROR"}}]}`: fault.Temporary,
		``:                          fault.Temporary,
		`<html></html>`:             fault.Temporary,
		strings.Repeat("[", 20_000): fault.Temporary,
	}
	for body, kind := range tests {
		err := (&guard{}).judge([]byte(body))
		assert.Equal(t, kind, fault.KindOf(err), "%.80s: %v", body, err)
	}
}

// Nonsense from the outside must not become a wait without end or a division by nothing.
func TestCostIsReadWithCare(t *testing.T) {
	tests := map[string]struct {
		known bool
		wait  time.Duration
	}{
		`{"cost":{"requestedQueryCost":101,"actualQueryCost":46,"throttleStatus":{"maximumAvailable":1000,"currentlyAvailable":954,"restoreRate":50}}}`: {true, 0},
		`{"cost":{"requestedQueryCost":101,"actualQueryCost":null,"throttleStatus":{"maximumAvailable":1000,"currentlyAvailable":1,"restoreRate":50}}}`: {true, 2 * time.Second},
		`{"cost":{"requestedQueryCost":1e300,"throttleStatus":{"maximumAvailable":1000,"currentlyAvailable":1,"restoreRate":1e-300}}}`:                  {true, 24 * time.Hour},
		`{"cost":{"requestedQueryCost":10,"throttleStatus":{"maximumAvailable":1000,"currentlyAvailable":1,"restoreRate":0}}}`:                          {false, 0},
		`{"cost":{"requestedQueryCost":10}}`: {false, 0},
		`{"cost":{"requestedQueryCost":-10,"throttleStatus":{"maximumAvailable":1000,"currentlyAvailable":1,"restoreRate":50}}}`: {false, 0},
		`{"cost":7}`: {false, 0},
		`[]`:         {false, 0},
		``:           {false, 0},
	}
	for text, want := range tests {
		c := readCost([]byte(text))
		assert.Equal(t, want.known, c != nil, text)
		assert.Equal(t, want.wait, c.wait(), text)
	}
}
