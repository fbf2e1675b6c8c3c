"""The page in a real browser: what is typed is answered as the model answers it, and text stays text."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import compiler
import rasp
import runtime
from rasp.words import Atom
from runtime.sources import Source
from runtime.view import input_text
from runtime.weights import Grid
from tests.support import worked
from tests.support.browser import Browser, browser

HALVES = [Fraction(k, 2) for k in range(-2, 5)]

PROGRAMS: list[tuple[str, Sequence[Atom], int, bool]] = [
    ("hist", list("abcde"), 8, False),
    ("sort", list(range(26)), 32, False),
    ("reverse", list("abcé"), 7, False),
    ("dyck2_ptf", list("()[]"), 10, False),
    ("most_freq", list("abcd"), 8, False),
    ("frac_prevs", list("abx"), 9, False),
    ("addition", list("0123456789+"), 9, False),
    ("running_count", list("ab"), 8, True),
    ("maximum", [*HALVES], 6, False),
    ("identity", [Fraction(1, 3), Fraction(-7, 11), Fraction(1, 2)], 4, False),
    ("first", [True, False], 5, False),
    ("windowed_sum", list(range(4)), 8, False),
]

EVERY_TIME = ("hist", "running_count")
"""The others run in `.ci/run`."""


@pytest.fixture(scope="module")
def window() -> Iterator[Browser]:
    with browser() as opened:
        yield opened


def exact(answer: Atom) -> str:
    """An answer as the page keeps it beside its text."""
    if isinstance(answer, Fraction):
        return f"{answer.numerator}/{answer.denominator}"
    return json.dumps(answer, ensure_ascii=False)


def compiled(name: str, vocab: Sequence[Atom], length: int, causal: bool) -> runtime.Model:
    return compiler.compile(rasp.load(name).main, vocab=vocab, max_length=length, causal=causal)


def show(
    window: Browser,
    folder: Path,
    model: runtime.Model,
    inputs: object,
    title: str = "",
    sources: Sequence[Source] | None = None,
) -> None:
    page = folder / "page.html"
    known = model if sources is None else replace(model, sources=lambda _: sources)
    known.view(inputs, title).save(page)
    window.open(page)


def answers(window: Browser) -> list[str]:
    found: list[str] = window.run(
        "return [...document.querySelectorAll('#answers td')].map((cell) => cell.dataset.exact)"
    )
    return found


def error(window: Browser) -> str:
    [text] = window.texts("#error")
    return text


@pytest.mark.parametrize(
    ("name", "vocab", "length", "causal"),
    [pytest.param(*p, id=p[0], marks=[] if p[0] in EVERY_TIME else pytest.mark.slow) for p in PROGRAMS],
)
def test_what_is_typed_is_answered_as_by_the_model(
    window: Browser, tmp_path: Path, name: str, vocab: Sequence[Atom], length: int, causal: bool
) -> None:
    model = compiled(name, vocab, length, causal)
    rng = random.Random(name)
    inputs: list[list[Atom]] = [rng.choices(vocab, k=size) for size in (1, 3, length, length)]
    if name == "addition":
        inputs = [[*"1+2"], [*"95+17"], [*"9999+9999"]]
    show(window, tmp_path, model, inputs[0])
    for number, (tokens, expected) in enumerate(zip(inputs, model.batch(inputs), strict=True)):
        enter = window.type if number == 1 else window.paste
        enter("#input", input_text(tokens))
        assert error(window) == ""
        assert answers(window) == [exact(answer) for answer in expected]
    stages = window.run("return state.trace.residual.map((x) => Array.from(x))")
    for ours, theirs in zip(stages, model.apart.trace(inputs[-1]).residual, strict=True):
        np.testing.assert_allclose(ours, theirs.ravel(), rtol=1e-5, atol=1e-6)
    assert window.complaints() == []


def test_a_wrong_input_is_explained_and_mended(window: Browser, tmp_path: Path) -> None:
    model = compiled("sort", list(range(5)), 4, False)
    show(window, tmp_path, model, [3, 1])
    mistakes = [
        ("[3, 7]", "Position 1 holds 7"),
        ("312", "write a list such as [0, 1, 2]"),
        ("[1, 2, 3, 4, 0]", "at most 4"),
        ("[]", "empty"),
        ("[[1]]", "flat"),
    ]
    for typed, part in mistakes:
        window.paste("#input", typed)
        assert part in error(window)
        assert window.run("return document.getElementById('strip').classList.contains('stale')")
    window.type("#input", "[4, 1.0, 2]")
    assert error(window) == ""
    assert window.texts("#answers td") == ["1", "2", "4"]


HOSTILE = [
    "<script>window.hacked = 1</script>",
    "</script><script>window.hacked = 1</script>",
    "<img src=x onerror=window.hacked=1>",
    "<!--",
    "&lt;b&gt; \"'`\\ \u2028",
]


def test_markup_in_tokens_and_programs_stays_text(window: Browser, tmp_path: Path) -> None:
    program = rasp.parse(
        "# <script>window.hacked = 1</script><img src=x onerror=window.hacked=1>\n"
        'shown = tokens_asis;\nflag = "<b>yes</b>" if tokens_asis == "<!--" else "<i onclick=1>no";\n'
    )
    model = compiler.compile(program.main, vocab=HOSTILE, max_length=5)
    sources = model.sources(model.config)
    show(window, tmp_path, model, HOSTILE, title="<script>window.hacked = 1</script>", sources=sources)
    wanted = ["<i onclick=1>no"] * 3 + ["<b>yes</b>", "<i onclick=1>no"]
    assert window.texts("#answers td") == wanted
    assert window.texts("#strip thead th")[1:] == HOSTILE
    assert window.texts("#title") == ["<script>window.hacked = 1</script>"]
    assert "<script>window.hacked" in window.texts("#source")[0]
    window.type("#input", '["<img src=x onerror=window.hacked=1> "]')
    assert "not in the vocabulary" in error(window)
    assert window.run("return [window.hacked === undefined, document.scripts.length]") == [True, 2]
    assert window.run("return document.querySelectorAll('img, b[onclick], i[onclick]').length") == 0
    assert window.complaints() == []


def test_pointing_at_a_value_shows_where_it_comes_from(window: Browser, tmp_path: Path) -> None:
    model = compiled("reverse", list("abc"), 5, False)
    show(window, tmp_path, model, "abc", sources=model.sources(model.config))
    cells = 'td[title^="reverse"]'
    window.point(cells, 1)
    assert window.texts("#detail .name") == ["reverse = c"]
    assert "head 1 of layer 2" in window.texts("#detail")[0]
    assert '"c" at position 2' in window.texts("#detail")[0]
    assert "aggregate" in " ".join(window.texts("#source .is-self"))
    assert window.run("return document.querySelectorAll('figure.is-from').length") == 1
    assert window.texts("tr.answers td.is-to") == ["c", "c"]  # in the strip and below


def test_the_keyboard_reaches_everything(window: Browser, tmp_path: Path) -> None:
    model = compiled("hist", list("abc"), 5, False)
    show(window, tmp_path, model, "aba")
    window.run("document.querySelector('#stages th[tabindex]').focus()")
    window.press("\ue014", "\ue014")  # right, right
    assert window.run("return document.activeElement.tagName") == "TD"
    assert "position 0" in window.texts("#detail")[0]
    window.press("\ue007")  # enter keeps it
    window.run("document.activeElement.blur()")
    assert "position 0" in window.texts("#detail")[0]
    window.press("\ue00c")  # escape
    assert "Point at" in window.texts("#detail")[0]
    window.run("document.querySelector('figure canvas').focus()")
    window.press("\ue015", "\ue014")  # down, right
    assert "weight" in window.texts("#detail")[0]


def test_folded_columns_unfold_and_weights_open(window: Browser, tmp_path: Path) -> None:
    model = compiled("sort", list(range(9)), 8, False)
    columns = tuple(
        replace(column, name=f"many feature #{i}") for i, column in enumerate(model.config.columns)
    )
    show(window, tmp_path, replace(model, config=replace(model.config, columns=columns)), [5, 2, 7])
    before = window.run("return document.querySelectorAll('#stages tbody tr').length")
    window.run("document.querySelector('.fold').click()")
    assert window.run("return document.querySelectorAll('#stages tbody tr').length") > before
    window.run("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    titles = window.run(
        "return new Promise((done) => setTimeout(() => done([...document.querySelectorAll('.weights h3')]"
        ".map((title) => title.textContent)), 100))"
    )
    assert {"token embedding", "head 1: W q", "W in", "W out (transposed)", "unembedding"} <= set(titles)
    assert window.complaints() == []


def test_truths_read_as_such_and_thermometers_are_folded(window: Browser, tmp_path: Path) -> None:
    show(window, tmp_path, compiled("sort", list(range(9)), 8, False), [5, 2, 7])
    heads = window.texts("#stages th.row .name")
    assert {"tokens (8)", "indices (7)"} <= set(heads)
    assert len(heads) < 12
    assert {"5", "2", "7"} <= set(window.texts("#stages td .decoded"))
    window.run("document.querySelector('.fold').click()")
    cells = 'td[title^="tokens >= 3 is"]'
    assert window.texts(cells)[1:] == ["T", "F", "T"]
    window.point(cells, 1)
    assert window.texts("#detail .name") == ["tokens >= 3 is True"]


def test_light_and_dark(window: Browser, tmp_path: Path) -> None:
    model = compiled("hist", list("ab"), 4, False)
    show(window, tmp_path, model, "ab")
    seen = []
    for _ in range(3):
        window.run("document.getElementById('theme').click()")
        seen.append(window.run("return getComputedStyle(document.body).backgroundColor"))
    assert len(set(seen)) == 2


def test_the_models_own_program_is_linked_without_any_other_source(window: Browser, tmp_path: Path) -> None:
    model = compiled("reverse", list("abc"), 5, False)
    show(window, tmp_path, model, "abc", sources=[])
    assert any("opposite" in text for text in window.texts("#source .mark"))
    show(window, tmp_path, model, "abc", sources=[Source("None", "", ())])
    assert window.texts("#answers td") == ["c", "b", "a"]


def test_a_click_on_a_cell_keeps_it(window: Browser, tmp_path: Path) -> None:
    """A cell of a head, then one of the neurons; what is kept stays when the pointer leaves."""
    show(window, tmp_path, compiled("sort", list(range(9)), 8, False), [5, 2, 7])
    canvases = window.run("return [...document.querySelectorAll('figure canvas')].map((c) => c.clientWidth)")
    window.click_at("figure canvas", 10, 10)
    kept = window.texts("#detail")[0]
    assert kept.startswith("Head 1 of layer 1")
    assert "weight" in kept
    window.point("#title")
    assert window.texts("#detail")[0] == kept
    neurons = next(
        place
        for place in range(len(canvases))
        if "Neurons" in window.texts("figure canvas + figcaption")[place]
    )
    window.click_at("figure canvas", 4, 4, neurons)
    window.point("#title")
    assert window.texts("#detail")[0].startswith("Neuron")
    window.click("#size")  # elsewhere: it is let go
    assert "Point at" in window.texts("#detail")[0]


def test_a_tap_keeps_a_cell(window: Browser, tmp_path: Path) -> None:
    """A finger comes without any movement of a pointer before it."""
    show(window, tmp_path, compiled("reverse", list("abc"), 5, False), "abc")
    told = window.run(
        "const canvas = document.querySelector('figure canvas');"
        "canvas.scrollIntoView();"
        "const at = canvas.getBoundingClientRect();"
        "const place = {bubbles: true, clientX: at.right - 10, clientY: at.bottom - 10};"
        "canvas.dispatchEvent(new MouseEvent('click', place));"
        "canvas.dispatchEvent(new PointerEvent('pointerleave'));"
        "return document.getElementById('detail').textContent;"
    )
    assert told.startswith("Head 1 of layer 1")


def test_every_number_says_what_it_is(window: Browser, tmp_path: Path) -> None:
    """Columns have their formula and purpose, and a head's cell the products that make its score."""
    show(window, tmp_path, compiled("sort", list(range(9)), 8, False), [5, 2, 7])
    heads = window.texts("#stages th.row .name")
    assert {"rank", "rank·(6 \N{MINUS SIGN} rank)"} <= set(heads)
    assert not any("quadratic" in text or "#" in text or "feature" in text for text in heads)
    [purpose] = window.run(
        "return [...document.querySelectorAll('#stages th.row')]"
        ".filter((head) => head.textContent.includes('·')).map((head) => head.title)"
    )
    cells = window.texts('#stages td[title^="rank\u00b7("]')[1:]
    assert cells == [str(rank * (6 - rank)) for rank in (1, 0, 2)]
    assert "so that head 1 of layer 2 can test equality with indices" in purpose
    window.click_at("figure canvas", 10, 10)
    *products, (_, _, score) = window.run(
        "return [...document.querySelectorAll('.products tbody tr')]"
        ".map((row) => [...row.children].map((cell) => cell.textContent))"
    )
    assert products
    assert all("=" in query and "=" in key for query, key, _ in products)
    assert sum(float(product) for _, _, product in products) == float(score)
    assert window.complaints() == []


