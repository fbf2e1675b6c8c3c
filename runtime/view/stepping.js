// Step mode: the way to an answer, a sentence a step, with the program's line lit and tokens that slide along
// the lines of attention.
"use strict";

const walk = { at: -1, timer: 0, position: null, pace: 2600 }; // milliseconds for each step that is played
const SLIDING = 900;

/** Every step as {stage, told, line, selection, heads}: the embedding, what each sublayer makes, the answer. */
function allSteps() {
  const position = walkPosition();
  const said = JSON.stringify(tokenText(position));
  return [
    { stage: 0, told: ["Every position starts with its token and its place; we follow ", { code: said }, ` at position ${position - 1}.`], selection: { kind: "token", position } },
    ...data.steps.map((step) => ({ ...step, stage: step.sublayer, selection: { kind: "columns", columns: step.columns, position } })),
    { stage: "answer", told: ["So the answer for ", { code: said }, ` at position ${position - 1} is `, { code: state.trace.answers[position - 1].text }, "."], selection: { kind: "answer", position } },
  ];
}

/** The position that is followed: the one that was chosen last, else the last of the input. */
function walkPosition() {
  const last = state.trace.T - 1;
  return walk.position === null || walk.position > last ? last : walk.position;
}

/** What heads do at the position that is followed: which tokens they take, and what comes of it. */
function takenBy(step) {
  const position = walkPosition();
  const heads = (step.heads || []).map((head) => links.heads.find((each) => each.key === `h:${Math.ceil(step.stage / 2)}:${head}`));
  return [...new Set(heads.flatMap((head) => links.attended(head, position, state.trace)))].filter((key) => key).sort((a, b) => a - b);
}

/** The end of a step's sentence: from which tokens, and the values here. */
function outcomeOf(step) {
  if (!step.columns) return [];
  const position = walkPosition();
  const keys = takenBy(step);
  const shown = outcomes(step.columns, position);
  const places = keys.length ? listed(keys.map((key) => `${JSON.stringify(tokenText(key))} at ${key - 1}`), 6) : "no token";
  const from = step.heads.length ? ` Here: from ${places}${shown.length ? ", so " : ""}` : shown.length ? " Here " : "";
  return from ? [from, ...shown.flatMap((each, i) => [...(i ? [", "] : []), { code: each }]), "."] : [];
}

/** `rank = 2`; several heads' parts of one sum are added up first. The numbers of some function say nothing. */
function outcomes(columns, position) {
  const sums = new Map();
  for (const c of columns) {
    const key = data.columns[c].part_of || c;
    const known = sums.get(key) || { c, total: 0 };
    known.total += residual(c, position);
    sums.set(key, known);
  }
  const told = [...sums].map(([read, { c, total }]) => holding(data.columns[c].part_of ? read : formulaOf(c), valueText(c, total, true)));
  const saying = told.filter((each) => !each.startsWith("a function of "));
  return saying.length > 3 ? saying.slice(0, 2) : saying;
}

function drawSteps() {
  const bar = document.getElementById("steps");
  const steps = allSteps();
  document.documentElement.classList.toggle("stepping", walk.at >= 0);
  const button = (id, text, label, act) => {
    const made = el("button", { type: "button", id, text, "aria-label": label });
    made.addEventListener("click", (event) => { event.stopPropagation(); act(); });
    return made;
  };
  if (walk.at < 0) {
    bar.replaceChildren(button("step-start", "▶ Step by step", "Go through the computation step by step", startSteps));
    return;
  }
  const step = steps[walk.at];
  bar.replaceChildren(
    el("div", { className: "controls" },
      button("step-back", "◀", "Back", () => { stopSteps(); goToStep(walk.at - 1); }),
      button("step-play", walk.timer ? "Pause" : "Play", walk.timer ? "Pause" : "Play the steps", playSteps),
      button("step-next", "▶", "Next", () => { stopSteps(); goToStep(walk.at + 1); }),
      el("span", { className: "note", text: `${walk.at + 1} of ${steps.length}` }),
      button("step-end", "✕", "End the step mode", endSteps)),
    el("p", { id: "told", "aria-live": "polite" }, ...[...step.told, ...outcomeOf(step)].map((part) => (typeof part === "string" ? part : el("code", { text: part.code })))),
    ...(step.line ? [el("p", { id: "told-line" }, el("code", { text: step.line }))] : []));
  placeChips();
  document.getElementById("step-back").disabled = walk.at === 0;
  document.getElementById("step-next").disabled = walk.at === steps.length - 1;
}

