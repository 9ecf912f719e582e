// The editor of a message. What is typed is kept after a pause by the same form
// that the page has without a script; of the answer only what changed is put
// into the page, so that focus, scroll and what is being typed stay.
import Sortable from 'sortablejs';
import {call} from '../token.js';
import {dress} from '../travel.js';

const pause = 900, again = 5000; // milliseconds

export function start(main) {
  if (main.dataset.ready) return;
  main.dataset.ready = 'yes';
  const form = main.querySelector('#write');
  if (!form) return;
  const keeper = keeps(main, form);
  // The editor of code is large: what the page shows comes first.
  const idle = window.requestIdleCallback || ((f) => setTimeout(f, 200));
  if (document.querySelector('meta[name="style-nonce"]')) idle(() => import('./code.js').then((m) => m.start(main, keeper.typed)), {timeout: 1500});
  drag(main, form);
  document.getElementById('pick')?.querySelector('button')?.focus({preventScroll: true});
}

// keeps saves the form: one save at a time, the last text last.
function keeps(main, form) {
  let timer = 0, flight = null, dirty = false;
  const state = main.querySelector('#state');
  const tell = (text) => { if (state.textContent !== text) state.textContent = text; };

  function typed(soon) {
    dirty = true;
    tell(main.dataset.typing);
    clearTimeout(timer);
    timer = setTimeout(save, soon ? 0 : pause);
  }

  function save() {
    clearTimeout(timer);
    if (flight) return flight.then(() => dirty ? save() : true);
    if (!dirty || !main.isConnected) return Promise.resolve(true);
    dirty = false;
    tell(main.dataset.saving);
    flight = post().finally(() => { flight = null; });
    return flight;
  }

  async function post() {
    const data = new URLSearchParams(new FormData(form));
    data.set('do', 'keep');
    data.set('part', '1');
    try {
      const answer = await call(form.action, {method: 'POST', body: data, headers: {'HX-Request': 'true'}});
      if (!answer.ok && answer.status !== 422) throw new Error(answer.status);
      const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById('main');
      if (!fresh || !main.isConnected) return false;
      if (answer.status === 422 && fresh.querySelector('[role="alert"]')) return exchange(fresh);
      put(main, fresh);
      tell(answer.ok ? '' : main.dataset.typing);
      if (!answer.ok) dirty = true; // nothing was kept: the next word typed tries again
      return answer.ok;
    } catch {
      dirty = true;
      tell(main.dataset.failed);
      timer = setTimeout(save, again);
      return false;
    }
  }

  // exchange shows the page that says why nothing was kept: a conflict, or a refusal.
  function exchange(fresh) {
    main.replaceWith(document.adoptNode(fresh));
    window.htmx?.process(fresh);
    dress(fresh);
    const alert = fresh.querySelector('[role="alert"]');
    alert.tabIndex = -1;
    alert.focus();
    return false;
  }

  const ours = (field) => field?.form === form && field.name && field.name !== 'to_lang';
  main.addEventListener('input', (event) => { if (ours(event.target) && !event.target.matches('[type=radio],[type=checkbox],[type=search],select')) typed(); });
  main.addEventListener('change', (event) => { if (ours(event.target) && event.target.matches('[type=radio],[type=checkbox],[type=search]')) typed(true); });

  // stay: what was typed could not be kept, so nothing else is done before somebody has looked.
  function stay() {
    (main.querySelector('[aria-invalid="true"]') || state).focus();
  }

  // What else is pressed waits until what was typed is kept, since each change names the draft it saw.
  let allowed = null;
  main.addEventListener('submit', (event) => {
    const button = event.submitter;
    if (event.target === allowed) {
      allowed = null;
      return;
    }
    if (event.target === form) dirty = false; // it takes what was typed along
    if (!flight && !dirty) {
      clearTimeout(timer);
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    clearTimeout(timer);
    save().then((kept) => {
      if (!kept) return stay();
      if (!event.target.isConnected) return;
      allowed = event.target;
      event.target.requestSubmit(button?.isConnected ? button : null);
    });
  });
  main.addEventListener('click', (event) => {
    const link = event.target.closest('a[href]');
    if (!link || !(dirty || flight) || link.target || event.metaKey || event.ctrlKey || event.shiftKey || link.getAttribute('href').startsWith('#')) return;
    event.preventDefault();
    event.stopPropagation();
    save().then((kept) => kept ? link.click() : stay());
  });
  addEventListener('beforeunload', (event) => { if (dirty && main.isConnected && !allowed) event.preventDefault(); });
  return {typed: () => typed()};
}

// put has the page say what the answer says: only where it says something else.
function put(main, fresh) {
  main.dataset.lock = fresh.dataset.lock;
  for (const field of main.querySelectorAll('input[name="lock"]')) field.value = fresh.dataset.lock;
  for (const place of main.querySelectorAll('[data-live]')) {
    const next = fresh.querySelector('#' + CSS.escape(place.id));
    if (!next) continue;
    place.toggleAttribute('data-wrong', next.hasAttribute('data-wrong'));
    if (place.innerHTML === next.innerHTML) continue;
    const open = new Set([...place.querySelectorAll('details[open]')].map((d) => d.dataset.key || ''));
    const kept = new Map([...place.querySelectorAll('input[name]:not([type=hidden])')].map((f) => [f.name, f.value]));
    place.replaceChildren(...next.cloneNode(true).childNodes);
    for (const details of place.querySelectorAll('details')) details.open = open.has(details.dataset.key || '');
    for (const field of place.querySelectorAll('input[name]:not([type=hidden])')) if (kept.has(field.name)) field.value = kept.get(field.name);
    dress(place);
  }
  for (const tab of main.querySelectorAll('[data-tab]')) { // they keep how the message is looked at
    const next = [...fresh.querySelectorAll('[data-tab]')].find((t) => t.lang === tab.lang);
    if (next) tab.href = next.getAttribute('href');
  }
  for (const field of main.querySelectorAll('[data-code]')) mark(field, fresh);
  for (const field of main.querySelectorAll('#trial input[type=hidden]')) {
    const next = fresh.querySelector(`#trial input[name="${field.name}"]`);
    if (next) field.value = next.value;
  }
  const trial = main.querySelector('#trial button');
  if (trial) trial.disabled = fresh.querySelector('#trial button')?.disabled || false;
  look(main.querySelector('#see-mail'), fresh.querySelector('#see-mail'));
  main.dispatchEvent(new CustomEvent('checked'));
}

// mark says of a field whether something is wrong in it.
function mark(field, fresh) {
  const next = fresh.querySelector('#' + CSS.escape(field.id));
  if (!next) return;
  const wrong = next.getAttribute('aria-invalid');
  field.classList.toggle('is-wrong', Boolean(wrong));
  if (wrong) field.setAttribute('aria-invalid', wrong);
  else field.removeAttribute('aria-invalid');
}

// look has the mail shown anew behind the one that is seen, and lets that go when it has come.
function look(pane, next) {
  const frame = next.querySelector('iframe');
  pane.classList.toggle('stale', !frame);
  if (!frame || pane.dataset.key === next.dataset.key && pane.querySelector('iframe')) return;
  pane.dataset.key = next.dataset.key;
  for (const waiting of pane.querySelectorAll('.coming')) waiting.remove();
  const old = [...pane.querySelectorAll('iframe')], coming = document.importNode(frame);
  if (old.length) coming.classList.add('coming');
  coming.addEventListener('load', () => {
    for (const one of old) one.remove();
    coming.classList.remove('coming');
  }, {once: true});
  pane.append(coming);
}

// drag lets blocks be moved by their names; the buttons do the same.
function drag(main, form) {
  const list = form.querySelector('ol.blocks');
  if (!list) return;
  list.classList.add('can-drag');
  for (const head of list.querySelectorAll('.block-head h3')) head.title = main.dataset.drag;
  Sortable.create(list, {
    draggable: '.block-card', handle: '.block-head h3', animation: matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 120,
    delay: 150, delayOnTouchOnly: true, forceFallback: true, fallbackTolerance: 4,
    onEnd: (event) => {
      const cards = [...list.querySelectorAll('.block-card')], to = cards.indexOf(event.item), from = Number(event.item.dataset.block);
      if (to === from) return;
      const button = document.createElement('button');
      button.hidden = true;
      button.name = 'do';
      button.value = `place ${from} ${to}`;
      form.append(button);
      form.requestSubmit(button);
    },
  });
}
