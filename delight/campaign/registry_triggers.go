package campaign

import (
	"slices"

	"flywheel/commerce"
)

// sale are the events by which a purchase is made: paid, or placed where the
// courier is paid.
var sale = []commerce.EventKind{commerce.OrderPaid, commerce.OrderPlaced}

func events(kinds ...commerce.EventKind) []commerce.EventKind { return kinds }

// triggers is the registry of triggers.
var triggers = slices.Concat(orderTriggers, outcomeTriggers, personTriggers, loyaltyTriggers, otherTriggers)

// orderTriggers follow an order on its way.
var orderTriggers = []TriggerSpec{
	{
		Kind: OnOrderPlaced, Events: events(commerce.OrderPlaced), Unpaid: true, ByOrder: true, Mode: PerOrder, moment: placed,
		Texts: words(
			"Order placed", "An order was placed, whether it is paid yet or not.",
			"تسجيل طلب", "سُجّل طلب، سواء دُفع ثمنه أم لم يُدفع بعد.",
			"ثبت سفارش", "سفارشی ثبت شد، چه پرداخت شده باشد چه نه."),
	},
	{
		Kind: OnOrderPaid, Events: sale, ByOrder: true, Mode: PerOrder, moment: paidFor,
		Texts: words(
			"Order paid", "An order was paid, or placed where the customer pays the courier.",
			"دفع ثمن طلب", "دُفع ثمن طلب، أو سُجّل طلب يُدفع ثمنه عند الاستلام.",
			"پرداخت سفارش", "سفارشی پرداخت شد، یا با پرداخت در محل ثبت شد."),
	},
	{
		Kind: OnOrderFulfilled, Events: events(commerce.OrderFulfilled), ByOrder: true, Mode: PerOrder, moment: fulfilled,
		Texts: words(
			"Order shipped", "Every part of an order was handed to the carrier.",
			"شحن طلب", "سُلّمت كل أجزاء الطلب إلى شركة الشحن.",
			"ارسال سفارش", "همهٔ سفارش به پست یا پیک سپرده شد."),
	},
	{
		Kind: OnOrderArrived, Events: events(commerce.OrderArrived), ByOrder: true, Mode: PerOrder, moment: arrived,
		Texts: words(
			"Order delivered", "The carrier says that an order is there, or it may be assumed.",
			"وصول طلب", "أكدت شركة الشحن وصول الطلب، أو يُفترض أنه وصل.",
			"رسیدن سفارش", "پست یا پیک از رسیدن سفارش خبر داد، یا می\u200cتوان آن را فرض کرد."),
	},
	{
		Kind: OnOrderEdited, Events: events(commerce.OrderEdited), ByOrder: true, Mode: PerOrder, moment: picked(edits), parts: edits,
		Texts: words(
			"Order edited", "Something was changed in an order after it was placed.",
			"تعديل طلب", "عُدّل شيء في الطلب بعد تسجيله.",
			"ویرایش سفارش", "پس از ثبت سفارش، چیزی در آن تغییر کرد."),
	},
	{
		Kind: OnTrialEnding, Events: events(commerce.SubscriptionTrialEnding), Mode: EveryTime, moment: trialEnding,
		ends: events(commerce.SubscriptionChanged, commerce.SubscriptionCancelled),
		Texts: words(
			"Trial about to end", "A subscription's trial ends in a few days, and is paid for from then on.",
			"قرب انتهاء التجربة", "تنتهي خلال أيام الفترة التجريبية لاشتراك يصبح مدفوعًا بعدها.",
			"پایان نزدیک دورهٔ آزمایشی", "دورهٔ آزمایشی اشتراکی تا چند روز دیگر تمام می\u200cشود و از آن پس پولی است."),
	},
	{
		Kind: OnRenewed, Events: events(commerce.SubscriptionRenewed), ByOrder: true, Loose: true, Mode: PerOrder, moment: renewed,
		Texts: words(
			"Subscription renewed", "A running subscription was paid for once more.",
			"تجديد اشتراك", "دُفع اشتراك قائم لفترة جديدة.",
			"تمدید اشتراک", "اشتراکی که برقرار بود، برای دوره\u200cای تازه پرداخت شد."),
	},
}

