// Texts with Liquid in them: the names are coloured and offered. The field of the
// form stays what counts; without this it is typed in as it is.
import {EditorState, Prec} from '@codemirror/state';
import {Decoration, Direction, EditorView, MatchDecorator, ViewPlugin, drawSelection, keymap} from '@codemirror/view';
import {defaultKeymap, history, historyKeymap} from '@codemirror/commands';
import {HighlightStyle, LanguageSupport, StreamLanguage, bracketMatching, syntaxHighlighting} from '@codemirror/language';
import {autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap} from '@codemirror/autocomplete';
import {liquid} from '@codemirror/lang-liquid';
import {tags as t} from '@lezer/highlight';

export function start(main, typed) {
  let words = {variables: [], filters: [], rich: [], tags: []};
  try { words = JSON.parse(main.dataset.words); } catch { /* then nothing is offered */ }
  const nonce = document.querySelector('meta[name="style-nonce"]').content;
  const views = new Map();
  for (const field of main.querySelectorAll('[data-code]')) views.set(field, edit(field, words, nonce, typed));
  main.addEventListener('checked', () => { for (const [field, view] of views) marked(field, view); });
}

const theme = EditorView.theme({
  '&': {backgroundColor: 'transparent', color: 'inherit', fontSize: 'inherit', maxHeight: '30rem'},
  '&.cm-focused': {outline: 'none'},
  '.cm-scroller': {fontFamily: 'inherit', lineHeight: '1.6', overflow: 'auto'},
  '.cm-content': {padding: '.4375rem .75rem', caretColor: 'light-dark(#1b1d1f, #eceef0)', minHeight: '1.5rem'},
  '.cm-line': {padding: '0'},
  '.cm-cursor': {borderInlineStartColor: 'light-dark(#1b1d1f, #eceef0)', borderInlineStartWidth: '2px'},
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {background: 'light-dark(#cfe4f3, #204a68)'},
  '.cm-liquid': {display: 'inline-block', maxWidth: '100%', unicodeBidi: 'isolate', direction: 'ltr', fontFamily: 'ui-monospace, monospace', fontSize: '.875em', backgroundColor: 'light-dark(#0000000d, #ffffff14)', borderRadius: '3px'},
  '&.cm-focused .cm-matchingBracket': {backgroundColor: 'light-dark(#cfe4f3, #204a68)'},
  '.cm-tooltip': {backgroundColor: 'var(--tblr-bg-surface)', color: 'inherit', border: '1px solid var(--tblr-border-color)', borderRadius: 'var(--tblr-border-radius)', boxShadow: '0 8px 24px #0003', zIndex: 30},
  '.cm-tooltip.cm-tooltip-autocomplete > ul': {fontFamily: 'inherit', maxWidth: 'min(34rem, 92vw)'},
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': {padding: '.25rem .5rem', display: 'flex', gap: '.75rem', alignItems: 'baseline', whiteSpace: 'normal'},
  '.cm-tooltip-autocomplete ul li[aria-selected]': {backgroundColor: 'light-dark(#e4eff7, #1d3547)', color: 'light-dark(#164767, #cfe6f8)'},
  '.cm-completionLabel': {fontFamily: 'ui-monospace, monospace', fontSize: '.8125rem', direction: 'ltr', unicodeBidi: 'isolate', whiteSpace: 'nowrap'},
  '.cm-completionDetail': {fontStyle: 'normal', color: 'var(--ink-soft)', margin: 0, fontSize: '.8125rem'},
});

const colours = HighlightStyle.define([
  {tag: [t.keyword, t.operatorKeyword, t.controlKeyword], color: 'light-dark(#7a2f8f, #dfa8f0)'},
  {tag: [t.variableName, t.propertyName], color: 'light-dark(#1f5f8b, #8cc4ee)'},
  {tag: [t.function(t.variableName), t.attributeName], color: 'light-dark(#0b6b3a, #84d6a8)'},
  {tag: [t.string, t.number, t.bool], color: 'light-dark(#7a4b00, #eec37a)'},
  {tag: [t.tagName, t.angleBracket, t.brace, t.processingInstruction], color: 'light-dark(#7a2f8f, #dfa8f0)'},
  {tag: t.comment, color: 'var(--ink-soft)'},
]);

// What stands between outputs and tags of a plain text is text, also where it looks like HTML.
const plain = new LanguageSupport(StreamLanguage.define({token: (text) => { text.skipToEnd(); return null; }}));

