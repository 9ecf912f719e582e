package templates

import "strings"

// western maps the digits and signs of Arabic and Persian numbers (Unicode
// U+0660 to U+066C and U+06F0 to U+06F9) to those of ASCII.
var western = strings.NewReplacer(
	"٠", "0", "١", "1", "٢", "2", "٣", "3", "٤", "4", "٥", "5", "٦", "6", "٧", "7", "٨", "8", "٩", "9",
	"۰", "0", "۱", "1", "۲", "2", "۳", "3", "۴", "4", "۵", "5", "۶", "6", "۷", "7", "۸", "8", "۹", "9",
	"٫", ".", "٬", ",", "٪", "%", "−", "-",
)

// Western writes a number that somebody typed in Arabic or Persian digits as
// programs read it; everything else stays. The grouping sign becomes a comma.
func Western(s string) string { return western.Replace(s) }
