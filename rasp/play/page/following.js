// The tabs that follow one input on its way: the explanation, and the states of a step that is iterated.
// Text only ever enters the document as text nodes.
"use strict";

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
