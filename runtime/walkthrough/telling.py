"""The walkthrough from the embedding to the answer."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from rasp.errors import InputError
from runtime.inspection.reading import sop_name
from runtime.inspection.reading import together as together_of
from runtime.inspection.spoken import printable
from runtime.model import Model
from runtime.walkthrough.attention import GENERAL, in_brief, names, tell_attention, tell_written
from runtime.walkthrough.document import Block, Code, Document, Heading, Listing, Paragraph, Table, Text
from runtime.walkthrough.reasons import function_of, listing, tell_why
from runtime.walkthrough.subject import Subject, atom, number, product_sum, read_sum
from runtime.weights import LabelOutput, NumberOutput

MOST_PLACES = 10
MOST_NEURONS = 8
MOST_LOGITS = 5
MOST_COLUMNS = 3
"""Embedded columns of one s-op beyond this number are shown together."""


def explain(
    model: Model,
    inputs: object,
    *,
    title: str = "the model",
    position: int | None = None,
    layer: int | None = None,
    brief: bool = False,
) -> Document:
    """What the model does on an input, followed at one position (the last by default, negative from the end).

    `layer` (from 1) leaves out all but that layer, `brief` all sums. Raises InputError if the model cannot
    take the input, or if there is no such position or layer.
    """
    places, model = model.size.d_model, model.apart
    trace = model.trace(inputs)
    count = len(trace.tokens)
    chosen = count - 1 if position is None else position + count * (position < 0)
    if not 0 <= chosen < count:
        raise InputError(f"there is no position {position}: the input's go from 0 to {count - 1}")
    layers = len(model.weights.layers)
    if layer is not None and not 1 <= layer <= layers:
        raise InputError(f"there is no layer {layer}: the model's go from 1 to {layers}")
    subject = Subject(model, trace, 1 + chosen)
    blocks: list[Block] = [*tell_start(subject, title, places, brief)]
    if layer is None:
        blocks += tell_embedding(subject, brief)
    quoted: set[int] = set()
    for each in range(1, layers + 1) if layer is None else [layer]:
        heading, *rest = tell_attention(subject, each, brief)
        blocks += [heading, *tell_why(subject, each, quoted), *rest]
        blocks += tell_mlp(subject, each, brief)
    if layer is None:
        blocks += tell_answer(subject, quoted, brief)
    return Document(tuple(told_once(blocks)))


def told_once(blocks: list[Block]) -> Iterator[Block]:
    """The blocks, of what is so for every head or layer only the first."""
    for index, block in enumerate(blocks):
        general = isinstance(block, Paragraph) and any(part in GENERAL for part in block.text[:1])
        if not general or block not in blocks[:index]:
            yield block


def tell_start(subject: Subject, title: str, places: int, brief: bool) -> Iterator[Block]:
    """What the model is, and all its answers."""
    size = subject.model.size
    said = ", ".join(subject.token(place) for place in range(1, subject.count))
    yield Heading(1, ("How ", Code(printable(title)), " computes its answer to ", Code(f"[{said}]")))
    heads = sum(layer.w_q.shape[0] for layer in subject.model.weights.layers)
    neurons = sum(layer.w_in.shape[1] for layer in subject.model.weights.layers)
    yield Paragraph(
        (
            f"The model is a transformer of {counted(size.layers, 'layer')} with "
            f"{counted(heads, 'head')} and {counted(neurons, 'neuron')}. At every position it carries "
            f"{counted(size.d_model, 'number')}, "
            "each in a column with a name; a layer reads some columns and writes others. ",
            ""
            if places == size.d_model
            else f"(They are stored in {places} places: some take over the place "
            "of others that nothing reads any more. Here each is shown on its own.) ",
            "We follow ",
            *subject.where(subject.place),
            ".",
        )
    )
    if not brief:
        header: tuple[Text, ...] = (
            ("position",),
            *((str(place - 1),) for place in range(1, subject.count)),
        )
        rows: list[tuple[Text, ...]] = [
            (("token",), *((Code(subject.token(place)),) for place in range(1, subject.count))),
            (("answer",), *((Code(atom(answer)),) for answer in subject.trace.answers)),
        ]
        yield Table(header, tuple(rows))


def counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


# Embedding --------------------------------------------------------------------------------------------


def tell_embedding(subject: Subject, brief: bool) -> Iterator[Block]:
    """The columns that the two embeddings fill."""
    yield Heading(2, ("Embedding",))
    embedded = [c for c, column in enumerate(subject.columns) if column.written == 0]
    later = [c for c in range(len(subject.columns)) if c not in embedded]
    if brief:
        yield Paragraph((f"The token and its position fill {counted(len(embedded), 'column')}.",))
        return
    yield Paragraph(
        (
            "A token ",
            Code("BOS"),
            " that is no part of the input is put in front. Every position starts with its token's row of "
            "the token embedding, plus its place's row of the position embedding.",
        )
    )
    yield embedding_table(subject, embedded)
    if later:
        yield Paragraph(("The layers write ", *names(subject, later), "."))


def groups(subject: Subject, columns: list[int]) -> list[list[int]]:
    """The columns, many of one s-op together."""
    result: list[list[int]] = []
    for members in together_of(subject.columns, columns):
        result += [members] if len(members) > MOST_COLUMNS else [[column] for column in members]
    return result


def embedding_table(subject: Subject, embedded: list[int]) -> Table:
    """The embedded columns at all positions, or at BOS and the followed one of a long input."""
    places = list(range(subject.count)) if subject.count <= MOST_PLACES else [0, subject.place]
    start = subject.trace.residual[0]
    header: tuple[Text, ...] = (("column",), *((Code(subject.token(place)),) for place in places))
    rows: list[tuple[Text, ...]] = []
    for group in groups(subject, embedded):
        name: Text = (subject.name(group[0]),)
        if len(group) > 1:
            name = (Code(printable(sop_name(subject.columns[group[0]]))), f", {len(group)} columns")
        cells = [together([float(start[place, c]) for c in group]) for place in places]
        rows.append((name, *((cell,) for cell in cells)))
    return Table(header, tuple(rows))


def together(values: list[float]) -> str:
    """Several columns in one cell: runs of equal numbers are counted."""
    if len(values) == 1:
        return number(values[0])
    runs: list[tuple[float, int]] = []
    for value in values:
        if runs and runs[-1][0] == value:
            runs[-1] = (value, runs[-1][1] + 1)
        else:
            runs.append((value, 1))
    if len(runs) > 4:
        return f"{sum(value != 0 for value in values)} not 0"
    return ", ".join(
        number(value) if count == 1 else f"{count}\u00d7 {number(value)}" for value, count in runs
    )


# MLP --------------------------------------------------------------------------------------------------


def tell_mlp(subject: Subject, number_: int, brief: bool) -> Iterator[Block]:
    """The neurons that are active at the followed position, and the columns that they write."""
    layer = subject.layer(number_)
    count = layer.w_in.shape[1]
    if not count:
        return
    yield Heading(2, (f"Layer {number_}: MLP",))
    hidden = subject.trace.hidden[number_ - 1]
    assert hidden is not None
    mine = hidden[subject.place]
    active = np.flatnonzero(mine > 0).tolist()
    for made in subject.duties.of_sublayer(2 * number_):
        yield Paragraph(function_of(subject, made))
    if not brief:
        told = f"{len(active)} are" if len(active) > 1 else "1 is" if active else "none is"
        text = f"A neuron is a sum that counts as 0 if it is negative. Here {told} above 0."
        yield Paragraph((text,))
    if not brief and active:
        row = subject.before(2 * number_)
        rows: list[tuple[Text, ...]] = [
            (
                (f"neuron {j}",),
                (Code(read_sum(subject, row, layer.w_in[:, j], layer.b_in[j])),),
                additions(subject, layer.w_out[j], float(mine[j])),
            )
            for j in active[:MOST_NEURONS]
        ]
        if len(active) > MOST_NEURONS:
            rows.append(((f"{len(active) - MOST_NEURONS} more",), ("",), ("",)))
        yield Table((("neuron",), ("sum",), ("adds",)), tuple(rows))
    if not brief:
        yield from tell_written(subject, 2 * number_, brief)


def additions(subject: Subject, weights: np.ndarray, value: float) -> Text:
    """What a neuron adds to each column."""
    parts: list[str | Code] = []
    columns = np.flatnonzero(weights).tolist()
    for index, column in enumerate(columns[:3]):
        parts += [
            "; " if index else "",
            f"{number(float(weights[column]) * value)} to ",
            subject.name(column),
        ]
    if len(columns) > 3:
        parts.append(f"; {len(columns) - 3} more")
    return tuple(parts) if parts else ("nothing",)


# Unembedding ------------------------------------------------------------------------------------------


def tell_answer(subject: Subject, quoted: set[int], brief: bool) -> Iterator[Block]:
    """From the last columns to the answer, with its line if that is not among those `quoted` already."""
    weights, output = subject.model.weights, subject.model.config.output
    answer = atom(subject.trace.answers[subject.place - 1])
    logits = subject.trace.logits[subject.place - 1]
    yield Heading(2, ("Unembedding",))
    line = subject.duties.quoting.answer_line
    if line is not None and line.statement not in quoted and line.formula not in (line.name, "tokens"):
        yield Paragraph(("The answer is read from ", *in_brief(subject, read_for_answer(subject)), ":"))
        lines = [each for each in subject.duties.quoting.answer_lines if each.statement not in quoted]
        yield Listing(tuple(map(printable, listing(lines))))
    read = read_for_answer(subject)
    row = subject.after(2 * len(weights.layers))
    if isinstance(output, LabelOutput):
        if not brief:
            yield Paragraph(
                (
                    "Every possible answer has a logit, a sum over ",
                    *in_brief(subject, read),
                    "; it is largest for the value that is nearest. The largest ones:",
                )
            )
            order = np.argsort(-logits, kind="stable").tolist()[:MOST_LOGITS]
            rows: list[tuple[Text, ...]] = [
                (
                    (Code(atom(output.labels[label])),),
                    (
                        Code(
                            read_sum(
                                subject, row, weights.unembedding[:, label], weights.unembedding_bias[label]
                            )
                        ),
                    ),
                )
                for label in order
            ]
            yield Table((("answer",), ("logit",)), tuple(rows))
    elif not brief:
        factors = [(float(weights.unembedding[c, 0]), subject.carried(c), float(row[c])) for c in read]
        total = product_sum(factors, float(weights.unembedding_bias[0]))
        yield Paragraph(
            (
                "The answer is a number: ",
                Code(total),
                f", taken to the nearest {nearest(output)}, times {output.scale}.",
            )
        )
    yield Paragraph(("So the answer at ", *subject.where(subject.place), " is ", Code(answer), "."))


def read_for_answer(subject: Subject) -> list[int]:
    """The columns from which the answer is read."""
    found: list[int] = np.flatnonzero(subject.model.weights.unembedding.any(axis=1)).tolist()
    return found


def nearest(output: NumberOutput) -> str:
    """To what the sum is rounded."""
    most = output.max_denominator
    return "whole number" if most == 1 else f"fraction with a denominator of at most {most}"
