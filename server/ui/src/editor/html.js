// The HTML that formatted texts hold: a few elements, no script and no style. It
// stands for @codemirror/lang-html, which brings the languages of those two along.
import {LRLanguage, LanguageSupport} from '@codemirror/language';
import {parser} from '@lezer/html';

export const html = () => new LanguageSupport(LRLanguage.define({name: 'html', parser}));
