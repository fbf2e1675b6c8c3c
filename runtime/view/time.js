// Time: a run of the model from state to state, or a causal model that appends token after token.
"use strict";

const run = { states: [], at: 0, timer: 0, told: 0, ending: "" };
const MOST_STATES = 1000; // that the page computes by itself
const PACE = 500; // milliseconds between two states that are played
const STOPS = 200; // in so many of them a long run is played

/** The answers as token ids; null if one of them is no token. */
function answersAsIds(trace) {
  const ids = trace.answers.map(({ exact }) => model.idByExact.get(exact));
  return ids.every((id) => id !== undefined) ? ids : null;
}

/** A causal model appends, unless the page was made of its run as a step. */
const appends = () => data.causal && !data.run;

/** The state after this one, null where there is none. */
function nextState(trace) {
  const ids = answersAsIds(trace);
  if (!ids || !appends()) return ids;
  return trace.ids.length < data.max_length ? [...trace.ids, ids[ids.length - 1]] : null;
}

const sameState = (one, other) => one.length === other.length && one.every((id, i) => id === other[i]);

/** A run begins with the state that is shown; that which the page was made of is known already. */
function beginRun() {
  pauseRun();
  model.idByExact ??= new Map(data.vocab.map((atom, i) => [exactly(atom), 1 + i]));
  const told = data.run && sameState(data.run.first, state.trace.ids) ? statesOf(data.run) : null;
  Object.assign(run, { states: told ?? [state.trace.ids], at: 0, told: told ? told.length : 0, ending: "" });
  drawTime();
}

/** All states of a run of which the first and what changed are given: [position, id, position, id, ...]. */
function statesOf({ first, changes }) {
  const states = [first];
  for (const changed of changes) {
    const next = [...states[states.length - 1]];
    for (let i = 0; i < changed.length; i += 2) next[changed[i]] = changed[i + 1];
    states.push(next);
  }
  return states;
}

/** As `decode` writes an answer; numbers stand as fractions where the model answers with a number. */
function exactly(atom) {
  if (data.output.kind === "labels") return atomExact(atom);
  return typeof atom === "string" ? atomExact(atom) : typeof atom === "boolean" ? atomExact(atom) : numberExact(ratio(atomNumber(atom)), data.output);
}

/** One more state; if there is none, what ended the run. */
function stepFurther() {
  const last = run.states[run.states.length - 1];
  const trace = last === state.trace.ids ? state.trace : model.run(last);
  const next = nextState(trace);
  run.ending = !next ? (appends() ? "no further token" : "an answer is no token")
    : sameState(next, last) ? "nothing changes any more" : run.states.length >= Math.max(MOST_STATES, run.told) ? `the page keeps ${run.states.length} states` : "";
  if (!run.ending) run.states.push(next);
  return !run.ending;
}

function goTo(at) {
  while (run.states.length <= at) if (!stepFurther()) break;
  run.at = Math.max(0, Math.min(at, run.states.length - 1));
  state.trace = model.run(run.states[run.at]);
  state.pinned = null;
  drawAll();
  drawTime();
  if (window.parent !== window) window.parent.postMessage({ kind: "at", at: run.at }, "*"); // the playground shows the states, too
  return run.at === at;
}

function pauseRun() {
  clearInterval(run.timer);
  run.timer = 0;
}

function playRun() {
  if (run.timer) { pauseRun(); drawTime(); return; }
  const stride = Math.max(1, Math.ceil(run.told / STOPS));
  if (run.told && run.at === run.states.length - 1) goTo(0);
  const on = () => {
    const next = run.at < run.told - 1 ? Math.min(run.at + stride, run.told - 1) : run.at + 1;
    if (next === run.told && run.told) { pauseRun(); drawTime(); return; } // where the run ended
    if (!goTo(next)) { pauseRun(); drawTime(); }
  };
  run.timer = setInterval(on, PACE);
  on();
}

/** The buttons and the slider, made once: what is held or in focus must not be replaced. */
function timeControls(box) {
  const button = (id, act) => { const made = el("button", { type: "button", id }); made.addEventListener("click", (event) => { event.stopPropagation(); act(); }); return made; };
  const slider = el("input", { type: "range", id: "slider", min: "0", "aria-label": "the state that is shown" });
  let asked = 0;
  slider.addEventListener("input", () => { // a slider that is drawn asks for more states than can be drawn
    if (!asked) requestAnimationFrame(() => { const at = asked - 1; asked = 0; pauseRun(); goTo(at); });
    asked = 1 + Number(slider.value);
  });
  box.append(button("earlier", () => goTo(run.at - 1)), button("play", playRun), button("later", () => goTo(run.at + 1)), slider, el("span", { className: "note", id: "when" }), el("div", { id: "cells" }));
}

function drawTime() {
  const box = document.getElementById("time");
  if (!box.childElementCount) timeControls(box);
  const $ = (id) => document.getElementById(id);
  box.hidden = !nextState(state.trace) && run.states.length < 2 && !data.grid;
  const last = run.states.length - 1;
  $("earlier").textContent = "◀";
  $("earlier").title = "one state back";
  $("play").textContent = run.timer ? "Pause" : "Play";
  $("later").textContent = appends() ? "Append the next token" : data.run ? "▶" : "The answer as input ▶";
  $("later").title = appends() ? "" : "one state on";
  $("slider").max = String(last);
  $("slider").value = String(run.at);
  const end = run.at !== last ? "" : run.at === run.told - 1 ? data.run.ending : run.ending;
  const where = appends() ? `${state.trace.ids.length} tokens` : `state ${run.at.toLocaleString("en")}${last ? ` of ${last.toLocaleString("en")}` : ""}`;
  $("when").textContent = end ? `${where}: ${end}` : where;
  $("cells").replaceChildren(gridOf(run.states[run.at], run.states[run.at - 1]) ?? "");
}

/** The numbers of a set: 2^d stands for d + 1. */
function membersOf(atom) {
  const bits = Math.max(0, atomNumber(atom));
  return Array.from({ length: 30 }, (_, d) => (Math.floor(bits / 2 ** d) % 2 ? d + 1 : 0)).filter(Boolean).join(bits >= 512 ? " " : "");
}

/** A state as the grid that the program's header says, what has just changed with a frame. */
function gridOf(ids, before) {
  if (!data.grid || appends() || ids.length > data.grid.columns * data.grid.rows) return null;
  const { columns, sets } = data.grid;
  const two = data.vocab.length === 2;
  const inside = ids.map((id) => (sets ? membersOf(data.vocab[id - 1]) : atomText(data.vocab[id - 1])));
  const grid = el("div", { id: "grid", className: sets ? "sets" : "", role: "img", "aria-label": `the state as a grid of ${columns} columns` }, ...ids.map((id, i) => {
    const text = atomText(data.vocab[id - 1]);
    const kind = sets ? (inside[i].length === 1 ? "some" : "") : id === 1 ? "" : two ? "full" : "some";
    return el("span", { text: two ? "" : inside[i], title: `position ${i}: ${text}`, className: before && before[i] !== id ? `${kind} new` : kind });
  }));
  const widest = two ? 1 : Math.max(...inside.map((text) => text.length));
  grid.style.setProperty("--square", `${Math.max(1.1, (sets ? 0.36 : 0.5) * widest)}rem`);
  grid.style.gridTemplateColumns = `repeat(${columns}, auto)`;
  return grid;
}
