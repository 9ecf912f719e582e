package shopifyfake

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"
)

const shopID = 548380009

// Removed takes quantity of a line off the order at at, and returns the body of
// orders/edited, which holds nothing of the order but its id.
func (o *Order) Removed(at time.Time, line int, quantity int64) []byte {
	o.Lines[line].Current -= quantity
	o.Touch(at)
	return o.edited(at, 81+int64(line), []delta{}, []delta{{o.Lines[line].ID, quantity}})
}

type delta struct {
	ID    int64 `json:"id"`
	Delta int64 `json:"delta"`
}

func (o *Order) edited(at time.Time, n int64, added, removed []delta) []byte {
	type lines struct {
		Additions []delta `json:"additions"`
		Removals  []delta `json:"removals"`
	}
	var body struct {
		Edit struct {
			ID             int64  `json:"id"`
			AppID          *int64 `json:"app_id"`
			CreatedAt      string `json:"created_at"`
			NotifyCustomer bool   `json:"notify_customer"`
			OrderID        int64  `json:"order_id"`
			StaffNote      string `json:"staff_note"`
			UserID         *int64 `json:"user_id"`
			CommittedAt    string `json:"committed_at"`
			LineItems      lines  `json:"line_items"`
		} `json:"order_edit"`
	}
	e := &body.Edit
	e.ID, e.OrderID, e.CreatedAt, e.CommittedAt = o.ID*100+n, o.ID, *stamp(at), *stamp(at)
	e.LineItems = lines{added, removed}
	return write(body)
}

// Deleted is the body of orders/delete.
func (o *Order) Deleted() []byte {
	return write(struct {
		ID int64 `json:"id"`
	}{o.ID})
}

// Dispute is the body of disputes/create and disputes/update. finalized is zero while it is open.
func (o *Order) Dispute(status string, at, finalized time.Time) []byte {
	return write(struct {
		ID            int64   `json:"id"`
		OrderID       int64   `json:"order_id"`
		Type          string  `json:"type"`
		Amount        string  `json:"amount"`
		Currency      string  `json:"currency"`
		Reason        string  `json:"reason"`
		Status        string  `json:"status"`
		EvidenceDueBy *string `json:"evidence_due_by"`
		FinalizedOn   *string `json:"finalized_on"`
		InitiatedAt   string  `json:"initiated_at"`
	}{
		ID: o.ID*100 + 61, OrderID: o.ID, Type: "chargeback", Amount: o.paid(o.Total()), Currency: o.Currency,
		Reason: "fraudulent", Status: status, FinalizedOn: stamp(finalized), InitiatedAt: *stamp(at),
	})
}

// CustomerBody is the body of customers/create and customers/update.
func (o *Order) CustomerBody() []byte { return write(o.customer()) }

// CustomersMerged is the body of customers/merge. status is completed, failed ...
func CustomersMerged(kept, deleted int64, status string) []byte {
	return write(struct {
		Kept    string  `json:"admin_graphql_api_customer_kept_id"`
		Deleted string  `json:"admin_graphql_api_customer_deleted_id"`
		JobID   *string `json:"admin_graphql_api_job_id"`
		Status  string  `json:"status"`
	}{id("Customer", kept).GID, id("Customer", deleted).GID, nil, status})
}

type complianceCustomer struct {
	ID    int64   `json:"id"`
	Email *string `json:"email"`
	Phone *string `json:"phone"`
}

// RedactCustomer is the body of customers/redact.
func RedactCustomer(shop string, customer int64, email string, orders ...int64) []byte {
	return write(struct {
		ShopID   int64              `json:"shop_id"`
		Shop     string             `json:"shop_domain"`
		Customer complianceCustomer `json:"customer"`
		Orders   []int64            `json:"orders_to_redact"`
	}{shopID, shop, complianceCustomer{customer, null(email), nil}, append([]int64{}, orders...)})
}

// DataRequest is the body of customers/data_request.
func DataRequest(shop string, request, customer int64, email string, orders ...int64) []byte {
	type dataRequest struct {
		ID int64 `json:"id"`
	}
	return write(struct {
		ShopID   int64              `json:"shop_id"`
		Shop     string             `json:"shop_domain"`
		Orders   []int64            `json:"orders_requested"`
		Customer complianceCustomer `json:"customer"`
		Request  dataRequest        `json:"data_request"`
	}{shopID, shop, append([]int64{}, orders...), complianceCustomer{customer, null(email), nil}, dataRequest{request}})
}

// RedactShop is the body of shop/redact.
func RedactShop(shop string) []byte {
	return write(struct {
		ShopID int64  `json:"shop_id"`
		Shop   string `json:"shop_domain"`
	}{shopID, shop})
}

// ShopBody is the body of app/uninstalled and shop/update.
func ShopBody(shop, name, country, currency, timezone, locale string) []byte {
	return shopBody(shopID, "basic", "owner@example.com", shop, name, country, currency, timezone, locale)
}

func shopBody(number int64, plan, email, shop, name, country, currency, timezone, locale string) []byte {
	return write(struct {
		ID       int64  `json:"id"`
		Name     string `json:"name"`
		Email    string `json:"email"`
		Country  string `json:"country_code"`
		Currency string `json:"currency"`
		Timezone string `json:"iana_timezone"`
		Locale   string `json:"primary_locale"`
		Plan     string `json:"plan_name"`
		Domain   string `json:"myshopify_domain"`
	}{number, name, email, country, currency, timezone, locale, plan, shop})
}

// digest is hex that depends on its parts only: what looks random in a body must not change.
func digest(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:])
}
