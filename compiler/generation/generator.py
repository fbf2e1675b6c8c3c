"""Generation by meaning: the tokens that a causal model generates, found without its weights.

A certified model computes its program on every input on which that has an answer. So each of its heads is
served by a structure that fits what it does: a token costs about as much after 10,000 others as after ten.
Where the program has no answer, the weights go on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from compiler.certificate.claims import numbered
from compiler.certificate.claims_json import from_data
from compiler.generation.comparison import Compared, compare
from compiler.generation.meaning import Meaning
from compiler.generation.prefixes import Unanswered
from compiler.rechecking.proof import asked_for, rebuilt
from compiler.rechecking.report import Unproved
from compiler.rechecking.stream import Stream
from compiler.values.inference import Domains
from rasp.errors import InputError, ModelError
from rasp.graph.atoms import Answer, shown
from rasp.words import Atom
from runtime.model import Model
from runtime.transformer import generation
from runtime.transformer.engine import Engine


class ByMeaning:
    """A causal model that generates by the meaning of its columns: `generate` and `stream` give what those of
    `model` give, at a cost that does not grow with the sequence. See `by_meaning`.
    """

    def __init__(self, model: Model) -> None:
        if not isinstance(model, Model):
            raise InputError(f"what generates is a model, not {shown(model)}")
        if not model.config.causal:
            raise InputError("only a causal model can generate", hint="compile the program with causal=True")
        if not (model.certificate.certified and model.certificate.claims):
            raise InputError("only a model that is certified is known to compute its program")
        self.model = model
        claims = from_data(model.certificate.claims)
        asked = asked_for(model.config, claims.optimize)
        _, self._root, _, self._claimed = rebuilt(claims, asked)
        self._domains = Domains(self._root, asked)
        self._claims = claims

    def __repr__(self) -> str:
        return f"<{self.model!r}, by meaning>"

    def generate(
        self, prompt: object, steps: int, stop: Sequence[Atom] = (), check: bool = False
    ) -> list[Atom]:
        """The next `steps` tokens after `prompt`, up to one of `stop`, as `Model.generate` gives them.
        `check`: see `stream`.
        """
        return Answer(self.stream(prompt, steps, stop, check))

    def stream(
        self, prompt: object, steps: int, stop: Sequence[Atom] = (), check: bool = False
    ) -> Iterator[Atom]:
        """What `generate` gives after `prompt`, each token as soon as it is known; `steps` and `stop` are the
        same. `check`: at the end the weights compute everything, too, and every column is compared.

        Raises ModelError where one differs, and InputError for what `Model.generate` does not take.
        """
        made = generation.stream(self.model.engine, prompt, steps, stop, lambda _, ids: self.begin(ids))
        return self._checked(prompt, made) if check else made

    def compare(self, inputs: object) -> Compared:
        """Every column at every position of `inputs`, a string or a list of tokens, and the answers: by
        meaning, and by the weights.
        """
        ids = self.model.encode(inputs)
        apart = self.model.apart
        try:
            stream = Stream(apart.config, apart.weights, self._claimed, numbered(self._root), self._claims)
        except Unproved as problem:
            raise ModelError(f"the columns cannot be compared: {problem}") from None
        given = [self.model.config.vocab[index - 1] for index in ids]
        return compare(self.model, stream, self.begun(every=True), given)

    def begun(self, every: bool = False) -> Meaning:
        """The program's s-ops before the first token; `every`: also those that tables skip."""
        return Meaning(self._root, self._domains, every)

    def begin(self, ids: Sequence[int]) -> Meant:
        """The sequence of these token `ids`, which can be made longer."""
        return Meant(self.model.engine, ids, self.begun())

    def _checked(self, prompt: object, made: Iterator[Atom]) -> Iterator[Atom]:
        said = [self.model.config.vocab[index - 1] for index in self.model.encode(prompt)]
        for token in made:
            said.append(token)
            yield token
        found = self.compare(said)
        if not found.ok:
            raise ModelError(str(found.differences[0]))


class Meant:
    """A sequence in the making, by meaning as long as the program has answers."""

    def __init__(self, engine: Engine, ids: Sequence[int], meaning: Meaning) -> None:
        self.engine, self.meaning = engine, meaning
        self.ids: list[int] = []
        self.by_weights: generation.Continuation | None = None
        self.said: Atom = 0
        for number, token in enumerate(ids):
            if not self._take(token):
                self._give_up([*ids[number + 1 :]])
                break

    def answer(self) -> Atom:
        """What the model answers at the last position."""
        return self.said if self.by_weights is None else self.by_weights.answer()

    def append(self, token: int) -> None:
        """Go one token further; InputError if the model's length is used up."""
        if self.by_weights is not None:
            self.by_weights.append(token)
            return
        generation.check_room(self.engine, len(self.ids))
        if not self._take(token):
            self._give_up([])

    def _take(self, token: int) -> bool:
        """One token by meaning; whether the program has an answer."""
        self.ids.append(token)
        try:
            self.said = self.meaning.append(token)
        except Unanswered:
            return False
        return True

    def _give_up(self, rest: Sequence[int]) -> None:
        """From here on by the weights."""
        self.by_weights = generation.Continuation(self.engine, [*self.ids, *rest])


def by_meaning(model: Model) -> ByMeaning:
    """The causal, certified `model` as one that generates by the meaning of its columns: each head is served
    by a structure that fits what it does, and a token costs about as much after 10,000 others as after ten.

    What it generates is what the model generates. Raises InputError for a model that is not causal, or of
    which nothing is proved.
    """
    return ByMeaning(model)
