package campaign

import "slices"

// BlockSpec is a kind of block as the registry knows it.
type BlockSpec struct {
	Kind BlockKind
	// Says says that it tells people something of its own; a mail needs one that does.
	Says bool
	// Params are the fields of Block it takes, beside the kind.
	Params []Param
	// Ways are the words that its field ways may hold.
	Ways  []string
	Texts Words
}

// The ways that blocks offer. What the shop has not is left out of a mail.
const (
	WayMail     = "mail"  // contact: the shop's address; share: a mail to a friend
	WayPhone    = "phone" // and so on as in commerce.Contact
	WayChat     = "chat"
	WayWhatsApp = "whatsapp" // contact: the shop's number; share: a message to a friend
	WayMeeting  = "meeting"

	WayInstagram = "instagram" // the shop's own pages, as in commerce.Social
	WayFacebook  = "facebook"
	WayX         = "x"
	WayTikTok    = "tiktok"
	WayYouTube   = "youtube"
	WayTelegram  = "telegram"
)

// blockSpecs is the registry of blocks.
var blockSpecs = []BlockSpec{
	{
		Kind: BlockLogo, Params: may("hidden"),
		Texts: words(
			"Logo", "The shop's logo or, without one, its name. It stands first.",
			"الشعار", "شعار المتجر، أو اسمه إن لم يكن له شعار. مكانه في البداية.",
			"نشان", "نشان فروشگاه، یا اگر نباشد نام آن. جایش در آغاز است."),
	},
	{
		Kind: BlockHeading, Says: true, Params: slices.Concat(must("text"), may("hidden")),
		Texts: words(
			"Heading", "A headline of one line.",
			"عنوان", "عنوان من سطر واحد.",
			"عنوان", "عنوانی یک\u200cخطی."),
	},
	{
		Kind: BlockText, Says: true, Params: slices.Concat(must("text"), may("hidden")),
		Texts: words(
			"Text", "Plain paragraphs; a blank line parts them.",
			"نص", "فقرات عادية يفصل بينها سطر فارغ.",
			"متن", "بندهای ساده که یک خط خالی از هم جدایشان می\u200cکند."),
	},
	{
		Kind: BlockRich, Says: true, Params: slices.Concat(must("text"), may("hidden")),
		Texts: words(
			"Formatted text", "Text with bold, italics, links and lists.",
			"نص منسّق", "نص فيه خط عريض ومائل وروابط وقوائم.",
			"متن قالب\u200cدار", "متنی با حروف پررنگ و کج، پیوند و فهرست."),
	},
	{
		Kind: BlockLines, Says: true, Params: may("hidden"),
		Texts: words(
			"Products of the order", "What the customer keeps of the order, with pictures. Left out where there is none.",
			"منتجات الطلب", "ما يبقى للعميل من الطلب مع الصور. يُحذف إن لم يوجد شيء.",
			"کالاهای سفارش", "آنچه از سفارش برای مشتری می\u200cماند، با عکس. اگر نباشد حذف می\u200cشود."),
	},
	{
		Kind: BlockButton, Says: true, Params: slices.Concat(must("button"), may("hidden")),
		Texts: words(
			"Button", "The one thing that the mail asks for.",
			"زر", "الأمر الوحيد الذي تطلبه الرسالة.",
			"دکمه", "تنها چیزی که ایمیل می\u200cخواهد."),
	},
	{
		Kind: BlockImage, Says: true, Params: slices.Concat(must("image", "alt"), may("link", "hidden")),
		Texts: words(
			"Picture", "A picture with words for those who do not see it.",
			"صورة", "صورة مع وصف لمن لا يراها.",
			"تصویر", "تصویری با شرح برای کسی که آن را نمی\u200cبیند."),
	},
	{
		Kind: BlockContact, Params: may("ways", "hidden"), Ways: []string{WayMail, WayPhone, WayChat, WayWhatsApp, WayMeeting},
		Texts: words(
			"Contact", "The ways to reach a person of the shop.",
			"التواصل", "طرق التواصل مع فريق المتجر.",
			"تماس", "راه\u200cهای گفت\u200cوگو با فروشگاه."),
	},
	{
		Kind: BlockShare, Params: may("ways", "hidden"),
		Ways: []string{WayInstagram, WayFacebook, WayX, WayTikTok, WayYouTube, WayTelegram, WayWhatsApp, WayMail},
		Texts: words(
			"Share", "The shop's own pages, and ways to tell friends of it.",
			"المشاركة", "صفحات المتجر وطرق إخبار الأصدقاء به.",
			"معرفی به دیگران", "صفحه\u200cهای فروشگاه و راه\u200cهای معرفی آن به دوستان."),
	},
	{
		Kind: BlockPoints, Params: may("hidden"),
		Texts: words(
			"Points", "The customer's points, what waits or ends soon, and the way to the next tier. Left out without a loyalty program.",
			"النقاط", "نقاط العميل وما ينتظر منها أو ينتهي قريبًا، والطريق إلى المستوى التالي. تُحذف إن لم يوجد برنامج ولاء.",
			"امتیازها", "امتیازهای مشتری، آنچه در انتظار است یا به\u200cزودی تمام می\u200cشود و راه تا سطح بعدی. اگر برنامهٔ وفاداری نباشد حذف می\u200cشود."),
	},
	{
		Kind: BlockReward, Params: may("hidden"),
		Texts: words(
			"Reward", "The reward that the message is about: what it gives, its code and its end. Left out where there is none.",
			"المكافأة", "المكافأة التي تتحدث عنها الرسالة: ما تمنحه ورمزها وموعد انتهائها. تُحذف إن لم توجد.",
			"پاداش", "پاداشی که ایمیل دربارهٔ آن است: آنچه می\u200cدهد، کد و پایانش. اگر نباشد حذف می\u200cشود."),
	},
	{
		Kind: BlockReferral, Params: may("ways", "hidden"), Ways: []string{WayWhatsApp, WayTelegram, WayFacebook, WayX, WayMail},
		Texts: words(
			"Link for friends", "The customer's own link, what a friend gets, and ways to send it. Left out where the shop has no referrals.",
			"رابط للأصدقاء", "رابط العميل الخاص وما يحصل عليه الصديق وطرق إرساله. يُحذف إن لم تكن في المتجر إحالات.",
			"پیوند برای دوستان", "پیوند خود مشتری، آنچه دوستش می\u200cگیرد و راه\u200cهای فرستادن آن. اگر فروشگاه معرفی ندارد حذف می\u200cشود."),
	},
	{
		Kind: BlockDivider, Params: may("hidden"),
		Texts: words(
			"Divider", "A thin line between two parts.",
			"فاصل", "خط رفيع بين جزأين.",
			"جداکننده", "خطی باریک میان دو بخش."),
	},
	{
		Kind: BlockFooter, Params: may("text"),
		Texts: words(
			"Footer", "Why this mail came, preferences and postal address, below a line of the shop's own. It stands last and cannot be hidden.",
			"التذييل", "سبب وصول الرسالة والتفضيلات والعنوان البريدي، تحت سطر يكتبه المتجر. مكانه في النهاية ولا يمكن إخفاؤه.",
			"پانویس", "دلیل رسیدن ایمیل، تنظیمات و نشانی پستی، زیر خطی از خود فروشگاه. جایش در پایان است و پنهان نمی\u200cشود."),
	},
}

// Blocks lists all kinds of blocks there are, in the order in which people read them.
func Blocks() []BlockSpec { return slices.Clone(blockSpecs) }

// BlockOf finds a kind of block; nil where there is none. It is not to be changed.
func BlockOf(kind BlockKind) *BlockSpec {
	i := slices.IndexFunc(blockSpecs, func(s BlockSpec) bool { return s.Kind == kind })
	if i < 0 {
		return nil
	}
	return &blockSpecs[i]
}
