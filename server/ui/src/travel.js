// Going from page to page. Outside Shopify the browser does that. Inside, each
// request needs an ID token, so links and forms are asked for here and the
// page's body is exchanged; the address goes along, and Back works.
import {call, embedded} from './token.js';
import {say} from './say.js';
import {tellTimes} from './small.js';

let process = () => {};
let last = 0; // what was asked for last counts, whatever comes first

export function start(htmx) {
  process = (root) => htmx.process(root);
  dress(document.body);
  told();
  focusInvalid(document);
  document.addEventListener('click', followed);
  document.addEventListener('submit', sent);
  addEventListener('popstate', () => { if (embedded()) open(location.href, {}, false); });
  // The admin's own navigation tells which of our links was chosen there.
  document.addEventListener('shopify:navigate', (event) => {
    const href = event.target?.getAttribute?.('href');
    if (!href || !embedded()) return;
    event.preventDefault();
    open(href);
  });
}

// dress makes what has come into the page work.
export function dress(root) {
  tellTimes(root);
  (root.querySelector ? root : document).querySelector('.siblings [aria-current]')?.scrollIntoView({block: 'nearest', inline: 'center'});
  const has = (what) => root.matches?.(what) || root.querySelector?.(what);
  if (has('[data-editor],[data-code]')) import('./editor.js').then((m) => m.start(root));
  if (has('[data-chart]')) whenNear(root, '[data-chart]', () => import('./chart.js').then((m) => m.start(root)));
  if (has('[data-passkey]')) import('./passkey.js').then((m) => m.start());
}

// whenNear waits until somebody is about to see it: what is large is not loaded for nothing.
function whenNear(root, what, then) {
  const watch = new IntersectionObserver((seen) => {
    if (!seen.some((one) => one.isIntersecting)) return;
    watch.disconnect();
    then();
  }, {rootMargin: '300px'});
  for (const place of root.querySelectorAll(what)) watch.observe(place);
}

function ours(address) {
  return address.origin === location.origin && address.pathname.startsWith('/admin') && address.pathname !== '/admin/preview';
}

function followed(event) {
  const link = event.target.closest?.('a[href]');
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  if (link.hasAttribute('data-download')) return save(event, link);
  if (!embedded() || link.target && link.target !== '_self') return;
  const address = new URL(link.href);
  if (!ours(address) || link.hasAttribute('data-whole')) return;
  if (address.hash && address.pathname === location.pathname && address.search === location.search) return;
  event.preventDefault();
  open(address);
}

function sent(event) {
  const form = event.target, button = event.submitter;
  if (event.defaultPrevented || !embedded() || form.method === 'dialog') return;
  const address = new URL(button?.hasAttribute('formaction') ? button.formAction : form.action);
  if (!ours(address)) return;
  event.preventDefault();
  const fields = new FormData(form, button), data = new URLSearchParams(fields);
  if ((button?.getAttribute('formmethod') || form.method) === 'get') {
    for (const [name, value] of data) address.searchParams.delete(name);
    for (const [name, value] of data) if (value) address.searchParams.append(name, value);
    return open(address);
  }
  if (button) button.disabled = true;
  open(address, {method: 'POST', body: form.enctype === 'multipart/form-data' ? fields : data}).finally(() => { if (button) button.disabled = false; });
}

async function open(href, options = {}, push = true) {
  const mine = ++last, main = document.getElementById('main');
  say('');
  main?.setAttribute('aria-busy', 'true');
  try {
    const answer = await call(href, {...options, headers: {'HX-Request': 'true', 'HX-Boosted': 'true'}});
    const text = await answer.text();
    if (mine !== last) return;
    if (!answer.ok && answer.status !== 422) return say.answer(text);
    const page = new DOMParser().parseFromString(text, 'text/html');
    // What needs styles of its own needs a policy that names them, and that comes with a document.
    const styled = (one) => one.querySelector('meta[name="style-nonce"]');
    if (answer.ok && styled(page) && !styled(document)) return location.assign(answer.url);
    if (push && answer.ok) history.pushState({}, '', answer.url);
    show(page);
  } catch {
    if (mine === last) say(document.body.dataset.error);
  } finally {
    main?.removeAttribute('aria-busy');
  }
}

function show(page) {
  document.title = page.title;
  for (const name of ['locale', 'digits', 'dates', 'error', 'yes', 'no']) document.body.dataset[name] = page.body.dataset[name] || '';
  // App Bridge keeps its own elements in the body; what is ours is exchanged.
  for (const what of ['s-app-nav', '.shell']) {
    const old = document.querySelector(what), fresh = page.querySelector(what);
    if (old && fresh && (what !== 's-app-nav' || old.innerHTML !== fresh.innerHTML)) old.replaceWith(document.adoptNode(fresh));
  }
  const shell = document.querySelector('.shell');
  process(shell);
  dress(shell);
  told();
  scrollTo({top: 0, behavior: 'instant'});
  if (!focusInvalid(shell)) focusOn(document.querySelector('#main h1') || document.getElementById('main'));
}

function focusOn(element) {
  if (!element) return;
  element.tabIndex = -1;
  element.focus({preventScroll: true});
}

// The first field that was wrong gets the focus.
function focusInvalid(root) {
  const field = root.querySelector('.is-invalid, [aria-invalid="true"]');
  field?.focus();
  return field;
}

// What was just done is said once: not again by a reload or by Back.
function told() {
  const place = document.getElementById('said'), address = new URL(location.href);
  if (place?.childElementCount) {
    const box = [...place.children];
    place.replaceChildren();
    requestAnimationFrame(() => place.append(...box));
  }
  if (!address.searchParams.has('said')) return;
  address.searchParams.delete('said');
  address.searchParams.delete('number');
  history.replaceState(history.state, '', address);
}

// A file is fetched with the ID token and then saved; outside Shopify the browser does that.
async function save(event, link) {
  if (!embedded()) return;
  event.preventDefault();
  try {
    const answer = await call(link.href);
    if (!answer.ok) return say.answer(await answer.text());
    const name = /filename="?([^";]+)/.exec(answer.headers.get('Content-Disposition') || '')?.[1];
    const file = document.createElement('a');
    file.href = URL.createObjectURL(await answer.blob());
    file.download = name || link.dataset.download || 'file';
    file.click();
    setTimeout(() => URL.revokeObjectURL(file.href), 1000);
  } catch {
    say(document.body.dataset.error);
  }
}
