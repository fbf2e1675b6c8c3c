// What is seen of a program and its model: values, drawing, mistakes, size and certificate.
// Text only ever enters the document as text nodes.
"use strict";

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
  const [width, names] = widths([...seen.answer, ...seen.tokens], [seen.main], seen.answer.length, box.clientWidth, 8);
  const row = el("div", { className: "grid main" }, el("span"), el("span", { className: "name", text: seen.main, title: seen.main }), ...cells(seen.answer));
  row.style.setProperty("--count", seen.answer.length);
  row.style.setProperty("--col", `${width}px`);
  row.style.gridTemplateColumns = `0 ${names}rem repeat(var(--count), var(--col))`;
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
  const { paddingLeft, paddingRight } = getComputedStyle(panel);
  panel.replaceChildren(valuesView(seen, panel.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight), { goTo: (line) => { editor.goTo(line); editor.focus(); } }));
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
  if (!image.isConnected) panel.replaceChildren(image, el("p", { className: "quiet told" }));
  tellDrawing(""); // until the model is there
}

/** Whether the model has the heads that are drawn; nothing while there is none. */
function tellDrawing(text) {
  const told = $("panel-drawing").querySelector(".told");
  if (told) told.textContent = text;
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
  tellDrawing(bad ? "" : made.drawing_note);
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
      el("td", {}, bar, el("span", { className: "percent", text: `${(100 * cost.share).toFixed(1)}%` })));
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
