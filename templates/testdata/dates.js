// Writes date_cldr.go, date_hijri.go and testdata/date.json from this Node's Intl,
// so that dates read as in a browser. Run in templates/: node testdata/dates.js
//
// Two things are not taken from CLDR: the full Persian date ("1404 Esfand 14, Thursday",
// which nobody in Iran writes) has the order of the Gregorian one, and the English
// dates of the other calendars have only two orders, day first or month first
// (CLDR's for India are misspelt).
const fs = require("fs");
const version = process.versions.cldr;
const styles = ["short", "medium", "long", "full"];
const calendars = { gregorian: "gregory", jalali: "persian", umm_al_qura: "islamic-umalqura" };
const regions = [];
for (let a = 65; a < 91; a++) for (let b = 65; b < 91; b++) {
  const code = String.fromCharCode(a, b);
  try { if (new Intl.DisplayNames("en", { type: "region", fallback: "none" }).of(code)) regions.push(code); } catch {}
}
const day = (y, m, d, h = 0, min = 0) => new Date(Date.UTC(y, m - 1, d, h, min));
const quote = s => JSON.stringify(s).replace(/[\u200b-\u200f\u00a0\u202f\u061c]/g, c => "\\u" + c.charCodeAt(0).toString(16).padStart(4, "0"));
const format = (tag, cal, o) => new Intl.DateTimeFormat(`${tag}-u-ca-${calendars[cal]}-nu-latn`, { timeZone: "UTC", ...o });
const part = (f, t, type) => f.formatToParts(t).find(p => p.type === type)?.value;

// samples are 5/3 and twelve days, one in each month, of each calendar.
const numbers = (cal, t) => {
  const f = format("en", cal, { year: "numeric", month: "numeric", day: "numeric" });
  return ["year", "month", "day"].map(x => parseInt(part(f, t, x)));
};
const samples = {};
for (const cal in calendars) {
  const s = samples[cal] = { months: [] };
  for (let t = day(2025, 1, 1, 15, 7); t < day(2028, 1, 1); t = new Date(+t + 86400e3)) {
    const [, m, d] = numbers(cal, t);
    if (d === 5 && !s.months[m - 1]) s.months[m - 1] = t;
  }
  s.day = s.months[2];
}
const months = (tag, cal) => ["long", "short"].map(month => samples[cal].months.map(t => part(format(tag, cal, { day: "numeric", month, year: "numeric" }), t, "month")));
const week = [4, 5, 6, 7, 8, 9, 10].map(d => day(2026, 1, d)); // from Sunday
const weekdays = tag => ["long", "short"].map(weekday => week.map(t => part(format(tag, "gregorian", { weekday, day: "numeric", month: "long" }), t, "weekday")));
const halves = tag => [9, 15].map(h => part(format(tag, "gregorian", { hour: "numeric", minute: "2-digit", hour12: true }), day(2026, 3, 5, h, 7), "dayPeriod"));

// pattern tells how Intl writes a date, as a pattern of strftime.
function pattern(tag, cal, o) {
  const [long, short] = months(tag, cal), [wide, brief] = weekdays(tag), t = samples[cal].day;
  const year = String(numbers(cal, t)[0]);
  return format(tag, cal, o).formatToParts(t).map(({ type, value }) => {
    switch (type) {
      case "day": return { 5: "%-d", "05": "%d" }[value];
      case "month": {
        const shown = samples[cal].months.map(m => part(format(tag, cal, o), m, "month")).join(); // of March alone one could not tell
        return { 3: "%-m", "03": "%m" }[value] ?? (shown === long.join() ? "%B" : shown === short.join() ? "%b" : undefined);
      }
      case "year": return value === year ? "%Y" : value === year.slice(2) ? "%y" : undefined;
      case "weekday": return { [brief[t.getUTCDay()]]: "%a", [wide[t.getUTCDay()]]: "%A" }[value];
      case "hour": {
        const early = part(format(tag, cal, o), day(2026, 3, 5, 9, 7), "hour");
        return (value === "15" ? { 9: "%-H", "09": "%H" } : { 9: "%-I", "09": "%I" })[early];
      }
      case "minute": return "%M";
      case "dayPeriod": return "%p";
      case "literal": case "era": return value.replace("\u202f", " "); // as format() does, for old programs' sake
    }
  }).map(p => { if (p === undefined) throw new Error(`${tag} ${cal} ${JSON.stringify(o)}`); return p; }).join("");
}
// model is the tag whose pattern stands for tag.
const dayFirst = tag => pattern(tag, "gregorian", { dateStyle: "long" }).startsWith("%-d") || pattern(tag, "gregorian", { dateStyle: "long" }).startsWith("%d");
const model = (tag, cal) => cal === "gregorian" || !tag.startsWith("en") ? tag : dayFirst(tag) ? "en-GB" : "en";
function forms(tag, cal) {
  const all = styles.map(dateStyle => pattern(model(tag, cal), cal, { dateStyle }));
  if (cal === "jalali" && tag.startsWith("fa")) all[3] = "%A " + all[2];
  return all;
}

