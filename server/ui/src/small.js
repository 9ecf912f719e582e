// Small things: times, keys, menus, ticks, copying, the theme.
import {say} from './say.js';
import {embedded} from './token.js';

// tellTimes writes times in the reader's language, digits and calendar.
const formats = new Map();
export function tellTimes(root = document) {
  const page = document.documentElement.lang; // English as the server writes days
  const lang = (page === 'en' ? 'en-GB' : page) + '-u-ca-' + (document.body.dataset.dates || 'gregory') + '-nu-' + (document.body.dataset.digits || 'latn');
  for (const time of root.querySelectorAll('time[data-zone]:not([data-told])')) {
    const zone = time.dataset.zone || 'UTC';
    if (!formats.has(lang + zone)) formats.set(lang + zone, new Intl.DateTimeFormat(lang, {dateStyle: 'medium', timeStyle: 'short', timeZone: zone}));
    time.textContent = formats.get(lang + zone).format(new Date(time.dateTime));
    time.removeAttribute('dir');
    time.dataset.told = '';
  }
}

const typing = (element) => element?.closest?.('input, textarea, select, [contenteditable=""], [contenteditable="true"]');

document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') return closeMenus(null, true);
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector('dialog[open]')) return;
  if (event.key === '/') {
    const field = document.querySelector('[data-search]');
    if (!field) return;
    event.preventDefault();
    field.focus();
    field.select();
  }
  if (event.key === '?') showKeys();
});

function showKeys() {
  const dialog = document.createElement('dialog');
  dialog.className = 'ask';
  dialog.append(document.getElementById('keys').content.cloneNode(true));
  const form = document.createElement('form');
  form.method = 'dialog';
  const button = document.createElement('button');
  button.className = 'btn';
  button.textContent = 'OK';
  form.append(button);
  dialog.append(form);
  dialog.onclose = () => dialog.remove();
  document.body.append(dialog);
  dialog.showModal();
}

// Menus are <details>: one is open at a time, and a click beside it closes it.
function closeMenus(but, back) {
  for (const menu of document.querySelectorAll('details.menu[open]')) {
    if (menu === but) continue;
    menu.open = false;
    if (back && menu.contains(document.activeElement)) menu.querySelector('summary').focus();
  }
}

document.addEventListener('click', (event) => {
  closeMenus(event.target.closest?.('details.menu'));
  const copy = event.target.closest?.('[data-copy]');
  if (copy) copyOf(copy);
});

// What is to be copied stays selected where the frame may not write to the clipboard.
async function copyOf(button) {
  const field = button.parentElement.querySelector('input, textarea');
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    say(button.dataset.copied, '', true);
  } catch {
    field.focus();
  }
}

document.addEventListener('change', (event) => {
  const form = event.target.form;
  if (event.target.matches('[data-tick-all]')) {
    for (const box of form.querySelectorAll('input[type=checkbox][name=id]')) box.checked = event.target.checked;
  }
  if (form?.matches('[data-go]')) form.requestSubmit(); // a choice that shows at once
});

// Inside Shopify the browser's own store keeps the theme.
document.addEventListener('submit', (event) => {
  if (!event.target.matches('form[data-look]') || !embedded()) return;
  event.preventDefault();
  const theme = event.submitter?.value;
  try { localStorage.setItem('theme', theme); } catch { /* then it lasts as long as the page */ }
  if (theme === 'system') delete document.documentElement.dataset.bsTheme;
  else document.documentElement.dataset.bsTheme = theme;
  closeMenus(null, true);
});
