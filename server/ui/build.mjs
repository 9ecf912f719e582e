// build.mjs makes server/ui/dist of server/ui/src: scripts, one style sheet for
// each direction, the font, and manifest.json, which tells pages the names with
// their hashes. Styles that no page or script names are left out.
import {build} from 'esbuild';
import {PurgeCSS} from 'purgecss';
import {createHash} from 'node:crypto';
import {mkdir, readFile, readdir, rename, rm, writeFile} from 'node:fs/promises';
import {brotliCompressSync} from 'node:zlib';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';

const here = dirname(fileURLToPath(import.meta.url)), root = join(here, '../..');
const src = join(here, 'src'), dist = join(here, 'dist'), made = join(here, `dist.${process.pid}`);
const packages = join(root, 'node_modules');
const manifest = {};

const hash = (data) => createHash('sha256').update(data).digest('hex').slice(0, 10);
async function put(name, ext, data) {
  const file = `${name}-${hash(data)}${ext}`;
  await writeFile(join(made, file), data);
  manifest[name + ext] = file;
  return file;
}

// scripts: app.js with what it loads when a page needs it, theme.js by itself.
async function scripts() {
  const common = {bundle: true, minify: true, target: 'es2022', legalComments: 'linked', metafile: true, outdir: made, logLevel: 'warning', entryNames: '[name]-[hash]', chunkNames: '[name]-[hash]', alias: {'@codemirror/lang-html': join(src, 'editor/html.js')}};
  const apps = await build({...common, entryPoints: [join(src, 'app.js')], format: 'esm', splitting: true});
  const theme = await build({...common, entryPoints: [join(src, 'theme.js')], format: 'iife'});
  for (const {outputs} of [apps.metafile, theme.metafile]) {
    for (const [file, o] of Object.entries(outputs)) {
      if (o.entryPoint && file.endsWith('.js')) manifest[o.entryPoint.split('/').pop()] = file.split('/').pop();
    }
  }
}

// styles: Tabler for one direction, without what nothing names, and then ours.
async function styles(direction, font) {
  const tabler = await readFile(join(packages, '@tabler/core/dist/css', direction === 'rtl' ? 'tabler.rtl.css' : 'tabler.css'), 'utf8');
  const [purged] = await new PurgeCSS().purge({
    css: [{raw: tabler}],
    content: [join(root, 'templates/pages/admin/*.html'), join(root, 'templates/*.go'), join(root, 'server/*.go'), join(src, '**/*.js')],
    extractors: [{extractor: (text) => text.match(/[A-Za-z][\w-]*/g) || [], extensions: ['html', 'go', 'js']}],
    safelist: {standard: ['html', 'body', 'dialog', 'progress'], greedy: [/^data-bs-theme$/]},
    blocklist: [/^(flag|payment|social|avatar|ribbon|carousel|calendar|offcanvas|theme-dark|apexcharts|ts-|litepicker|jvm-|noUi|dropzone|fslightbox|plyr|hljs|tox)/],
    variables: true, keyframes: true, fontFace: true,
  });
  let face = '';
  if (direction === 'rtl') {
    const index = await readFile(join(packages, '@fontsource-variable/vazirmatn/index.css'), 'utf8');
    const range = /arabic-wght-normal\.woff2[^}]*unicode-range:\s*([^;]+);/.exec(index)[1];
    face = `@font-face{font-family:"Vazirmatn Variable";font-display:swap;font-weight:100 900;src:url(/assets/${font}) format("woff2");unicode-range:${range}}\n`;
  }
  const parts = (await readdir(src, {recursive: true})).filter((name) => name.endsWith('.css') && name !== 'app.css').sort();
  const ours = (await Promise.all(['app.css', ...parts].map((name) => readFile(join(src, name), 'utf8')))).join('\n');
  const out = await build({
    stdin: {contents: face + purged.css + '\n' + ours, loader: 'css', resolveDir: src}, bundle: false, minify: true, write: false, target: ['chrome123', 'firefox121', 'safari17.5'], legalComments: 'none', logLevel: 'error',
  });
  await put(`app.${direction}`, '.css', '/*! Tabler 1.6.1, MIT: see /licences */' + out.outputFiles[0].text);
}

