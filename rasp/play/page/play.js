// The playground: what is typed is sent to the server, and what comes back is shown.
// Text only ever enters the document as text nodes.
"use strict";

const $ = (id) => document.getElementById(id);
const PAGE = Math.random().toString(36).slice(2); // tells the tasks of two open pages apart
const PAUSE = 25; // milliseconds without a keystroke before anything is asked
const WAITING = 600; // milliseconds before it is said that something takes its time

const state = {
  boot: null, name: "", exercise: null, drafts: new Map(), seen: null, made: null, tab: "values", started: 0, ready: new Set(), run: null,
  line: 1, position: null, brief: true, explained: null, iterated: null, lookProblems: [], modelProblems: [],
};
let editor;

const TABS = [
  { id: "values", title: "Values" },
  { id: "drawing", title: "Drawing" },
  { id: "model", title: "Model", flush: true },
  { id: "explain", title: "Explain", prose: true },
  { id: "size", title: "Size and certificate" },
  { id: "iterate", title: "Iterate", flush: true },
];

// Asking -----------------------------------------------------------------------------------------------

const newest = {};

/** The answer to a task; null if a newer one of the kind has been asked in the meantime. */
async function ask(kind, task) {
  const number = newest[kind] = (newest[kind] || 0) + 1;
  let answer;
  try {
    const response = await fetch(`do/${kind}`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ page: PAGE, ...task }) });
    answer = response.ok ? await response.json() : { error: await response.text() };
  } catch {
    answer = { error: "The server does not answer. Is `rasp play` still running?" };
  }
  return number === newest[kind] && !answer.superseded ? answer : null;
}

function given() {
  const length = $("length").classList.contains("guessed") || !$("length").value ? null : Number($("length").value);
  return {
    source: editor.text, input: $("input").value, vocab: $("vocab").classList.contains("guessed") ? "" : $("vocab").value, length,
    causal: $("causal").dataset.guessed === undefined ? $("causal").checked : null, name: state.exercise ? state.exercise.name : state.name,
  };
}

// Following what is typed ------------------------------------------------------------------------------

let timer = 0;

function changed() {
  state.started = performance.now();
  clearTimeout(timer);
  timer = setTimeout(follow, PAUSE);
}

async function follow() {
  if (state.exercise) state.drafts.set(state.exercise.name, editor.text);
  const task = { given: given() };
  state.explained = state.iterated = state.run = null;
  const late = setTimeout(() => waiting("values", true), WAITING);
  const seen = await ask("look", task);
  clearTimeout(late);
  if (!seen) return;
  waiting("values", false);
  showSeen(seen);
  if (state.tab === "iterate") follow.iterate(task);
  await follow.model(task);
}

follow.model = async (task) => {
  const broken = !state.seen || state.lookProblems.some((each) => each.severity === "error") || !state.seen.main || state.seen.wrong_settings;
  if (broken) { newest.model = (newest.model || 0) + 1; waiting("model", false); showMade(null); return; }
  const late = setTimeout(() => waiting("model", true), WAITING);
  const made = await ask("model", task);
  clearTimeout(late);
  if (!made) return;
  waiting("model", false);
  showMade(made);
  if (state.tab === "explain") await follow.explain(task);
};

follow.explain = async (task = { given: given() }) => {
  if (state.explained || !state.made || state.made.error || state.made.stopped) { showExplained(); return; }
  const late = setTimeout(() => waiting("explain", true), 200);
  const found = await ask("explain", { ...task, position: state.position, brief: state.brief });
  clearTimeout(late);
  if (!found) return;
  waiting("explain", false);
  state.explained = found;
  showExplained();
};

follow.iterate = async (task = { given: given() }) => {
  const found = await ask("iterate", task);
  if (!found) return;
  state.iterated = found;
  showIterated();
  if (found.error || found.stopped) return;
  const late = setTimeout(() => waiting("iterate", true), WAITING);
  const run = await ask("run", task);
  clearTimeout(late);
  if (!run) return;
  waiting("iterate", false);
  state.run = run;
  showRun();
};

