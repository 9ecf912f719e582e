package shopify

import (
	"strings"

	"flywheel/commerce"
	"flywheel/fault"
)

// money reads an amount; an absent one is Money{}.
func (r *reader) money(field string, amount number, currency string) commerce.Money {
	if amount == "" {
		return commerce.Money{}
	}
	m, err := commerce.ParseMoney(string(amount), currencyCode(currency))
	if err != nil {
		r.fail(field, "is no money: %s", short(fault.Sentence(err)))
	}
	return m
}

// set reads one side of a money set; where Shopify sends none, the plain
// amount, which is in the shop's currency.
func (r *reader) set(field string, m *amount, plain number, currency string) commerce.Money {
	if m != nil {
		return r.money(field, m.Amount, m.Currency)
	}
	return r.money(field, plain, currency)
}

// moneySet is an amount in the shop's and in the customer's currency.
type moneySet struct {
	Shop        *amount `json:"shop_money"`
	Presentment *amount `json:"presentment_money"`
}

type amount struct {
	Amount   number `json:"amount"`
	Currency string `json:"currency_code"`
}

func (s *moneySet) shop() *amount {
	if s == nil {
		return nil
	}
	return s.Shop
}

func (s *moneySet) presentment() *amount {
	if s == nil {
		return nil
	}
	return s.Presentment
}

// currency returns the customer's currency, "" where it is not told.
func (s *moneySet) currency() string {
	if p := s.presentment(); p != nil {
		return p.Currency
	}
	return ""
}

// zero reports whether an amount, as it was written, is none.
func zero(amount number) bool { return strings.Trim(string(amount), "0.-") == "" }
