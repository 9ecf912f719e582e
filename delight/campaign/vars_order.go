package campaign

import (
	"cmp"
	"strconv"
	"strings"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"flywheel/commerce"
)

func label(en, ar, fa string) Texts { return Texts{"en": en, "ar": ar, "fa": fa} }

// orderVars are those of the order; of an event that has none they are empty.
var orderVars = []VarSpec{
	{
		Name: "order.total", Type: MoneyVar, Texts: label("Order total", "إجمالي الطلب", "مبلغ کل سفارش"),
		of: func(w *world) ref.Val { return types.Double(w.total().Float()) },
	},
	{
		Name: "order.subtotal", Type: MoneyVar, Texts: label("Price of the items kept", "سعر المنتجات المتبقية", "بهای کالاهای باقی\u200cمانده"),
		of: func(w *world) ref.Val { return types.Double(w.subtotal()) },
	},
	{
		Name: "order.refunded", Type: MoneyVar, Texts: label("Amount refunded", "المبلغ المسترد", "مبلغ بازگردانده\u200cشده"),
		of: func(w *world) ref.Val {
			paid := w.Order.Detail.Total
			return types.Double(w.scaled(commerce.Money{Amount: w.Order.Refunded(), Currency: paid.Currency}.Float(), paid))
		},
	},
	{
		Name: "order.currency", Type: TextVar, Texts: label("Currency of the amounts", "عملة المبالغ", "واحد پول مبلغ\u200cها"),
		of: func(w *world) ref.Val { return celText(w.total().Currency) },
	},
	{
		Name: "order.items", Type: NumberVar, Texts: label("Number of items kept", "عدد القطع المتبقية", "تعداد کالاهای باقی\u200cمانده"),
		of: func(w *world) ref.Val {
			var n int64
			for _, l := range w.lines() {
				n += l.Current
			}
			return celInt(n)
		},
	},
	{
		Name: "order.lines", Type: LinesVar, Texts: label("Lines of the order", "بنود الطلب", "ردیف\u200cهای سفارش"),
		of: func(w *world) ref.Val {
			lines := make([]ref.Val, len(w.lines()))
			for i, l := range w.lines() {
				lines[i] = lineVal{l, w}
			}
			return types.NewRefValList(types.DefaultTypeAdapter, lines)
		},
	},
	{
		Name: "order.products", Type: ListVar, Texts: label("Products (ids)", "المنتجات (المعرّفات)", "محصولات (شناسه\u200cها)"),
		of: func(w *world) ref.Val {
			return gather(w.lines(), func(l commerce.Line) []string { return []string{l.Product} })
		},
	},
	{
		Name: "order.product_titles", Type: ListVar, Texts: label("Product titles", "أسماء المنتجات", "نام محصولات"),
		of: func(w *world) ref.Val {
			return gather(w.lines(), func(l commerce.Line) []string { return []string{l.Title} })
		},
	},
	{
		Name: "order.product_tags", Type: ListVar, needs: needsProducts, Texts: label("Product tags", "وسوم المنتجات", "برچسب\u200cهای محصولات"),
		of: func(w *world) ref.Val {
			return gather(w.lines(), func(l commerce.Line) []string { return w.Products[l.Product].Tags })
		},
	},
	{
		Name: "order.product_types", Type: ListVar, needs: needsProducts, Texts: label("Product types", "أنواع المنتجات", "نوع محصولات"),
		of: func(w *world) ref.Val {
			return gather(w.lines(), func(l commerce.Line) []string { return []string{w.Products[l.Product].Type} })
		},
	},
	{
		Name: "order.collections", Type: ListVar, needs: needsProducts, Texts: label("Collections (ids)", "المجموعات (المعرّفات)", "مجموعه\u200cها (شناسه\u200cها)"),
		of: func(w *world) ref.Val {
			return gather(w.lines(), func(l commerce.Line) []string { return w.Products[l.Product].Collections })
		},
	},
	{
		Name: "order.vendors", Type: ListVar, needs: needsProducts, Texts: label("Vendors", "المورّدون", "فروشندگان کالا"),
		of: func(w *world) ref.Val {
			return gather(w.lines(), func(l commerce.Line) []string { return []string{w.vendor(l)} })
		},
	},
	{
		Name: "order.tags", Type: ListVar, private: true, Texts: label("Order tags", "وسوم الطلب", "برچسب\u200cهای سفارش"),
		of: func(w *world) ref.Val { return celList(w.Order.Detail.Tags) },
	},
	{
		Name: "order.discount_codes", Type: ListVar, private: true, Texts: label("Discount codes", "رموز الخصم", "کدهای تخفیف"),
		of: func(w *world) ref.Val { return celList(w.Order.Detail.DiscountCodes) },
	},
	{
		Name: "order.country", Type: CountryVar, Texts: label("Shipping country", "بلد الشحن", "کشور مقصد"),
		of: func(w *world) ref.Val { return celText(w.Order.Detail.Country) },
	},
	{
		Name: "order.region", Type: TextVar, Texts: label("Shipping region (code)", "منطقة الشحن (الرمز)", "استان مقصد (کد)"),
		of: func(w *world) ref.Val { return celText(w.Order.Detail.Region) },
	},
	{
		Name: "order.language", Type: LanguageVar, Texts: label("Language of the order", "لغة الطلب", "زبان سفارش"),
		of: func(w *world) ref.Val { return celText(w.Order.Detail.Language) },
	},
	{
		Name: "order.name", Type: TextVar, Texts: label("Order name, such as #1001", "اسم الطلب، مثل \u200e#1001", "نام سفارش، مانند \u200e#1001"),
		of: func(w *world) ref.Val { return celText(w.Order.Detail.Name) },
	},
	{
		Name: "order.number", Type: NumberVar, Texts: label("Order number", "رقم الطلب", "شماره سفارش"),
		of: func(w *world) ref.Val { return celInt(numberIn(w.Order.Detail.Name)) },
	},
	{
		Name: "order.gateway", Type: TextVar, Texts: label("Payment method", "طريقة الدفع", "روش پرداخت"),
		of: func(w *world) ref.Val {
			if len(w.Order.Detail.Gateways) == 0 {
				return celText("")
			}
			return celText(w.Order.Detail.Gateways[0])
		},
	},
	{
		Name: "order.pay_on_delivery", Type: YesNoVar, Texts: label("Paid on delivery", "الدفع عند الاستلام", "پرداخت هنگام تحویل"),
		of: func(w *world) ref.Val { return types.Bool(w.Order.PayOnDelivery(w.Shop.Settings)) },
	},
	{
		Name: "order.renewal", Type: YesNoVar, Texts: label("Renewal of a subscription", "تجديد اشتراك", "تمدید اشتراک"),
		of: func(w *world) ref.Val { return types.Bool(w.Order.Detail.Renewal) },
	},
	{
		Name: "order.gift", Type: YesNoVar, Texts: label("Gift for somebody else", "هدية لشخص آخر", "هدیه برای شخصی دیگر"),
		of: func(w *world) ref.Val { return types.Bool(w.Order.Detail.Gift) },
	},
	{
		Name: "order.b2b", Type: YesNoVar, Texts: label("Sold to a company", "بيع لشركة", "فروش به شرکت"),
		of: func(w *world) ref.Val { return types.Bool(w.Order.Detail.B2B) },
	},
	{
		Name: "order.source", Type: TextVar, Texts: label("Where it was sold", "قناة البيع", "کانال فروش"),
		of: func(w *world) ref.Val { return celText(w.Order.Detail.SourceName) },
	},
	{
		Name: "order.placed_at", Type: MomentVar, maybe: true, Texts: label("Placed at", "وقت الطلب", "زمان ثبت سفارش"),
		of: func(w *world) ref.Val { return celMoment(w.Order.PlacedAt) },
	},
	{
		Name: "order.paid_at", Type: MomentVar, maybe: true, Texts: label("Paid at", "وقت الدفع", "زمان پرداخت"),
		of: func(w *world) ref.Val { return celMoment(w.Order.Payment.At()) },
	},
	{
		Name: "order.first", Type: YesNoVar, needs: needsHistory, Texts: label("First order of the customer", "أول طلب للعميل", "نخستین سفارش مشتری"),
		of: func(w *world) ref.Val { return types.Bool(w.History.Index(w.Order.ID) == 0) },
	},
	{
		Name: "order.index", Type: NumberVar, needs: needsHistory,
		Texts: label("Which order of the customer it is", "ترتيب الطلب بين طلبات العميل", "چندمین سفارش مشتری"),
		of:    func(w *world) ref.Val { return celInt(w.History.Index(w.Order.ID) + 1) },
	},
}