def test_a_step_is_taken_and_its_state_is_a_grid(window: Browser, tmp_path: Path) -> None:
    model = compiler.compile(
        rasp.parse("x = aggregate(select(indices, indices - 1, ==), tokens_asis);").main, (0, 1), 6
    )
    model = replace(model, config=replace(model.config, grid=Grid(3, 2)))
    show(window, tmp_path, model, [1, 0, 1, 0, 0, 0])
    assert len(window.texts("#grid span")) == 6
    assert window.run("return [...document.querySelectorAll('#grid .full')].length") == 2
    window.click("#later")
    assert answers(window) == ["0", "0", "1", "0", "1", "0"]
    assert window.run("return [document.querySelector('#slider').max, run.at]") == ["1", 1]
    window.click("#earlier")
    assert window.run("return Array.from(state.trace.ids)") == [2, 1, 2, 1, 1, 1]
    window.click("#play")
    window.wait("run.timer === 0 && run.at > 2")  # until nothing changes any more
    assert window.run("return state.trace.answers.every(({ text }) => text === '0')")
    assert window.texts("#when") == ["state 6 of 6: nothing changes any more"]
    assert window.complaints() == []


def test_a_run_is_played_to_its_end(window: Browser, tmp_path: Path) -> None:
    """The states are those that the page was made of; each is shown as the model takes it."""
    step = rasp.parse("x = 2 * tokens_asis if tokens_asis < 16 else 16;").main
    model = compiler.compile(step, range(17), 2)
    model = replace(model, config=replace(model.config, grid=Grid(2, 1, sets=True)))
    states = [(1, 8), (2, 16), (4, 16), (8, 16)]
    model.view(states[0], states=states, ending="so it was told").save(tmp_path / "page.html")
    window.open(tmp_path / "page.html")
    assert window.texts("#when") == ["state 0 of 3"]
    assert window.texts("#grid span") == ["1", "4"]
    window.run("window.held = document.getElementById('slider')")
    window.run("held.value = 2; held.dispatchEvent(new Event('input'))")
    window.wait("run.at === 2")
    assert window.run("return held === document.getElementById('slider')")  # it can be dragged on
    assert (answers(window), window.texts("#grid .new")) == (["8", "16"], ["3"])
    window.click("#play")
    window.wait("run.timer === 0")
    assert window.texts("#when") == ["state 3 of 3: so it was told"]
    window.click("#later")  # further than the run went
    assert (window.run("return run.at"), answers(window)) == (4, ["16", "16"])
    window.paste("#input", "[0, 3]")  # another run, of which the page knows nothing yet
    assert window.texts("#when") == ["state 0"]
    window.click("#later")
    assert window.run("return Array.from(state.trace.ids)") == [1, 7]
    assert window.complaints() == []


