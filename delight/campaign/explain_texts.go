package campaign

import (
	"strconv"
	"strings"
)

// phrase is a sentence in the languages of the program; {1}, {2}, ... stand for
// what say is given.
type phrase struct{ en, ar, fa string }

var (
	tooLong      = phrase{"The condition is longer than 4 KB.", "الشرط أطول من 4 كيلوبايت.", "شرط بلندتر از ۴ کیلوبایت است."}
	notUTF8      = phrase{"The condition holds bytes that are no letters.", "يحتوي الشرط على بايتات ليست حروفًا.", "شرط بایت\u200cهایی دارد که حرف نیستند."}
	empty        = phrase{"The condition is empty.", "الشرط فارغ.", "شرط خالی است."}
	tooNested    = phrase{"The condition has too many parts within parts.", "في الشرط أجزاء متداخلة أكثر مما ينبغي.", "در شرط بخش\u200cهای تودرتو بیش از اندازه است."}
	unclear      = phrase{"The condition cannot be understood: {1}.", "تعذّر فهم الشرط: {1}.", "شرط فهمیده نشد: {1}."}
	notYesNo     = phrase{"The condition gives {1}, not yes or no.", "نتيجة الشرط {1}، وليست نعم أو لا.", "حاصل شرط {1} است، نه بله یا خیر."}
	unmakable    = phrase{"A condition only reads, it cannot make {1}.", "الشرط يقرأ فقط ولا يمكنه إنشاء {1}.", "شرط فقط می\u200cخواند و نمی\u200cتواند {1} بسازد."}
	bareScope    = phrase{"{1} alone is no value. Name a part of it, such as {2}.", "{1} وحدها ليست قيمة. اذكر جزءًا منها مثل {2}.", "{1} به\u200cتنهایی مقدار نیست. بخشی از آن را بنویسید، مانند {2}."}
	noSuch       = phrase{"There is no {1}.", "لا يوجد {1}.", "{1} وجود ندارد."}
	noFunction   = phrase{"There is no function {1}.", "لا توجد دالة باسم {1}.", "تابعی به نام {1} وجود ندارد."}
	didYouMean   = phrase{"Did you mean {1}?", "هل تقصد {1}؟", "آیا منظورتان {1} است؟"}
	theScopes    = phrase{"A condition reads order, person, event, shop, enrollment and now.", "يقرأ الشرط order وperson وevent وshop وenrollment وnow.", "شرط از order، \u200fperson، \u200fevent، \u200fshop، \u200fenrollment و now می\u200cخواند."}
	expected     = phrase{"Here {1} is needed, and this is {2}.", "المطلوب هنا {1}، والموجود {2}.", "اینجا {1} لازم است، اما این {2} است."}
	noParts      = phrase{"A dot names a part of something, and {1} has no parts.", "النقطة تسمّي جزءًا من شيء، وليس لدى {1} أجزاء.", "نقطه بخشی از چیزی را نام می\u200cبرد، اما {1} بخشی ندارد."}
	notAList     = phrase{"Only a list can be gone through, and this is {1}.", "لا يمكن المرور إلا على قائمة، وهذا {1}.", "تنها فهرست را می\u200cتوان یک\u200cبه\u200cیک خواند، اما این {1} است."}
	reservedWord = phrase{"{1} is a word that conditions keep for themselves.", "{1} كلمة محجوزة في لغة الشروط.", "{1} واژه\u200cای است که زبان شرط\u200cها برای خود نگه داشته است."}
	nearHere     = phrase{"This cannot be read from {1} on.", "لا يمكن قراءة الشرط ابتداءً من {1}.", "شرط از {1} به بعد خوانده نمی\u200cشود."}
	endsEarly    = phrase{"The condition ends too early: something is missing here.", "ينتهي الشرط مبكرًا: ينقص شيء هنا.", "شرط زود پایان می\u200cیابد: چیزی در اینجا کم است."}
	hasTakes     = phrase{"has() asks for a part of something, such as {1}.", "تسأل has()\u200e عن جزء من شيء، مثل {1}.", "has()\u200e بودن بخشی از چیزی را می\u200cپرسد، مانند {1}."}

	dayTakes     = phrase{"day() and dayEnd() take one day of the calendar, such as {1}.", "تأخذ day()\u200e وdayEnd()\u200e يومًا واحدًا، مثل {1}.", "day()\u200e و dayEnd()\u200e یک روز می\u200cگیرند، مانند {1}."}
	listContains = phrase{"Whether something is in a list is asked by {1}.", "للسؤال عن وجود شيء في قائمة اكتب {1}.", "بودن چیزی در فهرست را با {1} بپرسید."}

	oneEqual     = phrase{"Write == to compare.", "اكتب == للمقارنة.", "برای سنجش == بنویسید."}
	notEqual     = phrase{"Write != for is not.", "اكتب != بمعنى «ليس».", "به\u200cجای «نیست» != بنویسید."}
	wordAnd      = phrase{"Write && for and.", "اكتب && بمعنى «و».", "به\u200cجای «و» && بنویسید."}
	wordOr       = phrase{"Write || for or.", "اكتب || بمعنى «أو».", "به\u200cجای «یا» || بنویسید."}
	wordNot      = phrase{"Write ! for not.", "اكتب ! بمعنى «ليس».", "برای نفی ! بنویسید."}
	wordContains = phrase{"To look into a list write \"vip\" in order.tags; into a text order.source.contains(\"web\").", "للبحث في قائمة اكتب \u2066\"vip\" in order.tags\u2069، وفي نص \u2066order.source.contains(\"web\")\u2069.", "برای جست\u200cوجو در فهرست \u2066\"vip\" in order.tags\u2069 و در متن \u2066order.source.contains(\"web\")\u2069 بنویسید."}
	plainQuotes  = phrase{"Write plain quotation marks: \"...\".", "اكتب علامات الاقتباس البسيطة: \"...\".", "گیومه ساده بنویسید: \"...\"."}
	plainComma   = phrase{"Write a plain comma: ,", "اكتب الفاصلة اللاتينية: ,", "ویرگول لاتین بنویسید: ,"}
	latinDigits  = phrase{"Write digits as 0 to 9.", "اكتب الأرقام من 0 إلى 9.", "رقم\u200cها را به شکل 0 تا 9 بنویسید."}
	invisible    = phrase{"An invisible sign stands here, such as one that turns the direction of writing. Delete it.", "توجد هنا علامة غير مرئية، كعلامة اتجاه الكتابة. احذفها.", "در اینجا نشانه\u200cای ناپیداست، مانند نشانه جهت نوشتار. آن را پاک کنید."}
	openText     = phrase{"A text begins here and does not end: a quotation mark is missing.", "يبدأ هنا نص ولا ينتهي: تنقص علامة اقتباس.", "متنی از اینجا آغاز می\u200cشود و پایان نمی\u200cیابد: یک گیومه کم است."}

	misfitCompare = phrase{"{1} cannot compare {2} with {3}.", "لا تستطيع {1} مقارنة {2} مع {3}.", "{1} نمی\u200cتواند {2} را با {3} بسنجد."}
	withPoint     = phrase{"An amount equals only a number that is written with a point, such as 100.0.", "المبلغ لا يساوي إلا عددًا مكتوبًا بنقطة، مثل 100.0.", "مبلغ تنها با عددی برابر است که با نقطه نوشته شود، مانند 100.0."}
	misfitIn      = phrase{"\"in\" looks for something in a list of its kind; it cannot look for {1} in {2}.", "تبحث in عن شيء في قائمة من نوعه، ولا تستطيع البحث عن {1} في {2}.", "in چیزی را در فهرستی از همان نوع می\u200cجوید و نمی\u200cتواند {1} را در {2} بجوید."}
	misfitChoice  = phrase{"? and : choose between things of one kind, and these are {1} and {2}.", "تختار ? و : بين شيئين من نوع واحد، وهذان {1} و{2}.", "? و : از میان دو چیز هم\u200cنوع برمی\u200cگزینند، اما این\u200cها {1} و {2} هستند."}
	misfitEmpty   = phrase{"{1} needs something to work with.", "تحتاج {1} إلى شيء تعمل عليه.", "{1} به چیزی نیاز دارد که روی آن کار کند."}
	misfitCall    = phrase{"{1} cannot be used with {2}.", "لا يمكن استخدام {1} مع {2}.", "{1} را نمی\u200cتوان با {2} به کار برد."}

	tooCostly   = phrase{"The condition takes too much work to answer, beyond its cost limit; make it simpler.", "يتطلب الشرط عملاً أكثر من الحد المسموح؛ بسّطه.", "پاسخ به شرط کاری بیش از حد مجاز می\u200cخواهد؛ آن را ساده\u200cتر کنید."}
	divided     = phrase{"Something is divided by zero.", "يُقسم شيء على صفر.", "چیزی بر صفر تقسیم می\u200cشود."}
	overflow    = phrase{"A number or a time grows too large.", "عدد أو وقت يصبح أكبر من اللازم.", "عددی یا زمانی بیش از اندازه بزرگ می\u200cشود."}
	outOfList   = phrase{"The list has no element at this place.", "لا يوجد عنصر في هذا الموضع من القائمة.", "فهرست در این جایگاه چیزی ندارد."}
	noKey       = phrase{"{1} was not told. Ask {2} first.", "لم يُذكر {1}. اسأل {2} أولاً.", "{1} گفته نشده است. نخست {2} را بپرسید."}
	notKnown    = phrase{"{1} is not known here. Ask {2} first.", "{1} غير معروف هنا. اسأل {2} أولاً.", "{1} در اینجا دانسته نیست. نخست {2} را بپرسید."}
	kindsDiffer = phrase{"Things of different kinds meet here, such as a number and a text.", "يلتقي هنا شيئان من نوعين مختلفين، كعدد ونص.", "در اینجا دو چیز از دو نوع، مانند عدد و متن، در برابر هم می\u200cآیند."}
	noPattern   = phrase{"The pattern of matches() cannot be read or is too long: {1}.", "لا يمكن قراءة نمط matches()\u200e أو أنه طويل جدًا: {1}.", "الگوی matches()\u200e خوانده نمی\u200cشود یا بسیار بلند است: {1}."}
	failed      = phrase{"The condition could not be answered: {1}.", "تعذّرت الإجابة عن الشرط: {1}.", "شرط پاسخ داده نشد: {1}."}
)

