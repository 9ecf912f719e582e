package shopifyfake

import (
	"strings"
	"time"
)

// wrongly adds an error of the user: its code, message and field below the argument.
type wrongly func(code, message string, field ...string)

// readDiscount reads the input of a discount, or says all that is wrong with it.
func (s *shop) readDiscount(input map[string]any, argument string) (d *DiscountRecord, errors []object) {
	wrong := func(code, message string, field ...string) {
		errors = append(errors, userError(code, message, append([]string{argument}, field...)...))
	}
	d = &DiscountRecord{Kind: "free_shipping"}
	d.Title, _ = input["title"].(string)
	d.Code, _ = input["code"].(string)
	d.OncePerCustomer, _ = input["appliesOncePerCustomer"].(bool)
	switch {
	case d.Code == "":
		wrong("BLANK", "Code can't be blank", "code")
	case len(d.Code) > 255:
		wrong("TOO_LONG", "Code is too long (maximum is 255 characters)", "code")
	case s.discount(d.Code) != nil:
		wrong("TAKEN", "Code must be unique. Please try a different code.", "code")
	}
	if d.Title == "" {
		wrong("BLANK", "Title can't be blank", "title")
	}
	s.readBuyers(d, input, wrong)
	readDates(d, input, wrong)
	readMinimum(d, input, wrong)
	if d.Dearest = strings.TrimSpace(asText(input["maximumShippingPrice"])); d.Dearest != "" && !positive(d.Dearest) {
		wrong("GREATER_THAN", "Maximum shipping price must be greater than 0", "maximumShippingPrice")
	}
	if limit, given := whole(input["usageLimit"]); given && limit < 1 {
		wrong("GREATER_THAN", "Usage limit must be greater than 0", "usageLimit")
	} else {
		d.UsageLimit = limit
	}
	if argument == "basicCodeDiscount" {
		d.Kind = "basic"
		gets, _ := input["customerGets"].(map[string]any)
		readValue(d, gets, wrong)
		readItems(d, gets, wrong)
	}
	return d, errors
}

func (s *shop) readBuyers(d *DiscountRecord, input map[string]any, wrong wrongly) {
	context, _ := input["context"].(map[string]any)
	if context == nil && input["customerSelection"] == nil {
		wrong("BLANK", "Context can't be blank", "context")
	}
	d.Anybody = context["all"] == "ALL"
	customers, _ := context["customers"].(map[string]any)
	list, _ := customers["add"].([]any)
	if context["customers"] != nil && len(list) == 0 {
		wrong("BLANK", "Customers can't be blank", "context", "customers", "add")
	}
	for _, v := range list {
		n, err := number("Customer", v)
		if err != nil || s.persons[n] == nil {
			wrong("INVALID", "Customer does not exist", "context", "customers", "add")
			continue
		}
		d.Customers = append(d.Customers, v.(string))
	}
}

// readMinimum reads what an order must come to: a subtotal, or a number of goods, and not both.
func readMinimum(d *DiscountRecord, input map[string]any, wrong wrongly) {
	asked, given := input["minimumRequirement"].(map[string]any)
	if !given {
		return
	}
	subtotal, isSubtotal := asked["subtotal"].(map[string]any)
	if isSubtotal == (asked["quantity"] != nil) {
		wrong("CONFLICT", "Minimum requirement must be a subtotal or a quantity", "minimumRequirement")
		return
	}
	if d.Minimum = strings.TrimSpace(asText(subtotal["greaterThanOrEqualToSubtotal"])); isSubtotal && !positive(d.Minimum) {
		wrong("GREATER_THAN", "Minimum subtotal must be greater than 0", "minimumRequirement", "subtotal", "greaterThanOrEqualToSubtotal")
	}
}

func positive(decimal string) bool {
	n, ok := float(jsonNumber(decimal))
	return ok && n > 0
}

func readDates(d *DiscountRecord, input map[string]any, wrong wrongly) {
	starts, _ := input["startsAt"].(string)
	ends, _ := input["endsAt"].(string)
	d.StartsAt, _ = time.Parse(time.RFC3339, starts)
	d.EndsAt, _ = time.Parse(time.RFC3339, ends)
	if starts == "" {
		wrong("BLANK", "Starts at can't be blank", "startsAt")
	}
	if ends != "" && !d.EndsAt.After(d.StartsAt) {
		wrong("END_DATE_BEFORE_START_DATE", "Ends at needs to be after starts_at", "endsAt")
	}
}

func readValue(d *DiscountRecord, gets map[string]any, wrong wrongly) {
	value, _ := gets["value"].(map[string]any)
	share, isShare := float(value["percentage"])
	amount, isAmount := value["discountAmount"].(map[string]any)
	switch {
	case isShare == isAmount:
		wrong("INVALID", "Exactly one kind of value must be given", "customerGets", "value")
	case isShare && (share <= 0 || share > 1):
		wrong("VALUE_OUTSIDE_RANGE", "Value must be between 0.0 and 1.0", "customerGets", "value", "percentage")
	case isShare:
		d.Percentage = share
	default:
		d.Amount = strings.TrimSpace(asText(amount["amount"]))
		if !positive(d.Amount) {
			wrong("GREATER_THAN", "Value must be greater than 0", "customerGets", "value", "discountAmount", "amount")
		}
	}
}

func readItems(d *DiscountRecord, gets map[string]any, wrong wrongly) {
	items, _ := gets["items"].(map[string]any)
	products, _ := items["products"].(map[string]any)
	all, _ := items["all"].(bool)
	list, _ := products["productsToAdd"].([]any)
	for _, v := range list {
		if _, err := number("Product", v); err != nil {
			wrong("INVALID", "Product with id: "+asText(v)+" is invalid", "customerGets", "items", "products", "productsToAdd")
			continue
		}
		d.Products = append(d.Products, v.(string))
	}
	if all == (len(list) > 0) {
		wrong("CONFLICT", "Items in 'customer get' must be all or some products", "customerGets", "items")
	}
}
