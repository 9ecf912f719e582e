// What the app says, by the keys of templates/locales: scripts look for the same
// words that pages are made of.
import {readFileSync} from 'node:fs';

export const lang = process.env.LANGUAGE;
const words = JSON.parse(readFileSync(process.env.WORDS, 'utf8'));

let digits = 'latn';
// inDigits says which digits the pages write numbers in: latn, arab or arabext.
export function inDigits(name) { digits = name || 'latn'; }

export const number = (n) => new Intl.NumberFormat(`${lang}-u-nu-${digits}`).format(n);

const filled = (text, data) => text.replace(/\{\{\.(\w+)\}\}/g, (_, name) => data[name] ?? '');

// say is a fixed string, with data in the places of {{.Name}}.
export function say(key, data = {}) {
  if (typeof words[key] !== 'string') throw new Error(`there is no string ${key} in ${lang}`);
  return filled(words[key], data);
}

// count is a string with plural forms.
export function count(key, n, data = {}) {
  const forms = words[key];
  if (typeof forms !== 'object') throw new Error(`there are no plural forms ${key} in ${lang}`);
  return filled(forms[n === 0 && forms.zero ? 'zero' : new Intl.PluralRules(lang).select(n)], {Number: number(n), ...data});
}

// bare is a text as it is read: without what isolates its parts, and with single spaces.
export const bare = (text) => text.replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '').replace(/\s+/g, ' ').trim();