function waiting(tab, on) {
  const [ids, text] = { model: [["model", "size", "explain"], "compiling…"], values: [["values", "drawing"], "running…"], explain: [["explain"], "explaining…"], iterate: [["iterate"], "compiling…"] }[tab];
  for (const id of ids) {
    const panel = $(`panel-${id}`);
    panel.querySelector(":scope > .waiting")?.remove();
    if (on) panel.append(el("span", { className: "waiting", text }));
  }
}

// Showing ----------------------------------------------------------------------------------------------

function note(answer) {
  const text = answer.stopped ?? answer.error;
  return el("div", { className: "note bad", role: "alert" }, text, answer.hint ? el("span", { className: "hint", text: answer.hint }) : null);
}

function showSeen(seen) {
  if (seen.stopped || seen.error) {
    state.seen = null;
    state.lookProblems = [];
    showTrouble();
    for (const id of ["values", "drawing"]) { $(`panel-${id}`).classList.add("stale"); setNote(id, note(seen)); }
    $("answer").replaceChildren(el("span", { className: "problem", text: seen.stopped ?? seen.error }));
    return;
  }
  state.seen = seen;
  state.lookProblems = seen.problems;
  showTrouble();
  guess($("vocab"), seen.vocab);
  guess($("length"), seen.length);
  if ($("causal").dataset.guessed !== undefined && seen.causal !== undefined) $("causal").checked = seen.causal;
  showAnswer();
  showValues();
  showDrawing();
}

/** Fill in a setting that goes without saying. */
function guess(field, value) {
  if (value !== undefined && document.activeElement !== field && (field.classList.contains("guessed") || !field.value)) {
    field.value = value;
    field.classList.add("guessed");
  }
}

function showTrouble() {
  const problems = [...state.lookProblems, ...state.modelProblems];
  editor.problems(problems.filter((each) => each.line));
  const box = $("trouble");
  box.hidden = !problems.length;
  box.classList.toggle("warning", problems.every((each) => each.severity === "warning"));
  box.replaceChildren(...problems.slice(0, 5).map((each) => el("p", {},
    each.line ? el("button", { type: "button", text: `line ${each.line}`, onclick: () => { editor.goTo(each.line); editor.focus(); } }) : null,
    `${each.line ? ": " : ""}${each.message}`, each.hint ? el("span", { className: "hint", text: ` — ${each.hint}` }) : null)));
}

function showAnswer() {
  const { seen } = state;
  const box = $("answer");
  if (seen.wrong_settings) { box.replaceChildren(el("span", { className: "problem", text: seen.wrong_settings })); return; }
  if (!seen.answer) { box.replaceChildren(el("span", { className: "quiet", text: seen.tokens ? "There is no answer yet." : "" })); return; }
  const width = columnWidth([...seen.answer, ...seen.tokens], seen.answer.length, box.clientWidth - 140);
  const row = el("div", { className: "grid main" }, el("span"), el("span", { className: "name", text: seen.main, title: seen.main }), ...cells(seen.answer));
  row.style.setProperty("--count", seen.answer.length);
  row.style.setProperty("--col", `${width}px`);
  row.style.setProperty("--names", "6.5rem");
  row.style.gridTemplateColumns = "0 6.5rem repeat(var(--count), var(--col))";
  box.replaceChildren(row);
}

function setNote(id, shown) {
  const panel = $(`panel-${id}`);
  panel.querySelector(":scope > .note.bad")?.remove();
  if (shown) panel.prepend(shown);
}

function showValues() {
  const panel = $("panel-values");
  const { seen } = state;
  panel.classList.remove("stale");
  if (seen.wrong_settings) { panel.classList.add("stale"); setNote("values", note({ error: seen.wrong_settings })); return; }
  if (!seen.rows.length) { panel.replaceChildren(el("p", { className: "quiet", text: "Each name of the program gets a row here, with its value at every position." })); return; }
  const at = panel.scrollTop;
  const room = panel.clientWidth - 32 - 16 * (2.2 + 9);
  panel.replaceChildren(valuesView(seen, room, { goTo: (line) => { editor.goTo(line); editor.focus(); } }));
  panel.scrollTop = at;
  lightValues(panel, state.line);
}

function showDrawing() {
  const panel = $("panel-drawing");
  panel.classList.remove("stale");
  if (!state.seen.drawing) { panel.replaceChildren(el("p", { className: "quiet", text: "There is nothing to draw yet: the program needs an s-op." })); return; }
  const source = `data:image/svg+xml,${encodeURIComponent(state.seen.drawing)}`;
  const image = panel.querySelector("img") ?? el("img", { alt: "The flow of the program by layers and heads" });
  image.src = source;
  if (!image.isConnected || panel.childElementCount > 1) panel.replaceChildren(image);
}