// outcomeTriggers answer what went wrong or was taken back.
var outcomeTriggers = []TriggerSpec{
	{
		Kind: OnOrderCancelled, Events: events(commerce.OrderCancelled), Answers: true, ByOrder: true, Mode: PerOrder, moment: cancelled,
		Texts: words(
			"Order cancelled", "An order was cancelled.",
			"إلغاء طلب", "أُلغي طلب.",
			"لغو سفارش", "سفارشی لغو شد."),
	},
	{
		Kind: OnDeliveryDelayed, Events: events(commerce.DeliveryDelayed), Answers: true, WhileKept: true, ByOrder: true, Mode: PerOrder, moment: picked(delays), parts: delays,
		Texts: words(
			"Delivery delayed", "The carrier says that a parcel comes late, and it is not there yet.",
			"تأخر التوصيل", "أبلغت شركة الشحن بتأخر طرد لم يصل بعد.",
			"تأخیر در تحویل", "پست یا پیک از دیر رسیدن بسته\u200cای خبر داد که هنوز نرسیده است."),
	},
	{
		Kind: OnDeliveryFailed, Events: events(commerce.DeliveryFailed), Answers: true, WhileKept: true, ByOrder: true, Mode: PerOrder, moment: picked(failures), parts: failures,
		Texts: words(
			"Delivery failed", "The carrier could not hand over a parcel, and it has not come since.",
			"تعذر التوصيل", "لم تتمكن شركة الشحن من تسليم طرد، ولم يصل بعد ذلك.",
			"ناموفق بودن تحویل", "پست یا پیک نتوانست بسته\u200cای را تحویل دهد و هنوز هم نرسیده است."),
	},
	{
		Kind: OnNotDelivered, Events: events(commerce.OrderFulfilled, commerce.OrderPlaced), Clock: true, Answers: true, WhileKept: true, ByOrder: true,
		Mode: PerOrder, Params: must("after"), moment: notDelivered,
		Texts: words(
			"Not delivered", "So long after an order was shipped, no carrier has said that it is there.",
			"لم يصل", "مضت المدة على شحن الطلب ولم تؤكد شركة الشحن وصوله.",
			"نرسیده", "این مدت از ارسال سفارش گذشته و پست یا پیک از رسیدنش خبری نداده است."),
	},
	{
		Kind: OnRefundFull, Events: events(commerce.RefundMade), Answers: true, ByOrder: true, Mode: PerOrder, moment: refundedWhole,
		Texts: words(
			"Full refund", "The customer got back all they had paid for an order.",
			"استرداد كامل", "استرد العميل كل ما دفعه ثمنًا للطلب.",
			"بازگشت کامل وجه", "همهٔ مبلغ سفارش به مشتری بازگشت."),
	},
	{
		Kind: OnRefundPartial, Events: events(commerce.RefundMade), Answers: true, ByOrder: true, Mode: EveryTime, moment: refundedPart, parts: ownRefunds,
		Texts: words(
			"Partial refund", "The customer got back a part of what they had paid for an order.",
			"استرداد جزئي", "استرد العميل جزءًا مما دفعه ثمنًا للطلب.",
			"بازگشت بخشی از وجه", "بخشی از مبلغ سفارش به مشتری بازگشت."),
	},
	{
		Kind: OnReturnProcessed, Events: events(commerce.ReturnProcessed), Answers: true, ByOrder: true, Mode: PerOrder, moment: picked(returns), parts: returns,
		Texts: words(
			"Return processed", "Goods that were sent back have come in.",
			"معالجة مرتجع", "وصلت إلى المتجر بضاعة أعادها العميل.",
			"رسیدگی به مرجوعی", "کالایی که مشتری پس فرستاده بود، به فروشگاه رسید."),
	},
	{
		Kind: OnDisputeOpened, Events: events(commerce.DisputeOpened), Answers: true, ByOrder: true, Mode: PerOrder, moment: picked(openDisputes), parts: openDisputes,
		Texts: words(
			"Dispute opened", "The customer objected to a payment at their bank, and it is not settled yet.",
			"فتح نزاع", "اعترض العميل على دفعة لدى مصرفه، ولم يُبتّ في الأمر بعد.",
			"اعتراض بانکی", "مشتری نزد بانک به پرداختی اعتراض کرده و هنوز نتیجه\u200cای نیامده است."),
	},
	{
		Kind: OnDisputeWon, Events: events(commerce.DisputeWonEvent), Answers: true, ByOrder: true, Mode: PerOrder, moment: picked(wonDisputes), parts: wonDisputes,
		Texts: words(
			"Dispute won", "The bank decided a dispute for the shop.",
			"كسب نزاع", "حكم المصرف في النزاع لصالح المتجر.",
			"رد اعتراض بانکی", "بانک در اعتراض، حق را به فروشگاه داد."),
	},
	{
		Kind: OnDisputeLost, Events: events(commerce.DisputeLostEvent), Answers: true, ByOrder: true, Mode: PerOrder, moment: picked(lostDisputes), parts: lostDisputes,
		Texts: words(
			"Dispute lost", "The bank decided a dispute for the customer.",
			"خسارة نزاع", "حكم المصرف في النزاع لصالح العميل.",
			"پذیرش اعتراض بانکی", "بانک در اعتراض، حق را به مشتری داد."),
	},
	{
		Kind: OnPaymentFailed, Events: events(commerce.SubscriptionPaymentFailed), Answers: true, ByOrder: true, Loose: true, Mode: PerOrder, moment: paymentFailed,
		Texts: words(
			"Subscription payment failed", "A subscription's payment was tried in vain and has not been made since.",
			"تعذر دفع اشتراك", "تعذرت محاولة دفع الاشتراك ولم يُدفع بعد ذلك.",
			"ناموفق بودن پرداخت اشتراک", "پرداخت اشتراک انجام نشد و هنوز هم پرداخت نشده است."),
	},
	{
		Kind: OnSubscriptionEnded, Events: events(commerce.SubscriptionCancelled), Answers: true, Mode: EveryTime, moment: happened,
		Texts: words(
			"Subscription cancelled", "A subscription came to its end.",
			"إلغاء اشتراك", "انتهى اشتراك.",
			"لغو اشتراک", "اشتراکی به پایان رسید."),
	},
}

