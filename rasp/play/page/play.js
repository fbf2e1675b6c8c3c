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
    causal: $("causal").dataset.guessed === undefined ? $("causal").checked : null, name: state.exercise ? state.exercise.name : ownName(),
  };
}

/** The program's name; none of the library's once its text is another. */
function ownName() {
  const known = state.boot.groups.flatMap((group) => group.programs).find((each) => each.name === state.name);
  return known && known.source !== editor.text ? "" : state.name;
}

function nameIt() {
  $("name").textContent = state.exercise ? state.exercise.title : ownName() || "program";
}

// Following what is typed ------------------------------------------------------------------------------

let timer = 0;

function changed() {
  state.started = performance.now();
  nameIt();
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
  const { offsetLeft, offsetWidth } = $(`tab-${id}`); // on narrow screens the tabs can be pushed aside
  $("tabs").scrollLeft = Math.min($("tabs").scrollLeft, offsetLeft - $("tabs").offsetLeft);
  $("tabs").scrollLeft = Math.max($("tabs").scrollLeft, offsetLeft - $("tabs").offsetLeft + offsetWidth - $("tabs").clientWidth);
  if (id === "explain") follow.explain();
  if (id === "iterate" && !state.iterated) follow.iterate();
}

window.addEventListener("message", (event) => {
  const frameOf = (id) => $(`panel-${id}`)?.querySelector("iframe");
  const tab = ["model", "iterate"].find((id) => event.source === frameOf(id)?.contentWindow);
  if (!tab) return;
  const { kind, at, line } = event.data ?? {};
  if (kind === "ready") { state.ready.add(tab); sendTheme(); if (tab === "model") sendModel(); else if (state.run) showRun(); }
  if (kind === "kept" && document.activeElement === frameOf(tab)) $("panels").scrollIntoView({ block: "nearest" }); // what is said of it is at the frame's edge
  if (tab === "iterate") { if (kind === "at") lightState(at); return; }
  if (kind === "line") editor.light(line); // of a step that is told
  if (kind === "drawn") { state.drawn = performance.now() - state.started; document.body.dataset.drawn = String(Math.round(state.drawn)); }
});

// Programs and exercises ------------------------------------------------------------------------------

function load({ source, name = "", input = "", vocab = "", length = null, causal = null }) {
  state.name = name;
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
    check, next: nextExercise, close: () => { leaveExercise(); nameIt(); },
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