// licences: of what is sent to browsers, in one file.
async function licences() {
  const parts = [];
  for (const name of ['@tabler/core', 'htmx.org', 'sortablejs', 'chart.js', 'codemirror', '@codemirror/lang-liquid', '@codemirror/view', '@lezer/common', '@kurkle/color', 'style-mod', 'w3c-keyname', 'crelt', '@marijn/find-cluster-break', '@fontsource-variable/vazirmatn']) {
    const about = JSON.parse(await readFile(join(packages, name, 'package.json'), 'utf8'));
    const file = (await readdir(join(packages, name))).find((f) => /^licen[cs]e/i.test(f));
    const text = file ? await readFile(join(packages, name, file), 'utf8') : '';
    parts.push(`${about.name} ${about.version}, ${about.license}\n\n${text.trim()}\n`);
  }
  for (const file of (await readdir(made)).filter((f) => f.endsWith('.LEGAL.txt'))) parts.push(await readFile(join(made, file), 'utf8'));
  await writeFile(join(made, 'licences.txt'), parts.join('\n' + '-'.repeat(72) + '\n\n'));
}

// What was built of the same sources stays: mark says of which, and what came of them.
const mark = join(packages, '.flywheel-ui');
const present = () => readFile(join(dist, 'manifest.json'), 'utf8').catch(() => '');
async function sources() {
  const files = [fileURLToPath(import.meta.url), join(root, 'package-lock.json')];
  for (const [folder, fits] of [[src, /./], [join(root, 'templates/pages/admin'), /\.html$/], [join(root, 'templates'), /\.go$/], [here + '/..', /\.go$/]]) {
    const found = await readdir(folder, {recursive: folder === src, withFileTypes: true});
    files.push(...found.filter((f) => f.isFile() && fits.test(f.name)).map((f) => join(f.parentPath ?? f.path, f.name)).sort());
  }
  return hash((await Promise.all(files.map(async (file) => file + '\0' + await readFile(file, 'utf8')))).join('\0'));
}
const from = await sources();
if (await readFile(mark, 'utf8').catch(() => '') === from + hash(await present())) {
  console.log('server/ui/dist is as its sources are');
  process.exit();
}

await rm(made, {recursive: true, force: true});
await mkdir(made, {recursive: true});
const font = await put('vazirmatn', '.woff2', await readFile(join(packages, '@fontsource-variable/vazirmatn/files/vazirmatn-arabic-wght-normal.woff2')));
await put('icon', '.svg', await readFile(join(src, 'icon.svg')));
await scripts();
await styles('ltr', font);
await styles('rtl', font);
await licences();
// packed once, as small as it gets: the server has no Brotli of its own
for (const name of (await readdir(made)).filter((name) => /\.(js|css)$/.test(name))) await writeFile(join(made, name + '.br'), brotliCompressSync(await readFile(join(made, name))));
await writeFile(join(made, 'manifest.json'), JSON.stringify(manifest, null, 1));
await writeFile(join(made, '.keep'), '');

// What was built before goes only now: a build that fails leaves it.
const old = made + '.old';
await rename(dist, old).catch(() => {}); // there may be none
await rename(made, dist);
await rm(old, {recursive: true, force: true});
await writeFile(mark, from + hash(await present()));

const size = async (name) => (await readFile(join(dist, manifest[name] + (name.endsWith('.woff2') ? '' : '.br')))).length;
const kb = (n) => (n / 1000).toFixed(1) + ' kB';
const js = await size('app.js') , ltr = await size('app.ltr.css'), rtl = await size('app.rtl.css'), woff = await size('vazirmatn.woff2');
console.log(`first load, compressed: en ${kb(js + ltr)} (script ${kb(js)}, style ${kb(ltr)}); ar, fa ${kb(js + rtl + woff)} (style ${kb(rtl)}, font ${kb(woff)})`);
