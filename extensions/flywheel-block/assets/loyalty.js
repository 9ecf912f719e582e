// Asks the shop's own app proxy what its visitor has in the loyalty program. Shopify adds who is logged in, and signs
// it; this script knows it not. It sets no cookie, calls nobody but the shop, writes all it is told as text, and shows nothing
// while there is no program or anything fails. The number once makes two calls of one second two different ones.
(() => {
  'use strict';
  const once = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (n) => n.toString(16).padStart(2, '0')).join('');
  const part = (name, text, parent) => {
    const made = document.createElement(name);
    if (text) made.textContent = text; // never as HTML
    if (parent) parent.append(made);
    return made;
  };
  const list = (things, parent) => {
    const all = part('ul', '', parent);
    for (const thing of things) {
      const item = part('li', typeof thing === 'string' ? thing : [thing.text, thing.note].filter(Boolean).join(' · '), all);
      if (!thing.code) continue;
      item.append(' ');
      part('code', thing.code, item).dir = 'ltr';
    }
  };
  const titled = (title, things, parent) => {
    part('h3', title, parent);
    list(things, parent);
  };
  const show = (block, told) => {
    if (told.ready !== true || !Array.isArray(told.lines)) return;
    const box = document.createElement('div');
    box.dir = told.dir === 'rtl' ? 'rtl' : 'ltr';
    part('h2', told.title, box);
    for (const line of told.lines) part('p', line, box);
    if (told.way) {
      const way = part('progress', '', box);
      way.max = told.way.goal;
      way.value = told.way.reached;
      way.setAttribute('aria-label', told.way.text);
    }
    if (told.join) {
      const button = part('button', told.join, box);
      button.type = 'button';
      button.addEventListener('click', () => {
        button.disabled = true;
        ask(block, 'POST').catch(() => (button.disabled = false));
      });
    }
    if (told.rewards) titled(told.has, told.rewards, box);
    if (told.offers && block.dataset.offers === 'true') titled(told.buys, told.offers, box);
    if (told.earns) titled(told.gets, told.earns, box);
    if (told.friends && told.friends.link.startsWith('https:')) {
      part('h3', told.friends.title, box);
      part('p', told.friends.hint, box);
      const link = part('a', told.friends.link, part('p', '', box));
      link.href = told.friends.link;
      link.dir = 'ltr';
    }
    if (told.history) titled(told.history.title, told.history.lines, box);
    if (told.link && told.link.startsWith('https:')) part('a', told.more, part('p', '', box)).href = told.link;
    block.replaceChildren(box);
  };
  const ask = (block, method) => {
    const address = new URL(block.dataset.flywheelLoyalty, location.origin);
    address.searchParams.set('once', once());
    address.searchParams.set('locale', block.dataset.locale || '');
    return fetch(address, {method, headers: {Accept: 'application/json'}, credentials: 'same-origin'})
      .then((answer) => (answer.ok ? answer.json() : Promise.reject(answer.status)))
      .then((told) => show(block, told));
  };
  // Whoever came by a friend's link to any page keeps that on the cart, where the order tells it, as its landing page does.
  const ref = new URLSearchParams(location.search).get('ref');
  if (ref && /^[B-DF-HJ-NP-TV-Z2-9]{8}$/i.test(ref)) {
    const root = (window.Shopify && window.Shopify.routes && window.Shopify.routes.root) || '/';
    fetch(`${root}cart/update.js`, {
      method: 'POST',
      headers: {'Content-Type': 'application/json'},
      credentials: 'same-origin',
      body: JSON.stringify({attributes: {flywheel_ref: ref}}),
    }).catch(() => {});
  }
  for (const block of document.querySelectorAll('[data-flywheel-loyalty]:not([data-asked])')) {
    block.dataset.asked = '1';
    ask(block, 'GET').catch(() => {});
  }
})();