function showMade(made) {
  const bad = !made || made.error || made.stopped;
  state.modelProblems = made?.problems ?? [];
  if (made?.error && !state.modelProblems.length) state.modelProblems = [{ line: 0, message: made.error, hint: made.hint, severity: "error" }];
  showTrouble();
  for (const id of ["model", "size", "explain"]) {
    setNote(id, null);
    $(`panel-${id}`).classList.toggle("stale", Boolean(bad));
    if (bad) setNote(id, made ? note(made) : el("div", { className: "note bad", text: "There is no model while the program has mistakes." }));
  }
  $("save-page").disabled = $("save-model").disabled = Boolean(bad);
  state.made = made;
  if (bad) return;
  showSize();
  sendModel();
}

function sendModel() {
  if (!state.ready.has("model") || !state.made?.view) {
    if (state.made && !state.made.view) setNote("model", el("div", { className: "note bad", text: "The model is too large to be drawn here; `rasp info` and `rasp explain` show it." }));
    return;
  }
  send("model", { kind: "model", data: state.made.view });
}

const amount = (count, noun) => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;

function showSize() {
  const { size, certified, certificate, bounds, costs, program } = state.made;
  const fact = (value, name) => el("div", {}, el("b", { text: value.toLocaleString("en") }), el("span", { text: name }));
  const rows = costs.map((cost) => {
    const bar = el("span", { className: "share" }, el("i"));
    bar.firstChild.style.width = `${Math.max(1, 100 * cost.share)}%`;
    const line = cost.line === null ? "" : el("button", { type: "button", text: String(cost.line), onclick: () => { editor.goTo(cost.line); editor.focus(); } });
    const name = Array.from(cost.name).length > 40 ? `${Array.from(cost.name).slice(0, 39).join("")}…` : cost.name;
    const blank = (count) => (count ? count.toLocaleString("en") : "");
    return el("tr", {}, el("td", { className: "mono", text: name, title: cost.name }), el("td", {}, line), el("td", { text: cost.layers.map((l) => (l ? l : "emb.")).join(" ") }),
      el("td", { text: blank(cost.heads) }), el("td", { text: blank(cost.neurons) }), el("td", { text: blank(cost.columns) }), el("td", { text: blank(cost.parameters) }),
      el("td", {}, bar, ` ${(100 * cost.share).toFixed(1)}%`));
  });
  const head = ["s-op", "line", "layer", "heads", "neurons", "columns", "parameters", "share"];
  const opened = $("panel-size").querySelector("details")?.open;
  const details = el("details", {}, el("summary", { text: `what was bounded (${bounds.length})` }),
    el("div", { className: "scroll" }, el("table", {}, el("thead", {}, el("tr", {}, ...["of what", "bound", "tolerance"].map((text) => el("th", { text })))),
      el("tbody", {}, ...bounds.slice(0, 200).map(([bound, tolerance, what]) => el("tr", {}, el("td", { className: "words", text: what }), el("td", { text: bound }), el("td", { text: tolerance })))))));
  details.open = Boolean(opened);
  $("panel-size").replaceChildren(
    el("div", { className: "facts" }, fact(size.layers, size.layers === 1 ? "layer" : "layers"), fact(size.all_heads, size.all_heads === 1 ? "head" : "heads"), fact(size.neurons, "neurons"),
      fact(size.d_model, "numbers a position"), fact(size.parameters, "parameters"), fact(size.nonzeros, "of them not 0")),
    el("div", { className: `note ${certified ? "sealed" : "bad"}` }, el("b", { text: certified ? "Certified " : "Not certified: " }), certificate.replace(/^certified: /, "")), details,
    el("h2", { className: "quiet", text: "Where the parameters go" }),
    el("div", { className: "scroll" }, el("table", {}, el("thead", {}, el("tr", {}, ...head.map((text) => el("th", { text })))), el("tbody", {}, ...rows))),
    el("details", {}, el("summary", { text: "the program as it is compiled" }), el("div", { className: "prose" }, el("pre", {}, el("code", { text: program })))),
  );
}

