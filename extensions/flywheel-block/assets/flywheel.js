// Asks the shop's own app proxy what this block may show. It sets no cookie, calls nobody else, and shows nothing
// while nothing is ready or anything fails. The number once makes two visitors of one second two different calls:
// Shopify signs each with the second, and a call that was seen before is refused.
(() => {
  'use strict';
  for (const block of document.querySelectorAll('[data-flywheel]:not([data-asked])')) {
    block.dataset.asked = '1';
    const dir = getComputedStyle(document.documentElement).direction;
    const once = Array.from(crypto.getRandomValues(new Uint8Array(16)), (n) => n.toString(16).padStart(2, '0')).join('');
    fetch(block.dataset.flywheel + '?once=' + once, {headers: {Accept: 'application/json'}, credentials: 'omit'})
      .then((answer) => (answer.ok ? answer.json() : {}))
      .then((told) => {
        if (told.ready !== true || typeof told.text !== 'string') return;
        const line = document.createElement('p');
        line.dir = dir;
        line.textContent = told.text; // never as HTML
        block.replaceChildren(line);
        block.hidden = false;
      })
      .catch(() => {});
  }
})();