// say fills a phrase: a string is code and stays as it is, Texts are words.
func say(p phrase, args ...any) Texts {
	out := Texts{"en": p.en, "ar": p.ar, "fa": p.fa}
	for lang, sentence := range out {
		var pairs []string
		for i, arg := range args {
			word := ""
			switch arg := arg.(type) {
			case Texts:
				word = arg[lang]
			case string:
				word = code(lang, arg)
			}
			pairs = append(pairs, "{"+strconv.Itoa(i+1)+"}", word)
		}
		out[lang] = strings.NewReplacer(pairs...).Replace(sentence)
	}
	return out
}

// code is a piece of a condition within a sentence; among letters that run from
// right to left it is set apart (UAX #9, isolates).
func code(lang, s string) string {
	if lang == "en" {
		return `"` + s + `"`
	}
	return "«\u2066" + s + "\u2069»"
}

// join puts two sentences one behind the other.
func join(a, b Texts) Texts {
	out := Texts{}
	for lang := range a {
		out[lang] = a[lang] + " " + b[lang]
	}
	return out
}

// typeNames are the types of CEL in words.
var typeNames = map[string]Texts{
	"bool":      {"en": "yes or no", "ar": "نعم أو لا", "fa": "بله یا خیر"},
	"number":    {"en": "a number", "ar": "عدد", "fa": "عدد"},
	"string":    {"en": "a text", "ar": "نص", "fa": "متن"},
	"list":      {"en": "a list", "ar": "قائمة", "fa": "فهرست"},
	"map":       {"en": "a set of names with values", "ar": "مجموعة أسماء لها قيم", "fa": "مجموعه\u200cای از نام و مقدار"},
	"timestamp": {"en": "a moment", "ar": "لحظة زمنية", "fa": "لحظه"},
	"duration":  {"en": "a length of time", "ar": "مدة زمنية", "fa": "مدت زمان"},
	"null":      {"en": "nothing", "ar": "لا شيء", "fa": "هیچ"},
	"dyn":       {"en": "something of unknown kind", "ar": "شيء غير معروف النوع", "fa": "چیزی با نوع نامعلوم"},
	"line":      {"en": "a line of an order", "ar": "بند من طلب", "fa": "ردیف سفارش"},
}