// group gives each distinct value one number, and each key of a region only what
// its language does not have already.
function group(name, type, doc, value, write) {
  const sets = [], keys = [];
  const index = v => { const s = write(v); if (!sets.includes(s)) sets.push(s); return sets.indexOf(s); };
  for (const lang of ["en", "ar", "fa"]) for (const cal of name === "clock" ? [""] : Object.keys(calendars)) {
    const end = cal && "/" + cal, own = index(value(lang, cal));
    keys.push([lang + end, own]);
    for (const r of regions) {
      const i = index(value(`${lang}-${r}`, cal));
      if (i !== own) keys.push([`${lang}-${r}${end}`, i]);
    }
  }
  return `\n// ${name}Sets are ${doc}\nvar ${name}Sets = [...]${type}{\n${sets.map(s => "\t" + s + ",").join("\n")}\n}\n` +
    `\n// ${name}Of numbers the sets by language, or language and country${name === "clock" ? "" : ", and calendar"}.\nvar ${name}Of = map[string]uint8{\n${keys.map(([k, i]) => `\t"${k}": ${i},`).join("\n")}\n}\n`;
}
const list = a => "{" + a.map(quote).join(", ") + "}";
let go = `// Code generated by testdata/dates.js from CLDR ${version}; DO NOT EDIT.\n\npackage templates\n`;
go += group("form", "[4]string", "the patterns of short, medium, long and full dates.", forms, list);
go += group("month", "[2][12]string", "the names of months, whole and short.", months, v => "{" + v.map(list).join(", ") + "}");
go += group("clock", "clock", "the pattern of a time of day, and the names of its halves.",
  tag => [pattern(tag, "gregorian", { timeStyle: "short" }), ...halves(tag)], list);
go += `\n// weekdays are their names from Sunday on, whole and short.\nvar weekdays = map[string][2][7]string{\n${["en", "ar", "fa"].map(l => `\t"${l}": {${weekdays(l).map(list).join(", ")}},`).join("\n")}\n}\n`;
for (const l of ["en", "ar", "fa"]) for (const r of regions)
  if (JSON.stringify(weekdays(`${l}-${r}`)) !== JSON.stringify(weekdays(l))) console.error("weekdays of their own:", l, r, weekdays(`${l}-${r}`)[1].join());
fs.writeFileSync("date_cldr.go", go);

// The Umm al-Qura calendar: 1300 to 1600, each year the months of 30 days.
const parts = t => numbers("umm_al_qura", t);
let t = day(1882, 11, 1);
while (parts(t).join() !== "1300,1,1") t = new Date(+t + 86400e3);
const first = t / 86400e3, long = [];
for (let y = 1300; y <= 1600; y++) {
  let bits = 0;
  for (let m = 1; m <= 12; m++) {
    let next = new Date(+t + 29 * 86400e3);
    if (parts(next)[1] === m) { bits |= 1 << (m - 1); next = new Date(+next + 86400e3); }
    if (parts(next)[2] !== 1) throw new Error(`month ${y}-${m} has neither 29 nor 30 days`);
    t = next;
  }
  long.push("0x" + bits.toString(16).padStart(3, "0"));
}
const rows = [];
for (let i = 0; i < long.length; i += 10) rows.push(`\t${long.slice(i, i + 10).join(", ")}, // ${1300 + i}`);
fs.writeFileSync("date_hijri.go", `// Code generated by testdata/dates.js from ICU ${process.versions.icu}; DO NOT EDIT.

package templates

// The years of the Umm al-Qura calendar that are known, and the day of 1 Muharram of
// the first, counted from 1970-01-01.
const (
	firstHijri    = 1300
	firstHijriDay = ${first}
)

// hijriMonths are the months of 30 days of each year, bit 0 for Muharram; others have 29.
var hijriMonths = [...]uint16{
${rows.join("\n")}
}
`);

// The cases: language, country, digits, calendar, style, milliseconds, text.
const cases = [];
const add = (lang, region, digits, cal, style, t) => {
  const tag = region ? `${lang}-${region}` : lang;
  const nu = digits === "latin" ? "-nu-latn" : digits === "native" && lang === "ar" ? "-nu-arab" : "";
  const o = style === "time" ? { timeStyle: "short" } : { dateStyle: style };
  let m = model(tag, cal);
  if (cal === "jalali" && lang === "fa" && style === "full") return;
  cases.push([lang, region, digits, cal, style, +t, new Intl.DateTimeFormat(`${m}-u-ca-${calendars[cal]}${nu}`, { timeZone: "UTC", ...o }).format(t)]);
};
const moment = day(2026, 3, 5, 15, 7);
for (const lang of ["en", "ar", "fa"]) for (const r of ["", ...regions]) {
  add(lang, r, "", "gregorian", "medium", moment);
  add(lang, r, "", "gregorian", "time", day(2026, 3, 5, 9, 7));
}
const main = [["en", ""], ["en", "US"], ["en", "GB"], ["en", "IN"], ["ar", ""], ["ar", "SA"], ["ar", "AE"], ["ar", "EG"], ["ar", "IQ"], ["ar", "DZ"], ["ar", "MA"], ["fa", "IR"], ["fa", "AF"], ["fa", ""]];
for (const [lang, r] of main) for (const cal in calendars) for (const style of styles) {
  for (const m of samples[cal].months) if (style !== "full") add(lang, r, "", cal, style, m);
  for (let n = 0; n < 7; n++) if (style === "full") add(lang, r, "", cal, style, new Date(+moment + n * 86400e3));
  for (const digits of ["latin", "native"]) if (lang !== "en") add(lang, r, digits, cal, style, moment);
}
for (const [lang, r] of main) for (let h = 0; h < 24; h += 3) add(lang, r, "", "gregorian", "time", day(2026, 3, 5, h, 40));
// Days over two centuries, by steps that meet every part of month and year.
for (let t = day(1900, 1, 1); t < day(2100, 1, 1); t = new Date(+t + 193 * 86400e3)) { add("fa", "IR", "latin", "jalali", "short", t); add("ar", "SA", "latin", "umm_al_qura", "long", t); }
// The days around each new year.
for (let y = 1990; y < 2090; y++) for (const d of [19, 20, 21, 22]) add("fa", "IR", "latin", "jalali", "short", day(y, 3, d));
fs.writeFileSync("testdata/date.json", "[\n" + cases.map(c => JSON.stringify(c)).join(",\n") + "\n]\n");
