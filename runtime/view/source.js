// The program's text with marks for what is computed in columns; library functions open in place.
// Text only ever enters the document as text nodes.
"use strict";

function drawSource() {
  const tabs = document.getElementById("tabs");
  tabs.replaceChildren(...data.sources.map((source, i) => {
    const tab = el("button", { text: source.title, type: "button", role: "tab", "aria-selected": String(i === state.source) });
    tab.addEventListener("click", () => { state.source = i; drawAll(); });
    return tab;
  }));
  const source = data.sources[state.source];
  const characters = Array.from(source.text); // Python counts code points
  const marks = [...source.marks].sort((a, b) => a.start - b.start || b.end - a.end);
  document.getElementById("source").replaceChildren(...marked(characters, 0, characters.length, marks, source.opened));
  document.querySelectorAll("#source .opened").forEach(endLineBefore);
}

/** What ends the line of a call that is open, such as its semicolon, stands before the lines that it opens to. */
function endLineBefore(lines) {
  const rest = lines.nextSibling;
  if (rest?.nodeType !== Node.TEXT_NODE) return;
  const end = rest.data.split("\n", 1)[0];
  lines.before(end);
  rest.data = rest.data.slice(end.length).replace(/^\n/, "");
}

/** A button that opens a call of a library function in place, and the function's lines where it is open. */
function openable(call) {
  const key = `${state.source}:${call.start}:${call.end}`;
  const isOpen = state.calls.has(key);
  const button = el("button", { type: "button", className: "unfold", text: isOpen ? "▾" : "▸", "aria-expanded": String(isOpen), "aria-label": `${isOpen ? "Close" : "Open"} the library function`, title: "the lines of the library function" });
  button.addEventListener("click", (event) => {
    event.stopPropagation();
    if (isOpen) state.calls.delete(key); else state.calls.add(key);
    drawAll();
  });
  if (!isOpen) return [button];
  const characters = Array.from(call.text);
  const marks = [...call.marks].sort((a, b) => a.start - b.start || b.end - a.end);
  return [button, el("span", { className: "opened" }, ...marked(characters, 0, characters.length, marks, []))];
}

/** The text from start to end with its marks, those inside another nested in it. */
function marked(characters, start, end, marks, calls) {
  const nodes = [];
  let at = start;
  const plain = (until) => { if (until > at) nodes.push(...uncommented(characters.slice(at, until).join(""))); };
  for (let i = 0; i < marks.length; i++) {
    const mark = marks[i];
    if (mark.start < at || mark.end > end) continue;
    plain(mark.start);
    const inner = marks.slice(i + 1).filter((each) => each.start < mark.end && each.end <= mark.end);
    const span = el("span", { className: "mark" }, ...marked(characters, mark.start, mark.end, inner, calls));
    Object.assign(span, { columns: mark.columns, start: mark.start });
    const keys = mark.columns.flatMap((c) => [`c:${c}`, `row c:${c}`]);
    nodes.push(selectable(register(span, keys), { kind: "columns", columns: mark.columns }, true));
    const call = calls.find((each) => each.start === mark.start && each.end === mark.end);
    if (call) nodes.push(...openable(call));
    at = mark.end;
  }
  plain(end);
  return nodes;
}

function uncommented(text) {
  return text.split(/("[^"\n]*"|#.*$)/m).map((piece) => (piece[0] === "#" ? el("span", { className: "comment", text: piece }) : piece));
}
