// Writes the facts that package calendar keeps as tables:
//
//	node testdata/generate.mjs   (in delight/calendar; then gofumpt -w zones.go ummalqura.go)
//
// zones.go           zones by country, from the tz database's zone.tab; zones of a country whose clocks agree from 2025 to 2036 are one
// ummalqura.go       the years 1440 to 1500 of the Umm al-Qura calendar, from Intl "islamic-umalqura"
// testdata/*.txt     what Intl says of dates, for the tests
import { readFileSync, writeFileSync } from 'node:fs'

const DAY = 86400000
const tab = '/usr/share/zoneinfo/zone.tab'
const release = readFileSync('/usr/share/zoneinfo/tzdata.zi', 'utf8').match(/version (\S+)/)[1]
const sources = `tz database ${release}, ICU ${process.versions.icu}`

function parts(calendar, day) {
  const f = (parts.cache ??= {})[calendar] ??= new Intl.DateTimeFormat(`en-u-ca-${calendar}`, { timeZone: 'UTC', year: 'numeric', month: 'numeric', day: 'numeric' })
  const p = Object.fromEntries(f.formatToParts(day * DAY).map(x => [x.type, parseInt(x.value)]))
  return [p.year ?? p.relatedYear, p.month, p.day]
}

// clocks is a text that two zones share when their clocks agree at every six hours.
function clocks(zone) {
  const f = new Intl.DateTimeFormat('en-GB', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' })
  let out = ''
  for (let t = Date.UTC(2025, 0, 1); t < Date.UTC(2037, 0, 1); t += DAY / 4) out += f.format(t) + ';'
  return out
}

// main is where most people of a country live, where zone.tab begins elsewhere or its first name is little known.
const main = {
  AU: 'Australia/Sydney Australia/Brisbane Australia/Adelaide', BR: 'America/Sao_Paulo America/Manaus America/Rio_Branco', CA: 'America/Toronto America/Vancouver', CL: 'America/Santiago',
  CD: 'Africa/Kinshasa', ID: 'Asia/Jakarta', KI: 'Pacific/Tarawa', FM: 'Pacific/Pohnpei', MX: 'America/Mexico_City America/Cancun America/Hermosillo', RU: 'Europe/Moscow', UA: 'Europe/Kyiv', UM: 'Pacific/Wake',
}

function zones() {
  const countries = {}
  for (const line of readFileSync(tab, 'utf8').split('\n')) {
    if (!line || line.startsWith('#')) continue
    const [country, , zone] = line.split('\t')
    ;(countries[country] ??= []).push(zone)
  }
  let out = `// Written by testdata/generate.mjs from ${sources} (public domain); not edited by hand.

package calendar

// countryZones names the zones of each country, that of most people first. Zones
// of one country whose clocks agree from 2025 on are one.
var countryZones = map[string][]string{
`
  for (const country of Object.keys(countries).sort()) {
    const seen = new Set()
    countries[country] = [...new Set([...(main[country]?.split(' ') ?? []), ...countries[country]])]
    const kept = countries[country].filter(z => countries[country].length === 1 || !seen.has(clocks(z)) && seen.add(clocks(z)))
    out += `\t"${country}": {${kept.map(z => `"${z}"`).join(', ')}},\n`
  }
  writeFileSync('zones.go', out + '}\n')
}

function ummAlQura() {
  let out = `// Written by testdata/generate.mjs from ${sources} (facts of the printed calendar); not edited by hand.

package calendar

// firstHijri is the year of the first row of hijriYears.
const firstHijri = 1440

// hijriYears are the years of the Umm al-Qura calendar: the day of 1 Muharram,
// counted from 1970-01-01, and the months that have 30 days, bit 0 for Muharram.
var hijriYears = [...]struct {
	start int
	long  uint16
}{
`
  const starts = [], table = []
  for (let day = Date.UTC(2018, 7, 1) / DAY; day < Date.UTC(2078, 0, 1) / DAY; day++) {
    const [y, m, d] = parts('islamic-umalqura', day)
    if (d === 1 && y >= 1440 && y <= 1501) starts.push([y, m, day])
  }
  for (let i = 0; i + 12 < starts.length && starts[i][0] <= 1500; i += 12) {
    let long = 0
    for (let m = 0; m < 12; m++) {
      const length = starts[i + m + 1][2] - starts[i + m][2]
      if (length !== 29 && length !== 30) throw new Error(`${starts[i + m]} has ${length} days`)
      if (length === 30) long |= 1 << m
    }
    out += `\t{${starts[i][2]}, 0b${long.toString(2).padStart(12, '0')}}, // ${starts[i][0]}: ${iso(starts[i][2])}\n`
  }
  for (const [y, m, day] of starts) if ([9, 10, 12].includes(m) && y <= 1500) table.push(`${y} ${m} ${iso(day)}`)
  writeFileSync('ummalqura.go', out + '}\n')
  writeFileSync('testdata/ummalqura.txt', table.join('\n') + '\n')
}

function nowruz() {
  const table = []
  for (let year = 1990; year <= 2089; year++) {
    for (let d = 17; d < 25; d++) {
      const day = Date.UTC(year, 2, d) / DAY
      const [y, m, dd] = parts('persian', day)
      if (m === 1 && dd === 1) table.push(`${y} ${iso(day)}`)
    }
  }
  writeFileSync('testdata/nowruz.txt', table.join('\n') + '\n')
}

const iso = day => new Date(day * DAY).toISOString().slice(0, 10)
zones(); ummAlQura(); nowruz()
