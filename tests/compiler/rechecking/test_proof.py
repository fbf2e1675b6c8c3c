"""Every library program is certified, and proved again from its weights; nothing false is."""

from __future__ import annotations

import ast
import copy
import json
import random
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import compiler
import rasp
import runtime
from compiler.fuzzing.loop import numbered_program
from compiler.precision import Dtype
from compiler.rechecking.proof import recheck
from rasp.errors import EvaluationError, InputError, RaspError
from rasp.graph.sops import Constant, SOp
from rasp.words import Atom
from runtime import Certificate, Model
from runtime.weights import NumberOutput
from tests.support.command_line import rasp_command
from tests.support.program_cases import CASES, Case
from tests.support.sweeps import sweep
from tests.support.tampering import answers, tampered
from tests.support.worked import FIRST, assert_text, lines, sop_of
from tests.whole.test_large_programs import bookkeeping

LETTERS = "abcdefghijklmnopqrstuvwxyz"
BY_NAME = {case.name: case for case in CASES}


def compiled(case: Case, size: str = "small") -> Model:
    setting = getattr(case, size)
    main = rasp.load(case.name).main
    return compiler.compile(main, vocab=setting.vocab, max_length=setting.max_length, causal=case.causal)


def full_vocabulary(case: Case) -> tuple[Atom, ...]:
    """26 tokens, where the program can do with any."""
    own = case.large.vocab
    if case.closed:
        return own
    if not isinstance(own[0], str):
        return tuple(range(26))
    return (*own, *(letter for letter in LETTERS if letter not in own))[:26]


@pytest.fixture(scope="module")
def hist() -> Model:
    return compiled(BY_NAME["hist"])


# What is certified is so ------------------------------------------------------------------------------


@pytest.mark.parametrize("case", sweep(CASES, CASES[::3]), ids=lambda case: case.name)
def test_library_is_proved(case: Case) -> None:
    main = rasp.load(case.name).main
    small = compiled(case)
    large = compiler.compile(main, vocab=full_vocabulary(case), max_length=32, causal=case.causal)
    for model in (small, large):
        assert model.certificate.certified
        proved = compiler.recheck(model)
        assert proved.ok, proved.summary()
        assert all(step.bound < step.tolerance for step in proved.steps)


LONG = {512: ("reverse", "hist", "length", "sort", "frac_prevs"), 2048: ("reverse", "hist", "length")}


@pytest.mark.parametrize(("length", "name"), [(n, name) for n, names in LONG.items() for name in names])
def test_long_models_are_proved(length: int, name: str) -> None:
    vocab = range(26) if name == "sort" else LETTERS
    model = compiler.compile(rasp.load(name).main, vocab=vocab, max_length=length)
    assert model.certificate.certified
    proved = compiler.recheck(model)
    assert proved.ok, proved.summary()


DERIVED: dict[str, tuple[dict[str, Any] | None, str]] = {
    "nothing": (
        None,
        "text: the certificate does not say what became of the program's text; compile it again",
    ),
    "another term": ({"root": 0}, "text: the steps from the text do not lead to what is compiled"),
    "fewer values": ({"values": {"2": "1 2 3"}}, "values: it is not shown that"),
    "one key": ({"reads": {"2": "one key"}}, "selections: it is not shown that"),
    "no way to select": ({"ways": {"1": []}}, "selections: it is not shown that"),
}


@pytest.mark.parametrize("what", DERIVED)
def test_what_is_said_of_the_text_is_shown(what: str) -> None:
    """Claims that are other ones than those of the compiler, of a count."""
    said, problem = DERIVED[what]
    model = compiler.compile(rasp.load("hist").main, "abc", 4)
    claims: dict[str, Any] = dict(model.certificate.claims)
    derived = claims.pop("derived")
    assert derived["root"] == 2
    claims |= {} if said is None else {"derived": derived | said}
    outcome = compiler.recheck(replace(model, certificate=replace(model.certificate, claims=claims)))
    assert (outcome.problem or "").startswith(problem)