def test_a_causal_model_appends_the_next_token(window: Browser, tmp_path: Path) -> None:
    model = compiler.compile(rasp.parse("x = tokens;").main, "ab", 4, causal=True)
    show(window, tmp_path, model, "ab")
    window.click("#later")
    window.click("#later")
    assert window.texts("#strip thead th")[1:] == list("abbb")


def test_cards_do_not_stay_low_after_an_error(window: Browser, tmp_path: Path) -> None:
    show(window, tmp_path, compiled("hist", list("abc"), 5, False), "abc")
    top = "return document.querySelector('aside').getBoundingClientRect().top"
    before = window.run(top)
    window.paste("#input", "abz")
    window.paste("#input", "abc")
    window.wait(f"document.querySelector('aside').getBoundingClientRect().top === {before}")


def test_a_read_in_parts_is_one_row_and_one_frame(window: Browser, tmp_path: Path) -> None:
    """Its row has what its heads add up to, and their parts when it is unfolded; its heads stand together."""
    show(window, tmp_path, worked.digits(), [3, 9, 0, 15])
    [heads] = window.texts("div.read > p")
    assert heads == "less: one read in 2 parts, which add up"
    told = window.texts("div.read figcaption small")  # where nothing is selected on this input, too
    assert [text.removesuffix(" (\N{CHECK MARK} is selected)") for text in told] == [
        "compares tokens; counts the keys"
    ] * 2
    assert len(window.run("return [...document.querySelectorAll('div.read figure')]")) == 2
    row = "tr.read td:not(.bos)"
    assert window.texts(row) == ["1", "2", "0", "3"]
    window.click("tr.read .fold")
    assert {"less, part 1 of 2", "less, part 2 of 2"} <= set(window.texts("#stages th.row .name"))
    window.point(row, 1)
    told = window.run("return document.getElementById('detail').textContent")
    assert told.startswith("less = 2")
    assert "The parts: 2 + 0." in told
    assert window.complaints() == []


