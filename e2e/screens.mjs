// screens.mjs takes a picture of every page in English and Arabic, light and dark,
// on a phone and a desktop, into OUT (screens/), with an index.html to leaf
// through. It looks at the demo at BASE, or starts bin/flywheel demo for itself.
//   ONLY=home,editor   pages whose names contain one of these
//   LANGS=en,ar,fa     THEMES=light,dark   SIZES=phone,desktop
import {mkdir, writeFile} from 'node:fs/promises';
import {join, resolve} from 'node:path';
import {desktop, launch, phone, settled, visitor} from './browser.mjs';
import {come, pagesOf, seats} from './pages.mjs';

const out = resolve(process.env.OUT || 'screens'), began = Date.now();
const list = (name, all) => (process.env[name] || all).split(',').filter(Boolean);
const langs = list('LANGS', 'en,ar'), themes = list('THEMES', 'light,dark'), sizes = list('SIZES', 'phone,desktop'), only = list('ONLY', '');
const tallest = 6000; // what is longer is cut there: its foot is like its middle

await mkdir(out, {recursive: true});
const browser = await launch();
const taken = [], wrong = [];
try {
  const who = await seats(browser);
  for (const lang of langs) {
    const pages = (await pagesOf(browser, lang, who)).filter((page) => !only.length || only.some((part) => page.name.includes(part)));
    for (const size of sizes) {
      const queue = [...pages];
      await Promise.all([0, 1, 2].map(async () => {
        for (let page = queue.shift(); page; page = queue.shift()) await take(page, lang, size);
      }));
    }
  }
} finally {
  await browser.close();
}
await writeFile(join(out, 'index.html'), index());
console.log(`${taken.length} pictures of ${new Set(taken.map((one) => one.name)).size} pages in ${Math.round((Date.now() - began) / 1000)} s: ${join(out, 'index.html')}`);
if (wrong.length) console.error(wrong.join('\n'));
process.exit(wrong.length ? 1 : 0); // a demo of our own ends too

// take shows a page once and takes a picture in each theme.
async function take(page, lang, size) {
  const context = await visitor(browser, {state: page.state, lang, size: size === 'phone' ? phone : desktop, scripts: page.scripts});
  try {
    const tab = await context.newPage();
    await come(tab, page, size);
    for (const theme of themes) {
      await tab.emulateMedia({colorScheme: theme});
      await settled(tab, page.scripts);
      const file = `${page.name}.${lang}.${theme}.${size}.png`, width = (size === 'phone' ? phone : desktop).width;
      // A window as tall as the page: what sticks stands at its place, and frames are drawn.
      const height = Math.min(tallest, await tab.evaluate(() => document.documentElement.scrollHeight));
      await tab.setViewportSize({width, height});
      await settled(tab, page.scripts);
      if (page.scripts !== false) await tab.waitForFunction(() => [...document.querySelectorAll('canvas[data-chart]')].every((chart) => chart.style.boxSizing)); // drawn
      await tab.screenshot({path: join(out, file), animations: 'disabled'});
      taken.push({name: page.name, lang, theme, size, file});
    }
  } catch (err) {
    wrong.push(`${page.name} ${lang} ${size}: ${err.message.split('\n').slice(0, 3).join(' ')}`);
  } finally {
    await context.close();
  }
}

// index shows a page per row, its eight pictures beside each other.
function index() {
  const names = [...new Set(taken.map((one) => one.name))];
  const rows = names.map((name) => `<h2 id="${name}">${name}</h2><div>${taken.filter((one) => one.name === name).map((one) => `<figure><a href="${one.file}"><img loading="lazy" src="${one.file}" alt="${one.name}, ${one.lang}, ${one.theme}, ${one.size}"></a><figcaption>${one.lang} ${one.theme} ${one.size}</figcaption></figure>`).join('')}</div>`);
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Every page</title><style>body{font:14px system-ui;margin:1rem}div{display:flex;gap:1rem;overflow-x:auto;align-items:flex-start}figure{margin:0}img{block-size:20rem;object-fit:cover;object-position:top;border:1px solid #999}nav{columns:5}</style><nav>${names.map((name) => `<a href="#${name}">${name}</a><br>`).join('')}</nav>${rows.join('')}</html>`;
}