// Explain and iterate ----------------------------------------------------------------------------------

function textOf(parts) {
  return parts.map((part) => (typeof part === "string" ? document.createTextNode(part) : el("code", { text: part.code })));
}

function blockView(block) {
  if (block.kind === "heading") return el(block.level === 1 ? "h1" : "h2", {}, ...textOf(block.text));
  if (block.kind === "paragraph") return el("p", {}, ...textOf(block.text));
  if (block.kind === "listing") return el("pre", { className: "listing", text: block.lines.join("\n") });
  const row = (cells, tag) => el("tr", {}, ...cells.map((cell) => el(tag, {}, ...textOf(cell))));
  return el("div", { className: "scroll" }, el("table", {}, el("thead", {}, row(block.header, "th")), el("tbody", {}, ...block.rows.map((cells) => row(cells, "td")))));
}

function showExplained() {
  const panel = $("panel-explain");
  const found = state.explained;
  if (!found) return;
  if (found.error || found.stopped) { panel.replaceChildren(note(found)); return; }
  const tokens = el("span", { className: "tokens", role: "group", "aria-label": "Position" }, ...state.seen.tokens.map((token, i) => el("button", {
    type: "button", text: token, title: `position ${i}`, "aria-pressed": String(i === found.position),
    onclick: () => { state.position = i; state.explained = null; follow.explain(); },
  })));
  const brief = el("input", { type: "checkbox", id: "sums" });
  brief.checked = !state.brief;
  brief.addEventListener("change", () => { state.brief = !brief.checked; state.explained = null; follow.explain(); });
  const at = panel.scrollTop;
  panel.replaceChildren(el("div", { className: "bar" }, "Follow", tokens, el("label", {}, brief, " with the sums")), el("div", { className: "prose" }, ...found.blocks.map(blockView)));
  panel.scrollTop = at;
}

/** What the page of a model within a tab is told. */
function send(tab, message) {
  if (state.ready.has(tab)) $(`panel-${tab}`).querySelector("iframe").contentWindow.postMessage(message, "*");
}

/** The states as rows; the model at work on each, with slider and picture, comes below as soon as there is one. */
function showIterated() {
  const panel = $("states");
  const found = state.iterated;
  if (!found) return;
  setNote("iterate", null);
  $("panel-iterate").querySelector("iframe").style.visibility = "hidden";
  if (found.error || found.stopped) { panel.replaceChildren(note(found)); return; }
  const { states, ending } = found;
  const width = columnWidth(states.flat(), states[0].length, panel.clientWidth - 140);
  const box = el("div", { className: "values" });
  box.style.setProperty("--count", states[0].length);
  box.style.setProperty("--col", `${width}px`);
  box.style.setProperty("--names", "5rem");
  box.append(...states.map((values, step) => el("div", { className: "grid", "data-step": step }, el("button", { className: "at", type: "button", text: String(step), title: `show state ${step}`, onclick: () => send("iterate", { kind: "at", at: step }) }),
    el("span", { className: "name", text: step ? "" : "input" }), ...cells(values).map((cell, i) => { if (step && values[i] !== states[step - 1][i]) cell.classList.add("true"); return cell; }))));
  const step = el("button", { type: "button", id: "step", text: "Step: the answer becomes the input", onclick: stepOn });
  step.disabled = !state.seen?.next;
  panel.replaceChildren(el("div", { className: "bar" }, step, el("span", { className: "quiet", text: `${ending[0].toUpperCase()}${ending.slice(1)}.` })), box);
}

function showRun() {
  const { run } = state;
  const broken = run.error || run.stopped || !run.view;
  setNote("iterate", broken ? note(run.view === null ? { error: "The model is too large to be drawn here." } : run) : null);
  $("panel-iterate").querySelector("iframe").style.visibility = broken ? "hidden" : "";
  if (!broken) send("iterate", { kind: "model", data: run.view });
}

/** Light up the state that the page of the run shows. */
function lightState(at) {
  for (const row of document.querySelectorAll("#states .grid")) row.classList.toggle("lit", Number(row.dataset.step) === at);
  const left = $("states").scrollLeft;
  document.querySelector("#states .grid.lit")?.scrollIntoView({ block: "nearest" });
  $("states").scrollLeft = left;
}