def test_general_path_is_proved() -> None:
    for name in ("hist", "length", "sort", "most_freq"):
        model = compiler.compile(rasp.load(name).main, vocab=range(5), max_length=6, optimize=False)
        proved = compiler.recheck(model)
        assert proved.ok, proved.summary()


@pytest.mark.parametrize("number", range(0, 300, 12))
def test_random_programs_are_proved(number: int) -> None:
    program, _ = numbered_program(number)
    try:
        model = compiler.compile(
            program.sop, program.asked.vocab, program.asked.max_length, program.asked.causal
        )
    except RaspError:
        return  # refused
    proved = compiler.recheck(model, program.sop)
    assert proved.ok, proved.summary()


def python_functions() -> dict[str, SOp]:
    """S-ops that the text of a program spells otherwise than Python does."""
    earlier = rasp.select(rasp.indices, rasp.indices, "<")
    before = rasp.selector_width(earlier)
    return {
        "function of one": rasp.map(lambda t: t + "!", rasp.tokens),
        "function of two": rasp.map(lambda t, n: t * (n % 3), rasp.tokens, before),
        "unequal": rasp.tokens != "a",
        "unequal numbers": rasp.aggregate(earlier, before, 0) != 1,
    }


@pytest.mark.parametrize("name", list(python_functions()))
@pytest.mark.parametrize("optimize", [True, False])
def test_saved_python_forms_are_proved(name: str, optimize: bool) -> None:
    sop = python_functions()[name]
    model = compiler.compile(sop, vocab="abc", max_length=5, optimize=optimize)
    assert model("cabac") == sop("cabac")
    assert compiler.recheck(model).ok


@pytest.mark.parametrize(("name", "kept"), [("sort", "rank"), ("reverse", "length")])
def test_kept_s_ops_are_proved(name: str, kept: str) -> None:
    model = compiler.compile(rasp.load(name).main, vocab=range(4), max_length=5, keep=[kept])
    proved = compiler.recheck(model)
    assert proved.ok, proved.summary()


def test_certificate_is_small_and_the_same_every_time() -> None:
    texts = [
        compiler.compile(rasp.load("sort").main, vocab=range(26), max_length=32).certificate.to_json()
        for _ in range(2)
    ]
    assert texts[0] == texts[1]
    assert len(texts[0]) < 100_000


def test_recheck_shares_no_code_with_lowering() -> None:
    folder = Path(compiler.__file__).parent
    for path in [*(folder / "rechecking").glob("*.py"), folder / "certificate" / "claims.py"]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module:
                assert not node.module.startswith(("compiler.lowering", "compiler.layout")), path.name


# What is false is not ---------------------------------------------------------------------------------


def some_inputs(case: Case, rng: random.Random) -> list[list[Atom]]:
    """Inputs on which the program has an answer, many of them with few different tokens."""
    main, setting = rasp.load(case.name).main, case.small
    found: list[list[Atom]] = []
    for _ in range(60):
        few = rng.sample(setting.vocab, rng.randint(1, len(setting.vocab)))
        tokens = rng.choices(
            few, k=rng.choice([1, 2, rng.randint(1, setting.max_length), setting.max_length])
        )
        try:
            main(tokens, causal=case.causal)
        except EvaluationError:
            continue
        found.append(tokens)
    return found


CHANGED = ["reverse", "hist2", "sort", "frac_prevs", "dyck1_ptf", "majority", "parity", "auto_induction"]


@pytest.mark.parametrize(
    ("name", "dtype"),
    [*((name, "float32") for name in CHANGED), ("sort", "float64"), ("majority", "float64")],
)
def test_every_change_of_an_answer_is_noticed(name: str, dtype: Dtype) -> None:
    case, rng = BY_NAME[name], random.Random(name)
    setting = case.small
    model = compiler.compile(
        rasp.load(name).main, setting.vocab, setting.max_length, causal=case.causal, dtype=dtype
    )
    inputs = some_inputs(case, rng)
    right = answers(model, inputs)
    changed = 0
    for _ in range(60):
        other, what = tampered(rng, model)
        if answers(other, inputs) != right:
            changed += 1
            assert not compiler.recheck(other).ok, what
    assert changed >= 15


