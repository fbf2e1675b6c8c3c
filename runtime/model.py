"""A model ready to answer: `Model` is what compiling and loading give."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from rasp.errors import InputError, Span
from rasp.graph.atoms import Answer, shown
from rasp.runs import DEFAULT_STEPS, Run
from runtime import view
from runtime.inspection import circuit, costs, intervention, plot, tables
from runtime.inspection.costs import Costs
from runtime.inspection.formulas import told
from runtime.inspection.intervention import Change
from runtime.inspection.running import Running, running
from runtime.inspection.trace import Trace
from runtime.places import apart
from runtime.saving import storage
from runtime.saving.certificate import NOT_CERTIFIED, Certificate
from runtime.sources import Source, program_source
from runtime.transformer import generation, iterating, rotating, stepping, tokens
from runtime.transformer.engine import Engine
from runtime.view import View
from runtime.weights import Array, Atom, Config, Size, Weights, check, size

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SHOWN_NONZEROS = 50_000
SHOWN_TOKENS = 6
"""What a notebook shows of a model by itself: no page with more weights, and so long an input."""


def no_sources(_: Config) -> Sequence[Source]:
    """Of a model that was loaded: its own program is all that is known."""
    return ()


class Warned(Protocol):
    """Something to look at again; `str()` is the whole message, in the form that errors have."""

    @property
    def message(self) -> str:
        """What there is, a sentence."""

    @property
    def span(self) -> Span | None:
        """Where in the program."""

    @property
    def hint(self) -> str | None:
        """What to do, or what follows."""


def no_advice() -> Sequence[Warned]:
    """Of a model that was loaded: whoever compiled it was warned."""
    return ()


@dataclass(frozen=True, eq=False, repr=False)
class Model:
    """A transformer and everything it needs to answer: call it with a string or a list of tokens.

    `config` and `weights` are the transformer, `certificate` is what has been proved about it. `program` is
    the text of the RASP program that it computes; `sources` finds what else views show of where it came from,
    such as the text that the user wrote, and `spans` where that has each s-op, by number. `advice` finds what
    there is to warn of, which `warnings` holds. Raises ModelError if the weights do not fit the
    configuration; every method that takes an input raises InputError if the model cannot take it.
    """

    config: Config
    weights: Weights = field(repr=False)
    certificate: Certificate = field(default=NOT_CERTIFIED, repr=False)
    program: str = field(default="", repr=False)
    sources: Callable[[Config], Sequence[Source]] = field(default=no_sources, repr=False)
    spans: Mapping[int, Span] = field(default_factory=dict, repr=False)
    advice: Callable[[], Sequence[Warned]] = field(default=no_advice, repr=False)

    def __post_init__(self) -> None:
        check(self.config, self.weights)

    def __repr__(self) -> str:
        return tables.in_short(self.config, self.size, self.certificate.certified, len(self.warnings))

    def __str__(self) -> str:
        facts = tables.facts(self.config, self.size, self.certificate.summary).text()
        return "\n\n".join([facts, *map(str, self.warnings)])

    @cached_property
    def warnings(self) -> tuple[Warned, ...]:
        """What there is to warn of, as `rasp compile` does: a step that takes most of a large model, inputs
        on which the program has no answer (a few are tried when this is first asked for), and what makes no
        sense in a causal model. `print` of a model shows them. Of a model that was loaded: nothing.
        """
        return tuple(self.advice())

    @cached_property
    def engine(self) -> Engine:
        """What runs the weights."""
        return Engine(self.config, self.weights)

    def __call__(self, inputs: object) -> list[Atom]:
        """The answers to `inputs`, a string or a list of tokens: a list with one for each position, of
        strings, bools, ints and, for means and quotients, `Fraction`s (`rasp.show` writes them as people do).
        """
        return self.batch([inputs])[0]

    def batch(self, inputs: Iterable[object]) -> list[list[Atom]]:
        """The answers to many `inputs`, each a string or a list of tokens and answered as on its own."""
        return [Answer(each) for each in self.engine.answers(inputs)]

    def logits(self, inputs: object) -> Array:
        """The logits [n, L] at the positions of `inputs`, one input of n tokens."""
        return self.batch_logits([inputs])[0]

    def batch_logits(self, inputs: Iterable[object]) -> list[Array]:
        """The logits [n, L] of each of many `inputs`, each a string or a list of n tokens."""
        return self.engine.logits(inputs)

    def encode(self, inputs: object) -> list[int]:
        """The n token ids of `inputs`, a string or a list of n tokens: 1 + the place in the vocabulary."""
        return self.engine.encode(inputs)

    def token_id(self, token: object) -> int | None:
        """The id of the `token` that an answer means, None if it is not in the vocabulary."""
        return self.engine.token_id(token)

    def run(self, ids: NDArray[np.int32], lengths: NDArray[np.int32]) -> Array:
        """Logits [B, T - 1, L] for `ids` [B, T] of B inputs, with BOS (0) in front and 0 after each one's
        length, which is in `lengths` [B], BOS not counted; not checked (see `Engine.run`).
        """
        return self.engine.run(ids, lengths)

    def trace(self, inputs: object) -> Trace:
        """Every activation of the forward pass on `inputs`, one input: a string or a list of tokens."""
        return self.batch_trace([inputs])[0]

    def batch_trace(self, inputs: Iterable[object]) -> list[Trace]:
        """A trace of each of many `inputs`, as `trace` gives it: they run together."""
        encoded = self.engine.encoded(inputs)
        return [
            Trace(
                self._said(ids),
                tuple(tokens.decode(self.config.output, activations["logits"])),
                self.config,
                activations,
                self.program,
            )
            for ids, activations in zip(encoded, self.engine.record(encoded), strict=True)
        ]

    def _said(self, encoded: Sequence[int]) -> tuple[Atom, ...]:
        """The tokens of these ids."""
        return tuple(self.config.vocab[index - 1] for index in encoded)

    def generate(self, prompt: object, steps: int, stop: Sequence[Atom] = ()) -> list[Atom]:
        """The next `steps` tokens after `prompt`, a string or a list of tokens; fewer if one of the tokens of
        `stop` comes (it is the last, then).

        Raises InputError if the model is not causal, an output is no token of the vocabulary, or the
        sequence grows longer than the model takes.
        """
        return Answer(self.stream(prompt, steps, stop))

    def stream(self, prompt: object, steps: int, stop: Sequence[Atom] = ()) -> Iterator[Atom]:
        """What `generate` gives (`prompt`, `steps` and `stop` are the same), each token as soon as it is
        known.
        """
        return generation.stream(self.engine, prompt, steps, stop)

    def iterate(
        self,
        inputs: object,
        *,
        max_steps: int = DEFAULT_STEPS,
        halt: Model | None = None,
        each: Callable[[int, tuple[Atom, ...]], None] | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> Run:
        """The model as a step: its answers on `inputs` are its next input, and so on, until nothing changes
        any more, an answer is no token of the vocabulary, `max_steps` steps have been taken, or the model
        `halt`, whose answers are truth values, says true at some position.

        The steps are taken on the device. `each` is called with every state and the steps that led there,
        first with 0 and the input; `progress` now and then with the steps so far. At Ctrl-C, or where one of
        the two raises KeyboardInterrupt, the state so far is given. Raises InputError for an unsuitable
        limit or `halt`.
        """
        other, proved = _engine_of(halt), self._proved_with(halt)
        return iterating.iterate(self.engine, [inputs], other, max_steps, each, progress, proved)[0]

    def iterate_batch(
        self,
        inputs: Iterable[object],
        *,
        max_steps: int = DEFAULT_STEPS,
        halt: Model | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> list[Run]:
        """The runs from many `inputs` on, each as on its own, with an end of its own; `max_steps`, `halt` and
        `progress` are those of `iterate`.
        """
        other, proved = _engine_of(halt), self._proved_with(halt)
        return iterating.iterate(self.engine, inputs, other, max_steps, None, progress, proved)

    def _proved_with(self, halt: Model | None) -> bool:
        """Whether this model is certified, and the one that halts it."""
        return self.certificate.certified and (halt is None or halt.certificate.certified)

    @cached_property
    def loop(self) -> stepping.Loop:
        """What is certain of the model's runs: *closed* if all its answers are tokens, so that it is exact
        for any number of steps; else *guarded*: exact, until a step would give what is no token, and ends the
        run. Of a model that is not certified, nothing is exact, and that is said.
        """
        return stepping.loop(self.config, self.certificate.certified)

    def intervene(self, inputs: object, changes: Change) -> list[Atom]:
        """The answers to `inputs` if some s-ops had other values: `changes` gives them by the name of an s-op
        that the model was compiled to keep: one value for every position, a list with one for each, or a dict
        of values by position, from 0.

        Raises InputError for an s-op that was not kept, a value that it cannot have, or a wrong position.
        """
        return self.batch_intervene([inputs], [changes])[0]

    def batch_intervene(
        self, inputs: Iterable[object], changes: Change | Sequence[Change]
    ) -> list[list[Atom]]:
        """The answers to many `inputs`, each as `intervene` gives it: `changes` are for all of them, or a
        list with those of each. They run together.

        Raises InputError for other `changes`, or not as many as there are inputs.
        """
        encoded = self.engine.encoded(inputs)
        answers = intervention.intervene(self.config, self.weights, encoded, changes)
        return [Answer(each) for each in answers]

    def circuit(self) -> nx.MultiDiGraph:
        """The true circuit, read off the weights (`runtime.inspection.circuit`), every column on its own."""
        return circuit.circuit(self.apart.config, self.apart.weights)

    def connections(self) -> nx.DiGraph:
        """Between every two parts of the model: whether the first carries anything to the second."""
        return circuit.connections(self.apart.config, self.apart.weights)

    def view(self, inputs: object, title: str = "", states: Sequence[object] = (), ending: str = "") -> View:
        """A page on which the model can be watched at work on `inputs`, a string or a list of tokens, which
        can be changed there. `title` stands above it. Notebooks show it; `View.save` writes it to a file.

        `states` are those of a run, each as an input, of which `inputs` is the first: the page plays them.
        `ending` is what it says at the last one.
        """
        return view.view(self.view_data(inputs, title, states, ending))

    def view_data(
        self, inputs: object, title: str = "", states: Sequence[object] = (), ending: str = ""
    ) -> dict[str, Any]:
        """What the page of `view` shows of the model on `inputs` under `title`, as JSON; with `states` and
        `ending` also of a run.
        """
        if not isinstance(title, str):
            raise InputError(f"a title is a string, not {shown(title)}")
        encoded = self.encode(inputs)
        compiled = program_source(self.program, self.config)
        texts = [*self.sources(self.config), compiled]
        run = view.shown_run(encoded, self.engine.encoded(states), ending) if states else None
        said, certified = self._said(encoded), self.certificate.certified
        return view.page_data(self.config, self.weights, said, texts, title, certified, run, self.program)

    def plot(self, inputs: object) -> Figure:
        """Attention and residual columns on `inputs`, a string or a list of tokens, as a matplotlib figure.

        Raises RaspError without the extra `plot`.
        """
        config, weights = self.apart.config, self.apart.weights
        said = {each.name: told(config, weights, number) for number, each in enumerate(config.columns)}
        return plot.plot(self.trace(inputs), said)

    def _repr_html_(self) -> str | None:
        """What notebooks show: the page on a small input, unless it would be large, below the warnings."""
        if self.size.nonzeros > SHOWN_NONZEROS:
            return None
        some = [*self.config.vocab, *self.config.vocab][: min(self.config.max_length, SHOWN_TOKENS)]
        warnings = "".join(f"<pre>{html.escape(str(warning))}</pre>" for warning in self.warnings)
        return warnings + self.view(some)._repr_html_()

    @cached_property
    def apart(self) -> Model:
        """The same model with a place of its own for every column (see `runtime.places`), to look at or to
        export. Raises ModelError if columns share places in a way that cannot be undone.
        """
        if not self.config.places:
            return self
        config, weights = apart(self.config, self.weights)
        return replace(self, config=config, weights=weights)

    def rotate(self, seed: int) -> Model:
        """The same function in another basis of the residual stream, a random one drawn with `seed`: every
        direction mixes all columns, and no part can be read off single numbers. For soft models.

        Raises InputError for an exact model, or a seed that is no whole number from 0 on.
        """
        config, weights = rotating.rotated(self.config, self.weights, seed)
        return Model(config, weights, self.certificate, self.program, advice=self.advice)

    @property
    def size(self) -> Size:
        """How many layers, heads, columns and entries the model has."""
        return size(self.weights)

    def costs(self) -> Costs:
        """Where parameters, neurons and columns go, s-op by s-op, with the lines of the text that the user
        wrote (of a model that was loaded: of its own program).
        """
        lines = {number: span.line for number, span in self.spans.items()}
        lines = lines or costs.lines_of_statements(self.program, self.config)
        return costs.costs(self.config, self.weights, lines)

    def running(self, length: int | None = None, batch: int = 1) -> Running:
        """What a pass over `batch` sequences of `length` tokens (without: the longest) takes: operations,
        bytes, and operations for each byte (`runtime.inspection.running`).

        Raises InputError for what is no length of an input, or no number of sequences.
        """
        longest = self.config.max_length
        if length is not None and not (isinstance(length, int) and 1 <= length <= longest):
            raise InputError(f"the model takes 1 to {longest:,} tokens, not {shown(length)}")
        return running(self.weights, longest if length is None else length, batch)

    def save(self, folder: str | Path) -> None:
        """Write the model to `folder`, at once or not at all, replacing the model that is there.

        Raises ModelError if the folder cannot be written or holds something that is not a model.
        """
        storage.save(folder, self.config, self.weights, self.certificate, self.program)


def _engine_of(halt: object) -> Engine | None:
    """The engine of a model that halts runs. Raises InputError for what is no model."""
    if halt is not None and not isinstance(halt, Model):
        raise InputError("what halts a run of a model is a model, too: compile the s-op `halt`")
    return None if halt is None else halt.engine


def load(folder: str | Path, max_bytes: int = storage.MAX_BYTES) -> Model:
    """The model saved in `folder`. Runs no code from it and reads at most `max_bytes` of weights.

    Raises ModelError if it is missing, damaged or inconsistent.
    """
    return Model(*storage.load(folder, max_bytes))