/** The answer becomes the input. */
function stepOn() {
  if (!state.seen?.next) return;
  $("input").value = state.seen.next;
  changed();
}

// Tabs -------------------------------------------------------------------------------------------------

function drawTabs() {
  $("tabs").replaceChildren(...TABS.map(({ id, title }, i) => {
    const tab = el("button", { type: "button", role: "tab", id: `tab-${id}`, text: title, "aria-controls": `panel-${id}`, title: `Alt-${i + 1}`, onclick: () => openTab(id) });
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const next = TABS[(i + step + TABS.length) % TABS.length].id;
      openTab(next);
      $(`tab-${next}`).focus();
    });
    return tab;
  }));
  $("panels").replaceChildren(...TABS.map(({ id, flush }) => el("div", { className: flush ? "panel flush" : "panel", id: `panel-${id}`, role: "tabpanel", "aria-labelledby": `tab-${id}` })));
  $("panel-model").append(el("iframe", { src: "frame", title: "The model at work", sandbox: "allow-scripts" }));
  $("panel-iterate").append(el("div", { id: "states" }), el("iframe", { src: "frame", title: "The model at work on each state", sandbox: "allow-scripts" }));
}

function openTab(id) {
  state.tab = id;
  for (const each of TABS) {
    $(`tab-${each.id}`).setAttribute("aria-selected", String(each.id === id));
    $(`tab-${each.id}`).tabIndex = each.id === id ? 0 : -1;
    // The page of the model stays alive, and knows how wide it is, while another tab is shown.
    $(`panel-${each.id}`).style.visibility = each.id === id ? "visible" : "hidden";
  }
  if (id === "explain") follow.explain();
  if (id === "iterate" && !state.iterated) follow.iterate();
}

window.addEventListener("message", (event) => {
  const tab = ["model", "iterate"].find((id) => event.source === $(`panel-${id}`)?.querySelector("iframe")?.contentWindow);
  if (!tab) return;
  const { kind, at, line } = event.data ?? {};
  if (kind === "ready") { state.ready.add(tab); sendTheme(); if (tab === "model") sendModel(); else if (state.run) showRun(); }
  if (tab === "iterate") { if (kind === "at") lightState(at); return; }
  if (kind === "line") editor.light(line); // of a step that is told
  if (kind === "drawn") { state.drawn = performance.now() - state.started; document.body.dataset.drawn = String(Math.round(state.drawn)); }
});

// Programs, exercises, sharing -------------------------------------------------------------------------

function load({ source, name = "", input = "", vocab = "", length = null, causal = null }) {
  state.name = name;
  $("name").textContent = state.exercise ? state.exercise.title : name || "program";
  $("input").value = input;
  $("vocab").value = vocab;
  $("vocab").classList.toggle("guessed", !vocab);
  $("length").value = length ?? "";
  $("length").classList.toggle("guessed", length === null);
  $("causal").checked = Boolean(causal);
  if (causal === null) $("causal").dataset.guessed = ""; else delete $("causal").dataset.guessed;
  state.position = null;
  editor.set(source);
  changed();
}

function drawPrograms() {
  const wanted = $("filter").value.trim().toLowerCase();
  const fits = (each) => `${each.name} ${each.meaning}`.toLowerCase().includes(wanted);
  $("programs").replaceChildren(...state.boot.groups.flatMap(({ title, programs }) => {
    const found = programs.filter(fits);
    return found.length ? [el("h3", { text: title }), ...found.map((each) => el("button", { className: "item", type: "button", "data-name": each.name, onclick: () => pick(each) },
      el("b", { className: "mono", text: each.name }), el("span", { text: each.meaning })))] : [];
  }));
}

function pick(each) {
  $("picker").close();
  leaveExercise();
  load({ ...each, causal: each.causal ? true : null });
}

function drawCourse() {
  const { lessons } = state.boot;
  const solved = lessons.filter((each) => each.medal).length;
  $("solved").textContent = solved ? `${solved}/${lessons.length}` : "";
  $("lessons").replaceChildren(...lessonList(lessons, openExercise));
}

