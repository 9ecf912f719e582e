// browser.mjs: a browser, and somebody who is signed in. BASE is where the demo's
// world answers ("" = bin/flywheel demo is started for this), CHROMIUM where the browser is.
import {spawn} from 'node:child_process';
import {createServer} from 'node:net';
import {setPriority} from 'node:os';
import {fileURLToPath} from 'node:url';
import {chromium} from 'playwright-core';

export const base = (process.env.BASE || await demo()).replace(/\/$/, '');
export const owner = 'owner@flywheel.example';
export const phone = {width: 390, height: 844}, desktop = {width: 1280, height: 900};

// The shop that is looked at in each language: one whose merchant speaks it.
export const shopOf = {en: 'harbour.myshopify.com', ar: 'nakheel.myshopify.com', fa: 'nakheel.myshopify.com'};

// demo starts a world, which ends with this process, and returns its address once its month has been played.
async function demo() {
  const port = await new Promise((free) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const {port} = server.address();
      server.close(() => free(port));
    });
  });
  const world = spawn(fileURLToPath(new URL('../bin/flywheel', import.meta.url)), ['demo'], {env: {...process.env, ADDR: `127.0.0.1:${port}`}, stdio: ['ignore', 'pipe', 'inherit']});
  process.on('exit', () => world.kill());
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));
  let said = '';
  await new Promise((ready, failed) => {
    world.on('error', failed);
    world.on('exit', (code) => failed(new Error(`the demo ended with ${code}:\n${said}`)));
    world.stdout.on('data', (part) => { if ((said += part).includes('Business time is real time now')) ready(); });
  });
  return `http://127.0.0.1:${port}`;
}

export function launch() {
  try {
    setPriority(-15); // a browser goes before its neighbours, where that is allowed
  } catch { /* then it waits among them */ }
  return chromium.launch({
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--hide-scrollbars', '--font-render-hinting=none', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'],
  });
}

export async function json(address, options) {
  const answer = await fetch(base + address, options);
  if (!answer.ok) throw new Error(`${address} answered ${answer.status}: ${await answer.text()}`);
  return answer.json();
}

// asked has a link mailed to the owner: state is the browser's after that, link the mailed address.
export async function asked(browser) {
  const context = await browser.newContext();
  const before = new Set((await json(`/demo/mailbox.json?to=${owner}`)).map((mail) => mail.text));
  await context.request.post(base + '/login', {form: {email: owner}, headers: {Origin: base}, maxRedirects: 0});
  let link = '';
  for (let tries = 0; !link; tries++) {
    if (tries === 100) throw new Error('no mail with a link came');
    const mail = (await json(`/demo/mailbox.json?to=${owner}`)).find((one) => !before.has(one.text) && one.text.includes('/login/'));
    link = mail ? new RegExp(`${base}/login/[\\w.~-]+`).exec(mail.text)[0] : '';
    if (!link) await new Promise((later) => setTimeout(later, 100));
  }
  const state = await context.storageState();
  await context.close();
  return {state, link};
}

// signedIn is the state of a browser in which the owner is signed in.
export async function signedIn(browser) {
  const {link, state} = await asked(browser); // it opens where it was asked for
  const context = await browser.newContext({storageState: state});
  const page = await context.newPage();
  await page.goto(link);
  await Promise.all([page.waitForURL(/\/shops/), page.click('main form button')]);
  const inside = await context.storageState();
  await context.close();
  return inside;
}

// embedded is the address of a page as the Shopify admin opens it in its frame.
export async function embedded(path, shop, lang) {
  const {token} = await json(`/demo/shopify/token?shop=${shop}`);
  const address = new URL(base + '/admin' + path);
  for (const [name, value] of Object.entries({embedded: '1', shop, locale: lang, id_token: token})) address.searchParams.set(name, value);
  return address.href;
}

// visitor is a tab of somebody: with a state, in a language, a theme and a size.
export function visitor(browser, {state, lang = 'en', dark = false, size = desktop, scripts = true} = {}) {
  const cookies = [...(state?.cookies || []), {name: 'locale', value: lang, url: base}];
  return browser.newContext({
    viewport: size, locale: lang, colorScheme: dark ? 'dark' : 'light', javaScriptEnabled: scripts, reducedMotion: 'reduce',
    isMobile: size.width < 600, hasTouch: size.width < 600,
  }).then(async (context) => {
    context.setDefaultTimeout(60_000);
    await context.addCookies(cookies);
    return context;
  });
}

// settled waits until a page shows what it has to show: its fonts and pictures
// are there, and its scripts have been loaded.
export async function settled(page, scripts = true) {
  await page.waitForLoadState('load');
  if (!scripts) return; // then nothing can be asked of it
  await page.evaluate(async () => {
    await document.fonts.ready;
    const late = [...document.images].filter((img) => img.loading !== 'lazy' && !img.complete);
    await Promise.all(late.map((img) => new Promise((done) => { img.onload = img.onerror = done; })));
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    await Promise.allSettled(document.getAnimations().filter((one) => one instanceof CSSTransition).map((one) => one.finished)); // colours on their way
  });
}
