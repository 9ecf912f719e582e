// A browser for one walk. It notes what no page may do (errors in the console,
// requests that fail, cookies where there may be none), and where a step fails it
// says which, with a picture and what the page showed.
import {join} from 'node:path';
import {chromium} from 'playwright-core';
import {bare, lang, say} from './walk_words.mjs';

const flags = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'];
const patience = 30000;
const {APP, ADMIN, OUT, CHROMIUM} = process.env;

export class Walk {
  // start opens a browser whose reader speaks the walk's language. cookies: the app may set its own.
  static async start({script = true, cookies = true} = {}) {
    const walk = new Walk();
    Object.assign(walk, {script, cookies, wrong: [], allowed: [], now: 'the beginning'});
    const blocking = cookies ? [] : ['--test-third-party-cookie-phaseout'];
    walk.browser = await chromium.launch({executablePath: CHROMIUM, args: [...flags, ...blocking]});
    walk.context = await walk.browser.newContext({javaScriptEnabled: script, locale: {en: 'en-GB', ar: 'ar-SA'}[lang], viewport: {width: 1280, height: 900}, reducedMotion: 'reduce'});
    walk.context.setDefaultTimeout(patience);
    walk.page = await walk.context.newPage();
    walk.app = walk.page;
    walk.watch();
    return walk;
  }

  // inFrame has the app be what stands in the admin's frame.
  inFrame() { this.app = this.page.frameLocator('iframe[title="App"]'); }

  watch() {
    const {page} = this;
    page.on('console', (said) => { if (said.type() === 'error') this.note(`the console says: ${said.text()} (${said.location().url})`); });
    page.on('pageerror', (error) => this.note(`a script failed: ${error.stack || error}`));
    page.on('requestfailed', (request) => this.note(`${request.method()} ${request.url()} failed: ${request.failure()?.errorText}`));
    page.on('request', (request) => this.cookieOf(request.allHeaders(), 'cookie', request));
    page.on('response', (answer) => {
      if (answer.status() >= 400) this.note(`${answer.request().method()} ${answer.url()} answered ${answer.status()}`);
      this.cookieOf(answer.allHeaders(), 'set-cookie', answer);
    });
  }

  async cookieOf(headers, name, of) {
    const found = (await headers.catch(() => ({})))[name];
    if (found && !this.cookies) this.note(`a cookie where there may be none: ${name}: ${found} (${of.url()})`);
  }

  note(what) { if (!this.allowed.some((one) => one.test(what))) this.wrong.push(`${this.now}: ${what}`); }

  // allow names what is expected to go wrong, from now on.
  allow(...patterns) { this.allowed.push(...patterns); }

  // step does one thing that a person would.
  async step(name, act) {
    this.now = name;
    const began = Date.now();
    try {
      await act();
    } catch (error) {
      throw Object.assign(new Error(`step "${name}" failed: ${error.message}`), {stack: error.stack});
    }
    console.log(`${((Date.now() - began) / 1000).toFixed(1)} s  ${name}`);
  }

  // text is what can be read in the app.
  async text() { return bare(await this.app.locator('body').innerText()); }

  // sees waits until a text can be read in the app.
  async sees(...texts) {
    for (const text of texts) {
      let shown = '';
      await until(async () => (shown = await this.text().catch(() => '')).includes(bare(text)), `the page shows “${bare(text)}”`);
    }
  }

  // again waits for a text that comes by itself; without a script, when the page is loaded again.
  async again(text) {
    if (this.script) return this.sees(text);
    await until(async () => (await this.text()).includes(bare(text)) || await this.page.reload() && false, `the page shows “${bare(text)}”`);
  }

  // title waits for a page by its first heading.
  async title(text) {
    await until(async () => bare(await this.app.locator('h1').first().innerText().catch(() => '')).includes(bare(text)), `the page is “${bare(text)}”`);
  }

  button(name) { return this.app.getByRole('button', {name, exact: true}); }
  link(name) { return this.app.getByRole('link', {name, exact: true}); }

  // press presses a button; where it asks first, yes is the answer that goes on.
  async press(name, yes, within = this.app) {
    await within.getByRole('button', {name, exact: true}).first().click();
    if (yes && this.script) await this.app.getByRole('dialog').getByRole('button', {name: yes, exact: true}).click();
  }

  // go opens a part of the app by its navigation: inside Shopify that is the admin's.
  async go(key) {
    const name = say('nav_' + key);
    if (this.app === this.page) await this.app.getByRole('navigation', {name: say('nav'), exact: true}).first().getByRole('link', {name, exact: true}).first().click();
    else await this.page.getByRole('navigation', {name: 'App'}).getByRole('button', {name, exact: true}).click();
  }

  // direction demands that the page is in the reader's language and runs its way.
  async direction() {
    const html = this.app.locator('html');
    const is = `${await html.getAttribute('lang')} ${await html.getAttribute('dir')}`, want = `${lang} ${lang === 'ar' ? 'rtl' : 'ltr'}`;
    if (is !== want) throw new Error(`the page is ${is}, not ${want}`);
    const title = await this.app.locator('h1').first().innerText();
    if (lang === 'ar' && !/[\u0621-\u064a]/.test(title)) throw new Error(`“${title}” is not Arabic`);
  }

  async end(error) {
    if (!error && this.wrong.length) error = new Error('all steps were taken, but meanwhile something went wrong that people do not see');
    if (error) {
      console.log(`\n${error.message}\n${error.stack}`);
      const picture = join(OUT, 'failed.png');
      if (await this.page.screenshot({path: picture, fullPage: true}).then(() => true, () => false)) console.log(`\nA picture is in ${picture}`);
      console.log(`\nat ${this.page.frames().map((frame) => frame.url()).join('\n   ')}`);
      console.log(`\nThe page shows:\n${(await this.app.locator('body').innerText({timeout: 2000}).catch((e) => String(e))).slice(0, 6000)}`);
      process.exitCode = 1;
    }
    for (const what of this.wrong) console.log(`\nwrong during ${what}`);
    await this.browser.close();
  }
}

// walking takes the steps of a walk and says how it went.
export async function walking(options, steps) {
  const walk = await Walk.start(options);
  let failed;
  await steps(walk).catch((error) => { failed = error; });
  await walk.end(failed);
}

// until waits for what goes on elsewhere.
export async function until(is, what) {
  for (const end = Date.now() + patience; ;) {
    const found = await is();
    if (found) return found;
    if (Date.now() > end) throw new Error(`not within ${patience / 1000} s: ${what}`);
    await new Promise((later) => setTimeout(later, 100));
  }
}

// outside asks the world around the app: read, buy, pass, settle, mails.
export async function outside(what, data = {}) {
  const answer = await fetch(`${ADMIN.replace('admin.localhost', '127.0.0.1')}/outside/${what}`, {method: 'POST', body: new URLSearchParams(data)});
  if (!answer.ok) throw new Error(`${what}: ${await answer.text()}`);
  return answer.json();
}

// mailed waits for the mails that an address has, at least so many.
export function mailed(to, least = 1) {
  return until(async () => {
    await outside('settle');
    const mails = await outside('mails', {to});
    return mails.length >= least && mails;
  }, `mail ${least} to ${to}`);
}

export {APP, ADMIN};
