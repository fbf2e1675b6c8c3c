"""What each layer is there for, read off the weights: which s-ops it computes, how, and who needs them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from runtime.inspection.formulas import OTHER_FORM, formula
from runtime.inspection.own import CUT, arguments, in_words, least
from runtime.inspection.quoting import Quoting, closes_at, unbracketed
from runtime.inspection.reading import is_truth, sop_name, together
from runtime.inspection.spoken import Code, Text, listed, printable
from runtime.weights import Column, Config, Layer, Weights

ROUNDING = 2.0**22
"""Biases beyond this are the constants that round to whole numbers."""

How = Literal["counts", "adds up", "averages", "gathers", "reads", "asks", "computes", "rewrites"]
"""What a sublayer does for an s-op: heads count, add up or average values, read one or ask whether there is
any key; neurons compute it, or write it once more in another form.
"""

TO_DO = {
    "counts": "count",
    "adds up": "add up",
    "averages": "average",
    "gathers": "gather",
    "reads": "fetch",
    "asks": "find out",
    "computes": "compute",
    "rewrites": "prepare",
}

THIRD = {"reads": "fetches", "asks": "finds out"}

CHOOSING = {
    "counts": "what to count for",
    "adds up": "what to add up for",
    "averages": "what to average for",
    "gathers": "what to gather for",
    "reads": "where to look for",
    "asks": "what to look for in",
}

PART = "a part of "
"""What has no name and would take too long to be written is called so, and after what it is in."""

NUMBER = re.compile(r" #\d+$")
"""What tells a column from others of the same name."""

LONGEST = 80
"""Characters of a formula that stands for an s-op without a name."""

MOST_USES = 2
MOST_NAMES = 4


@dataclass(frozen=True)
class Made:
    """What one sublayer makes of one s-op: the columns it writes, all of them numbered, and how; `heads` and
    `neurons` are those that do it, `reads` the columns that the neurons read.
    """

    sublayer: int
    name: str
    of: int | None
    columns: tuple[int, ...]
    how: How
    heads: tuple[int, ...] = ()
    neurons: tuple[int, ...] = ()
    reads: tuple[int, ...] = ()

    @property
    def layer(self) -> int:
        return (self.sublayer + 1) // 2


@dataclass(frozen=True)
class Duties:
    """A model in which every column has a place of its own, asked for what its layers do; `quoting` has its
    program.
    """

    config: Config
    weights: Weights
    quoting: Quoting

    def of_sublayer(self, sublayer: int) -> tuple[Made, ...]:
        """What a sublayer makes, s-op by s-op."""
        return self._made[sublayer - 1]

    @cached_property
    def _made(self) -> tuple[tuple[Made, ...], ...]:
        return tuple(map(self._of_sublayer, range(1, 1 + 2 * len(self.weights.layers))))

    def _of_sublayer(self, sublayer: int) -> tuple[Made, ...]:
        columns = self.config.columns
        written = [number for number, column in enumerate(columns) if column.written == sublayer]
        layer = self.weights.layers[(sublayer - 1) // 2]
        by_heads = sublayer % 2 == 1
        return tuple(
            self._by_heads(layer, sublayer, group) if by_heads else self._by_neurons(layer, sublayer, group)
            for group in together(columns, written)
        )

    def _by_heads(self, layer: Layer, sublayer: int, group: list[int]) -> Made:
        first = self.config.columns[group[0]]
        heads = tuple(h for h in range(len(layer.w_o)) if layer.w_o[h][:, group].any())
        sources = sorted({source for h in heads for source in self._sources(layer, h, group)})
        rounded = bool((np.abs(layer.b_o[group]) > ROUNDING).any())
        how: How = "asks" if is_truth(first) else "counts"
        if sources:
            how = self._gathering(first, sources) if rounded and first.labels is None else "reads"
        return Made(sublayer, self.name(first), first.of, tuple(group), how, heads)

    def _sources(self, layer: Layer, head: int, group: list[int]) -> list[int]:
        """The columns whose values a head brings to some columns."""
        dims = layer.w_o[head][:, group].any(axis=1)
        read: list[int] = np.flatnonzero(layer.w_v[head][:, dims].any(axis=1)).tolist()
        return [column for column in read if self.config.columns[column].of is not None]

    def _gathering(self, column: Column, sources: list[int]) -> How:
        """A sum of whole numbers is whole, so what is not is a mean; of other values it is not told."""
        if any(self.config.columns[source].scale.denominator > 1 for source in sources):
            return "gathers"
        return "adds up" if column.scale.denominator == 1 else "averages"

    def _by_neurons(self, layer: Layer, sublayer: int, group: list[int]) -> Made:
        first = self.config.columns[group[0]]
        neurons = tuple(np.flatnonzero(layer.w_out[:, group].any(axis=1)).tolist())
        reads = tuple(np.flatnonzero(layer.w_in[:, neurons].any(axis=1)).tolist())
        same = {self.config.columns[column].of for column in reads} == {first.of}
        how: How = "rewrites" if same and first.of is not None else "computes"
        return Made(sublayer, self.name(first), first.of, tuple(group), how, (), neurons, reads)

    def name(self, column: Column) -> str:
        """What the program calls the s-op of a column; what it gave no name, as its expression."""
        lines = self.quoting.lines(column.of)
        if not lines or not (self.is_own(column) or least(sop_name(column)) or CUT in sop_name(column)):
            return unbracketed(in_words(sop_name(column)))
        if lines[-1].name or len(lines[-1].formula) <= LONGEST:
            return lines[-1].name or lines[-1].formula
        within = self.quoting.enclosing(column.of)
        return in_words(sop_name(column)) if within is None else f"{PART}{within.name}"

    def is_own(self, column: Column) -> bool:
        """Whether a column holds the s-op itself that its statement gives, and not what that is made of."""
        number = self.quoting.statement(column.of)
        return number is not None and not self.quoting.statements[number].parts_only

    def values(self, made: Made) -> str:
        """What heads bring together for an s-op, as the program has it; empty if its line does not say so."""
        number = self.quoting.statement(made.of)
        first = self.config.columns[made.columns[0]]
        if not made.heads or number is None or not self.is_own(first):
            return ""
        return aggregated(self.quoting.unfolded(number))

    def has_strings(self, column: Column) -> bool:
        """Whether what an s-op is compared with is a string, even if it is one of digits."""
        texts = all(isinstance(token, str) for token in self.config.vocab)
        return texts and in_words(sop_name(column)) == "tokens"

    def is_told(self, column: Column) -> bool:
        """Whether what `name` calls a column is what it holds."""
        return self.is_own(column) or self.name(column) == unbracketed(in_words(sop_name(column)))

    # Who needs it --------------------------------------------------------------------------------------

    def uses(self, columns: Sequence[int], after: int) -> dict[str, list[str]]:
        """What reads some columns after a sublayer: in words what for, and of which s-ops that is said."""
        found: dict[str, list[str]] = {}
        own = {self.config.columns[column].of for column in columns}
        for sublayer in range(after + 1, 2 * len(self.weights.layers) + 1):
            for made in self.of_sublayer(sublayer):
                use = self._use(self.weights.layers[made.layer - 1], made, list(columns))
                if use and (made.of not in own or made.of is None):
                    found.setdefault(use, []).append(made.name)
        if self.weights.unembedding[list(columns)].any():
            answers = {self.quoting.name(of) for of in own} == {self.quoting.answer}
            found["which is the answer" if answers else "from which the answer is read"] = []
        return found

    def users(self, made: Made) -> set[str]:
        """The names of the s-ops that are made of one."""
        return {name for names in self.uses(made.columns, made.sublayer).values() for name in names}

    def _use(self, layer: Layer, made: Made, columns: list[int]) -> str:
        """What one s-op has of some columns."""
        if made.neurons:
            return f"from which layer {made.layer} computes" if set(made.reads) & set(columns) else ""
        if any(layer.w_q[h][columns].any() or layer.w_k[h][columns].any() for h in made.heads):
            return f"by which layer {made.layer} chooses {CHOOSING[made.how]}"
        if any(layer.w_v[h][columns].any() for h in made.heads):
            return f"whose values layer {made.layer} {made.how} for"
        return ""

    # A layer in a sentence -----------------------------------------------------------------------------

    def of_layer(self, number: int) -> tuple[Made, ...]:
        """What a layer makes that is needed after it, each s-op once: as its heads make it, if they do."""
        found: dict[object, Made] = {}
        for made in (*self.of_sublayer(2 * number - 1), *self.of_sublayer(2 * number)):
            known = found.get(made.of if made.of is not None else made.name)
            columns = (*known.columns, *made.columns) if known else made.columns
            first = known or made
            found[made.of if made.of is not None else made.name] = Made(
                first.sublayer, first.name, first.of, columns, first.how, first.heads, first.neurons
            )
        needed = [made for made in found.values() if self.uses(made.columns, 2 * number)]
        return tuple(needed or found.values())

    def why(self, number: int) -> Text:
        """Why there is a layer, in a sentence."""
        groups: dict[tuple[str, Text], list[Made]] = {}
        for made in self.of_layer(number):
            use = purpose(self.uses(made.columns, 2 * number))
            groups.setdefault((TO_DO[made.how], use), []).append(made)
        parts: list[Text] = [
            (f"{verb} ", *several([made.name for made in all_made]), *use)
            for (verb, use), all_made in groups.items()
        ]
        return (f"Layer {number} is there to ", *listed(parts, "; and to ", "; to "), ".") if parts else ()

    # One s-op in a sentence ------------------------------------------------------------------------------

    def step(self, made: Made) -> Text:
        """`Layer 1 counts rank, by which layer 2 chooses where to look for reverse.`"""
        if made.how in ("computes", "rewrites"):
            told = self.function(made)
            return (*told, *(self._use_of(made) if made.how == "computes" else ()), ".")
        verb = THIRD.get(made.how, made.how)
        return (f"Layer {made.layer} {verb} ", Code(printable(made.name)), *self._use_of(made), ".")

    def _use_of(self, made: Made) -> Text:
        """What a step's s-op is for: if only its own other forms are needed, what they are for."""
        alike = [n for n, column in enumerate(self.config.columns) if column.of == made.of is not None]
        uses = self.uses(made.columns, made.sublayer) or self.uses(alike, made.sublayer)
        return purpose(uses)

    def function(self, made: Made) -> Text:
        """`4 neurons compute wrong = closes and unmatched != 0`: what a group of neurons is."""
        count = len(made.neurons)
        name = Code(printable(made.name))
        if not count:
            return (name, " needs no neurons: it is the same everywhere")
        neurons = "1 neuron" if count == 1 else f"{count} neurons"
        verb = "s" if count == 1 else ""
        if made.how == "rewrites":
            use = purpose(self.uses(made.columns, made.sublayer))
            return (f"{neurons} write{verb} ", name, " once more, as ", *self._forms(made), *use)
        line = self.quoting.lines(made.of)[-1:]
        short = line and line[0].name == made.name and len(line[0].formula) <= LONGEST
        formula_ = (" = ", Code(printable(line[0].formula))) if short else ()
        return (f"{neurons} compute{verb} ", name, *formula_)

    def _forms(self, made: Made) -> Text:
        """What neurons make of an s-op that it was already: a formula, or comparisons."""
        found = [self._form(column) for column in made.columns]
        more = f" and {len(found) - 1} more of the kind" if len(found) > 1 else ""
        return (Code(printable(found[0])) if found[0] else "a function of it", more)

    def _form(self, column: int) -> str:
        """One of them; empty if it has no short formula."""
        of = self.config.columns[column]
        found = formula(self.config, self.weights, column)
        return self.renamed(of, found or ("" if OTHER_FORM.search(of.name) else NUMBER.sub("", of.name)))

    def renamed(self, column: Column, text: str) -> str:
        """A text about a column with what the program calls its s-op, of several of one name as of any."""
        base, name = sop_name(column), self.name(column) if self.is_told(column) else ""
        if not name.isidentifier():
            return text.replace(base, in_words(base))
        return re.sub(rf"(?<![\w.]){re.escape(base)}(?!\w)", lambda _: name, text)


def aggregated(formula: str) -> str:
    """The values of the only `aggregate` in a formula; empty if there is none, or several."""
    start = formula.find("aggregate(")
    end = closes_at(formula, start + len("aggregate")) if start >= 0 else -1
    if end < 0 or formula.count("aggregate(") != 1:
        return ""
    return arguments(formula[start + len("aggregate(") : end])[1]


def purpose(uses: Mapping[str, Sequence[str]]) -> Text:
    """`, by which layer 2 chooses where to look for reverse`."""
    told: list[Text] = [(f"{use} ", *several(names)) if names else (use,) for use, names in uses.items()]
    return (", ", *listed(told[:MOST_USES], ", and ")) if told else ()


def several(names: Sequence[str]) -> Text:
    """The first of some names, and how many more there are."""
    told: list[Text] = [(Code(printable(name)),) for name in dict.fromkeys(names)]
    more = len(told) - MOST_NAMES
    return listed([*told[:MOST_NAMES], (f"{more} more",)] if more > 1 else told)
