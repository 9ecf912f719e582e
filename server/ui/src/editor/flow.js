// The flow of a campaign: cards are dragged, or moved, opened and removed by the
// keyboard. Each act is the same form that the page has without a script.
import Sortable from 'sortablejs';

export function start(root) {
  const main = root.matches?.('[data-editor="flow"]') ? root : root.querySelector?.('[data-editor="flow"]');
  if (main && !main.dataset.ready) flow(main);
  for (const field of root.querySelectorAll?.('input[type="file"][data-into]') || []) file(field);
}

function flow(main) {
  main.dataset.ready = 'yes';
  for (const list of main.querySelectorAll('ol.flow')) {
    Sortable.create(list, {
      group: 'flow', draggable: '.flow-step', handle: '.flow-head', filter: '.spot', preventOnFilter: false, animation: matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 120,
      delay: 150, delayOnTouchOnly: true, forceFallback: true, fallbackTolerance: 4, // a heading is a link, which browsers would drag as such
      onEnd: (event) => {
        if (event.from === event.to && event.oldIndex === event.newIndex) return;
        const before = event.item.previousElementSibling;
        send(main, 'move', event.item.dataset.step, {branch: event.to.dataset.branch, after: before?.dataset.step || ''});
      },
    });
  }
  for (const card of main.querySelectorAll('.flow-card[data-card]')) {
    card.tabIndex = 0;
    card.setAttribute('aria-describedby', 'flow-keys');
    card.querySelector('.flow-head')?.setAttribute('title', main.dataset.drag);
  }
  main.addEventListener('keydown', (event) => pressed(main, event));
  const wanted = remembered();
  if (!wanted) return reveal(main);
  seen = main.dataset.panel;
  const card = document.getElementById('card-' + wanted);
  if (!card) return;
  card.focus();
  tell(main, `${card.querySelector('h3').textContent.trim()}: ${main.dataset.moved} ${placeOf(card)}`);
}

// reveal scrolls to the form of a card that was just opened where it lies below the flow.
let seen = '';
function reveal(main) {
  const panel = main.dataset.panel;
  if (panel && panel !== seen && !matchMedia('(min-width: 64rem)').matches) document.getElementById('panel')?.scrollIntoView({block: 'start', behavior: 'instant'});
  seen = panel;
}

// tell has screen readers say where a card stands now.
function tell(main, text) {
  const place = document.createElement('p');
  place.className = 'visually-hidden';
  place.setAttribute('role', 'status');
  main.append(place);
  requestAnimationFrame(() => { place.textContent = text; });
}

// Which card was moved is remembered until the page that shows it: inside Shopify
// the page stays and the browser may keep nothing, else the browser does.
let moved = '';
function remember(card) {
  moved = card;
  try { sessionStorage.setItem('flow-moved', card); } catch { /* it keeps nothing here */ }
}
function remembered() {
  let card = moved;
  moved = '';
  try {
    card ||= sessionStorage.getItem('flow-moved');
    sessionStorage.removeItem('flow-moved');
  } catch { /* likewise */ }
  return card;
}

// placeOf counts where a card stands in its branch, in the page's digits.
function placeOf(card) {
  const steps = [...card.closest('ol.flow').querySelectorAll(':scope > .flow-step')];
  const digits = {arab: '-u-nu-arab', arabext: '-u-nu-arabext'}[document.body.dataset.digits] || '-u-nu-latn';
  const number = new Intl.NumberFormat(document.documentElement.lang + digits);
  const place = `${number.format(steps.indexOf(card.closest('.flow-step')) + 1)} / ${number.format(steps.length)}`;
  const way = card.closest('.flow-branch')?.getAttribute('aria-label');
  return way ? `${place}, ${way}` : place;
}

function pressed(main, event) {
  const card = event.target;
  if (!card.matches('.flow-card[data-card]')) return;
  const id = card.dataset.card;
  if (event.key === 'Enter') {
    event.preventDefault();
    card.querySelector('[data-open]')?.click();
  }
  if (id === 'start') return;
  const ends = document.documentElement.dir === 'rtl' ? {ArrowLeft: 'in', ArrowRight: 'out'} : {ArrowRight: 'in', ArrowLeft: 'out'};
  const act = event.altKey && ({ArrowUp: 'up', ArrowDown: 'down'}[event.key] || ends[event.key]);
  if (act) {
    event.preventDefault();
    send(main, act, id);
  }
  if (event.key === 'Delete' && !event.altKey && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    send(main, 'remove', id, {}, main.dataset.remove);
  }
}

// send posts what the forms of the page would: Shopify's token, questions and errors are theirs.
function send(main, act, card, more = {}, ask = '') {
  const form = document.createElement('form');
  form.method = 'post';
  form.action = main.dataset.act;
  form.hidden = true;
  for (const [name, value] of Object.entries({lock: main.dataset.lock, do: act, card, ...more})) {
    const field = document.createElement('input');
    field.type = 'hidden';
    field.name = name;
    field.value = value;
    form.append(field);
  }
  const button = document.createElement('button');
  if (ask) button.dataset.ask = ask;
  form.append(button);
  main.append(form);
  if (act !== 'remove') remember(card);
  form.requestSubmit(button);
}

// A file that was chosen stands in the field below it: inside Shopify forms carry texts alone.
function file(field) {
  if (field.dataset.ready) return;
  field.dataset.ready = 'yes';
  field.addEventListener('change', async () => {
    const into = document.getElementById(field.dataset.into), chosen = field.files[0];
    if (!into || !chosen || chosen.size > 65536) return;
    into.value = await chosen.text();
    field.value = '';
    into.focus();
  });
}
