"""One attention sublayer at one position: queries and keys, scores, weights, what is copied."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from runtime.inspection.brackets import fewer_brackets
from runtime.inspection.duties import NUMBER
from runtime.inspection.formulas import OTHER_FORM
from runtime.inspection.own import as_tokens, in_words, least
from runtime.inspection.reading import as_reads, sop_name, together, whole
from runtime.inspection.spoken import listed, printable
from runtime.walkthrough.document import Block, Code, Heading, Paragraph, Table, Text
from runtime.walkthrough.reasons import equals
from runtime.walkthrough.subject import ROUNDING, Subject, decoded, number, read_sum
from runtime.weights import Array, Column

WEIGHTS = (
    "Each key's weight is e to its score, divided by the sum of these over all keys. Beside a score "
    "that is higher by 128 or more, a weight is 0."
)
ROUNDED = "Whole numbers are made exact by rounding: columns that start at "
HEAVY = (
    "BOS, which is worth 0, has nearly all the weight: so the average is nearly the sum over the "
    "selected tokens, divided by a constant that the factor brings back. So it is in every head that "
    "counts or adds up."
)
GENERAL = (WEIGHTS, ROUNDED, HEAVY)
"""How paragraphs begin of what is so everywhere."""

MOST_DIMENSIONS = 6
MOST_KEYS = 12
MOST_TOLD = 2
MOST_PLACES = 6
MOST_NAMES = 5
MOST_VALUES = 6

ASKS = {" = ": ("is", "is not"), " >= ": ("is at least", "is below")}
"""In the name of a column, between its s-op and a value: it holds how they compare. What is told if it is so,
and if not."""


def tell_attention(subject: Subject, number_: int, brief: bool) -> Iterator[Block]:
    """The heads of a layer, one after the other, and then the columns that they have written."""
    layer = subject.layer(number_)
    yield Heading(2, (f"Layer {number_}: attention",))
    if not layer.w_q.shape[0]:
        nothing = "neither heads nor neurons: it changes nothing" if not layer.w_in.shape[1] else "no heads"
        yield Paragraph((f"This layer has {nothing}.",))
        return
    for heads in heads_of_reads(subject, number_):
        if brief:
            yield Paragraph(brief_heads(subject, number_, heads))
            continue
        if len(heads) > 1:
            yield Paragraph(one_read(subject, number_, heads))
        for head in heads:
            yield from tell_head(subject, number_, head)
    yield from tell_written(subject, 2 * number_ - 1, brief)
    yield from tell_own(subject, 2 * number_ - 1)


def tell_own(subject: Subject, sublayer: int) -> Iterator[Block]:
    """What the compiler asks for that no program can say, once for each."""
    told: dict[str, Text] = {}
    for made in subject.duties.of_sublayer(sublayer):
        for column in made.columns:
            own = least(sop_name(subject.columns[column]))
            if own is not None:
                named = subject.duties.quoting.name(made.of)
                users = [named] if named else sorted(subject.duties.users(made))
                said = listed([(Code(printable(each)),) for each in users])
                told.setdefault(own.name, own.told(said))
    yield from map(Paragraph, told.values())


def written_by(subject: Subject, layer: int, head: int) -> list[int]:
    """The columns that a head adds to."""
    written: list[int] = np.flatnonzero(subject.layer(layer).w_o[head].any(axis=0)).tolist()
    return written


def heads_of_reads(subject: Subject, layer: int) -> list[list[int]]:
    """The heads of a layer, those together that compute one read, each a part of it."""
    groups: dict[object, list[int]] = {}
    for head in range(subject.layer(layer).w_q.shape[0]):
        reads = frozenset(subject.columns[column].part_of for column in written_by(subject, layer, head))
        alone = reads == {""} or not reads
        groups.setdefault(("alone", head) if alone else reads, []).append(head)
    return list(groups.values())


def names(subject: Subject, columns: list[int]) -> Text:
    """The columns' names in a row, a read in parts under its own."""
    found: list[Text] = [
        (subject.said(read),) for read, _ in as_reads(subject.columns, plain_first(subject, columns))
    ]
    more = len(found) - MOST_NAMES
    return listed([*found[:MOST_NAMES], (f"{more} more",)] if more > 1 else found) or ("nothing",)


def in_brief(subject: Subject, columns: list[int]) -> Text:
    """The names of columns; the s-op's for one that asks for a value, and for all that encode it together."""
    found: list[Text] = []
    for group in together(subject.columns, plain_first(subject, columns)):
        first = subject.columns[group[0]]
        other = first.name != sop_name(first) and not first.part_of
        encoded = other and (len(group) > 1 or bool(comparison_of(first)))
        found.append((Code(printable(subject.duties.name(first))),) if encoded else names(subject, group))
    return listed(found) or ("nothing",)


