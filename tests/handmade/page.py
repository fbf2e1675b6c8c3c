"""The page programs/handmade/README.md, written from the weights themselves, so that it cannot drift.

It walks through the handmade model number by number, and puts the compiled one beside it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence

import numpy as np

from runtime.inspection.trace import Trace
from runtime.model import Model
from runtime.walkthrough.document import Code, Table, markdown_block
from runtime.weights import Array
from tests.handmade.handmade import BIG, CHARACTERS, CONTEXT, D_MODEL, TOKEN_A, TOKEN_B, completed, post_test

EXAMPLE = "aabaa"
PAIRS = ("aa", "ab", "ba", "bb")


def page(handmade: Model, compiled: Model, source: str) -> str:
    """The whole page; `source` is the text of the program that `compiled` was made from."""
    sections = [
        *introduction(handmade),
        *embedding(handmade),
        *attention(handmade),
        *output(handmade),
        *results(handmade),
        *comparison(handmade, compiled, source),
    ]
    return "\n\n".join(sections) + "\n"


def introduction(model: Model) -> list[str]:
    size = model.size
    return [
        "# A transformer written by hand",
        'The post "I made a transformer by hand" (vgel.me, 2023) chooses every weight of a small GPT-2 with '
        "a pencil, so that it continues `aabaabaab...`. `tests/handmade/handmade.py` writes the same weights "
        "in our format, and `model/` holds them. This page is generated from those weights.",
        "```python\n"
        "import runtime\n\n"
        'model = runtime.load("programs/handmade/model")\n'
        f'model("{EXAMPLE}")  # {model(EXAMPLE)}: what comes next after each character\n'
        "```",
        f"Characters {listed(model.config.vocab)}; at most {model.config.max_length} of them at a time; "
        f"{count(size.layers, 'block')} of {count(size.heads, 'head')}, {size.d_model} columns, "
        f"{count(size.d_mlp, 'neuron')}, no layer norm. Of {size.parameters} entries {size.nonzeros} are "
        "not 0. In all tables, a dot is a 0.",
        "\n".join(
            f"- column {k}, `{each.name}`: {each.meaning}" for k, each in enumerate(model.config.columns)
        ),
    ]


def embedding(model: Model) -> list[str]:
    weights, trace = model.weights, model.trace(EXAMPLE)
    return [
        "## Embedding",
        "Characters have a column each, and so have positions:",
        matrix(["BOS", *map(str, model.config.vocab)], weights.token_embedding),
        matrix(["BOS", *map(str, range(CONTEXT))], weights.position_embedding),
        "Our runtime puts BOS in front of every input, which the post does not have. It is a row of zeros, "
        "so that it asks for nothing, answers to nothing and says nothing.",
        f"The sum of both for `{EXAMPLE}`:",
        matrix(positions(trace), trace.residual[0]),
    ]


def attention(model: Model) -> list[str]:
    layer, trace = model.weights.layers[0], model.trace(EXAMPLE)
    strongest = float(layer.w_q.max())
    return [
        "## Attention",
        "In the tables of weights, a row is a residual column that is read. The query weights: position p "
        f"looks for positions p and p - 1 (columns 0 to {CONTEXT - 1}), equally strongly. The post "
        f"has {BIG} here and divides scores by the square root of {D_MODEL} later; our runtime does not "
        f"divide, so the weights are {BIG} / √{D_MODEL} = {number(strongest)}:",
        matrix(range(D_MODEL), layer.w_q[0]),
        "The key weights: position p is found as position p:",
        matrix(range(D_MODEL), layer.w_k[0]),
        f"Scores on `{EXAMPLE}`, query by row and key by column. What is not looked for, BOS included, "
        f"has 0, and e to the power of -{number(strongest)} is less than any float32 above 0:",
        matrix(positions(trace), trace.scores[0][0], positions(trace)),
        "So the softmax, which sees no later character, gives the weights exactly. Each position attends to "
        "itself and the one before by halves, the first to itself alone, BOS to BOS:",
        matrix(positions(trace), trace.attention[0][0], positions(trace)),
    ]


def output(model: Model) -> list[str]:
    layer, trace = model.weights.layers[0], model.trace(EXAMPLE)
    said = trace["layer.1.heads"][:, 0]
    bias = layer.b_o[TOKEN_A]
    return [
        "## What the head says",
        "The value weights: an a says 1, a b says -1, in column 7:",
        matrix(range(D_MODEL), layer.w_v[0]),
        f"The head's mean v on `{EXAMPLE}` is 1 where both were a, 0 where they differ:",
        table(["position", "v in column 7"], named_rows(positions(trace), said[:, -1:])),
        f"The projection writes {number(layer.w_o[0, -1, TOKEN_A])} v to column {TOKEN_A} (a) and "
        f"{number(layer.w_o[0, -1, TOKEN_B])} v to column {TOKEN_B} (b); its bias adds {number(bias)} to a. "
        f"So a gets {number(bias)} (1 - v) and b gets {number(bias)} v:",
        matrix(range(D_MODEL), layer.w_o[0]),
        matrix(["bias"], layer.b_o[None]),
        "Added to the embedding, that is:",
        matrix(positions(trace), trace.residual[-1]),
        "## The next character",
        "The unembedding is the token embedding, turned: the logit of a is column "
        f"{TOKEN_A}, that of b column {TOKEN_B}. The 1 that the character itself "
        "brought is too small to matter.",
        table(
            ["after", "logit of a", "logit of b", "answer"],
            [
                [EXAMPLE[: 1 + place], *map(number, trace.logits[place]), str(trace.answers[place])]
                for place in range(len(EXAMPLE))
            ],
        ),
        "All that can happen at a position after the first:",
        table(
            ["the last two", "v", "logit of a", "logit of b", "answer"],
            [pair_row(model.trace(pair), pair) for pair in PAIRS],
        ),
    ]


def pair_row(trace: Trace, pair: str) -> list[str]:
    mean = trace["layer.1.heads"][-1, 0, -1]
    return [pair, number(mean), *map(number, trace.logits[-1]), str(trace.answers[-1])]


def results(model: Model) -> list[str]:
    right, asked = post_test(model)
    return [
        "## Its test",
        f'The post asks for the next character at places 2 to 28 of `"aab" * 10`, given the last {CONTEXT} '
        f"characters: {right} of {asked} are right. From `a`, putting each answer behind the text, comes "
        f"`{completed(model, 'a', 17)}`: after the one a that it sees, v is 1 as after two.",
    ]


def comparison(handmade: Model, compiled: Model, source: str) -> list[str]:
    texts = (itertools.product(CHARACTERS, repeat=size) for size in range(1, CONTEXT + 1))
    inputs = ["".join(map(str, text)) for text in itertools.chain.from_iterable(texts)]
    pairs = zip(handmade.batch(inputs), compiled.batch(inputs), strict=True)
    same = sum(one == other for one, other in pairs)
    first, second = handmade.trace(EXAMPLE), compiled.trace(EXAMPLE)
    return [
        "## The same, compiled",
        "The same task as a RASP program, `programs/aab_next.rasp`:",
        f"```\n{source.rstrip()}\n```",
        f"Compiled with `--vocab ab --max-length {CONTEXT} --causal`, it gives the same answers on {same} of "
        f"the {len(inputs)} inputs there are.",
        sizes(handmade, compiled),
        "By hand, one head looks at two places at once, and the mean of 1 and -1 is all that is known after. "
        "The program asks for the one place before, and combines the two characters afterwards. "
        "Compiled, BOS is where a position finds the default when there is none before it. "
        f"Attention on `{EXAMPLE}`:",
        table(
            ["position", "by hand attends to", "compiled attends to"],
            [
                [name, attended(first, place), attended(second, place)]
                for place, name in enumerate(positions(first))
            ],
        ),
        "Positions by hand are one column each, so the context grows only with the width. Compiled, they are "
        "numbers in a few columns, whatever the length. The compiled model's columns, and what they hold on "
        f"`{EXAMPLE}` after the last layer:",
        table(
            ["column", "name", *positions(second)],
            [
                [str(k), Code(each.name), *map(number, second.residual[-1][:, k])]
                for k, each in enumerate(compiled.config.columns)
            ],
        ),
        "Logits of both, after each character:",
        table(
            ["after", "a by hand", "b by hand", "a compiled", "b compiled", "answer"],
            [
                [
                    EXAMPLE[: 1 + place],
                    *map(number, first.logits[place]),
                    *map(number, second.logits[place]),
                    str(second.answers[place]),
                ]
                for place in range(len(EXAMPLE))
            ],
        ),
    ]


def attended(trace: Trace, query: int) -> str:
    """The positions that the first head attends to, with the weight of each unless it is the only one."""
    names, weights = positions(trace), trace.attention[0][0][query]
    found = [(name, weight) for name, weight in zip(names, weights, strict=True) if weight]
    return " and ".join(name if weight == 1 else f"{number(weight)} of {name}" for name, weight in found)


def sizes(handmade: Model, compiled: Model) -> str:
    names = ("layers", "heads", "d_model", "d_head", "d_mlp", "parameters", "nonzeros")
    return table(
        ["", "by hand", "compiled"],
        [[Code(name), *(str(getattr(model.size, name)) for model in (handmade, compiled))] for name in names],
    )


def positions(trace: Trace) -> list[str]:
    """A name for each position: BOS, then number and character."""
    return ["BOS", *(f"{place}: {token}" for place, token in enumerate(trace.tokens))]


def matrix(names: Iterable[object], entries: Array, columns: Sequence[str] | None = None) -> str:
    """A table of numbers, its columns numbered unless they have names."""
    heads = columns or list(map(str, range(entries.shape[1])))
    return table(["", *heads], named_rows(map(str, names), entries))


def named_rows(names: Iterable[str], entries: Array) -> list[list[str | Code]]:
    return [[name, *map(number, row)] for name, row in zip(names, entries, strict=True)]


def table(header: Sequence[str], rows: Iterable[Sequence[str | Code]]) -> str:
    """Cells as a Markdown table."""
    return markdown_block(
        Table(tuple((cell,) for cell in header), tuple(tuple((cell,) for cell in row) for row in rows))
    )


def number(value: float | np.floating) -> str:
    """At most three decimals; a 0 is a dot."""
    text = f"{float(value):.3f}".rstrip("0").rstrip(".")
    return "·" if text in ("0", "-0") else text


def count(how_many: int, what: str) -> str:
    return f"{how_many or 'no'} {what}{'' if how_many == 1 else 's'}"


def listed(items: Iterable[object]) -> str:
    return ", ".join(f"`{item}`" for item in items)
