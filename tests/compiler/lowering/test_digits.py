"""Orders digit by digit: what is counted, summed up or copied over an order is read by a head for each digit
in which keys and queries may differ first, so that sizes grow in a line with vocabulary and length.
"""

from __future__ import annotations

import random
import textwrap
from dataclasses import replace

import pytest

import compiler
import rasp
from compiler.certificate.claims_json import from_data, to_data
from compiler.graph.conjunctions import Digit, Literal
from compiler.graph.terms import TOKEN
from compiler.lowering.digits import places_of
from compiler.lowering.scores import literal_dims
from compiler.pipeline import run
from compiler.ranges.domains import int_domain
from compiler.request import Heads, request
from compiler.texts import schedule
from rasp.words import Atom
from runtime.model import Model
from tests.support.sweeps import sweep
from tests.support.worked import assert_text, lines, sop_of

LETTERS = [chr(ord("a") + i) for i in range(26)]


def sort(vocab: list[Atom], length: int) -> Model:
    return compiler.compile(rasp.load("sort").main, vocab, length)


@pytest.mark.parametrize(
    ("vocab", "length", "most"), [(26, 32, 20_000), (26, 512, 100_000), (1000, 32, 130_000)]
)
def test_sort_grows_in_a_line_with_vocabulary_and_length(vocab: int, length: int, most: int) -> None:
    tokens: list[Atom] = list(LETTERS) if vocab == 26 else list(range(vocab))
    model = sort(tokens, length)
    assert model.size.parameters <= most
    assert model.size.layers == 2
    assert compiler.recheck(model).ok
    chosen = random.Random(vocab + length)
    drawn = [chosen.choices(tokens, k=length) for _ in range(3)]
    inputs = [*drawn, tokens[:1] * length, sorted(chosen.choices(tokens, k=length), key=tokens.index)]
    for sequence in [*inputs, inputs[-1][::-1]]:
        assert list(model(sequence)) == sorted(sequence, key=tokens.index)


@pytest.mark.parametrize("relation", ["<", "<=", ">", ">=", "<>"])
@pytest.mark.parametrize("places", [(8, 1), (9, 3, 1), (16, 8, 4, 2, 1), (20, 1)])
def test_exactly_one_digit_decides_an_order(relation: str, places: tuple[int, ...]) -> None:
    """Of all digits of a literal one scores 0 where the literal holds, and none where it does not."""
    keys, queries = int_domain(0, 30), int_domain(-1, 27)
    scores = []
    for number in range(len(places)):
        literal = Literal(TOKEN, TOKEN, frozenset(relation), Digit(places, number))
        dims, _ = literal_dims(literal, keys, queries, needs_level=True)
        scores.append(
            [
                [
                    sum(
                        (1 if d.key is None else int(d.key[k])) * (1 if d.query is None else int(d.query[q]))
                        for d in dims
                    )
                    for q in range(queries.size)
                ]
                for k in range(keys.size)
            ]
        )
    for k, key in enumerate(keys.values):
        for q, query in enumerate(queries.values):
            found = [score[k][q] for score in scores]
            order = "<" if key < query else "=" if key == query else ">"  # type: ignore[operator]
            assert max(found) <= 0
            assert found.count(0) == (order in relation)


def test_the_digits_are_about_the_same_size() -> None:
    assert places_of(512, 3) == (64, 8, 1)
    assert places_of(26, 2) == (6, 1)
    assert places_of(26, 1) == (1,)


SELECTORS = {
    "selector_width(select(indices, indices, <))": "counted",
    "selector_width(select(tokens, tokens, <=) and select(indices, indices, !=))": "two orders",
    "aggregate(select(indices, 20, <=), tokens_int)": "a mean, which is not split",
    "has_focus(select(tokens, tokens, >))": "a question, which is not split",
    "aggregate(select(selector_width(select(tokens, tokens, >)), 0, ==), tokens_int)": "the largest",
    "selector_width(select(selector_width(select(tokens, tokens, ==)), indices, >))": "a computed number",
}


@pytest.mark.parametrize("causal", sweep([False, True], [True]))
@pytest.mark.parametrize("expression", SELECTORS)
def test_what_is_split_is_right_and_proved(expression: str, causal: bool) -> None:
    main = rasp.parse(f"main = {expression};").main
    tokens: list[Atom] = list(range(40))
    model = compiler.compile(main, tokens, 40, causal)
    assert compiler.recheck(model).ok
    chosen = random.Random(7)
    for _ in range(5):
        sequence = chosen.choices(tokens, k=40)
        assert list(model(sequence)) == list(main(sequence, causal=causal))