def test_only_the_sum_of_parts_has_labels(window: Browser, tmp_path: Path) -> None:
    show(window, tmp_path, worked.model(worked.TWO_PARTS), "bab")
    assert window.texts("tr.read td:not(.bos)") == ["b", "b", "a"]
    window.click("tr.read .fold")
    assert window.texts('#stages td[title^="before, part 1"]') == ["0", "1", "0", "0"]


def test_step_by_step(window: Browser, tmp_path: Path) -> None:
    """A sentence a step, the program's line lit, what is computed kept; back, next, play and an end."""
    show(window, tmp_path, compiled("reverse", list("abc"), 5, False), "abc")
    window.click("#step-start")
    assert window.texts("#told") == [
        'Every position starts with its token and its place; we follow "c" at position 2.'
    ]
    window.click("#step-next")
    [told] = window.texts("#told")
    assert told.startswith("Layer 1 counts length, by which layer 2 chooses where to look for reverse.")
    assert told.endswith("so length = 3.")
    assert window.texts("#told-line") == ["length = selector_width(full_s);"]
    assert window.texts("#source .mark.lit") == ["length"]
    assert window.run("return document.querySelectorAll('#arrows path').length") > 0
    window.click("#step-next")
    window.click("#step-next")
    assert window.texts("#told") == ['So the answer for "c" at position 2 is a.']
    assert window.run("return document.getElementById('step-next').disabled")
    window.click("#step-back")
    window.type("#input", "ab")
    assert window.texts("#told")[0].endswith('from "a" at 0, so reverse = a.')
    window.run("walk.pace = 1")
    window.click("#step-play")
    window.wait("document.getElementById('told').textContent.startsWith('So the answer')")
    window.wait("walk.timer === 0")
    window.click("#step-end")
    assert window.texts("#told") == []
    assert window.run("return document.querySelectorAll('#arrows path').length") == 0
    assert window.complaints() == []


