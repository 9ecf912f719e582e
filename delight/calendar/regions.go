package calendar

// regionRow says which zones the regions codes have; a region with two has a
// border in it, the first zone is that of most people.
type regionRow struct{ zones, codes string }

// regions are the parts of countries with several zones: ISO 3166-2 codes and,
// for Mexico and Spain, also those that Shopify writes, without spaces. Zones as in the tz database's
// zone.tab and its comments; zones that agree from 2025 on are one.
var regions = map[string][]regionRow{
	"US": {
		{"America/New_York", "CT DC DE GA MA MD ME NC NH NJ NY OH PA RI SC VA VT WV"},
		{"America/New_York America/Chicago", "FL IN KY MI"},
		{"America/Chicago America/New_York", "TN"},
		{"America/Chicago", "AL AR IA IL LA MN MO MS OK WI"},
		{"America/Chicago America/Denver", "KS ND NE SD TX"},
		{"America/Denver", "CO MT NM UT WY"},
		{"America/Phoenix America/Denver", "AZ"}, // the Navajo Nation turns its clocks
		{"America/Denver America/Los_Angeles", "ID"},
		{"America/Los_Angeles", "CA WA"},
		{"America/Los_Angeles America/Denver", "NV OR"},
		{"America/Anchorage America/Adak", "AK"},
		{"Pacific/Honolulu", "HI"},
		{"America/Puerto_Rico", "PR VI"}, // sold as states though countries of their own
		{"Pacific/Guam", "GU MP"},
		{"Pacific/Pago_Pago", "AS"},
	},
	"CA": {
		{"America/Edmonton", "AB"},
		{"America/Vancouver America/Edmonton America/Creston", "BC"},
		{"America/Winnipeg", "MB"},
		{"America/Halifax", "NB NS PE"},
		{"America/St_Johns America/Halifax", "NL"},
		{"America/Edmonton America/Inuvik", "NT"},
		{"America/Iqaluit America/Rankin_Inlet America/Cambridge_Bay America/Atikokan", "NU"},
		{"America/Toronto America/Winnipeg America/Atikokan", "ON"},
		{"America/Toronto America/Halifax America/Blanc-Sablon", "QC"},
		{"America/Regina America/Edmonton", "SK"}, // Lloydminster keeps Alberta's time
		{"America/Whitehorse", "YT"},
	},
	"AU": {
		{"Australia/Sydney", "ACT VIC"},
		{"Australia/Sydney Australia/Broken_Hill Australia/Lord_Howe", "NSW"},
		{"Australia/Brisbane", "QLD"},
		{"Australia/Adelaide", "SA"},
		{"Australia/Hobart", "TAS"},
		{"Australia/Darwin", "NT"},
		{"Australia/Perth Australia/Eucla", "WA"},
	},
	"BR": {
		{"America/Sao_Paulo", "AL AP BA CE DF ES GO MA MG PA PB PI PR RJ RN RS SC SE SP TO"},
		{"America/Recife America/Noronha", "PE"},
		{"America/Manaus", "MS MT RO RR"},
		{"America/Manaus America/Eirunepe", "AM"},
		{"America/Rio_Branco", "AC"},
	},
	"MX": {
		{"America/Mexico_City", "AGU AGS CAM CAMP CHP CHIS CMX DF COL DUR DGO GUA GTO GRO HID HGO JAL MEX MIC MICH MOR OAX PUE QUE QRO SLP TAB TLA TLAX VER YUC ZAC"},
		{"America/Cancun", "ROO QROO"},
		{"America/Hermosillo", "SON SIN BCS"},
		{"America/Hermosillo America/Mexico_City", "NAY"},
		{"America/Tijuana", "BCN BC"},
		{"America/Mexico_City America/Matamoros", "COA COAH NLE NL TAM TAMPS"}, // the towns on the border turn their clocks
		{"America/Chihuahua America/Ciudad_Juarez America/Ojinaga", "CHH CHIH"},
	},
	"ES": {
		{"Europe/Madrid", "A AB AL AV B BA BI BU C CA CC CE CO CR CS CU GI GR GU H HU J L LE LO LU M MA ML MU NA O OR OU P PM PO S SA SE SG SO SS T TE TO V VA VI Z ZA"},
		{"Atlantic/Canary", "CN GC TF"},
	},
	"PT": {
		{"Europe/Lisbon", "01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 30"}, // Madeira, 30, keeps Lisbon's time
		{"Atlantic/Azores", "20"},
	},
}