def plain_first(subject: Subject, columns: list[int]) -> list[int]:
    """The columns without other forms of what is among them as it is."""
    plain = {subject.columns[c].of for c in columns if not OTHER_FORM.search(subject.columns[c].name)}
    form = [subject.columns[c].of in plain and OTHER_FORM.search(subject.columns[c].name) for c in columns]
    return [column for column, other in zip(columns, form, strict=True) if not other]


def attended(subject: Subject, layer: int, head: int) -> list[int]:
    """The places with any weight, BOS only if it has more than a thousandth."""
    weights = subject.trace.attention[layer - 1][head][subject.place]
    return [key for key, weight in enumerate(weights.tolist()) if weight > (1e-12 if key else 1e-3)]


def is_heavy(subject: Subject, layer: int, head: int) -> bool:
    """Whether BOS outweighs selected tokens here: the sign of a head that counts or adds."""
    keys = attended(subject, layer, head)
    weights = subject.trace.attention[layer - 1][head][subject.place]
    return len(keys) > 1 and keys[0] == 0 and bool(weights[0] > 0.9)


def brief_heads(subject: Subject, layer: int, heads: list[int]) -> Text:
    """The heads of one read in a sentence: what each selects, of those that select anything."""
    if len(heads) == 1:
        return brief_head(subject, layer, heads[0])
    parts: list[str | Code] = [
        f"Heads {numbers(heads)} (",
        *names(subject, written_by(subject, layer, heads[0])),
        f", a read in {len(heads)} parts): ",
        *subject.where(subject.place),
    ]
    selecting = [head for head in heads if any(attended(subject, layer, head))]
    for index, head in enumerate(selecting):
        places = selected_places(subject, [key for key in attended(subject, layer, head) if key])
        parts += ["; " if index else " selects ", *places, f" by head {head + 1}"]
    parts.append("." if selecting else " selects no token.")
    return tuple(parts)


def numbers(heads: list[int]) -> str:
    """`1 to 4`, or `1, 3, 4` where they do not stand side by side; heads are counted from 1."""
    if len(heads) == 2:
        return f"{heads[0] + 1} and {heads[1] + 1}"
    if heads == list(range(heads[0], heads[-1] + 1)):
        return f"{heads[0] + 1} to {heads[-1] + 1}"
    return ", ".join(str(head + 1) for head in heads)


def one_read(subject: Subject, layer: int, heads: list[int]) -> Text:
    """That several heads are one read, and which part of it each one is."""
    parts: list[str | Code] = [
        f"Heads {numbers(heads)} compute one read, ",
        *names(subject, written_by(subject, layer, heads[0])),
        ": each selects by a part of its selector, no key is selected by two, and their numbers add up.",
    ]
    for head in heads:
        first = subject.columns[written_by(subject, layer, head)[0]]
        parts += [f" Head {head + 1}: ", Code(printable(fewer_brackets(as_tokens(first.meaning)))), "."]
    return tuple(parts)


def selected_places(subject: Subject, keys: list[int]) -> Text:
    """The first of some places, in words: BOS alone, or positions."""
    if len(keys) == 1:
        return subject.where(keys[0])
    more = len(keys) - MOST_PLACES
    shown = keys[:MOST_PLACES] if more > 1 else keys
    places: list[Text] = [(f"{key - 1} (", Code(subject.token(key)), ")") for key in shown]
    return ("positions ", *listed([*places, (f"{more} more",)] if more > 1 else places))


def brief_head(subject: Subject, layer: int, head: int) -> Text:
    """A head in a sentence."""
    keys = attended(subject, layer, head)
    tokens = [key for key in keys if key]
    places = selected_places(subject, tokens or keys)
    doing = "selects" if is_heavy(subject, layer, head) else "looks at"
    if not tokens:
        doing = "selects no token, so it looks at"
    return (
        f"Head {head + 1} (",
        *in_brief(subject, written_by(subject, layer, head)),
        "): ",
        *subject.where(subject.place),
        f" {doing} ",
        *places,
        ".",
    )


def own_names(subject: Subject, columns: list[int]) -> Text:
    """The names of a head's own columns: of the parts, if it computes one of a read."""
    if len(columns) == 1:
        return (subject.name(columns[0]),)
    return names(subject, columns)


def tell_head(subject: Subject, layer: int, head: int) -> Iterator[Block]:
    """A head in full: one score as a sum of products, all scores and weights, what comes out."""
    yield Heading(3, (f"Head {head + 1}, for ", *own_names(subject, written_by(subject, layer, head))))
    key = best_key(subject, layer, head)
    yield Paragraph(
        (
            "The query is read from the columns at ",
            *subject.where(subject.place),
            ", a key from those at every position. Against the key at ",
            *subject.where(key),
            ":",
        )
    )
    yield score_table(subject, layer, head, key)
    yield Paragraph((WEIGHTS,))
    yield weight_table(subject, layer, head)
    yield Paragraph(outcome(subject, layer, head))
    if is_heavy(subject, layer, head):
        yield Paragraph((HEAVY,))


