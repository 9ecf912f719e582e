// axe.mjs runs axe-core on every page, in English and Arabic, light and dark, and
// on the main ones on a phone too. Findings that are serious or critical fail;
// lesser ones are listed. ONLY=part,part looks at some pages alone.
import {createRequire} from 'node:module';
import {readFile} from 'node:fs/promises';
import {launch, phone, settled, visitor} from './browser.mjs';
import {come, pagesOf, seats} from './pages.mjs';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const only = (process.env.ONLY || '').split(',').filter(Boolean), langs = (process.env.LANGS || 'en,ar').split(',');
const tabs = Number(process.env.TABS || 4), began = Date.now();
const found = new Map(), failed = [];
const grave = /^(serious|critical)/;
let looks = 0, pages = 0;

const browser = await launch();
try {
  const who = await seats(browser);
  const queue = [];
  for (const lang of langs) queue.push(...(await pagesOf(browser, lang, who)).filter((page) => page.scripts !== false && (!only.length || only.some((part) => page.name.includes(part))))); // axe is a script: bare pages are looked at by eye
  pages = queue.length;
  await Promise.all(Array.from({length: tabs}, async () => {
    const contexts = new Map(); // of each worker, so that what pages share is fetched once
    for (let page = queue.shift(); page; page = queue.shift()) {
      const who = page.lang + (page.state?.cookies || []).map((one) => one.value).join();
      if (!contexts.has(who)) contexts.set(who, await visitor(browser, {state: page.state, lang: page.lang}));
      await look(page, await contexts.get(who).newPage()).catch((err) => failed.push(`${page.name} ${page.lang}: ${err.message.split('\n').slice(0, 4).join(' ')}`));
    }
  }));
} finally {
  await browser.close();
}

// look opens a page once: all rules in the light, then those of colours in the dark, then all on a phone.
async function look(page, tab) {
  try {
    await come(tab, page, 'desktop');
    await tab.evaluate(axe);
    await thin(tab);
    note(page, 'light', await run(tab));
    await tab.emulateMedia({colorScheme: 'dark'});
    await settled(tab);
    note(page, 'dark', await run(tab, ['color-contrast', 'link-in-text-block']));
    if (!page.main) return;
    await tab.emulateMedia({colorScheme: 'light'});
    await tab.setViewportSize(phone);
    await settled(tab);
    note(page, 'phone', await run(tab));
  } finally {
    await tab.close();
  }
}

// thin leaves six of many rows: the others are like them, and axe looks at each colour.
function thin(tab) {
  return tab.evaluate(() => { for (const row of document.querySelectorAll('main tbody tr, main ul > li, main ol > li, main .card')) if ([...row.parentElement.children].indexOf(row) > 5 && row.parentElement.children.length > 12) row.remove(); });
}

// run looks, and where something serious is found again once the page stands still:
// a menu that opens or a notice that goes may lie over a part of a target for a moment.
async function run(tab, rules) {
  const seen = await once(tab, rules);
  if (!seen.violations.some(({impact}) => grave.test(impact))) return seen;
  await settled(tab);
  await tab.evaluate(() => scrollTo(0, 0)); // where a field has the focus, the page's head may lie over what is above it
  return once(tab, rules);
}

function once(tab, rules) {
  return tab.evaluate((rules) => window.axe.run(document, {resultTypes: ['violations'], rules: {'target-size': {enabled: true}}, ...(rules ? {runOnly: {type: 'rule', values: rules}} : {})}), rules);
}

function note(page, look, {violations}) {
  looks++;
  for (const {id, impact, help, nodes} of violations) {
    for (const node of nodes) {
      const key = `${impact} ${id}: ${help}\n    ${node.target.join(' ')}  ${node.html.slice(0, 160).replace(/\s+/g, ' ')}${/contrast|target/.test(id) ? '\n    ' + (node.any[0]?.message || '') : ''}`;
      if (!found.has(key)) found.set(key, []);
      found.get(key).push(`${page.name} ${page.lang} ${look}`);
    }
  }
}

const bad = [...found].filter(([key]) => grave.test(key)), rest = [...found].filter(([key]) => !grave.test(key));
for (const [key, where] of [...rest, ...bad]) console.log(`${key}\n    on ${where.slice(0, 6).join(', ')}${where.length > 6 ? ` and ${where.length - 6} more` : ''}`);
console.log(`${pages} pages, ${looks} looks, ${bad.length} serious findings, ${rest.length} lesser, ${Math.round((Date.now() - began) / 1000)} s`);
if (failed.length) console.log(failed.join('\n'));
process.exit(bad.length || failed.length ? 1 : 0);