// Outputs and tags run from left to right, whatever the text around them does.
const piece = Decoration.mark({class: 'cm-liquid', bidiIsolate: Direction.LTR});
const pieces = new MatchDecorator({regexp: /\{\{[^{}\n]*\}\}|\{%[^{}\n]*%\}/g, decoration: piece});
const isolated = ViewPlugin.fromClass(class {
  constructor(view) { this.marks = pieces.createDeco(view); }
  update(update) { this.marks = pieces.updateDeco(update, this.marks); }
}, {
  provide: (plugin) => {
    const marks = (view) => view.plugin(plugin)?.marks || Decoration.none;
    return [EditorView.outerDecorations.of(marks), Prec.lowest(EditorView.bidiIsolatedRanges.of(marks))];
  },
});

function edit(field, words, nonce, typed) {
  const line = field.tagName === 'INPUT', rich = field.dataset.code === 'rich';
  const box = document.createElement('div');
  box.className = 'form-control code-editor' + (field.classList.contains('is-wrong') ? ' is-wrong' : '');
  const label = document.getElementById(field.id + '-label');
  const view = new EditorView({
    state: EditorState.create({
      doc: field.value,
      extensions: [
        EditorView.cspNonce.of(nonce), history(), drawSelection(), bracketMatching(), closeBrackets(), theme, syntaxHighlighting(colours), isolated,
        rich ? liquid() : liquid({base: plain}), EditorView.lineWrapping, EditorView.perLineTextDirection.of(!line && field.dir !== 'ltr'),
        autocompletion({override: [offers(words, rich)], icons: false, activateOnTyping: true}),
        EditorView.contentAttributes.of({dir: field.dir, lang: field.lang || 'en', 'aria-labelledby': label?.id || '', 'aria-describedby': field.getAttribute('aria-describedby') || '', spellcheck: String(field.dir !== 'ltr' || Boolean(field.lang)), ...line ? {} : {'aria-multiline': 'true'}}),
        line ? EditorState.transactionFilter.of((change) => change.docChanged && change.newDoc.lines > 1 ? [] : change) : [],
        line ? EditorView.clipboardInputFilter.of((text) => text.replace(/\s*\n\s*/g, ' ')) : [],
        line && field.maxLength > 0 ? EditorState.changeFilter.of((change) => change.newDoc.length <= field.maxLength || change.newDoc.length < change.startState.doc.length) : [],
        // Tab is not taken: it leads on to the next field, as everywhere.
        keymap.of([...closeBracketsKeymap, ...completionKeymap, ...historyKeymap, ...defaultKeymap]),
        EditorView.updateListener.of((update) => {
          if (!update.docChanged) return;
          field.value = update.state.doc.toString();
          typed();
        }),
      ],
    }),
    parent: box,
  });
  field.hidden = true;
  field.after(box);
  label?.addEventListener('click', (event) => {
    event.preventDefault();
    view.focus();
  });
  marked(field, view);
  return view;
}

// marked has the editor say what is said of its field.
function marked(field, view) {
  const wrong = field.getAttribute('aria-invalid');
  view.dom.parentElement.classList.toggle('is-wrong', Boolean(wrong));
  if (wrong) view.contentDOM.setAttribute('aria-invalid', wrong);
  else view.contentDOM.removeAttribute('aria-invalid');
}

// offers says what may stand where the cursor is: the names come from the server.
function offers(words, rich) {
  const option = (name, says, boost) => ({label: name, detail: says, boost});
  const filters = (rich ? words.rich : words.filters).map((name) => option(name));
  const tags = words.tags.map((name) => option(name));
  const plain = words.variables.filter((v) => !v.name.includes('[]')).map((v) => option(v.name, v.says));
  const lists = [...new Set(words.variables.filter((v) => v.name.includes('[]')).map((v) => v.name.split('[]')[0]))].map((name) => option(name));

  // within a loop over a list its entries have fields
  const entries = (text) => [...text.matchAll(/\{%-?\s*for\s+(\w+)\s+in\s+([\w.]+)/g)].flatMap(([, name, list]) =>
    words.variables.filter((v) => v.name.startsWith(list + '[].')).map((v) => option(v.name.replace(list + '[]', name), v.says, 2)));

  return (context) => {
    const before = context.state.sliceDoc(0, context.pos);
    const at = Math.max(before.lastIndexOf('{{'), before.lastIndexOf('{%'));
    if (at < 0) return null;
    const inner = before.slice(at + 2);
    if (/[}%]\}/.test(inner)) return null;
    const tag = before[at + 1] === '%', word = /[\w.]*$/.exec(inner)[0], from = context.pos - word.length;
    const valid = {from, validFor: /^[\w.]*$/};
    if (tag && /^-?\s*\w*$/.test(inner)) return {...valid, options: tags};
    if (/\|\s*\w*$/.test(inner)) return {...valid, options: filters};
    if (!word && !context.explicit && !/^-?\s*$/.test(inner)) return null;
    return {...valid, options: [...entries(before), ...plain, ...tag ? lists : []]};
  };
}