// lineParts are what the objects of order.lines are made of.
var lineParts = []linePart{
	{"product", TextVar, 0, func(l lineVal) ref.Val { return celText(l.Product) }},
	{"title", TextVar, 0, func(l lineVal) ref.Val { return celText(l.Title) }},
	{"variant", TextVar, 0, func(l lineVal) ref.Val { return celText(l.Variant) }},
	{"sku", TextVar, 0, func(l lineVal) ref.Val { return celText(l.SKU) }},
	{"vendor", TextVar, needsProducts, func(l lineVal) ref.Val { return celText(l.world.vendor(l.Line)) }},
	{"quantity", NumberVar, 0, func(l lineVal) ref.Val { return celInt(l.Current) }},
	{"price", MoneyVar, 0, func(l lineVal) ref.Val {
		return types.Double(l.world.scaled(l.Price.Float(), l.world.Order.Detail.Total))
	}},
}

// vendor is who makes a line's product, by the line itself, else by the catalogue.
func (w *world) vendor(l commerce.Line) string { return cmp.Or(l.Vendor, w.Products[l.Product].Vendor) }

// numberIn returns the last number in an order's name; 0 if it has none.
func numberIn(name string) int64 {
	notDigit := func(r rune) bool { return r < '0' || r > '9' }
	name = strings.TrimRightFunc(name, notDigit)
	n, err := strconv.ParseInt(name[strings.LastIndexFunc(name, notDigit)+1:], 10, 64)
	if err != nil {
		return 0 // too long to be one
	}
	return n
}
