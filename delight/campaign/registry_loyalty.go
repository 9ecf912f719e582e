package campaign

import "flywheel/commerce"

// loyaltyTriggers follow what happens to the customer in the shop's own program.
var loyaltyTriggers = []TriggerSpec{
	{
		Kind: OnMemberJoined, Events: events(commerce.MemberJoined), loyal: true, Mode: EveryTime, moment: ours(stillMember),
		Texts: words(
			"Joined the program", "The customer became a member of the loyalty program.",
			"انضمام إلى البرنامج", "أصبح العميل عضوًا في برنامج الولاء.",
			"پیوستن به برنامه", "مشتری عضو برنامهٔ وفاداری شد."),
	},
	{
		Kind: OnPointsEarned, Events: events(commerce.PointsEarned), loyal: true, Mode: EveryTime, moment: ours(stillEarned),
		Texts: words(
			"Points earned", "The customer earned points, to spend at once or after the return window.",
			"كسب نقاط", "كسب العميل نقاطًا يمكن صرفها فورًا أو بعد انتهاء مهلة الإرجاع.",
			"گرفتن امتیاز", "مشتری امتیازی گرفت که همین حالا یا پس از مهلت بازگشت کالا خرج می\u200cشود."),
	},
	{
		Kind: OnPointsExpiring, Events: events(commerce.PointsExpiring), loyal: true, Mode: EveryTime, moment: ours(stillEnding),
		Texts: words(
			"Points about to expire", "Points of the customer end in a few days, and are not spent yet.",
			"قرب انتهاء النقاط", "تنتهي خلال أيام نقاط للعميل لم تُصرف بعد.",
			"پایان نزدیک امتیازها", "امتیازهایی از مشتری تا چند روز دیگر از میان می\u200cرود و هنوز خرج نشده است."),
	},
	{
		Kind: OnTierReached, Events: events(commerce.TierReached), loyal: true, Mode: EveryTime, moment: ours(stillTier),
		Texts: words(
			"Tier reached", "The customer rose to a tier of the program.",
			"بلوغ مستوى", "ارتقى العميل إلى مستوى في البرنامج.",
			"رسیدن به سطح", "مشتری به سطحی بالاتر در برنامه رسید."),
	},
	{
		Kind: OnTierEnding, Events: events(commerce.TierEnding), loyal: true, Mode: EveryTime, moment: ours(stillFalling),
		Texts: words(
			"Tier about to be lost", "The customer no longer reaches their tier, and loses it when the grace is over.",
			"قرب فقدان المستوى", "لم يعد العميل يبلغ مستواه، وسيفقده عند انتهاء المهلة.",
			"از دست رفتن نزدیک سطح", "مشتری دیگر به سطح خود نمی\u200cرسد و با پایان مهلت آن را از دست می\u200cدهد."),
	},
	{
		Kind: OnRewardReady, Events: events(commerce.RewardReady), loyal: true, Mode: EveryTime, moment: ours(stillOpen),
		Texts: words(
			"Reward ready", "The customer got a reward whose code can be used.",
			"مكافأة جاهزة", "حصل العميل على مكافأة صار رمزها صالحًا للاستعمال.",
			"آماده شدن پاداش", "مشتری پاداشی گرفت که کدش قابل استفاده است."),
	},
	{
		Kind: OnRewardExpiring, Events: events(commerce.RewardExpiring), loyal: true, Mode: EveryTime, moment: ours(stillOpen),
		Texts: words(
			"Reward about to expire", "A reward of the customer ends in a few days, and is not used yet.",
			"قرب انتهاء المكافأة", "تنتهي خلال أيام مكافأة للعميل لم تُستعمل بعد.",
			"پایان نزدیک پاداش", "پاداشی از مشتری تا چند روز دیگر تمام می\u200cشود و هنوز به کار نرفته است."),
	},
	{
		Kind: OnBirthday, Events: events(commerce.BirthdayCame), loyal: true, Mode: EveryTime, moment: happened,
		Texts: words(
			"Birthday", "It is the birthday that the customer told the shop.",
			"عيد ميلاد", "حلّ عيد الميلاد الذي أخبر به العميل المتجر.",
			"زادروز", "روز تولدی است که مشتری به فروشگاه گفته است."),
	},
	{
		Kind: OnFriendBought, Events: events(commerce.FriendBought), loyal: true, Mode: EveryTime, moment: ours(stillBought),
		Texts: words(
			"A friend bought", "A friend whom the customer sent has bought. What the shop gives for it, if anything, waits for the end of the return window.",
			"شراء صديق", "اشترى صديق أرسله العميل، وما يمنحه المتجر مقابل ذلك، إن كان، ينتظر انتهاء مهلة الإرجاع.",
			"خرید دوست", "دوستی که مشتری معرفی کرده خرید کرد؛ آنچه فروشگاه برای آن می\u200cدهد، اگر باشد، تا پایان مهلت بازگشت کالا می\u200cماند."),
	},
	{
		Kind: OnReferralPaid, Events: events(commerce.ReferralPaid), loyal: true, Mode: EveryTime, moment: ours(stillPaid),
		Texts: words(
			"Referral rewarded", "The customer got what they were promised for a friend.",
			"مكافأة إحالة", "حصل العميل على ما وُعد به مقابل إحالة صديق.",
			"پاداش معرفی", "مشتری آنچه را برای معرفی دوستش وعده داده شده بود، گرفت."),
	},
}