def test_what_is_off_the_screen_has_a_chip_that_jumps_there(window: Browser, tmp_path: Path) -> None:
    show(window, tmp_path, compiled("reverse", list("abc"), 5, False), "abc")
    window.resize(900, 420)
    window.run("pin({ kind: 'columns', columns: [data.steps[1].columns[0]], position: 1 })")
    window.run("window.scrollTo(0, 0)")
    window.wait("document.querySelectorAll('.chip.is-self').length")
    window.click(".chip.is-self")
    window.wait("!document.querySelectorAll('.chip.is-self').length")
    window.wait("document.querySelectorAll('.chip.is-from').length")
    window.resize(1440, 1000)


def test_layers_stand_side_by_side_on_wide_screens(window: Browser, tmp_path: Path) -> None:
    show(window, tmp_path, compiled("reverse", list("abc"), 5, False), "abc")
    cards = "[...document.querySelectorAll('.layer > .stage:first-child')]"
    assert window.run(f"return new Set({cards}.map((card) => card.offsetTop)).size") == 4
    window.resize(1920, 1080)
    tops = f"new Set({cards}.map((card) => Math.round(card.getBoundingClientRect().top))).size"
    window.wait(f"{tops} === 1")
    cut = (
        "[...document.querySelectorAll('.scroll')].filter((each) => each.scrollWidth > each.clientWidth + 1)"
    )
    window.wait(f"{cut}.length === 0")
    show(window, tmp_path, compiled("most_freq", list("abcd"), 8, False), "abbccddd")
    assert window.run(
        "const all = document.getElementById('stages'); return all.scrollWidth <= all.clientWidth"
    )
    window.resize(1440, 1000)


