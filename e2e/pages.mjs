// pages.mjs: every page there is, from the server's own list of routes, with what
// its parameters name filled in from the demo's shops; and the states of pages
// that are worth a look. A route that is added is looked at at once; one with a
// parameter that nobody knows here fails.
import {asked, base, embedded, json, settled, shopOf, signedIn, visitor} from './browser.mjs';

// What answers a GET and is no page: doors of platforms, files, signed addresses.
const noPages = [/^\/(api|assets|c|o|proxy|install)\//, /^\/proxy\/shopify$/, /^\/(healthz|readyz)$/, /^\/admin/, /\/(file|body|now)$/, /\/exports\//];

// known gives what a parameter names in a shop: one id, or several.
const known = {
  campaign: () => 'thank_you',
  person: (at) => at.first('/customers', /\/customers\/([\w-]{10,})/),
  delivery: (at) => at.first('/lists/webhooks', /\/lists\/webhooks\/([\w-]+)/),
  task: (at) => at.first('/lists/tasks', /\/lists\/tasks\/([\w-]+)/),
  referral: (at) => at.all('/loyalty/referrals', /\/referrals\/([\w-]{10,})/),
  account: (at) => at.firstOf('/me', /\/accounts\/([\w-]+)/),
  step: (at, path) => path.includes('/setup/') ? at.all('/setup', /\/setup\/([\w-]+)/) : 'thanks',
};
const publicTokens = {
  '/u/:token': (at) => at.mailed(/\/u\/([\w-]+)/),
  '/confirm/:token': (at) => at.mailed(/\/confirm\/([\w-]+)/),
  '/account/:token': (at) => at.mailed(/\/account\/([\w-]{22})/),
  '/account/in/:shop/:token': (at) => at.magic(),
  '/r/:code': (at) => at.invitation(),
  '/login/:token': (at) => at.link.split('/').pop(),
  '/join/:token': (at) => at.offer,
};

// Look is one language's shops with what can be asked of them.
class Look {
  constructor(browser, lang) { Object.assign(this, {browser, lang}); }

  async open({state, anybody}) {
    const {lang} = this;
    Object.assign(this, {state, anybody, link: anybody.link});
    this.context = await visitor(this.browser, {state, lang});
    const fleet = await this.text('/shops?q=');
    const of = [...fleet.matchAll(/href="\/shops\/([\w-]+)"><bdi>([^<]*)/g)].map(([, id, name]) => ({id, name}));
    const speaks = lang === 'en' ? /Harbour/ : /النخيل/;
    this.shop = of.find((one) => speaks.test(one.name)).id;
    this.empty = of.find((one) => (lang === 'en' ? /Quiet/ : /الهدوء/).test(one.name)).id;
    this.mails = [...await json('/demo/mailbox.json'), ...await json('/demo/mailbox.json?page=2')];
    this.offer = await this.invited();
    await this.context.request.post(`${base}/shops/${this.empty}/campaigns/new`, {form: {playbook: 'how_to'}, headers: {Origin: base}}); // it asks for words that the shop has not
    return this;
  }

  async text(path) { return (await this.context.request.get(base + path)).text(); }
  async found(path, what) { return [...(await this.text(path)).matchAll(new RegExp(what, 'g'))].map(([, id]) => id); }
  async all(path, what) { return [...new Set(await this.found(`/shops/${this.shop}${path}`, what))]; }
  async firstOf(path, what) { return (await this.found(path, what))[0]; }
  first(path, what) { return this.firstOf(`/shops/${this.shop}${path}`, what); }

  // mailed finds a token in a mail in this language, else in any.
  mailed(what) {
    const shops = this.lang === 'en' ? /Harbour/ : /النخيل/;
    const mails = this.mails.filter((mail) => what.test(mail.text));
    const own = mails.find((mail) => shops.test(mail.shop) && [mail.headers['content-language']].flat().join().startsWith(this.lang));
    return what.exec((own || mails[0])?.text || '')?.[1];
  }

  // member is whoever a reward was mailed to: they have points, and have sent friends.
  member() {
    const mail = this.mails.find((one) => (this.lang === 'en' ? /Harbour/ : /النخيل/).test(one.shop) && /\/account\/[\w-]{22}/.test(one.text));
    if (!mail) throw new Error('the demo has mailed no reward');
    return mail.to;
  }

  // magic has the link of the member's page mailed, and returns its token.
  async magic() {
    const before = new Set((await json('/demo/mailbox.json')).map((mail) => mail.id)), to = this.member();
    const answer = await this.context.request.post(`${base}/account/in/${this.shop}`, {form: {do: 'letter', email: to}, headers: {Origin: base}});
    if (answer.status() >= 400) throw new Error(`asking for the page of ${to} answered ${answer.status()}`);
    for (const end = Date.now() + 20_000; Date.now() < end; await new Promise((done) => setTimeout(done, 200))) {
      const fresh = (await json('/demo/mailbox.json')).find((mail) => !before.has(mail.id) && mail.to === to && /\/account\/in\//.test(mail.text));
      if (fresh) return /\/account\/in\/[\w-]+\/([\w-]+)/.exec(fresh.text)[1];
    }
    throw new Error(`no link came to ${to}`);
  }

  // invitation is the code of an advocate, as the page of a referral shows it.
  async invitation() {
    const page = await this.text(`/shops/${this.shop}/loyalty/referrals/${(await known.referral(this))[0]}`);
    const code = /\/r\/([A-Z0-9]{6,})/.exec(page)?.[1];
    if (!code) throw new Error('the page of a referral shows no code');
    return code;
  }

  // friend asks for what an advocate's friends get, and returns the path that the mail leads to.
  async friend() {
    const before = new Set((await json('/demo/mailbox.json')).map((mail) => mail.id)), path = `/r/${await this.invitation()}`;
    await this.context.request.post(base + path, {form: {email: `new-${this.lang}-${Date.now()}@example.org`}, headers: {Origin: base}});
    for (const end = Date.now() + 20_000; Date.now() < end; await new Promise((done) => setTimeout(done, 200))) {
      const fresh = (await json('/demo/mailbox.json')).find((mail) => !before.has(mail.id) && mail.text.includes(path + '/'));
      if (fresh) return /\/r\/[A-Z0-9]+\/[\w-]+/.exec(fresh.text)[0];
    }
    throw new Error(`no mail came to a friend by ${path}`);
  }

  // invited has an agency invited into the shop, and returns the code.
  async invited() {
    const page = await this.context.newPage();
    await page.goto(`${base}/shops/${this.shop}/team/invite`);
    await page.locator('form:has([name=kind][value=agency]) button.btn-primary').click();
    const address = await page.locator('#address').inputValue();
    await page.close();
    return address.split('/').pop();
  }

  // filled are the addresses that a route stands for.
  async filled(route) {
    if (route === '/r/:code/:token') return [await this.friend()];
    let out = [route.replace('/shops/:shop', `/shops/${this.shop}`).replace('/in/:shop', `/in/${this.shop}`)];
    for (const name of route.match(/:(\w+)/g) || []) {
      if (name === ':shop') continue;
      const of = publicTokens[route] || known[name.slice(1)];
      if (!of) throw new Error(`${route}: what does ${name} name? Tell e2e/pages.mjs`);
      const ids = [await of(this, route)].flat();
      if (!ids.length || !ids[0]) throw new Error(`${route}: the demo has nothing for ${name}`);
      out = out.flatMap((path) => ids.map((id) => path.replace(name, encodeURIComponent(id))));
    }
    return out;
  }
}

const nameOf = (route) => route.replace('/shops/:shop', 'shop').replace(/:/g, '').replace(/^\//, '').replace(/\//g, '-') || 'root';

// seats are the two who look: the owner, and somebody who has only asked to come
// in. The owner's shops are whole before: each that is added renews their session.
export async function seats(browser) {
  for (const lang of ['en', 'ar']) await fetch(`${base}/demo/shops?shop=quiet-${lang}.myshopify.com&locale=${lang}`, {method: 'POST'}); // refused where it is there
  return {state: await signedIn(browser), anybody: await asked(browser)};
}

// pagesOf are all pages in one language, each as {name, lang, url, and how it is come by}.
export async function pagesOf(browser, lang, seats) {
  const at = await new Look(browser, lang).open(seats);
  const out = [], seen = new Set();
  for (const route of await json('/demo/routes.json')) {
    if (noPages.some((one) => one.test(route))) continue;
    const inside = /^\/(shops|me|accounts)/.test(route);
    const paths = await at.filled(route);
    for (const path of paths) {
      const own = await visitor(browser, {state: inside ? at.state : at.anybody.state, lang});
      const answer = await own.request.get(base + path, {maxRedirects: 0});
      const page = answer.status() === 200 && /text\/html/.test(answer.headers()['content-type']) && !answer.headers()['content-disposition'] && /^\s*<!doctype/i.test(await answer.text());
      await own.close();
      if (answer.status() >= 400 || /\/login\?back/.test(answer.headers().location)) throw new Error(`${path} answered ${answer.status()}`);
      if (!page || seen.has(path)) continue;
      seen.add(path);
      const last = paths.length > 1 ? '-' + path.split('/').pop() : '';
      out.push({name: nameOf(route).replace(/-(step|token)$/, last || '-$1'), lang, url: () => base + path, state: inside ? at.state : at.anybody.state, main: main.has(route)});
    }
  }
  out.push(...statesOf(at));
  await at.context.close();
  return out;
}

// main are the pages that are looked at on a phone too where time is short.
const main = new Set(['/shops', '/shops/:shop', '/shops/:shop/campaigns', '/shops/:shop/campaigns/:campaign', '/shops/:shop/campaigns/:campaign/edit', '/shops/:shop/customers', '/shops/:shop/customers/:person',
  '/shops/:shop/lists/messages', '/shops/:shop/messages/:campaign/:step', '/shops/:shop/settings', '/u/:token', '/login']);

// statesOf are pages in a state that their address alone does not show.
function statesOf(at) {
  const {lang, state, shop, empty} = at, of = shopOf[lang];
  const inShop = (name, path, more = {}) => ({name, lang, url: () => `${base}/shops/${shop}${path}`, state, ...more});
  const inEmpty = (name, path, more = {}) => ({name: 'empty-' + name, lang, url: () => `${base}/shops/${empty}${path}`, state, ...more});
  const framed = (name, path, more = {}) => ({name: 'embedded-' + name, lang, url: () => embedded(path, of, lang), ...more});
  const refused = (name, path, act) => inShop('refused-' + name, path, {act: (page) => sent(page, act)});
  return [
    inShop('editor-card', '/campaigns/thank_you/edit?card=thanks', {main: true}),
    inShop('editor-wait', '/campaigns/review_request/edit?card=wait'),
    inShop('editor-picker', '/campaigns/thank_you/edit?add=%7C', {main: true}),
    inShop('editor-conditions', '/campaigns/big_order_call/edit?card=start', {main: true}),
    inShop('editor-conditions-text', '/campaigns/big_order_call/edit?card=start&as=text'),
    inShop('live-draft', '/campaigns/how_to/live'), inEmpty('live-findings', '/campaigns/how_to/live', {main: true}),
    inShop('campaigns-none', '/campaigns?state=archived'), inShop('customers-none', '/customers?q=qqqqqqqq'),
    inShop('messages-filtered', '/lists/messages?state=failed'), inShop('audit-filtered', '/audit?who=x'),
    inShop('customer-why', '/customers', {act: async (page) => {
      await Promise.all([page.waitForURL(/customers\/\w+/), page.locator('main table a[href*="/customers/"]').nth(2).click()]);
      await Promise.all([page.waitForURL(/\?/), page.locator('main form[method=get] button').first().click()]);
      await page.waitForLoadState('load');
    }}),
    inShop('search-found', '/search?q=1014'), inShop('search-nothing', '/search?q=qqqqqqqq'),
    inShop('ask', '/campaigns/thank_you', {act: (page) => page.locator('[data-ask]:visible').first().click()}),
    inShop('keys', '', {act: (page) => page.keyboard.press('?')}),
    inShop('menu', '', {act: (page) => page.locator('details.menu summary:visible').first().click(), main: true}),
    {name: 'missing', lang, url: () => `${base}/shops/${shop}/campaigns/none`, state, code: 404}, {name: 'missing-anybody', lang, url: () => `${base}/nothing-here`, state: at.anybody.state, code: 404},
    {name: 'link-unknown', lang, url: () => `${base}/u/AAAAAAAAAAAAAAAAAAAAAA`, state: at.anybody.state, code: 404},
    refused('brand', '/settings/brand', async (page) => page.locator('main input[type=text], main input:not([type])').first().fill('javascript:x')),
    refused('calendar', '/settings/calendar', async (page) => page.locator('main form input.form-control').first().fill('99')),
    refused('invite', '/team/invite', async (page) => page.locator('main input[name=email]').fill('nobody')),
    refused('sender', '/sender', async (page) => page.locator('main input[name=address], main input[name=domain]').first().fill('nobody')),
    {name: 'refused-login', lang, url: () => base + '/login', state: at.anybody.state, act: (page) => sent(page, () => page.fill('[name=email]', 'nobody'))},
    {name: 'refused-join', lang, url: () => base + '/join', state: at.anybody.state, act: (page) => sent(page, () => page.fill('[name=code]', 'AAAAA-AAAAA'))},
    {name: 'offer-signed-in', lang, url: () => `${base}/join/${at.offer}`, state},
    inEmpty('home', '', {main: true}), ...['campaigns', 'customers', 'loyalty', 'loyalty/members', 'loyalty/referrals', 'lists/messages', 'lists/unknown', 'lists/webhooks', 'lists/findings', 'lists/suppression', 'lists/tasks', 'audit', 'team', 'setup', 'sender', 'plan'].map((path) => inEmpty(path.replace('/', '-'), '/' + path)),
    framed('home', '', {main: true}), framed('campaigns', '/campaigns'), framed('editor', '/campaigns/thank_you/edit'), framed('customers', '/customers'), framed('settings', '/settings'), framed('setup', '/setup/mail'), framed('team', '/team'),
    ...[['home', ''], ['editor', '/campaigns/thank_you/edit?card=thanks'], ['customers', '/customers'], ['message', '/messages/thank_you/thanks'], ['settings', '/settings/brand']].map(([name, path]) => inShop('bare-' + name, path, {scripts: false})),
  ];
}

// sent fills a page's form wrongly and sends it as a browser without checks of its own.
async function sent(page, fill) {
  await fill(page);
  await page.evaluate(() => { for (const form of document.forms) form.noValidate = true; });
  const form = page.locator('main form').filter({has: page.locator(':focus')});
  await Promise.all([page.waitForEvent('framenavigated'), form.evaluate((f) => f.requestSubmit())]);
  await page.waitForLoadState('load');
}

// come opens a page in a tab and brings it into its state.
export async function come(tab, page, size) {
  const answer = await tab.goto(await page.url());
  const code = page.code || 200;
  if (answer.status() !== code) throw new Error(`${answer.url()} answered ${answer.status()}, not ${code}`);
  if (page.scripts !== false) await tab.waitForFunction(() => !document.querySelector('time[data-zone]:not([data-told])'));
  await settled(tab, page.scripts);
  if (page.act) {
    await page.act(tab, size);
    await settled(tab);
  }
}