@pytest.mark.parametrize("places", ["0 of 8 2", "0 of 7 2 1", "0 of 8 1 1", "1 of 16 4 1", "0 of 0 1"])
def test_a_false_claim_about_digits_is_not_proved(places: str) -> None:
    """Digits that leave something out, or of place values that are not nested, are no proof."""
    model = sort(list(LETTERS), 32)
    assert model.certificate.claims is not None
    claims = from_data(model.certificate.claims)
    number, _, cut = places.partition(" of ")
    digit = Digit(tuple(map(int, cut.split())), int(number))
    heads = list(claims.heads)
    at = next(i for i, head in enumerate(heads) if any(x.digit for x in head.literals))
    forged = tuple(replace(x, digit=digit) if x.digit else x for x in heads[at].literals)
    heads[at] = replace(heads[at], literals=forged)
    false = replace(claims, heads=tuple(heads))
    certificate = replace(model.certificate, claims=to_data(false))
    assert not compiler.recheck(replace(model, certificate=certificate)).ok


def test_the_fewest_heads_can_be_asked_for() -> None:
    """Then each disjoint part of a selector is read by one head, as in the paper."""
    main = rasp.load("sort").main
    assert compiler.compile(main, LETTERS, 32, heads="fewest").size.heads == 2


def test_small_orders_stay_whole() -> None:
    assert sort(list(LETTERS[:6]), 8).size.heads == 2


def orders(program: str, length: int, heads: Heads = "any") -> str:
    """What the schedule says of the orders of a program on 26 letters."""
    asked = request(LETTERS, length, heads=heads)
    made = run(sop_of(program), asked)
    told = schedule(made.lowered, made.schedule)
    return lines(textwrap.fill(line, 90) for line in told.splitlines() if ", order " in line)


def test_the_schedule_says_which_digits_and_what_others_would_cost() -> None:
    before = "select(tokens_asis, tokens_asis, <)"
    assert_text(
        orders(f"x = selector_width({before});", 8),
        """
          x, order tokens_asis < tokens_asis: 2 digits of 5 x 6 values, about 806 entries and 18
        products a pair: the fewest entries (otherwise 1 digit of 26 values, about 2,028 entries
        and 26 products a pair; 3 digits of 3 x 3 x 3 values, about 806 entries and 18 products a
        pair; 5 digits of 2 x 2 x 2 x 2 x 2 values, about 1,368 entries and 25 products a pair)
        """,
    )
    assert_text(
        orders(f"x = selector_width({before});", 8, "fewest"),
        """
          x, order tokens_asis < tokens_asis: 1 digit of 26 values, about 2,028 entries and 26
        products a pair: no more heads are asked for (otherwise 2 digits of 5 x 6 values, about
        806 entries and 18 products a pair; 3 digits of 3 x 3 x 3 values, about 806 entries and 18
        products a pair; 5 digits of 2 x 2 x 2 x 2 x 2 values, about 1,368 entries and 25 products
        a pair)
        """,
    )
    assert_text(
        orders(f"x = aggregate({before}, indices, 0);", 8),
        """
          x, order tokens_asis < tokens_asis: 1 digit of 26 values, about 2,028 entries and 26
        products a pair: what is read does not add up over digits (otherwise 2 digits of 5 x 6
        values, about 806 entries and 18 products a pair; 3 digits of 3 x 3 x 3 values, about 806
        entries and 18 products a pair; 5 digits of 2 x 2 x 2 x 2 x 2 values, about 1,368 entries
        and 25 products a pair)
        """,
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["sort", "rank", "hist2", "most_freq", "sort_freq", "running_count", "maximum", "dyck2_ptf"]
)
def test_digits_take_no_more_layers(name: str) -> None:
    """Than one head for each order, and no more entries."""
    vocab = list("()[]") if name == "dyck2_ptf" else LETTERS
    main = rasp.load(name).main
    digits, whole = (compiler.compile(main, vocab, 24, heads=heads).size for heads in ("any", "fewest"))
    assert digits.layers <= whole.layers
    assert digits.parameters <= whole.parameters