def test_an_input_of_32_letters_is_not_cut(window: Browser, tmp_path: Path) -> None:
    """Nor are its layers side by side, where they cannot."""
    model = compiled("reverse", list("abcdefghijklmnopqrstuvwxyz"), 32, False)
    show(window, tmp_path, model, "abcdefghijklmnopqrstuvwxyzabcdef")
    wider = (
        "[...document.querySelectorAll('.scroll')].filter((each) => each.scrollWidth > each.clientWidth + 1)"
    )
    for width in (1366, 1920):
        window.resize(width, 800)
        window.wait(f"window.innerWidth === {width} && {wider}.length === 0")
    window.resize(1440, 1000)


def test_what_a_head_compares_is_told_of_what_it_multiplies(window: Browser, tmp_path: Path) -> None:
    """A head that takes what is equal and earlier compares no token with a position."""
    show(window, tmp_path, compiled("most_freq", list(range(4)), 8, False), [1, 2, 2])
    purposes = window.run("return data.columns.map((_, c) => [data.columns[c].base, purposeOf(c)])")
    tokens = [told for base, told in purposes if base == "tokens"]
    assert tokens
    assert not [told for told in tokens if "with indices" in told], tokens
    window.run("pin({ kind: 'answer', position: 2 })")
    assert "At 2 at position 1" in window.texts("#detail")[0]


def test_s_ops_of_one_name_are_told_apart(window: Browser, tmp_path: Path) -> None:
    """As the program does, `seen2`, and never as a function of the other; strings stand in quotes."""
    made = compiler.compile(rasp.load("auto_addition").main, "0123456789+=$", 8, causal=True)
    show(window, tmp_path, made, "1+2=3")
    names = window.run("return data.columns.map((_, c) => formulaOf(c))")
    assert {"seen", "seen2", "seen2 >= 1", 'tokens = "="'} <= set(names)


def test_weights_are_named_by_formulas(window: Browser, tmp_path: Path) -> None:
    show(window, tmp_path, compiled("sort", list(range(4)), 5, False), [3, 1])
    named = window.run("return columnNames()")
    assert [name for name in named if name.startswith("rank\u00b7(")], named
    assert not [name for name in named if "quadratic" in name or "feature" in name or "#" in name]


def test_a_library_function_opens_in_place(window: Browser, tmp_path: Path) -> None:
    """Its lines are marked, and the step mode lights them."""
    show(window, tmp_path, compiled("sort", list(range(4)), 5, False), [3, 1])
    assert window.texts(".opened") == []
    window.click(".unfold")
    [lines] = window.texts(".opened")
    assert "rank = selector_width(smaller or equal_before);" in lines
    window.click(".unfold")
    assert window.texts(".opened") == []
    window.click("#step-start")
    window.click("#step-next")
    assert window.texts("#source .opened .mark.lit") == ["selector_width(smaller or equal_before)"]
    assert window.complaints() == []


def test_what_is_read_with_a_default_is_told_with_it(window: Browser, tmp_path: Path) -> None:
    x = "x = aggregate(select(indices, indices - 1, ==), tokens_int, 7);"
    show(
        window,
        tmp_path,
        compiler.compile(rasp.parse(f"{x} y = x + tokens_int;").main, range(3), 4),
        [1, 2, 0],
    )
    cells = window.run("return [...document.querySelectorAll('td.value')].map((cell) => cell.title)")
    assert [text for text in cells if text.startswith("x = ")] == ["x = 7", "x = 1", "x = 2"]
    assert (
        window.run("return carriedName(data.columns.findIndex((each) => each.name === 'x'))")
        == "(x \N{MINUS SIGN} 7)"
    )