// personTriggers follow the customer from order to order.
var personTriggers = []TriggerSpec{
	{
		Kind: OnFirstOrder, Events: sale, History: true, ByOrder: true, Mode: PerOrder, moment: firstOrder,
		Texts: words(
			"First order", "The customer bought for the first time.",
			"أول طلب", "اشترى العميل للمرة الأولى.",
			"نخستین سفارش", "مشتری برای نخستین بار خرید کرد."),
	},
	{
		Kind: OnNthOrder, Events: sale, History: true, ByOrder: true, Mode: PerOrder, Params: must("n"), moment: nthOrder,
		Texts: words(
			"Order number N", "The customer bought for the Nth time.",
			"الطلب رقم ن", "اشترى العميل للمرة التي يحددها الرقم.",
			"سفارش شمارهٔ N", "مشتری برای بار Nام خرید کرد."),
	},
	{
		Kind: OnSpendThreshold, Events: sale, History: true, ByOrder: true, Mode: PerOrder, Params: must("amount"), moment: spent,
		Texts: words(
			"Spend threshold", "With this order the customer has spent an amount in all.",
			"بلوغ مبلغ", "بلغ مجموع مشتريات العميل مع هذا الطلب مبلغًا محددًا.",
			"رسیدن به مبلغ", "با این سفارش، مجموع خرید مشتری به مبلغی رسید."),
	},
	{
		Kind: OnCustomerCreated, Events: events(commerce.CustomerCreated), Mode: OnceEver, moment: happened,
		Texts: words(
			"New customer", "A customer account was made.",
			"عميل جديد", "أُنشئ حساب عميل.",
			"مشتری تازه", "حساب مشتری ساخته شد."),
	},
	{
		Kind: OnConsentAsked, Events: events(commerce.ConsentAsked), Mode: EveryTime, moment: happened,
		Texts: words(
			"Yes to confirm", "The customer said yes to news and offers where that has to be confirmed once more.",
			"موافقة تنتظر التأكيد", "وافق العميل على الأخبار والعروض حيث يلزم تأكيد الموافقة مرة ثانية.",
			"رضایت در انتظار تأیید", "مشتری با خبرها و پیشنهادها موافقت کرد، در جایی که باید یک بار دیگر تأییدش کند."),
	},
	{
		Kind: OnLapsed, Events: sale, Clock: true, History: true, ByOrder: true, Mode: PerOrder,
		Params: slices.Concat(must("after"), may("median")), moment: lapsed,
		Texts: words(
			"Lapsed", "The customer has not bought for a while, or for longer than is usual for them.",
			"انقطاع", "لم يشترِ العميل منذ مدة، أو منذ مدة أطول من عادته.",
			"غیبت مشتری", "مشتری مدتی است خرید نکرده، یا بیش از فاصلهٔ معمول خودش."),
	},
	{
		Kind: OnReplenishment, Events: events(commerce.OrderArrived), Clock: true, History: true, ByOrder: true, Mode: PerOrder,
		Params: slices.Concat(must("after"), may("products")), moment: replenishment,
		Texts: words(
			"Replenishment", "So long after a product came it may be used up, and the customer has not bought it again.",
			"إعادة تموين", "مضت مدة قد ينفد بعدها المنتج، ولم يشترِه العميل ثانية.",
			"خرید دوباره", "آن\u200cقدر از رسیدن محصول گذشته که شاید تمام شده باشد و مشتری دوباره نخریده است."),
	},
	{
		Kind: OnNewProduct, Events: events(commerce.ProductPublished), Mode: EveryTime, Params: may("products", "related"), moment: happened,
		Texts: words(
			"New product", "A product came out that goes with what the customer bought.",
			"منتج جديد", "طُرح منتج له صلة بما اشتراه العميل.",
			"محصول تازه", "محصولی آمد که به خریدهای مشتری مربوط است."),
	},
	{
		Kind: OnAnniversary, Events: sale, Clock: true, History: true, ByOrder: true, Mode: EveryTime, Params: may("n"), moment: anniversary,
		Texts: words(
			"Anniversary", "The day on which the customer first bought comes round.",
			"ذكرى سنوية", "يحل اليوم الذي اشترى فيه العميل أول مرة.",
			"سالگرد", "روزی می\u200cرسد که مشتری نخستین بار خرید کرده بود."),
	},
}

// otherTriggers answer what other systems tell of.
var otherTriggers = []TriggerSpec{
	{
		Kind: OnCustomEvent, Events: events(commerce.CustomEvent), Mode: EveryTime, Params: must("name"), moment: happened,
		Texts: words(
			"Event told by another system", "Another system told of something by API.",
			"حدث من نظام آخر", "أبلغ نظام آخر عن حدث عبر واجهة البرمجة.",
			"رویداد از سامانه\u200cای دیگر", "سامانه\u200cای دیگر از راه API از چیزی خبر داد."),
	},
}
