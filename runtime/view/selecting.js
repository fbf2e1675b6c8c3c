// Selecting: what lights up under the pointer, in focus, and for good when it is clicked.
// Text only ever enters the document as text nodes.
"use strict";

function register(element, keys) {
  registered.push({ element, keys });
  return element;
}

/** Makes an element show `selection` under the pointer, in focus, and for good when clicked. */
function selectable(element, selection, focusable = false) {
  if (focusable) element.tabIndex = 0;
  // What a finger shows on its way moves the page, and the tap ends beside what it began on.
  element.addEventListener("pointerenter", ({ pointerType }) => { if (pointerType !== "touch") hover(selection); });
  element.addEventListener("pointerleave", ({ pointerType }) => { if (pointerType !== "touch") hover(null); });
  element.addEventListener("focus", () => { if (element.matches(":focus-visible")) hover(selection); });
  element.addEventListener("blur", () => hover(null));
  element.addEventListener("click", (event) => { event.stopPropagation(); pin(selection); });
  element.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target === element) pin(selection);
  });
  return element;
}

function hover(selection) {
  if (!state.pinned) show(selection);
}

/** Keep a selection; if it is not a step of the step mode that does so, that one stops playing. */
function pin(selection, stepping = false) {
  if (!stepping) {
    stopSteps();
    if (selection?.position) walk.position = selection.position;
  }
  state.pinned = selection;
  for (const matrix of keepers) if (matrix.kept) matrix.keep(null);
  show(selection);
  if (selection) tellAround({ kind: "kept" });
}

/** What was tapped stays in sight: where a panel at the lower edge lies over it, the page moves up. Of a matrix that
 *  is the cell. The panel grows when the chips come, a frame later, and with what is told of a score. */
function keepInSight({ target, clientY }) {
  const { top, height } = target.getBoundingClientRect();
  const lower = height > 60 && clientY ? clientY + 24 - top : height;
  const look = () => {
    if (!state.pinned) return;
    const bottom = target.getBoundingClientRect().top + lower;
    for (const panel of [document.getElementById("detail-card"), document.getElementById("steps")]) {
      const box = panel.getBoundingClientRect();
      const atEdge = box.bottom >= window.innerHeight - 2 && box.top > 0;
      if (atEdge && bottom > box.top && !panel.contains(target)) window.scrollBy(0, bottom - box.top + 8);
    }
  };
  requestAnimationFrame(() => requestAnimationFrame(look));
  setTimeout(look, 250);
}

/** Within the playground: to the page around. */
function tellAround(message) {
  if (document.documentElement.classList.contains("within")) window.parent.postMessage(message, "*");
}

function linksOf(selection) {
  const { trace } = state;
  switch (selection.kind) {
    case "columns": return links.ofColumns(selection.columns, selection.position ?? null, trace);
    case "head": return links.ofHead(selection.layer, selection.head, selection.query ?? null, selection.key ?? null, trace);
    case "neuron": return links.ofNeuron(selection.layer, selection.neuron ?? null, selection.position ?? null);
    case "answer": return links.ofAnswer(selection.position);
    default: return links.ofToken(selection.position);
  }
}

/** Whether a key, or the column that it is part of or consists of, is in a set. */
function has(set, key) {
  if (set.has(key)) return true;
  const [kind, thing, position] = key.split(":");
  if ((kind === "c" && position !== undefined) && set.has(`c:${thing}`)) return true;
  return (kind === "t" || kind === "a") && set.has(kind);
}

function show(selection) {
  const found = selection && state.trace ? linksOf(selection) : null;
  const touched = found && Object.fromEntries(["self", "from", "to"].map((role) => {
    const rows = [...found[role]].filter((key) => key.startsWith("c:")).map((key) => `c:${key.split(":")[1]}`);
    return [role, new Set([...found[role], ...rows.map((row) => `row ${row}`)])];
  }));
  for (const { element, keys } of registered) {
    const role = touched && ["self", "to", "from"].find((each) => keys.some((key) => has(touched[each], key)));
    for (const each of ["self", "to", "from"]) element.classList.toggle(`is-${each}`, each === role);
  }
  for (const { matrix, key } of matrices) {
    const row = found?.rows.get(key);
    matrix.mark(row ?? null, "from");
  }
  describe(selection);
  document.documentElement.classList.toggle("kept", Boolean(state.pinned));
  askForArrows();
}
