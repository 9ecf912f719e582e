// The home inside the Shopify admin: buttons that act, a page that stays
// fresh, and times in the reader's own words. Every request carries a fresh ID
// token of App Bridge; there is no cookie.
'use strict';

const locale = () => document.body.dataset.locale || '';

async function call(path, method, body) {
  const address = new URL(path, location.origin);
  if (locale()) address.searchParams.set('locale', locale());
  const headers = {};
  if (window.shopify) headers.Authorization = 'Bearer ' + await window.shopify.idToken();
  let answer = await fetch(address, {method, headers, body, credentials: 'omit'});
  if (answer.status === 401 && answer.headers.get('X-Shopify-Retry-Invalid-Session-Request') && window.shopify) {
    headers.Authorization = 'Bearer ' + await window.shopify.idToken();
    answer = await fetch(address, {method, headers, body, credentials: 'omit'});
  }
  if (answer.ok) return answer;
  const told = await answer.json().catch(() => ({}));
  throw Object.assign(new Error(told.error || document.body.dataset.error), {detail: told.detail});
}

function say(text, detail) {
  const place = document.getElementById('said');
  place.textContent = text;
  if (detail) {
    const more = document.createElement('bdi');
    more.lang = 'en';
    more.textContent = detail;
    place.append(document.createElement('br'), more);
  }
  place.hidden = !text;
}

function tellTimes() {
  const format = (zone) => new Intl.DateTimeFormat(document.documentElement.lang + '-u-nu-' + document.body.dataset.digits, {dateStyle: 'medium', timeStyle: 'short', timeZone: zone || 'UTC'});
  for (const time of document.querySelectorAll('time[data-zone]')) {
    time.textContent = format(time.dataset.zone).format(new Date(time.dateTime));
    time.removeAttribute('dir');
  }
}

function show(html) {
  const focused = document.activeElement && document.activeElement.dataset && document.activeElement.dataset.post;
  const chosen = document.activeElement && document.activeElement.form && document.activeElement.name;
  document.getElementById('main').outerHTML = html;
  tellTimes();
  plan();
  if (focused) document.querySelector('[data-post="' + focused + '"]')?.focus();
  if (chosen) (document.querySelector('[name="' + chosen + '"]:checked') || document.querySelector('[name="' + chosen + '"]'))?.focus();
}

function ask(button) {
  if (!button.dataset.ask) return Promise.resolve(true);
  return new Promise((resolve) => {
    const dialog = document.createElement('dialog');
    const text = document.createElement('p');
    text.textContent = button.dataset.ask;
    const row = document.createElement('div');
    row.className = 'row';
    for (const [word, value] of [[button.dataset.yes, 'yes'], [button.dataset.no, 'no']]) {
      const choice = document.createElement('button');
      choice.textContent = word;
      choice.className = value === 'yes' ? 'first' : '';
      choice.onclick = () => dialog.close(value);
      row.append(choice);
    }
    dialog.append(text, row);
    dialog.onclose = () => { dialog.remove(); resolve(dialog.returnValue === 'yes'); };
    document.body.append(dialog);
    dialog.showModal();
  });
}

async function save(button) {
  const answer = await call(button.dataset.save, 'GET');
  const link = document.createElement('a');
  link.href = URL.createObjectURL(await answer.blob());
  link.download = button.dataset.name;
  link.click();
  URL.revokeObjectURL(link.href);
}

// allowed asks the merchant for an optional scope, in Shopify's own words.
async function allowed(button) {
  if (!button.dataset.scope) return true;
  const answer = await window.shopify.scopes.request([button.dataset.scope]);
  return answer?.result !== 'declined-all';
}

document.addEventListener('click', async (event) => {
  const button = event.target.closest('[data-post],[data-save]');
  if (!button || !await ask(button) || !await allowed(button)) return;
  button.disabled = true;
  say('');
  try {
    if (button.dataset.save) await save(button);
    else show(await (await call(button.dataset.post, 'POST')).text());
  } catch (error) {
    say(error.message, error.detail);
  }
  button.disabled = false;
});

// A form of choices has the page shown as chosen; what was asked first may not come last.
let choice = 0;
async function choose(form) {
  const mine = ++choice;
  say('');
  try {
    const html = await (await call(form.dataset.part + '?' + new URLSearchParams(new FormData(form)), 'GET')).text();
    if (mine === choice) show(html);
  } catch (error) {
    say(error.message, error.detail);
  }
}

for (const kind of ['change', 'submit']) {
  document.addEventListener(kind, (event) => {
    const form = event.target.closest('form[data-part]');
    if (!form) return;
    if (kind === 'submit') event.preventDefault();
    choose(form);
  });
}

let planned;
function plan() {
  clearTimeout(planned);
  const seconds = Number(document.getElementById('main')?.dataset.refresh || 0);
  if (seconds) planned = setTimeout(refresh, seconds * 1000);
}

async function refresh() {
  if (document.hidden || document.querySelector('dialog')) return plan();
  try {
    show(await (await call('/admin/now', 'GET')).text());
  } catch {
    plan(); // the next time may do better; what is shown stays
  }
}

// A form that changes something stays as it is filled in where the answer is no.
document.addEventListener('submit', async (event) => {
  const form = event.target.closest('form[data-send]');
  if (!form) return;
  event.preventDefault();
  const button = form.querySelector('button:not([type])');
  button.disabled = true;
  say('');
  try {
    show(await (await call(form.dataset.send, 'POST', new URLSearchParams(new FormData(form)))).text());
  } catch (error) {
    say(error.message, error.detail);
  }
  button.disabled = false;
});

// What is to be copied stays selected where the frame may not write to the clipboard.
document.addEventListener('click', async (event) => {
  const button = event.target.closest('[data-copy]');
  if (!button) return;
  const field = button.parentElement.querySelector('input');
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    say(button.dataset.copied);
  } catch {
    field.focus();
  }
});

tellTimes();
plan();
