package campaign

import "slices"

// stepKinds is the registry of steps. Each has its executor in package jobs.
var stepKinds = []StepSpec{
	{
		Kind: Wait, Params: must("for"),
		Texts: words(
			"Wait", "The next step comes a while later, counted from the moment before.",
			"انتظار", "تأتي الخطوة التالية بعد مدة تُحسب من اللحظة السابقة.",
			"انتظار", "گام بعدی پس از مدتی می\u200cآید که از لحظهٔ پیش شمرده می\u200cشود."),
	},
	{
		Kind: WaitUntil, Params: may("at", "weekday", "working"),
		Texts: words(
			"Wait until", "The next step comes at a time of day, on a weekday or on a working day where the customer lives.",
			"انتظار حتى", "تأتي الخطوة التالية في ساعة محددة أو يوم من الأسبوع أو يوم عمل، بتوقيت العميل.",
			"انتظار تا", "گام بعدی در ساعتی از روز، روزی از هفته یا یک روز کاری به وقت محلی مشتری می\u200cآید."),
	},
	{
		Kind: WaitForEvent, Params: slices.Concat(must("event", "timeout"), may("then", "else")),
		Texts: words(
			"Wait for an event", "It goes one way when something happens in time, and the other way when it does not.",
			"انتظار حدث", "يسلك طريقًا إذا وقع الحدث في الوقت المحدد، وطريقًا آخر إذا لم يقع.",
			"انتظار برای رویداد", "اگر رویداد به\u200cموقع رخ دهد از یک راه می\u200cرود و اگر نه، از راه دیگر."),
	},
	{
		Kind: If, Params: may("condition", "rows", "then", "else"),
		Texts: words(
			"Condition", "It goes one way when a condition holds and the other way when it does not.",
			"شرط", "يسلك طريقًا إذا تحقق الشرط، وطريقًا آخر إذا لم يتحقق.",
			"شرط", "اگر شرط برقرار باشد از یک راه می\u200cرود و اگر نه، از راه دیگر."),
	},
	{
		Kind: Split, Params: slices.Concat(must("arms"), may("sample", "goal", "within")),
		Texts: words(
			"Split", "Customers are shared out by chance among several ways, each always to the same one.",
			"تقسيم", "يتوزع العملاء عشوائيًا على عدة طرق، ويبقى كل عميل على طريقه.",
			"تقسیم", "مشتریان به\u200cتصادف میان چند راه پخش می\u200cشوند و هر کس همیشه در همان راه می\u200cماند."),
	},
	{
		Kind: End,
		Texts: words(
			"End", "The campaign is over for this customer.",
			"نهاية", "تنتهي الحملة لهذا العميل.",
			"پایان", "کمپین برای این مشتری به پایان می\u200cرسد."),
	},
	{
		Kind: SendEmail, Outward: true, Reaches: true, Message: true, Params: must("useful", "email"),
		Texts: words(
			"Email", "The customer gets a mail in their own language.",
			"رسالة بريد", "تصل العميل رسالة بريد بلغته.",
			"ایمیل", "مشتری ایمیلی به زبان خودش می\u200cگیرد."),
	},
	{
		Kind: CallTask, Outward: true, Reaches: true, Params: slices.Concat(must("useful", "note"), may("within")),
		Texts: words(
			"Call", "Staff get a task to call the customer, with what to say.",
			"مكالمة", "يُكلَّف فريق المتجر بالاتصال بالعميل، مع ما يقال له.",
			"تماس تلفنی", "به کارکنان سپرده می\u200cشود با مشتری تماس بگیرند، همراه با متن گفت\u200cوگو."),
	},
	{
		Kind: NotifyTeam, Outward: true, Params: must("useful", "note"),
		Texts: words(
			"Tell the team", "The shop's team gets a mail.",
			"إشعار الفريق", "تصل فريق المتجر رسالة بريد.",
			"خبر به تیم", "تیم فروشگاه ایمیلی می\u200cگیرد."),
	},
	{
		Kind: Webhook, Outward: true, Params: must("useful", "hook"),
		Texts: words(
			"Webhook", "Another system is told, with a signature it can check.",
			"خطاف ويب", "يُبلَّغ نظام آخر برسالة موقعة يمكنه التحقق منها.",
			"وب\u200cهوک", "به سامانه\u200cای دیگر خبر داده می\u200cشود، با امضایی که می\u200cتواند بسنجد."),
	},
	{
		Kind: TagCustomer, Outward: true, Params: slices.Concat(must("useful"), may("add", "remove")),
		Texts: words(
			"Customer tags", "Tags are put on the customer at Shopify, or taken off.",
			"وسوم العميل", "تُضاف وسوم إلى العميل في Shopify أو تُزال عنه.",
			"برچسب\u200cهای مشتری", "برچسب\u200cهایی در Shopify به مشتری افزوده یا از او برداشته می\u200cشود."),
	},
	{
		Kind: GivePoints, Outward: true, Params: slices.Concat(must("useful", "points"), may("why")),
		Texts: words(
			"Give points", "The customer gets points, if they are a member of the loyalty program.",
			"منح نقاط", "تُضاف نقاط إلى رصيد العميل إن كان عضوًا في برنامج الولاء.",
			"دادن امتیاز", "اگر مشتری عضو برنامهٔ وفاداری باشد، امتیاز می\u200cگیرد."),
	},
	{
		Kind: GiveReward, Outward: true, Params: must("useful", "reward"),
		Texts: words(
			"Give a reward", "The customer gets a reward of the loyalty program with a code of their own, as far as the month's budget goes.",
			"منح مكافأة", "يحصل العميل على مكافأة من برنامج الولاء برمز خاص به، في حدود ميزانية الشهر.",
			"دادن پاداش", "مشتری پاداشی از برنامهٔ وفاداری با کدی از آنِ خودش می\u200cگیرد، تا جایی که بودجهٔ ماه برسد."),
	},
}
