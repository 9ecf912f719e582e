// What pages do beyond links and forms. Every page is whole without it, but
// inside Shopify, where each request needs an ID token and there is no cookie.
import htmx from 'htmx.org';
import {embedded, withToken} from './token.js';
import {start as navigate, dress} from './travel.js';
import './ask.js';
import './small.js';
import {say} from './say.js';

Object.assign(htmx.config, {
  allowEval: false,
  includeIndicatorStyles: false,
  historyEnabled: false,
  selfRequestsOnly: true,
  responseHandling: [
    {code: '204', swap: false},
    {code: '[23]..', swap: true},
    {code: '422', swap: true},
    {code: '...', swap: false, error: true},
  ],
});

// Parts that pages fetch by hx-get carry the ID token too.
let token = '';
document.addEventListener('htmx:confirm', (event) => {
  if (!embedded()) return;
  event.preventDefault();
  withToken((fresh) => {
    token = fresh;
    event.detail.issueRequest(true);
  });
});
document.addEventListener('htmx:configRequest', (event) => {
  if (token) event.detail.headers.Authorization = 'Bearer ' + token;
});

// What is asked for by itself, as progress is, fails quietly: what is shown stays.
document.addEventListener('htmx:responseError', (event) => {
  if (event.detail.requestConfig.triggeringEvent?.isTrusted) say.answer(event.detail.xhr.responseText);
});
document.addEventListener('htmx:sendError', (event) => {
  if (event.detail.requestConfig.triggeringEvent?.isTrusted) say(document.body.dataset.error);
});
// A part that nobody looks at is not asked for, nor one that is being used.
document.addEventListener('htmx:beforeRequest', (event) => {
  const own = !event.detail.requestConfig.triggeringEvent?.isTrusted;
  if (own && (document.hidden || document.querySelector('dialog[open]'))) event.preventDefault();
});
// Where a part replaces what has the focus, the same place of the new one gets it.
let place = '';
document.addEventListener('htmx:beforeSwap', () => { place = placeOf(document.activeElement); });
document.addEventListener('htmx:afterSettle', () => {
  if (place && !document.activeElement?.matches(place)) document.querySelector(place)?.focus({preventScroll: true});
  place = '';
});
function placeOf(element) {
  if (!element?.closest?.('main')) return '';
  if (element.id) return '#' + CSS.escape(element.id);
  if (element.name) return `[name="${CSS.escape(element.name)}"]` + (element.type === 'radio' ? ':checked' : '');
  if (element.getAttribute('href')) return `[href="${CSS.escape(element.getAttribute('href'))}"]`;
  return '';
}
htmx.onLoad((part) => dress(part));

window.htmx = htmx;
navigate(htmx);