async function openExercise(name) {
  $("course").close();
  const lesson = await ask("lesson", { exercise: name });
  if (!lesson) return;
  if (lesson.error) { toast(lesson.error); return; }
  state.exercise = lesson;
  drawLesson();
  load({ source: state.drafts.get(lesson.name) ?? lesson.skeleton, name: lesson.name, input: lesson.input, vocab: lesson.vocab, length: lesson.length, causal: lesson.causal });
  editor.focus();
}

function leaveExercise() {
  state.exercise = null;
  $("lesson").hidden = true;
}

function drawLesson() {
  const lesson = state.exercise;
  const verdict = $("verdict");
  $("lesson").hidden = false;
  $("lesson").replaceChildren(...lessonPanel(lesson, {
    check, next: nextExercise, close: () => { leaveExercise(); $("name").textContent = state.name || "program"; },
    hint: async () => { const found = await ask("hint", { exercise: lesson.name }); if (found && !found.error) { state.exercise = found; drawLesson(); } },
    again: () => { state.drafts.delete(lesson.name); openExercise(lesson.name); },
    reference: () => { editor.set(lesson.reference); changed(); },
  }));
  if (verdict && verdict.dataset.name === lesson.name && !verdict.hidden) $("verdict").replaceWith(verdict);
}

async function check() {
  const lesson = state.exercise;
  if (!lesson) return;
  const box = $("verdict");
  if (box.classList.contains("good") && box.dataset.source === editor.text) { nextExercise(); return; }
  box.hidden = false;
  box.className = "running";
  box.replaceChildren("checking…");
  const source = editor.text;
  const verdict = await ask("check", { exercise: lesson.name, source });
  if (!verdict || state.exercise?.name !== lesson.name) return;
  if (verdict.error) { box.className = ""; box.replaceChildren(verdict.error); return; }
  state.boot.lessons = verdict.lessons;
  drawCourse();
  const good = verdict.verdict === "correct";
  if (good) { const fresh = await ask("lesson", { exercise: lesson.name }); if (fresh && !fresh.error) { state.exercise = fresh; drawLesson(); } }
  const shown = $("verdict");
  shown.hidden = false;
  shown.className = good ? "good" : "";
  shown.dataset.name = lesson.name;
  shown.dataset.source = source;
  shown.dataset.verdict = verdict.verdict;
  shown.replaceChildren(...verdictView(verdict, { tryInput: (text) => { $("input").value = text; changed(); } }));
  shown.scrollIntoView({ block: "nearest" });
  if (verdict.failure) {
    const found = await ask("matrices", { given: { ...given(), source }, exercise: lesson.name, input: verdict.failure.input });
    if (found && !found.error && !found.stopped && $("pair")) { $("pair").replaceChildren(...matricesView(found)); shown.scrollIntoView({ block: "end" }); }
  }
}

function nextExercise() {
  const { lessons } = state.boot;
  const at = lessons.findIndex((each) => each.name === state.exercise?.name);
  const turn = [...lessons.slice(at + 1), ...lessons.slice(0, at + 1)];
  const next = turn.find((each) => !each.medal);
  if (next) openExercise(next.name); else toast("You have solved them all.");
}

