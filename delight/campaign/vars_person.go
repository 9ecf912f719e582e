package campaign

import (
	"strings"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"flywheel/commerce"
	"flywheel/delight/gate"
)

var personVars = []VarSpec{
	{
		Name: "person.country", Type: CountryVar, Texts: label("Country of the customer", "بلد العميل", "کشور مشتری"),
		of: func(w *world) ref.Val { return celText(w.Person.Country) },
	},
	{
		Name: "person.language", Type: LanguageVar, Texts: label("Language of the customer", "لغة العميل", "زبان مشتری"),
		of: func(w *world) ref.Val { return celText(w.Person.Language) },
	},
	{
		Name: "person.orders", Type: NumberVar, needs: needsHistory, Texts: label("Number of orders", "عدد الطلبات", "تعداد سفارش\u200cها"),
		of: func(w *world) ref.Val { return celInt(w.History.Count()) },
	},
	{
		Name: "person.spent", Type: MoneyVar, needs: needsHistory, Texts: label("Spent in all", "إجمالي ما أنفقه", "مجموع خرید"),
		of: func(w *world) ref.Val { return types.Double(w.spent()) },
	},
	{
		Name: "person.average_order", Type: MoneyVar, needs: needsHistory, Texts: label("Average order", "متوسط قيمة الطلب", "میانگین سفارش"),
		of: func(w *world) ref.Val { return types.Double(w.spent() / float64(max(1, w.History.Count()))) },
	},
	{
		Name: "person.first_order_at", Type: MomentVar, needs: needsHistory, maybe: true,
		Texts: label("First order at", "وقت أول طلب", "زمان نخستین سفارش"),
		of:    func(w *world) ref.Val { return celMoment(w.History.First().At) },
	},
	{
		Name: "person.last_order_at", Type: MomentVar, needs: needsHistory, maybe: true,
		Texts: label("Last order at", "وقت آخر طلب", "زمان آخرین سفارش"),
		of:    func(w *world) ref.Val { return celMoment(w.History.Last().At) },
	},
	{
		Name: "person.days_since_last_order", Type: NumberVar, needs: needsHistory, maybe: true,
		Texts: label("Days since the last order", "عدد الأيام منذ آخر طلب", "روزهای گذشته از آخرین سفارش"),
		of:    func(w *world) ref.Val { return w.days(w.History.Last().At) },
	},
	{
		Name: "person.consent_marketing", Type: YesNoVar, needs: needsConsents,
		Texts: label("Said yes to marketing mail", "وافق على الرسائل التسويقية", "با ایمیل تبلیغاتی موافقت کرده"),
		of:    func(w *world) ref.Val { return w.saidYes(gate.Marketing) },
	},
	{
		Name: "person.consent_service", Type: YesNoVar, needs: needsConsents,
		Texts: label("Said yes to service mail", "وافق على رسائل الخدمة", "با ایمیل خدماتی موافقت کرده"),
		of:    func(w *world) ref.Val { return w.saidYes(gate.Service) },
	},
	{
		Name: "person.has_email", Type: YesNoVar, Texts: label("Has an email address", "لديه بريد إلكتروني", "نشانی ایمیل دارد"),
		of: func(w *world) ref.Val { return types.Bool(w.Person.Email != "") },
	},
	{
		Name: "person.has_phone", Type: YesNoVar, Texts: label("Has a phone number", "لديه رقم هاتف", "شماره تلفن دارد"),
		of: func(w *world) ref.Val { return types.Bool(w.Person.Phone != "") },
	},
}

// weekdays are what shop.weekday may be.
var weekdays = []string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}

