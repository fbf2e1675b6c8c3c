// Time: a run of the model from state to state, or a causal model that appends token after token.
"use strict";

const run = { states: [], at: 0, timer: 0, made: false };
const MOST_STATES = 200;
const PACE = 500; // milliseconds between two states that are played

/** The answers as token ids; null if one of them is no token, or there are too many. */
function answersAsIds(trace) {
  const ids = trace.answers.map(({ exact }) => model.idByExact.get(exact));
  return ids.every((id) => id !== undefined) ? ids : null;
}

/** The state after this one, for good measure null where there is none. */
function nextState(trace) {
  const ids = answersAsIds(trace);
  if (!ids) return null;
  if (!data.causal) return ids;
  return trace.ids.length < data.max_length ? [...trace.ids, ids[ids.length - 1]] : null;
}

const sameState = (one, other) => one.length === other.length && one.every((id, i) => id === other[i]);

/** A run begins with the state that is shown. */
function beginRun() {
  pauseRun();
  model.idByExact ??= new Map(data.vocab.map((atom, i) => [exactly(atom), 1 + i]));
  Object.assign(run, { states: [state.trace.ids], at: 0 });
  drawTime();
}

/** As `decode` writes an answer; numbers stand as fractions where the model answers with a number. */
function exactly(atom) {
  if (data.output.kind === "labels") return atomExact(atom);
  return typeof atom === "string" ? atomExact(atom) : typeof atom === "boolean" ? atomExact(atom) : ratio(atomNumber(atom)).join("/");
}

/** All states up to the end, or a step further; whether there is one more. */
function stepFurther() {
  const next = nextState(model.run(run.states[run.states.length - 1]));
  const last = run.states[run.states.length - 1];
  if (!next || run.states.length >= MOST_STATES || sameState(next, last)) return false;
  run.states.push(next);
  return true;
}

function goTo(at) {
  while (run.states.length <= at) if (!stepFurther()) break;
  run.at = Math.min(at, run.states.length - 1);
  state.trace = model.run(run.states[run.at]);
  state.pinned = null;
  drawAll();
  drawTime();
  return run.at === at;
}

function pauseRun() {
  clearInterval(run.timer);
  run.timer = 0;
}

function playRun() {
  if (run.timer) { pauseRun(); drawTime(); return; }
  run.timer = setInterval(() => { if (!goTo(run.at + 1)) { pauseRun(); drawTime(); } }, PACE);
  drawTime();
}

function drawTime() {
  const box = document.getElementById("time");
  box.hidden = !nextState(state.trace) && run.states.length < 2;
  const button = (id, text, act) => { const made = el("button", { type: "button", id, text }); made.addEventListener("click", (event) => { event.stopPropagation(); act(); }); return made; };
  const slider = el("input", { type: "range", id: "slider", min: "0", max: String(run.states.length - 1), "aria-label": "the state that is shown" });
  slider.value = String(run.at);
  slider.addEventListener("input", () => goTo(Number(slider.value)));
  const what = data.causal ? `${state.trace.ids.length} tokens` : `state ${run.at}${run.states.length > 1 ? ` of ${run.states.length - 1}` : ""}`;
  box.replaceChildren(
    button("earlier", "◀", () => goTo(Math.max(0, run.at - 1))),
    button("play", run.timer ? "Pause" : "Play", playRun),
    button("later", data.causal ? "Append the next token" : "The answer as input ▶", () => goTo(run.at + 1)),
    slider, el("span", { className: "note", text: what }), gridOf(run.states[run.at]) ?? "");
}

/** A state as the grid that the program's header says: `# grid: 8x8` is 8 columns and 8 rows. */
function gridOf(ids) {
  const said = /^#\s*grid:\s*(\d+)x(\d+)\s*$/m.exec(data.sources[0]?.text ?? "");
  if (!said || ids.length > Number(said[1]) * Number(said[2])) return null;
  const grid = el("div", { id: "grid", role: "img", "aria-label": "the state as a grid" }, ...ids.map((id) => {
    const text = atomText(data.vocab[id - 1]);
    return el("span", { text: data.vocab.length === 2 ? "" : text, title: text, className: id === 1 ? "" : data.vocab.length === 2 ? "full" : "some" });
  }));
  grid.style.gridTemplateColumns = `repeat(${Number(said[1])}, auto)`;
  return grid;
}
