// Arrows from what is kept to its sources and readers; what is off the screen has a chip that jumps there.
"use strict";

const SVG = "http://www.w3.org/2000/svg";
const MOST_ARROWS = 40;
const arrows = { layer: null, chips: null, asked: false };

const calm = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

function prepareArrows() {
  arrows.layer = document.createElementNS(SVG, "svg");
  arrows.layer.id = "arrows";
  arrows.layer.setAttribute("aria-hidden", "true");
  arrows.chips = el("div", { id: "chips", role: "group", "aria-label": "Off the screen" });
  document.body.append(arrows.layer, arrows.chips);
  const again = () => { if (state.pinned) askForArrows(); };
  for (const event of ["scroll", "resize"]) window.addEventListener(event, again, { passive: true, capture: true });
  const moved = new ResizeObserver(again); // cards move without a scroll too: where something opens, or the bar grows
  for (const each of ["header", "#steps", "#stages", "#detail-card"]) moved.observe(document.querySelector(each));
}

/** Where the bar of the step mode, or what is said of a selection, stands at the lower edge, the chips are part of
 *  it; elsewhere they stand above what is at the lower edge. */
function placeChips() {
  const page = document.documentElement.classList;
  const home = !page.contains("docked") ? document.body : document.getElementById(page.contains("stepping") ? "steps" : "detail-card");
  if (arrows.chips.parentElement !== home) home.append(arrows.chips);
}

/** Drawn once before the next frame, however often it is asked for. */
function askForArrows() {
  if (arrows.asked || !arrows.layer) return;
  arrows.asked = true;
  requestAnimationFrame(() => { arrows.asked = false; drawArrows(); });
}

/** The cells of a role within the stages. Where there are values, not the names of their rows too. */
function cellsOf(role) {
  const found = [...document.querySelectorAll(`#stages td.is-${role}, #stages th.row.is-${role}, #stages figure.is-${role}`)];
  const told = found.filter((each) => nameIn(each) !== "bos"); // what everything reads says nothing here
  const values = told.filter((each) => each.tagName === "TD");
  return (values.length ? values : told.filter((each) => each.tagName === "TH")).slice(0, MOST_ARROWS);
}

/** What a chip calls a cell: the s-op, and none of the forms that it has. */
const sopIn = (cell) => cell.closest("tr")?.querySelector("th.row")?.dataset.sop ?? "";

const nameIn = (cell) => cell.closest("tr")?.querySelector(".name")?.textContent ?? "";

/** A cell's box; of one that is scrolled out of its table the table's edge. */
function boxOf(cell) {
  const box = cell.getBoundingClientRect();
  const holder = cell.closest(".scroll")?.getBoundingClientRect();
  if (!holder) return box;
  const within = (x) => Math.min(Math.max(x, holder.left), holder.right);
  return { left: within(box.left), right: within(box.right), top: box.top, bottom: box.bottom };
}

/** What of the window is not covered by the header. */
function visibleArea() {
  const stages = document.getElementById("stages").getBoundingClientRect();
  const area = { left: Math.max(0, stages.left), right: Math.min(window.innerWidth, stages.right), top: 0, bottom: window.innerHeight };
  const covers = ["header", "#steps", "aside", "#detail-card"].map((each) => document.querySelector(each));
  for (const each of covers.filter((one) => ["sticky", "fixed"].includes(getComputedStyle(one).position))) {
    const box = each.getBoundingClientRect();
    if (box.right < area.left || box.left > area.right || !box.height) continue;
    if (box.top > window.innerHeight / 3) area.bottom = Math.min(area.bottom, box.top); else area.top = Math.max(area.top, box.bottom);
  }
  return area;
}

/** On which side of the visible area a box is; null if it can be seen. */
function sideOff(box, area) {
  if (box.bottom <= area.top + 4) return "up";
  if (box.top >= area.bottom - 4) return "down";
  if (box.right <= area.left + 4) return "left";
  return box.left >= area.right - 4 ? "right" : null;
}

/** Again as long as the chips take some of the area that they were drawn for. */
function drawArrows() {
  placeChips();
  arrows.chips.replaceChildren();
  let area;
  do {
    area = visibleArea();
    drawWithin(area);
  } while (visibleArea().bottom < area.bottom);
}

function drawWithin(area) {
  arrows.layer.replaceChildren();
  arrows.chips.replaceChildren();
  if (!state.pinned) return;
  arrows.chips.style.setProperty("--below", `${window.innerHeight - area.bottom + 12}px`);
  const self = cellsOf("self").concat([...document.querySelectorAll("#stages figure.is-self")])[0];
  if (!self) return;
  const own = boxOf(self);
  const ownSide = sideOff(own, area);
  if (ownSide) addChip("self", ownSide, [self]);
  for (const role of ["from", "to"]) {
    const off = new Map();
    for (const cell of cellsOf(role)) {
      const box = boxOf(cell);
      const side = sideOff(box, area);
      if (side) off.set(`${side} ${stageOf(cell)}`, [...(off.get(`${side} ${stageOf(cell)}`) || []), cell]);
      if (side && side === ownSide) continue; // nothing of that arrow can be seen
      if (role === "from") addArrow(box, own, role, area); else addArrow(own, box, role, area);
    }
    for (const [key, cells] of off) addChip(role, key.split(" ")[0], cells);
  }
}

const stageOf = (cell) => cell.closest(".stage").dataset.stage;

/** A curve from box to box, down or, where they stand side by side, to the right; ends stay in the area. */
function addArrow(from, to, role, area) {
  const within = (x, low, high) => Math.min(Math.max(x, low), high);
  const aside = to.left > from.right + 30;
  const ends = aside
    ? [from.right, (from.top + from.bottom) / 2, to.left, (to.top + to.bottom) / 2]
    : [(from.left + from.right) / 2, from.bottom, (to.left + to.right) / 2, to.top];
  const [x1, y1, x2, y2] = ends.map((x, i) => (i % 2 ? within(x, area.top, area.bottom) : within(x, area.left, area.right)));
  if (Math.hypot(x2 - x1, y2 - y1) < 8) return;
  const bend = aside ? [(x2 - x1) / 2, 0] : [0, Math.max(12, (y2 - y1) / 2)];
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", `M${x1},${y1} C${x1 + bend[0]},${y1 + bend[1]} ${x2 - bend[0]},${y2 - bend[1]} ${x2},${y2}`);
  path.setAttribute("class", `arrow-${role}`);
  const head = document.createElementNS(SVG, "path");
  head.setAttribute("d", aside ? `M${x2},${y2} l-7,-4 v8 z` : `M${x2},${y2} l-4,-7 h8 z`);
  head.setAttribute("class", `arrow-${role} head`);
  arrows.layer.append(path, head);
}

const SIGNS = { up: "↑", down: "↓", left: "←", right: "→" };
const ROLES = { self: "this", from: "comes from", to: "goes to" };

function addChip(role, side, cells) {
  const what = listed(cells.map(sopIn).filter(Boolean), 2);
  const chip = el("button", { type: "button", className: `chip is-${role}`, text: `${SIGNS[side]} ${ROLES[role]}${what === "nothing" ? "" : ` ${what}`} · ${stageOf(cells[0]) === "answer" ? "Unembedding" : stageName(Number(stageOf(cells[0])))}` });
  chip.addEventListener("click", (event) => { event.stopPropagation(); jumpTo(cells[0]); });
  arrows.chips.append(chip);
}

function jumpTo(cell) {
  cell.scrollIntoView({ block: "center", inline: "center", behavior: calm() ? "auto" : "smooth" });
}