def best_key(subject: Subject, layer: int, head: int) -> int:
    """The token with most weight, or BOS where no token has any."""
    tokens = [key for key in attended(subject, layer, head) if key]
    weights = subject.trace.attention[layer - 1][head][subject.place]
    return max(tokens, key=lambda key: float(weights[key]), default=0)


def score_table(subject: Subject, layer: int, head: int, key: int) -> Table:
    """Query and key, dimension by dimension, and the products that add up to the score."""
    weights = subject.layer(layer)
    residual = subject.trace.residual[2 * layer - 2]
    query_row, key_row = residual[subject.place], residual[key]
    queries = subject.trace[f"layer.{layer}.queries"][head, subject.place]
    keys = subject.trace[f"layer.{layer}.keys"][head, key]
    products = queries * keys
    chosen = np.flatnonzero(products).tolist()[:MOST_DIMENSIONS] or [0]
    rows: list[tuple[Text, ...]] = [
        (
            (str(j),),
            (Code(read_sum(subject, query_row, weights.w_q[head, :, j], weights.b_q[head, j])),),
            (Code(read_sum(subject, key_row, weights.w_k[head, :, j], weights.b_k[head, j])),),
            (number(products[j]),),
        )
        for j in chosen
    ]
    rest = [j for j in range(len(products)) if j not in chosen]
    if rest:
        rows.append(((f"{len(rest)} more",), ("",), ("",), (number(sum(products[rest].tolist())),)))
    score = subject.trace.scores[layer - 1][head][subject.place, key]
    rows.append((("score",), ("",), ("",), (number(score),)))
    header: tuple[Text, ...] = (("dimension",), ("query",), ("key",), ("product",))
    return Table(header, tuple(rows))


def weight_table(subject: Subject, layer: int, head: int) -> Table:
    """Every key's score and weight, and what it has to give; of many keys only those with weight."""
    scores = subject.trace.scores[layer - 1][head][subject.place]
    weights = subject.trace.attention[layer - 1][head][subject.place]
    values = subject.trace[f"layer.{layer}.values"][head]
    dims = value_dimensions(subject, layer, head)
    last = subject.place if subject.model.config.causal else subject.count - 1
    keys = list(range(last + 1))
    if len(keys) > MOST_KEYS:
        keys = sorted({0, *(attended(subject, layer, head)[:MOST_KEYS])})
    rows: list[tuple[Text, ...]] = [
        (
            subject.where(key),
            (number(scores[key]),),
            (number(weights[key]),),
            (", ".join(number(values[key, j]) for j in dims),),
        )
        for key in keys
    ]
    left_out = last + 1 - len(keys)
    if left_out:
        rows.append(((f"{left_out} others",), ("",), (number(rest_of(weights, keys)),), ("",)))
    return Table((("key",), ("score",), ("weight",), ("value",)), tuple(rows))


def rest_of(weights: Array, keys: list[int]) -> float:
    """The weight of all other keys together."""
    return float(sum(weight for key, weight in enumerate(weights.tolist()) if key not in keys))


def value_dimensions(subject: Subject, layer: int, head: int) -> list[int]:
    """The dimensions of a head's output that are written anywhere."""
    dims: list[int] = np.flatnonzero(subject.layer(layer).w_o[head].any(axis=1)).tolist()
    return dims


def outcome(subject: Subject, layer: int, head: int) -> Text:
    """What the head gives: the weighted average of the values, times what each column takes of it."""
    out = subject.trace[f"layer.{layer}.heads"][subject.place, head]
    parts: list[str | Code] = ["The weighted average of the values is "]
    parts.append(", ".join(number(out[j]) for j in value_dimensions(subject, layer, head)))
    parts.append(".")
    written = written_by(subject, layer, head)
    for column in written[:4]:
        taken = subject.layer(layer).w_o[head][:, column]
        total = sum(float(taken[j]) * float(out[j]) for j in np.flatnonzero(taken).tolist())
        factors = ", ".join(number(taken[j]) for j in np.flatnonzero(taken).tolist())
        parts += [f" Times {factors} that adds {number(total)} to ", Code(subject.carried(column)), "."]
    if len(written) > 4:
        parts.append(f" {len(written) - 4} more columns are written in the same way.")
    return tuple(parts)