// otherVars are those of event, shop, enrollment and now.
var otherVars = []VarSpec{
	{
		Name: "event.kind", Type: ChoiceVar, Choices: texts(commerce.EventKinds()...), Texts: label("Kind of the event", "نوع الحدث", "نوع رویداد"),
		of: func(w *world) ref.Val { kind, _ := eventKind(w.Cause); return celText(kind) },
	},
	{
		Name: "event.name", Type: TextVar, Texts: label("Name of your own event", "اسم الحدث المخصص", "نام رویداد سفارشی"),
		of: func(w *world) ref.Val { _, name := eventKind(w.Cause); return celText(name) },
	},
	{
		Name: "event.props", Type: PropsVar, Texts: label("What your own event says", "بيانات الحدث المخصص", "داده\u200cهای رویداد سفارشی"),
		of: func(w *world) ref.Val { return types.NewStringInterfaceMap(types.DefaultTypeAdapter, w.Cause.Props) },
	},
	{
		Name: "event.at", Type: MomentVar, maybe: true, Texts: label("When it happened", "وقت الحدث", "زمان رویداد"),
		of: func(w *world) ref.Val { return celMoment(w.Cause.OccurredAt) },
	},
	{
		Name: "shop.name", Type: TextVar, Texts: label("Name of the shop", "اسم المتجر", "نام فروشگاه"),
		of: func(w *world) ref.Val { return celText(w.Shop.Name) },
	},
	{
		Name: "shop.country", Type: CountryVar, Texts: label("Country of the shop", "بلد المتجر", "کشور فروشگاه"),
		of: func(w *world) ref.Val { return celText(w.Shop.Country) },
	},
	{
		Name: "shop.currency", Type: TextVar, Texts: label("Currency of the shop", "عملة المتجر", "واحد پول فروشگاه"),
		of: func(w *world) ref.Val { return celText(w.Shop.Currency) },
	},
	{
		Name: "shop.language", Type: LanguageVar, Texts: label("Language of the shop", "لغة المتجر", "زبان فروشگاه"),
		of: func(w *world) ref.Val { return celText(w.Shop.Locale) },
	},
	{
		Name: "shop.hour", Type: NumberVar, Texts: label("Hour at the shop (0 to 23)", "الساعة في المتجر (0 إلى 23)", "ساعت در فروشگاه (۰ تا ۲۳)"),
		of: func(w *world) ref.Val { return celInt(w.local().Hour()) },
	},
	{
		Name: "shop.weekday", Type: ChoiceVar, Choices: weekdays,
		Texts: label("Weekday at the shop (monday ...)", "يوم الأسبوع في المتجر (monday ...)", "روز هفته در فروشگاه (monday ...)"),
		of:    func(w *world) ref.Val { return celText(strings.ToLower(w.local().Weekday().String())) },
	},
	{
		Name: "enrollment.entered_at", Type: MomentVar, maybe: true, Texts: label("When it began", "وقت البدء", "زمان آغاز"),
		of: func(w *world) ref.Val { return celMoment(w.enrollment.Anchor) },
	},
	{
		Name: "enrollment.campaign", Type: TextVar, Texts: label("Campaign", "الحملة", "کمپین"),
		of: func(w *world) ref.Val { return celText(string(w.enrollment.Campaign)) },
	},
	{
		Name: "enrollment.days", Type: NumberVar, maybe: true, Texts: label("Days since it began", "عدد الأيام منذ البدء", "روزهای گذشته از آغاز"),
		of: func(w *world) ref.Val { return w.days(w.enrollment.Anchor) },
	},
	{
		Name: "now", Type: MomentVar, Texts: label("Now", "الآن", "اکنون"),
		of: func(w *world) ref.Val { return celMoment(w.now) },
	},
}

// eventKind is an event's kind and, of a custom one, its own name.
func eventKind(e commerce.Event) (kind, name string) {
	if own, custom := e.Kind.Custom(); custom {
		return string(commerce.CustomEvent), own
	}
	return string(e.Kind), e.Name
}

// spent is what the purchases that count brought, in the shop's money.
func (w *world) spent() float64 {
	return commerce.Money{Amount: w.History.Spent(), Currency: w.Shop.Currency}.Float()
}

// saidYes reports whether the person's last word on mail of class is yes.
func (w *world) saidYes(class gate.Class) ref.Val {
	return types.Bool(gate.LastWord(w.Consents, commerce.ByMail, class).State == commerce.Subscribed)
}