function packed() {
  const now = given();
  const data = { p: now.source, n: state.name, i: now.input, v: now.vocab, l: now.length, c: now.causal };
  const bytes = new TextEncoder().encode(JSON.stringify(data));
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

/** What an address holds after its #; null if that is no program. */
function unpacked(fragment) {
  try {
    const bytes = Uint8Array.from(atob(fragment.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
    const { p, n = "", i = "", v = "", l = null, c = null } = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    const texts = [p, n, i, v].every((each) => typeof each === "string");
    return texts && (l === null || Number.isInteger(l)) && (c === null || typeof c === "boolean") ? { source: p, name: n, input: i, vocab: v, length: l, causal: c } : null;
  } catch { return null; }
}

function openAddress() {
  const fragment = location.hash.slice(1);
  const shared = fragment ? unpacked(fragment) : null;
  if (fragment && !shared) toast("What this address holds is no program.");
  if (!shared) return false;
  leaveExercise();
  load(shared);
  return true;
}

async function share() {
  const fragment = `#${packed()}`;
  history.replaceState(null, "", fragment);
  try {
    await navigator.clipboard.writeText(location.href);
    toast("The address is copied. Whoever has a playground of their own opens it with rasp play ADDRESS.");
  } catch {
    toast("The address of this page now holds the program, its input and settings.");
  }
}

function download(name, type, content) {
  const link = el("a", { href: URL.createObjectURL(new Blob([content], { type })), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

async function save(kind) {
  const found = await ask(kind, { given: given() });
  if (!found) return;
  if (found.error || found.stopped) { toast(found.error ?? found.stopped); return; }
  if (kind === "page") download(`${found.name}.html`, "text/html", found.html);
  else download(`${found.name}-model.zip`, "application/zip", Uint8Array.from(atob(found.zip), (c) => c.charCodeAt(0)));
}

let toastTimer = 0;

function toast(text) {
  $("toast").textContent = text;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { $("toast").textContent = ""; }, 5000);
}

// Light and dark ---------------------------------------------------------------------------------------

const THEMES = ["auto", "light", "dark"];

function nextTheme() {
  const now = document.documentElement.dataset.theme || "auto";
  const next = THEMES[(THEMES.indexOf(now) + 1) % THEMES.length];
  if (next === "auto") delete document.documentElement.dataset.theme; else document.documentElement.dataset.theme = next;
  $("theme-name").textContent = next;
  sendTheme();
}

function sendTheme() {
  for (const tab of ["model", "iterate"]) send(tab, { kind: "theme", theme: document.documentElement.dataset.theme || "auto" });
}

function lineChanged(line) {
  if (line === state.line) return;
  state.line = line;
  lightValues($("panel-values"), line);
  send("model", { kind: "line", line });
}

// Starting ---------------------------------------------------------------------------------------------

/** What can be completed: the program's own names, then the words of the language. */
function completions() {
  const own = (state.seen?.names ?? []).map(({ name, kind }) => ({ label: name, detail: kind, boost: 2 }));
  const known = new Set(own.map((each) => each.label));
  return [...own, ...state.boot.completions.filter((each) => !known.has(each.label)).map(({ label, detail, info }) => ({ label, detail, info: info.trim() || undefined }))];
}

async function start() {
  drawTabs();
  openTab("values");
  state.boot = await (await fetch("boot")).json();
  editor = RaspEditor.create({
    parent: $("editor"), nonce: document.body.dataset.nonce, words: state.boot.words, complete: completions, onChange: changed, onLine: lineChanged,
    keys: [{ key: "Mod-Enter", run: check }],
  });
  drawPrograms();
  drawCourse();
  const first = state.boot.groups.flatMap((group) => group.programs).find((each) => each.name === state.boot.first);
  if (!openAddress()) pick(first);
  editor.focus();
}

$("pick").addEventListener("click", () => { $("picker").showModal(); $("filter").select(); });
$("filter").addEventListener("input", drawPrograms);
$("filter").addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault();
  $("programs").querySelector(".item")?.click();
});
$("exercises").addEventListener("click", () => $("course").showModal());
$("share").addEventListener("click", share);
$("save-page").addEventListener("click", () => save("page"));
$("save-model").addEventListener("click", () => save("zip"));
$("theme").addEventListener("click", nextTheme);
$("settings").addEventListener("submit", (event) => event.preventDefault());
$("input").addEventListener("input", changed);
for (const id of ["vocab", "length"]) {
  $(id).addEventListener("focus", () => { if ($(id).classList.contains("guessed")) $(id).select(); });
  $(id).addEventListener("input", () => { $(id).classList.toggle("guessed", !$(id).value); changed(); });
  $(id).addEventListener("blur", () => { if (!$(id).value && state.seen) guess($(id), id === "vocab" ? state.seen.vocab : state.seen.length); });
}
$("causal").addEventListener("change", () => { delete $("causal").dataset.guessed; changed(); });
window.addEventListener("hashchange", openAddress);
window.addEventListener("resize", () => { if (state.seen?.rows) { showAnswer(); showValues(); } });
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter" && !event.defaultPrevented) { event.preventDefault(); check(); }
  if (!event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.code === "KeyN") { event.preventDefault(); nextExercise(); }
  if (event.code === "KeyP") { event.preventDefault(); $("pick").click(); }
  if (event.code === "KeyE") { event.preventDefault(); $("exercises").click(); }
  const tab = TABS[Number(event.code.replace("Digit", "")) - 1];
  if (tab) { event.preventDefault(); openTab(tab.id); }
});
start();