def tell_written(subject: Subject, sublayer: int, brief: bool) -> Iterator[Block]:
    """The columns that now hold their values: before, what was added, and what they mean."""
    layer = subject.layer((sublayer + 1) // 2)
    bias = layer.b_o if sublayer % 2 else layer.b_out
    before, after = subject.before(sublayer), subject.after(sublayer)
    written = [c for c, column in enumerate(subject.columns) if column.written == sublayer]
    if not written:
        return
    if brief:
        values = brief_values(subject, plain_first(subject, written), sublayer)
        yield from [Paragraph(values)] if values else []
        return
    rounded = any(abs(bias[c]) > ROUNDING for c in written)
    if rounded:
        yield Paragraph(
            (
                ROUNDED,
                Code("\u2212C"),
                ", C being ",
                Code(number(max(abs(bias[c]) for c in written))),
                ", are rounded. To what is added comes a bias of C, which leaves no room for a fraction, "
                "and then the two cancel.",
            )
        )
    rows: list[tuple[Text, ...]] = []
    for _, members in as_reads(subject.columns, written, sublayer):
        rows += [value_row(subject, c, before, after, bias) for c in members]
        if len(members) > 1:
            rows.append(sum_row(subject, members, after))
    header: tuple[Text, ...] = (("column",), ("before",), ("bias",), ("after",), ("means",))
    yield Table(header, tuple(rows))
    yield from tell_rests(subject, written)


def tell_rests(subject: Subject, columns: list[int]) -> Iterator[Block]:
    """Of what is read with a default: that its columns lack it."""
    lacking = [(c, subject.columns[c]) for c in columns if subject.columns[c].rest]
    found = {in_words(each.part_of) or subject.name(c).text: each for c, each in lacking}
    for name, column in list(found.items())[:MOST_TOLD]:
        rest = number(float(column.rest))
        told = (
            "Where nothing is selected a head brings 0. So ",
            Code(printable(name)),
            f" is carried less {rest}",
        )
        yield Paragraph((*told, ", and whatever reads it adds that again."))


def value_row(subject: Subject, column: int, before: Array, after: Array, bias: Array) -> tuple[Text, ...]:
    """A column before and after."""

    def shown(value: float) -> str:
        sign = "\u2212" if value < 0 else ""
        return f"{sign}C" if abs(value) > ROUNDING else number(value)

    started, added, now = float(before[column]), float(bias[column]), float(after[column])
    says = subject.place and not OTHER_FORM.search(subject.columns[column].name)
    meaning = subject.means(column, now) if says else ""
    return (
        (subject.name(column),),
        (shown(started),),
        (shown(added),),
        (number(now),),
        (Code(meaning) if meaning else "",),
    )


def sum_row(subject: Subject, parts: tuple[int, ...], after: Array) -> tuple[Text, ...]:
    """A read as the sum of its parts."""
    read, total = whole(subject.columns, parts), added(parts, after)
    meaning = decoded(read, total) if subject.place else ""
    return (subject.said(read), ", the sum"), ("",), ("",), (number(total),), (Code(meaning),)


def added(parts: tuple[int, ...], values: Array) -> float:
    """The sum of some columns."""
    return float(sum(values[list(parts)].tolist()))


def is_whole(column: Column) -> bool:
    """Whether a column, or the read that it is a part of, is its s-op, and not one of many that encode it."""
    return bool(column.part_of) or NUMBER.sub("", column.name) == sop_name(column)


def is_feature(column: Column) -> bool:
    """Whether a column has some function of its s-op, whose number says nothing to people."""
    return column.name.removeprefix(sop_name(column)).startswith(" feature")


def brief_values(subject: Subject, written: list[int], sublayer: int) -> Text:
    """`So rank = 2, place = 1.`; nothing if the numbers say nothing."""
    after = subject.after(sublayer)
    groups = together(subject.columns, written)
    alone = [c for group in groups for c in group if len(group) == 1 or is_whole(subject.columns[c])]
    reads = [each for each in as_reads(subject.columns, alone, sublayer) if not is_feature(each[0])]
    values: list[Text] = []
    for read, members in reads[:MOST_VALUES]:
        values.append(value_told(subject, read, decoded(read, added(members, after))))
    more = len(reads) - MOST_VALUES
    told = listed([*values, (f"{more} more column{'s' if more > 1 else ''}",)] if more > 0 else values)
    return ("So ", *told, ".") if told else ()


def value_told(subject: Subject, column: Column, value: str) -> Text:
    """`rank = 2`; of an s-op of which a column holds only how it compares with a value, `x is not "_"`."""
    name, asks = subject.said(column), comparison_of(column)
    one, found, other = name.text.rpartition(asks) if asks else ("", "", "")
    if found and value in ("True", "False"):
        return (Code(one), f" {ASKS[asks][value == 'False']} ", Code(other))
    return (name, equals(name.text), Code(value))


def comparison_of(column: Column) -> str:
    """How an s-op is compared, if a column holds only that; else nothing."""
    rest = column.name.removeprefix(sop_name(column))
    return next((sign for sign in ASKS if rest.startswith(sign) and rest.count(sign) == 1), "")