def test_the_failing_step_is_named(hist: Model) -> None:
    layers = list(hist.weights.layers)
    layers[0] = replace(layers[0], w_o=layers[0].w_o * 2)
    outcome = compiler.recheck(replace(hist, weights=replace(hist.weights, layers=tuple(layers))))
    assert not outcome.ok
    assert "layer 1 attention: hist: rounded to the right integer" in outcome.summary()


def test_certificate_of_another_model(hist: Model) -> None:
    other = compiled(BY_NAME["reverse"])
    assert not compiler.recheck(replace(hist, certificate=other.certificate)).ok
    assert not compiler.recheck(replace(hist, program=other.program)).ok
    assert not compiler.recheck(hist, rasp.load("reverse").main).ok


@pytest.mark.parametrize("model", [None, 1, "model", [], rasp.tokens, rasp.full_s])
def test_what_is_no_model_is_not_checked(model: Any) -> None:
    with pytest.raises(InputError, match="what is checked again is a model, not "):
        compiler.recheck(model)


@pytest.mark.parametrize(
    "sop", [1, [], "hist", 10**5_000, rasp.full_s, len], ids=lambda value: type(value).__name__
)
def test_what_is_no_s_op_is_not_checked(hist: Model, sop: Any) -> None:
    with pytest.raises(InputError, match="a model computes an s-op, not "):
        compiler.recheck(hist, sop)


def edits(claims: dict[str, Any]) -> list[dict[str, Any]]:
    """Claims with something left out, doubled or replaced, one edit each."""
    found = []
    for part in ("features", "heads", "tables"):
        for place in range(len(claims[part])):
            for edit in ("drop", "double", *claims[part][place]):
                other = copy.deepcopy(claims)
                if edit == "drop":
                    del other[part][place]
                elif edit == "double":
                    other[part].append(other[part][place])
                elif edit == "over":
                    continue  # a table may be checked over anything that decides it
                else:
                    other[part][place][edit] = {"columns": "1", "code": "2 1", "values": "1*3"}.get(edit, 7)
                if other != claims:
                    found.append(other)
    return found


@pytest.mark.parametrize("name", ["hist", "sort", "majority"])
def test_edited_claims_are_never_proved(name: str) -> None:
    model = compiled(BY_NAME[name])
    wrong = edits(json.loads(json.dumps(model.certificate.claims)))
    assert len(wrong) > 15
    for claims in wrong:
        outcome = compiler.recheck(replace(model, certificate=replace(model.certificate, claims=claims)))
        assert not outcome.ok, claims


@pytest.mark.parametrize(
    "claims", [{}, {"optimize": True}, {"features": 3}, {"optimize": True, "features": [1]}]
)
def test_claims_that_are_none(hist: Model, claims: dict[str, Any]) -> None:
    outcome = compiler.recheck(replace(hist, certificate=Certificate(True, "trust me", (), claims)))
    assert not outcome.ok
    assert "certificate" in outcome.summary()


def replaced(data: Any, path: tuple[Any, ...], value: object) -> Any:
    """The data with one part replaced."""
    if not path:
        return value
    copied = data.copy()
    copied[path[0]] = replaced(data[path[0]], path[1:], value)
    return copied


