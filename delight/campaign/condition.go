package campaign

import (
	"reflect"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/ext"

	"flywheel/commerce"
	"flywheel/fault"
)

// Vars is what a condition reads.
type Vars struct {
	Order  OrderVars
	Person PersonVars
}

// OrderVars is the order as conditions see it. Total is in major units of the
// shop's reporting currency where that is known, else as paid.
type OrderVars struct {
	Total         float64  `cel:"total"`
	Currency      string   `cel:"currency"`
	Items         int64    `cel:"items"`
	Country       string   `cel:"country"`
	Language      string   `cel:"language"`
	Gateway       string   `cel:"gateway"`
	PayOnDelivery bool     `cel:"pay_on_delivery"`
	Renewal       bool     `cel:"renewal"`
	Source        string   `cel:"source"`
	Tags          []string `cel:"tags"`
	Products      []string `cel:"products"`
	Discounts     []string `cel:"discount_codes"`
}

// PersonVars is the person as conditions see them.
type PersonVars struct {
	Country  string `cel:"country"`
	Language string `cel:"language"`
}

// Condition is a compiled CEL expression. It is safe for concurrent use.
type Condition struct{ program cel.Program }

// costLimit stops a condition that would run away; ordinary ones cost some tens.
const costLimit = 10_000

var environment = sync.OnceValues(func() (*cel.Env, error) {
	return cel.NewEnv(
		ext.NativeTypes(reflect.TypeFor[OrderVars](), reflect.TypeFor[PersonVars](), ext.ParseStructTags(true)),
		cel.Variable("order", cel.ObjectType("campaign.OrderVars")),
		cel.Variable("person", cel.ObjectType("campaign.PersonVars")),
		cel.CrossTypeNumericComparisons(true),
		ext.Strings(),
	)
})

// Compile checks an expression once. Errors are fault.Invalid with the position.
func Compile(expression string) (*Condition, error) {
	env, err := environment()
	if err != nil {
		return nil, err
	}
	ast, issues := env.Compile(expression)
	if issues.Err() != nil {
		return nil, fault.New(fault.Invalid, "condition: %v", issues.Err())
	}
	if ast.OutputType() != cel.BoolType {
		return nil, fault.New(fault.Invalid, "condition: gives %s, not yes or no", ast.OutputType())
	}
	program, err := env.Program(ast, cel.CostLimit(costLimit), cel.EvalOptions(cel.OptOptimize))
	if err != nil {
		return nil, fault.New(fault.Invalid, "condition: %v", err)
	}
	return &Condition{program}, nil
}

// Matches evaluates the condition. An error means the expression itself failed.
func (c *Condition) Matches(v Vars) (bool, error) {
	out, _, err := c.program.Eval(map[string]any{"order": v.Order, "person": v.Person})
	if err != nil {
		return false, fault.New(fault.Invalid, "condition: %v", err)
	}
	ok, _ := out.Value().(bool)
	return ok, nil
}

// VarsOf shows an order and its person to conditions.
func VarsOf(o *commerce.Order, p commerce.Person, s commerce.Settings) Vars {
	total := o.Detail.Total
	if o.Reporting.Rate != "" {
		total = o.Reporting.Amount
	}
	v := Vars{
		Order: OrderVars{
			Total: total.Float(), Currency: total.Currency, Country: o.Detail.Country, Language: o.Detail.Language,
			PayOnDelivery: o.PayOnDelivery(s), Renewal: o.Detail.Renewal, Source: o.Detail.SourceName,
			Tags: o.Detail.Tags, Discounts: o.Detail.DiscountCodes,
		},
		Person: PersonVars{Country: p.Country, Language: p.Language},
	}
	if len(o.Detail.Gateways) > 0 {
		v.Order.Gateway = o.Detail.Gateways[0]
	}
	for _, line := range o.Kept() {
		v.Order.Items += line.Current
		v.Order.Products = append(v.Order.Products, line.Product)
	}
	return v
}
