package campaign

import (
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"flywheel/commerce"
)

// loyaltyVars are what somebody has in the shop's program, and whom they sent.
var loyaltyVars = []VarSpec{
	{
		Name: "loyalty.member", Type: YesNoVar, needs: needsLoyalty, Texts: label("Member of the program", "عضو في البرنامج", "عضو برنامه است"),
		of: func(w *world) ref.Val { return types.Bool(w.Loyalty.Member) },
	},
	{
		Name: "loyalty.points", Type: NumberVar, needs: needsLoyalty, Texts: label("Points to spend", "النقاط القابلة للصرف", "امتیاز قابل خرج"),
		of: func(w *world) ref.Val { return celInt(max(0, w.Loyalty.Points)) },
	},
	{
		Name: "loyalty.pending", Type: NumberVar, needs: needsLoyalty, Texts: label("Points that wait", "النقاط المعلقة", "امتیاز در انتظار"),
		of: func(w *world) ref.Val { return celInt(max(0, w.Loyalty.Pending)) },
	},
	{
		Name: "loyalty.tier", Type: TextVar, needs: needsLoyalty, Texts: label("Tier (its id)", "المستوى (معرّفه)", "سطح (شناسه\u200cاش)"),
		of: func(w *world) ref.Val { return celText(w.Loyalty.Tier) },
	},
	{
		Name: "loyalty.tier_ending", Type: YesNoVar, needs: needsLoyalty, Texts: label("About to lose the tier", "على وشك فقدان المستوى", "سطحش رو به پایان است"),
		of: func(w *world) ref.Val { return types.Bool(w.Loyalty.Tier != "" && w.Loyalty.Below != 0) },
	},
	{
		Name: "loyalty.expiring", Type: NumberVar, needs: needsLoyalty, Texts: label("Points that end next", "النقاط التي تنتهي أولًا", "امتیازی که زودتر تمام می\u200cشود"),
		of: func(w *world) ref.Val { return celInt(max(0, w.Loyalty.Ending)) },
	},
	{
		Name: "loyalty.days_to_expiry", Type: NumberVar, needs: needsLoyalty, maybe: true,
		Texts: label("Days until points end", "الأيام الباقية لانتهاء النقاط", "روزهای مانده تا پایان امتیاز"),
		of:    func(w *world) ref.Val { return w.daysTo(w.Loyalty.EndsAt) },
	},
	{
		Name: "loyalty.rewards", Type: NumberVar, needs: needsLoyalty, Texts: label("Rewards that can be used", "المكافآت الصالحة للاستعمال", "پاداش\u200cهای قابل استفاده"),
		of: func(w *world) ref.Val { return celInt(len(w.Loyalty.Rewards)) },
	},
	{
		Name: "loyalty.gift", Type: YesNoVar, needs: needsLoyalty,
		Texts: label("What this campaign gave can be used", "ما أعطته هذه الحملة صالح للاستعمال", "آنچه این کارزار داده قابل استفاده است"),
		of:    func(w *world) ref.Val { return types.Bool(w.gave()) },
	},
	{
		Name: "referral.open", Type: YesNoVar, needs: needsLoyalty, Texts: label("Can send friends", "يمكنه إحالة أصدقاء", "می\u200cتواند دوستانش را معرفی کند"),
		of: func(w *world) ref.Val { return types.Bool(w.Loyalty.Sends) },
	},
	{
		Name: "referral.friends", Type: NumberVar, needs: needsLoyalty, Texts: label("Friends who bought by their link", "أصدقاء اشتروا عبر رابطه", "دوستانی که با پیوند او خرید کردند"),
		of: func(w *world) ref.Val { return celInt(w.Loyalty.Friends) },
	},
}

// gave reports whether the walk itself has given a reward that can be used. A
// rehearsal and a replay give nothing: what they were to give is taken as given.
func (w *world) gave() bool {
	return w.enrollment.Rehearsal || w.Loyalty.AsOfNow || w.Loyalty.Gifts[w.enrollment.ID]
}

// daysTo counts whole days from now to at; -1 where at is never.
func (w *world) daysTo(at commerce.Instant) ref.Val {
	if at == 0 {
		return types.Int(-1)
	}
	return types.Int(max(0, at-w.now) / Duration(day).Instants())
}