def paths(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The ways to all parts of some data."""
    yield path
    for part in data if isinstance(data, dict) else range(len(data)) if isinstance(data, list) else ():
        yield from paths(data[part], (*path, part))


JUNK: tuple[Any, ...] = (
    None,
    -1,
    10**30,
    0.5,
    "",
    "0",
    "1 1",
    "99 99",
    "0 = 0: 0",
    "1/0",
    "1e999999999 1",
    [],
    {},
    {"0": "0"},
    [[]],
)


@pytest.mark.parametrize("name", ["addition", "frac_prevs"])
def test_junk_in_claims_is_refused_or_does_not_matter(name: str) -> None:
    model = compiled(BY_NAME[name])
    claims = json.loads(json.dumps(model.certificate.claims))
    rng = random.Random(1)
    for path in rng.sample(list(paths(claims)), 30):
        edited = replaced(claims, path, rng.choice(JUNK))
        outcome = compiler.recheck(replace(model, certificate=replace(model.certificate, claims=edited)))
        assert outcome.ok or outcome.problem  # and nothing was raised


@pytest.mark.parametrize(
    ("claim", "said"),
    [
        ({"code": f"1{'0' * 400} 0"}, "too many digits"),
        ({"values": f"1{'0' * 30}*3"}, "more than 64 bits"),
    ],
)
def test_claims_of_numbers_that_no_column_can_hold(claim: dict[str, str], said: str) -> None:
    model = compiler.compile(rasp.load("hist").main, vocab="abc", max_length=5)
    claims = json.loads(json.dumps(model.certificate.claims))
    place = next(i for i, feature in enumerate(claims["features"]) if feature["of"] == "token")
    claims["features"][place] = {"of": "token", "columns": claims["features"][place]["columns"], **claim}
    outcome = compiler.recheck(replace(model, certificate=replace(model.certificate, claims=claims)))
    assert said in (outcome.problem or "")


def test_numbers_too_large_for_floats_are_no_crash() -> None:
    model = compiler.compile(rasp.load("hist").main, "ab", 4)
    output = NumberOutput(1, Fraction(1, 10**400))
    weights = replace(
        model.weights,
        unembedding=model.weights.unembedding[:, :1],
        unembedding_bias=model.weights.unembedding_bias[:1],
    )
    scaled = replace(model, config=replace(model.config, output=output), weights=weights)
    assert "numbers too large for floats" in recheck(scaled).summary()


def test_a_coefficient_of_nothing_is_refused() -> None:
    text = "c = selector_width(select(tokens, tokens, ==)); x = 2 * tokens_int + (c <= c + indices);"
    model = compiler.compile(rasp.parse(text).main, "012", 4)
    claims = json.loads(json.dumps(model.certificate.claims))
    path = next(p for p in paths(claims) if len(p) > 4 and p[0] == "constants" and p[2] == "over")
    for junk in ("0", "1e999999999"):
        edited = replaced(claims, path, junk)
        outcome = compiler.recheck(replace(model, certificate=replace(model.certificate, claims=edited)))
        assert "claims cannot be read" in (outcome.problem or "")


@pytest.mark.parametrize("case", sweep(CASES, CASES[::17]), ids=lambda case: case.name)
def test_float64_models_are_proved(case: Case) -> None:
    main, setting = rasp.load(case.name).main, case.small
    model = compiler.compile(main, setting.vocab, setting.max_length, causal=case.causal, dtype="float64")
    proved = compiler.recheck(model)
    assert proved.ok, proved.summary()
    assert proved.needs is not None
    assert proved.needs.format == "float64"


def test_a_program_whose_constants_a_text_would_work_out_is_proved() -> None:
    """Its text has a choice between the same constant twice, which makes it an s-op there, too."""
    three = Constant(value=3) + Constant(value=1)
    for main in (three + rasp.indices, Constant(value="a")):
        model = compiler.compile(main, "ab", 4)
        assert "indices == 0" in model.program
        assert compiler.recheck(model).ok
        assert compiler.recheck(model, main).ok


ALWAYS_FOUND = """
    first = aggregate(select(indices, 0, ==), tokens_int);
    x = aggregate(select(indices, indices, ==), tokens_int, 1 if indices < first else 0);
"""


def test_what_is_always_answered_with_yes_is_proved() -> None:
    """A default that is an s-op makes a question of it whether anything is selected."""
    model = compiler.compile(rasp.parse(ALWAYS_FOUND).main, range(4), 4)
    assert compiler.recheck(model).ok


@pytest.mark.slow
def test_means_over_more_positions_than_float32_allows_are_proved() -> None:
    main = rasp.load("frac_prevs").main
    with pytest.raises(RaspError, match="not certified"):
        compiler.compile(main, "xyz", 2048)
    proved = compiler.recheck(compiler.compile(main, "xyz", 2048, dtype="float64"))
    assert proved.ok, proved.summary()


BEFORE = 'x = aggregate(select(indices, indices - 1, ==), tokens, "?");'


def test_scores_that_do_for_float32_alone_are_refused() -> None:
    """What float32 takes for 0 is something in float64."""
    model = compiler.compile(rasp.parse(BEFORE).main, "abc", 5, dtype="float64")
    layers = tuple(replace(layer, w_q=layer.w_q / 8, b_q=layer.b_q / 8) for layer in model.weights.layers)
    outcome = compiler.recheck(replace(model, weights=replace(model.weights, layers=layers)))
    assert "746 is not below 256" in outcome.summary()


def test_what_turns_out_to_be_constant_is_proved_so() -> None:
    model = compiler.compile(rasp.parse(bookkeeping(120, seed=1)).main, "abcdef", 16)
    assert model.certificate.claims["constants"]
    assert compiler.recheck(model).ok
    wrong = {**model.certificate.claims, "constants": []}
    assert not compiler.recheck(replace(model, certificate=replace(model.certificate, claims=wrong))).ok


# On the command line ----------------------------------------------------------------------------------


def test_command_line(tmp_path: Path, hist: Model) -> None:
    hist.save(tmp_path / "good")
    result = rasp_command("verify", str(tmp_path / "good"), "--certificate")
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith("proved from the weights")
    assert result.out.splitlines()[1].startswith("needs IEEE float32; sums in any order")
    assert len(result.out.splitlines()) == 2
    changed = replace(hist, weights=replace(hist.weights, unembedding_bias=-hist.weights.unembedding_bias))
    changed.save(tmp_path / "bad")
    result = rasp_command("verify", str(tmp_path / "bad"), "--certificate")
    assert result.code == 1
    assert result.out.startswith("not proved: output: the right label wins")


def test_saved_claims_come_back(tmp_path: Path, hist: Model) -> None:
    hist.save(tmp_path / "hist")
    assert runtime.load(tmp_path / "hist").certificate == hist.certificate
    assert compiler.recheck(runtime.load(tmp_path / "hist")).ok


def test_choice_that_becomes_a_count() -> None:
    """Once a condition is known to be false, what is chosen is a read; it was taken for one of nothing."""
    program = rasp.parse(
        "never = aggregate(select(indices, 0 - 1, ==), 1, 0);"
        "same = selector_width(select(tokens, tokens, ==));"
        "answer = 2 if never == 1 else same;"
    )
    for length in (1, 4):
        model = compiler.compile(program.main, vocab="ab", max_length=length)
        assert compiler.verify(program.main, model, exhaustive=True).ok


# What a newcomer sees ---------------------------------------------------------------------------------


def test_a_proof_step_by_step() -> None:
    """From the embedding to the labels, sublayer by sublayer: what was shown, and by how much it holds."""
    proved = recheck(compiler.compile(sop_of(FIRST), "ab", 3))
    assert proved.ok
    assert_text(
        lines(f"{x.step}: {x.what}: {x.bound:.4g} < {x.tolerance:.6g}" for x in proved.steps),
        """
        layer 1 attention: BOS sees itself alone: 104 < 768
        layer 1 attention: the score of BOS is exact: 5 < 1.67772e+07
        layer 1 attention: scores are exact (in units of their lowest bit): 1 < 1.67772e+07
        layer 1 attention: unselected keys fall short: 104 < 256
        layer 1 attention: BOS falls short: 104 < 256
        layer 1 MLP: sums are exact (in units of their lowest bit): 7 < 1.67772e+07
        output: the right label wins: 0 < 1
        """,
    )