// typeWords names a type as CEL writes it in words.
func typeWords(name string) Texts {
	name = strings.TrimPrefix(name, typePrefix)
	base, _, _ := strings.Cut(name, "(")
	switch base {
	case "int", "uint", "double":
		base = "number"
	case "google.protobuf.Timestamp":
		base = "timestamp"
	case "google.protobuf.Duration":
		base = "duration"
	}
	if words, ok := typeNames[base]; ok {
		return words
	}
	return Texts{"en": code("en", name), "ar": code("ar", name), "fa": code("fa", name)}
}

// typeList reads CEL's list of a call's types, such as "string.(int, list(string))".
func typeList(signature string) (all []Texts) {
	depth, begun := 0, 0
	signature = strings.TrimSuffix(signature, ")") + ","
	if receiver, args, member := strings.Cut(signature, ".("); member {
		all, signature = append(all, typeWords(receiver)), args
	} else {
		signature = strings.TrimPrefix(signature, "(")
	}
	for i, r := range signature {
		switch {
		case r == '(':
			depth++
		case r == ')':
			depth--
		case r == ',' && depth == 0:
			if name := strings.TrimSpace(signature[begun:i]); name != "" {
				all = append(all, typeWords(name))
			}
			begun = i + 1
		}
	}
	return all
}

// listing joins words by and.
func listing(all []Texts) Texts {
	out := Texts{}
	for lang, and := range map[string]string{"en": " and ", "ar": " و", "fa": " و "} {
		var words []string
		for _, t := range all {
			words = append(words, t[lang])
		}
		out[lang] = strings.Join(words, and)
	}
	return out
}
