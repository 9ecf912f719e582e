package shopify

import (
	"cmp"
	"context"
	"fmt"
	"strconv"

	"flywheel/fault"
	"flywheel/integrations/shopify/gql"
)

// What a bulk operation can be at (BulkOperationStatus). COMPLETED has a file,
// or none where there was nothing to write; the last three may have a part of one.
const (
	BulkCreated   = "CREATED"
	BulkRunning   = "RUNNING"
	BulkCompleted = "COMPLETED"
	BulkCanceling = "CANCELING"
	BulkCanceled  = "CANCELED"
	BulkFailed    = "FAILED"
	BulkExpired   = "EXPIRED"
)

// BulkState is how far a bulk operation has come.
type BulkState struct {
	Status string // one of the constants above
	Error  string // why it failed: ACCESS_DENIED, INTERNAL_SERVER_ERROR, TIMEOUT; "" = it did not
	Orders int64  // written so far
	Size   int64  // of the file in bytes; 0 = there is none yet
	// URL is where the file lies, for seven days; "" = nowhere. Of an operation that failed it is what it had until then.
	URL string
}

// StartBulk has Shopify write all orders the app may see into a file and returns
// the operation's id. It is fault.Conflict while as many run as the app may have
// (one or a few for each shop); other errors are those of Order.
func (c *Client) StartBulk(ctx context.Context, a Access) (operation string, err error) {
	data, err := gql.StartBulk(ctx, c.graph(a), gql.BulkQuery)
	if err != nil {
		return "", fmt.Errorf("bulk operation of %s: %w", a.Shop, err)
	}
	run := data.BulkOperationRunQuery
	if run == nil {
		return "", fault.New(fault.Denied, "the app may not run bulk operations")
	}
	if len(run.UserErrors) > 0 {
		e := run.UserErrors[0]
		if e.Code == "OPERATION_IN_PROGRESS" || e.Code == "LIMIT_REACHED" {
			return "", fault.New(fault.Conflict, "shopify is still at work on another bulk operation: %s", short(e.Message))
		}
		return "", fault.New(fault.Invalid, "shopify takes no bulk operation: %s", short(e.Message))
	}
	if run.BulkOperation == nil || run.BulkOperation.Id == "" {
		return "", fault.New(fault.Temporary, "shopify started no bulk operation, and does not say why")
	}
	return run.BulkOperation.Id, nil
}

// Bulk asks how far an operation has come. It is fault.NotFound where the shop
// has none of that id; other errors are those of Order.
func (c *Client) Bulk(ctx context.Context, a Access, operation string) (BulkState, error) {
	data, err := gql.Bulk(ctx, c.graph(a), operation)
	if err != nil {
		return BulkState{}, fmt.Errorf("bulk operation of %s: %w", a.Shop, err)
	}
	b := data.BulkOperation
	if b == nil {
		return BulkState{}, fault.New(fault.NotFound, "there is no bulk operation %s", short(operation))
	}
	s := BulkState{Status: b.Status, Error: b.ErrorCode, URL: cmp.Or(b.Url, b.PartialDataUrl)}
	if s.Orders, err = size(b.RootObjectCount); err == nil {
		s.Size, err = size(b.FileSize)
	}
	return s, err
}

// size reads an UnsignedInt64, which JSON has as a string; null is 0.
func size(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0, fault.New(fault.Permanent, "%q is not a size", short(text))
	}
	return n, nil
}
