// The editor of the playground: CodeMirror 6 with RASP's colours, put together for play.js.
//
// This is the source of editor.min.js, which is kept beside it; README.md says how it is made again.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab, toggleComment } from "@codemirror/commands";
import { bracketMatching, HighlightStyle, indentUnit, StreamLanguage, syntaxHighlighting } from "@codemirror/language";
import { lintKeymap, setDiagnostics } from "@codemirror/lint";
import { EditorState, StateEffect, StateField } from "@codemirror/state";
import {
  Decoration, drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, keymap, lineNumbers, placeholder,
} from "@codemirror/view";
import { tags } from "@lezer/highlight";

/** RASP's words by their kind, as the page is given them. */
function language({ keywords, builtins, library, bases }) {
  const kinds = new Map();
  for (const [words, kind] of [[library, "libraryName"], [builtins, "builtin"], [bases, "base"], [keywords, "keyword"]]) {
    for (const word of words) kinds.set(word, kind);
  }
  return StreamLanguage.define({
    name: "rasp",
    token(stream) {
      if (stream.eatSpace()) return null;
      if (stream.match(/^#.*/)) return "comment";
      if (stream.match(/^"(?:[^"\\]|\\.)*"?/) || stream.match(/^'(?:[^'\\]|\\.)*'?/)) return "string";
      if (stream.match(/^\d+(?:\.\d+)?/)) return "number";
      const word = stream.match(/^[A-Za-z_]\w*/);
      if (word) return kinds.get(word[0]) ?? (/^\s*\(/.test(stream.string.slice(stream.pos)) ? "called" : "variableName");
      if (stream.match(/^(?:==|!=|<=|>=|[-+*/%^<>=])/)) return "operator";
      stream.next();
      return null;
    },
    tokenTable: {
      libraryName: tags.function(tags.variableName), builtin: tags.standard(tags.variableName),
      base: tags.special(tags.variableName), called: tags.function(tags.name),
    },
    languageData: { commentTokens: { line: "#" }, closeBrackets: { brackets: ["(", "[", "{", '"'] } },
  });
}

const colours = HighlightStyle.define([
  { tag: tags.comment, color: "var(--code-comment)", fontStyle: "italic" },
  { tag: tags.string, color: "var(--code-string)" },
  { tag: tags.number, color: "var(--code-number)" },
  { tag: tags.keyword, color: "var(--code-keyword)" },
  { tag: tags.standard(tags.variableName), color: "var(--code-builtin)" },
  { tag: tags.special(tags.variableName), color: "var(--code-base)" },
  { tag: tags.function(tags.variableName), color: "var(--code-library)" },
  { tag: tags.function(tags.name), color: "var(--code-library)" },
  { tag: tags.operator, color: "var(--code-operator)" },
]);

const lightLine = StateEffect.define();
const litLine = StateField.define({
  create: () => Decoration.none,
  update(lines, transaction) {
    let result = lines.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (!effect.is(lightLine)) continue;
      const { doc } = transaction.state;
      const line = effect.value;
      result = line && line <= doc.lines ? Decoration.set([Decoration.line({ class: "lit" }).range(doc.line(line).from)]) : Decoration.none;
    }
    return result;
  },
  provide: (field) => EditorView.decorations.from(field),
});

/** The place of a line and column, which count from 1 and in code points, as an offset of the document. */
function offset(doc, line, column) {
  if (line > doc.lines) return doc.length;
  const { from, text } = doc.line(Math.max(line, 1));
  return from + Math.min(Array.from(text).slice(0, column - 1).join("").length, text.length);
}

/**
 * An editor within `parent`. `words` are RASP's, by kind; `complete` gives what can be completed, as
 * [{label, type, detail, info}]; `onChange` is told of each change by the user, `onLine` of the line of the
 * cursor; `keys` are bindings beyond the usual ones.
 */
function create({ parent, nonce, words, complete, onChange, onLine, keys }) {
  let quiet = false;
  const source = (context) => {
    const word = context.matchBefore(/[A-Za-z_]\w*/);
    if (!word && !context.explicit) return null;
    const within = context.state.doc.lineAt(context.pos).text.slice(0, context.pos - context.state.doc.lineAt(context.pos).from);
    if (/#/.test(within.replace(/"[^"]*"/g, ""))) return null;
    return { from: word ? word.from : context.pos, options: complete(), validFor: /^\w*$/ };
  };
  const state = (doc) => EditorState.create({
    doc,
    extensions: [
      EditorView.cspNonce.of(nonce), lineNumbers(), highlightActiveLineGutter(), highlightSpecialChars(), history(), drawSelection(),
      EditorState.tabSize.of(4), indentUnit.of("    "), bracketMatching(), closeBrackets(), highlightActiveLine(), EditorView.lineWrapping,
      autocompletion({ override: [source], icons: false }), language(words), syntaxHighlighting(colours), litLine,
      placeholder("Write a RASP program, or pick one above."),
      keymap.of([
        ...keys.map(({ key, run }) => ({ key, preventDefault: true, run: () => { run(); return true; } })),
        { key: "Mod-/", run: toggleComment }, ...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, ...completionKeymap, ...lintKeymap, indentWithTab,
      ]),
      EditorView.contentAttributes.of({ "aria-label": "The program", spellcheck: "false", autocapitalize: "off" }),
      EditorView.updateListener.of((update) => {
        if (update.docChanged && !quiet) onChange();
        if (update.selectionSet || update.docChanged) onLine(update.state.doc.lineAt(update.state.selection.main.head).number);
      }),
    ],
  });
  const view = new EditorView({ state: state(""), parent });
  return {
    get text() { return view.state.doc.toString(); },
    /** Another program: what was done to the one before cannot be undone here. */
    set(text) { quiet = true; view.setState(state(text)); quiet = false; },
    problems(found) {
      const { doc } = view.state;
      const shown = found.map(({ line, column, end_line: endLine, end_column: endColumn, severity, message, hint }) => {
        const from = offset(doc, line, column);
        const to = Math.max(offset(doc, endLine, endColumn), from);
        return { from, to: to === from ? Math.min(from + 1, doc.length) : to, severity, message: hint ? `${message}\n${hint}` : message };
      }).sort((a, b) => a.from - b.from);
      view.dispatch(setDiagnostics(view.state, shown));
    },
    light(line) { view.dispatch({ effects: lightLine.of(line) }); },
    goTo(line) {
      const at = view.state.doc.line(Math.min(line, view.state.doc.lines)).from;
      view.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: "center" }) });
    },
    focus() { view.focus(); },
  };
}

globalThis.RaspEditor = { create };
