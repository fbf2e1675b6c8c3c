// Exercises: the statement, hints, verdicts and medals.
"use strict";

const MEDALS = { gold: "1", silver: "2", bronze: "3" };
const MEDAL_WORDS = { gold: "gold: as small as the best known", silver: "silver: as few layers as the best known", bronze: "bronze: right" };

function medalOf(name) {
  return name ? el("span", { className: `medal ${name}`, text: MEDALS[name], title: MEDAL_WORDS[name], role: "img", "aria-label": MEDAL_WORDS[name] }) : null;
}

/** A little Markdown: paragraphs, lists, blocks of code, `code` and **strong**. */
function markdown(text) {
  const parts = [];
  const fenced = text.split(/^```\w*\n([\s\S]*?)^```$/m);
  fenced.forEach((piece, i) => {
    if (i % 2) { parts.push(el("pre", {}, el("code", { text: piece.trimEnd() }))); return; }
    for (const block of piece.split(/\n\s*\n/).filter((each) => each.trim())) {
      if (/^( {4}|\t)/.test(block)) parts.push(el("pre", {}, el("code", { text: block.replace(/^ {4}/gm, "") })));
      else if (/^\s*[-*] /.test(block)) parts.push(el("ul", {}, ...block.trim().split(/\n\s*[-*] /).map((item) => el("li", {}, ...inline(item.replace(/^[-*] /, ""))))));
      else parts.push(el("p", {}, ...inline(block.replace(/\s*\n\s*/g, " ").trim())));
    }
  });
  return parts;
}

function inline(text) {
  return text.split(/(`[^`]+`|\*\*[^*]+\*\*)/).filter(Boolean).map((piece) => {
    if (piece[0] === "`" && piece.length > 1) return el("code", { text: piece.slice(1, -1) });
    if (piece.startsWith("**")) return el("b", { text: piece.slice(2, -2) });
    return document.createTextNode(piece);
  });
}

/** How hard an exercise is, from one star to three. */
function starsOf(count) {
  return el("span", { className: "stars", title: count ? `difficulty: ${count} of 3` : "", "aria-label": count ? `difficulty ${count} of 3` : "", text: "★".repeat(count) + "☆".repeat(count ? 3 - count : 0) });
}

/** The exercises with the learner's medals; `open` is called with the name of the one that is chosen. */
function lessonList(lessons, open) {
  const nodes = [];
  let topic = null;
  for (const lesson of lessons) {
    if (lesson.topic !== topic) nodes.push(el("h3", { text: topic = lesson.topic }));
    const mark = medalOf(lesson.medal) ?? el("span", { text: lesson.tries ? "·" : "" });
    nodes.push(el("button", { className: "item", type: "button", "data-name": lesson.name, onclick: () => open(lesson.name) },
      el("span", { text: String(lesson.number) }), mark, el("b", { text: lesson.title }), starsOf(lesson.stars),
      el("span", { text: lesson.tries && !lesson.medal ? `${lesson.tries} ${lesson.tries === 1 ? "try" : "tries"}` : "" })));
  }
  return nodes;
}

/** The panel of an exercise; `act` has what its buttons do: check, hint, next, close, again, reference. */
function lessonPanel(lesson, act) {
  const buttons = el("div", { className: "buttons" },
    el("button", { className: "main", type: "button", id: "check", onclick: act.check }, "Check ", el("kbd", { text: "Ctrl ⏎" })),
    el("button", { type: "button", id: "hint", onclick: act.hint, text: lesson.hints_left ? `Hint (${lesson.hints_left} left)` : "No more hints" }),
    el("button", { type: "button", id: "next", onclick: act.next }, "Next ", el("kbd", { text: "Alt N" })),
    el("button", { type: "button", onclick: act.again, text: "Start over" }),
    lesson.reference ? el("button", { type: "button", onclick: act.reference, text: "Our solution" }) : null);
  buttons.querySelector("#hint").disabled = !lesson.hints_left;
  return [
    el("div", { className: "top" }, el("h2", {}, `${lesson.number}. ${lesson.title} `, starsOf(lesson.stars), " ", medalOf(lesson.medal)),
      el("button", { type: "button", text: "✕", title: "Leave the exercise", onclick: act.close })),
    el("div", { className: "prose" }, ...markdown(lesson.statement)),
    el("div", { className: "examples mono", text: lesson.examples.join("\n") }),
    ...lesson.rules.map((rule) => el("p", { className: "quiet" }, ...inline(rule))),
    ...lesson.hints.map((hint, i) => el("div", { className: "hint prose" }, el("b", { text: `Hint ${i + 1} ` }), ...markdown(hint))),
    buttons, el("div", { id: "verdict", hidden: "" }),
  ];
}

/** What came out of a check. */
function verdictView(verdict, act) {
  const good = verdict.verdict === "correct";
  const nodes = [el("p", {}, medalOf(verdict.medal), el("b", { text: `${verdict.medal ? " " : ""}${verdict.summary}` }))];
  if (verdict.message) nodes.push(el("pre", { text: verdict.message }));
  if (verdict.size && verdict.best) {
    const named = (size) => `${size.layers} ${size.layers === 1 ? "layer" : "layers"}, ${size.heads} ${size.heads === 1 ? "head" : "heads"} a layer, ${size.parameters.toLocaleString("en")} parameters`;
    nodes.push(el("p", { className: "quiet", text: `Yours: ${named(verdict.size)}. Best known: ${named(verdict.best)}.` }));
  }
  if (verdict.failure) nodes.push(...failureView(verdict.failure, act));
  if (good) nodes.push(el("p", { className: "quiet", text: `Right on all ${verdict.tried} inputs that were tried.` }));
  return nodes;
}

function failureView(failure, act) {
  const { tokens, expected, got } = failure;
  const width = columnWidth([...tokens, ...expected, ...(got ?? [])], tokens.length, 300);
  const box = el("div", { className: "scroll" });
  box.style.setProperty("--count", tokens.length);
  box.style.setProperty("--col", `${width}px`);
  box.style.setProperty("--names", "5rem");
  const row = (name, values, className = "") => el("div", { className: `grid ${className}` }, el("span"), el("span", { className: "name", text: name }), ...cells(values));
  box.append(row("input", tokens, "head"), row("wanted", expected));
  if (got) {
    const mine = row("yours", got);
    [...mine.querySelectorAll(".cell")].forEach((cell, i) => cell.classList.toggle("wrong", got[i] !== expected[i]));
    box.append(mine);
  } else box.append(el("p", { className: "mono", text: failure.error }));
  return [
    el("p", {}, "The smallest input found on which it fails: ", el("button", { type: "button", id: "try", text: "try it", onclick: () => act.tryInput(failure.typed) })),
    el("div", { className: "pair" }, box, el("div", { className: "pair", id: "pair" })),
  ];
}

/** The learner's matrices beside those of the reference. */
function matricesView(found) {
  const size = Math.max(9, Math.min(18, Math.floor(150 / Math.max(found.tokens.length, 1))));
  const column = (title, list) => list.map((each, i) => el("figure", {},
    el("figcaption", { text: `${title}${list.length > 1 ? ` ${i + 1}` : ""}${each.name && title === "yours" ? `: ${each.name}` : ""}` }),
    matrixPicture(each.matrix, found.tokens, size, size, { labels: true })));
  return [...column("yours", found.yours), ...column("wanted", found.wanted)];
}