def test_on_a_phone_nothing_lies_over_the_cards(window: Browser, tmp_path: Path) -> None:
    """What is told of a step, or of what is tapped, is one panel at the lower edge, with the chips in it."""
    show(window, tmp_path, compiled("sort", list(range(4)), 5, False), [3, 1, 2, 1])
    window.resize(390, 844)
    window.wait("document.documentElement.classList.contains('docked')")
    panel = "document.getElementById(arguments[0]).getBoundingClientRect()"
    clear = (
        "const cell = document.querySelector('#stages .is-self:not(th.row)').getBoundingClientRect();"
        f"const chips = [...document.querySelectorAll('.chip')]; const panel = {panel};"
        "return [chips.length, cell.top >= 0 && cell.bottom <= panel.top && panel.bottom <= 844,"
        "chips.every((chip) => chip.getBoundingClientRect().top > panel.top)]"
    )
    window.run("startSteps()")
    seen = 0
    for step in range(window.run("return allSteps().length")):
        window.run(f"goToStep({step})")
        chips, clear_of, within = window.run(clear, "steps")
        assert (clear_of, within) == (True, True), step
        seen += chips
    assert seen > 0
    window.run("endSteps(); document.querySelector('td[title^=\"rank\"]:not(.bos)').click()")
    window.run("document.querySelector('#stages td.is-self').scrollIntoView({ block: 'center' })")
    assert window.run(clear, "detail-card")[1:] == [True, True]
    assert window.texts("#detail")[0].startswith("rank")
    cut = "[...document.querySelectorAll('figure')].some((each) => each.scrollWidth > each.clientWidth)"
    assert not window.run(f"return {cut}")
    window.resize(1440, 1000)
    assert window.complaints() == []


def test_what_was_tapped_stays_in_sight(window: Browser, tmp_path: Path) -> None:
    """Each value at the lower edge, where the panel comes that tells of it; and names are not cut."""
    show(window, tmp_path, compiled("sort", list(range(4)), 5, False), [3, 1, 2, 1])
    window.resize(390, 844)
    window.wait("document.documentElement.classList.contains('docked')")
    box = "const box = document.querySelectorAll('#stages td.value')[arguments[0]].getBoundingClientRect();"
    for place in range(0, window.run("return document.querySelectorAll('#stages td.value').length"), 3):
        window.run("pin(null)")
        window.run(f"{box} window.scrollBy(0, box.bottom - 830)", place)
        x, y = window.run(f"{box} return [box.left + 8, box.bottom - 8].map(Math.round)", place)
        window.tap(x, y)
        window.wait("state.pinned")
        window.wait(
            "document.querySelector('#stages td.is-self').getBoundingClientRect().bottom"
            " <= document.getElementById('detail-card').getBoundingClientRect().top"
        )
    assert window.run("return document.documentElement.scrollWidth") <= 390
    names = "[...document.querySelectorAll('#stages th.row .name')]"
    assert not window.run(f"return {names}.some((each) => each.scrollWidth > each.clientWidth + 1)")
    window.resize(1440, 1000)
    assert window.complaints() == []


def test_arrows_follow_what_moves_without_a_scroll(window: Browser, tmp_path: Path) -> None:
    """And of an arrow whose ends are both off the screen on one side nothing is drawn."""
    show(window, tmp_path, compiled("reverse", list("abc"), 5, False), "abc")
    ends = "[...document.querySelectorAll('#arrows path')].map((path) => path.getAttribute('d')).join()"
    window.run("pin({ kind: 'columns', columns: data.steps[0].columns, position: 2 })")
    window.wait(f"(window.before = {ends})")
    window.run("document.querySelector('.stage[data-stage=\"0\"] details').open = true")
    window.wait(f"{ends} !== before")
    window.resize(1440, 300)
    window.run("pin({ kind: 'answer', position: 3 }); window.scrollTo(0, 0)")
    window.wait("document.querySelectorAll('.chip').length > 1")
    assert window.run(f"return {ends}") == ""
    window.resize(1440, 1000)