/** The library functions that the program calls are open while one goes through their lines. */
function startSteps() {
  for (const call of data.sources[state.source]?.opened ?? []) state.calls.add(`${state.source}:${call.start}:${call.end}`);
  drawAll();
  goToStep(0);
}

function goToStep(at) {
  const steps = allSteps();
  if (at < 0 || at >= steps.length) return false;
  walk.at = at;
  const step = steps[at];
  pin(step.selection, true);
  drawSteps();
  const card = document.querySelector(`.stage[data-stage="${step.stage}"]`);
  const target = card?.querySelector("td.is-self, figure.is-self") ?? card;
  target?.scrollIntoView({ block: "center", inline: "center", behavior: "auto" });
  lightLine(step);
  if (step.heads?.length) slide(step);
  return at < steps.length - 1;
}

function playSteps() {
  if (walk.timer) { stopSteps(); drawSteps(); return; }
  if (walk.at === allSteps().length - 1) walk.at = -1;
  walk.timer = setInterval(() => { if (!goToStep(walk.at + 1)) { stopSteps(); drawSteps(); } }, walk.pace);
  goToStep(walk.at + 1);
}

function stopSteps() {
  clearInterval(walk.timer);
  walk.timer = 0;
}

function endSteps() {
  stopSteps();
  walk.at = -1;
  pin(null, true);
  drawSteps();
  tellLine(null);
}

/** The expression of the program that the step computes comes into view, and the editor around lights its line. */
function lightLine(step) {
  document.querySelectorAll("#source .mark.lit").forEach((each) => each.classList.remove("lit"));
  const shown = expressionOf(step.columns || []);
  tellLine(shown && lineAt((shown.closest(".opened")?.previousElementSibling.previousElementSibling ?? shown).start));
  if (!shown) return;
  shown.classList.add("lit");
  const card = shown.closest(".card");
  card.scrollTop += shown.getBoundingClientRect().top - card.getBoundingClientRect().top - card.clientHeight / 3;
}

/** The mark that computes some columns: it belongs to few others, is no name only, and contains what is read. */
function expressionOf(columns) {
  const wanted = new Set(columns);
  const others = (mark) => mark.columns.filter((c) => !wanted.has(c)).length + (/^\w+$/.test(mark.textContent) ? 0.5 : 0);
  const marks = [...document.querySelectorAll("#source .mark")].filter((mark) => mark.columns.some((c) => wanted.has(c)));
  const least = Math.min(...marks.map(others));
  const best = marks.filter((mark) => others(mark) === least);
  const outermost = best.filter((mark) => !best.some((other) => other !== mark && other.contains(mark)));
  return outermost[least % 1 ? 0 : outermost.length - 1] ?? null; // a name where it is first given
}

function lineAt(start) {
  return Array.from(data.sources[state.source].text).slice(0, start).filter((c) => c === "\n").length + 1;
}

function tellLine(line) {
  tellAround({ kind: "line", line: state.source === 0 ? line : null });
}

/** The tokens that heads take slide from where they stand to the cell that their value goes to. */
function slide(step) {
  if (calm()) return;
  const target = document.querySelector(`.stage[data-stage="${step.stage}"] td.is-self`);
  const heads = document.querySelectorAll(`.stage[data-stage="${step.stage}"] thead th`);
  if (!target) return;
  const to = target.getBoundingClientRect();
  for (const key of takenBy(step).slice(0, 12)) {
    const from = heads[1 + key]?.getBoundingClientRect();
    if (!from) continue;
    const token = el("span", { className: "sliding", text: tokenText(key), "aria-hidden": "true" });
    token.style.left = `${from.left}px`;
    token.style.top = `${from.top}px`;
    token.style.minWidth = `${from.width}px`;
    document.body.append(token);
    const moved = token.animate([
      { transform: "translate(0, 0)", opacity: 1 },
      { transform: `translate(${to.left - from.left}px, ${to.top - from.top}px)`, opacity: 0.2 },
    ], { duration: SLIDING, easing: "ease-in-out", fill: "forwards" });
    moved.finished.then(() => token.remove(), () => token.remove());
  }
}

/** A new input, or a new model: the steps go on from where they are. */
function keepStep() {
  walk.at = Math.min(walk.at, allSteps().length - 1);
  if (walk.at < 0) drawSteps(); else goToStep(walk.at);
}
