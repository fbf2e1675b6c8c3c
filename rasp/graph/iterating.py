"""A program as a step: its answers are its next input, and so on, until something ends it.

Nothing but tokens goes from one step to the next, so a run is right if each of its steps is. Before every
step `halt` is asked, and then the limit; a step that changes nothing is a fixpoint, and is not counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from rasp import interrupts
from rasp.errors import EvaluationError, InputError
from rasp.graph.atoms import shown, to_atom
from rasp.graph.sops import SOp
from rasp.graph.values import input_sequence
from rasp.runs import DEFAULT_STEPS, HALT_HINT, Reason, Run, check_steps
from rasp.words import Atom

State = tuple[Atom, ...]

Each = Callable[[int, State], None]
"""Is called with every state, and with how many steps led there."""

Outside = tuple[int, Atom]
"""A position, and what it holds that is no token."""


class Vocabulary:
    """The tokens of states. Values mean tokens that are equal, as models do not tell 1 from 1.0 and True.
    Without tokens, every value is one.
    """

    def __init__(self, vocab: Iterable[object] | None) -> None:
        if vocab is not None and not isinstance(vocab, Iterable):
            raise InputError(f"a vocabulary is a list of tokens, not {shown(vocab)}")
        self.tokens = None if vocab is None else tuple(map(to_atom, vocab))
        self._equal = {token: token for token in reversed(self.tokens or ())}

    def token(self, value: Atom) -> Atom | None:
        """The token that a value means, None if it means none."""
        return value if self.tokens is None else self._equal.get(value)

    def state(self, values: Sequence[Atom]) -> tuple[State, Outside | None]:
        """The values as tokens, up to the first that is none; and that one, if there is one."""
        found: list[Atom] = []
        for position, value in enumerate(values):
            token = self.token(value)
            if token is None:
                return tuple(found), (position, value)
            found.append(token)
        return tuple(found), None


def iterate(
    step: SOp,
    inputs: object,
    *,
    vocab: Iterable[Atom] | None = None,
    max_steps: int = DEFAULT_STEPS,
    halt: SOp | None = None,
    causal: bool = False,
    each: Each | None = None,
) -> Run:
    """The run of `step` from an input on: see `SOp.iterate`."""
    limit = check_steps(max_steps)
    if halt is not None and not isinstance(halt, SOp):
        raise InputError(f"what halts a run is an s-op of truth values, not {shown(halt)}")
    vocabulary = Vocabulary(vocab)
    state = first_state(vocabulary, inputs)
    taken = 0
    with interrupts.noted() as stopped:
        while True:
            try:
                if each is not None:
                    each(taken, state)
                ended, outside, following = next_state(step, state, vocabulary, halt, taken < limit, causal)
            except KeyboardInterrupt:
                ended = "stopped"
            except EvaluationError as error:
                error.message += f", in step {taken + 1:,}"
                raise
            if ended is None and stopped():
                ended = "stopped"
            if ended is not None:
                return Run(state, taken, ended, outside if ended == "left" else None)
            state = following
            taken += 1


def first_state(vocabulary: Vocabulary, inputs: object) -> State:
    """An input as the state that a run begins with. Raises InputError if it holds what is no token."""
    state, outside = vocabulary.state(input_sequence(inputs))
    if outside is not None:
        position, value = outside
        raise InputError(f"position {position} holds {shown(value)}, which is not in the vocabulary")
    return state


def next_state(
    step: SOp, state: State, vocabulary: Vocabulary, halt: SOp | None, goes_on: bool, causal: bool
) -> tuple[Reason | None, Outside | None, State]:
    """Why a run ends at a state, if it does; what of the next state is no token; and that state."""
    if halt is not None and halts(halt, state, causal):
        return "halt", None, state
    if not goes_on:
        return "limit", None, state
    following, outside = vocabulary.state(step(list(state), causal=causal))
    if outside is not None:
        return "left", outside, state
    return ("fixpoint" if same(following, state) else None), None, following


def halts(halt: SOp, state: State, causal: bool) -> bool:
    """Whether `halt` is true somewhere. Raises InputError where it holds what is no truth value."""
    said = halt(list(state), causal=causal)
    for position, value in enumerate(said):
        if not isinstance(value, bool):
            raise InputError(
                f"what halts a run must be an s-op of truth values; position {position} holds {shown(value)}",
                span=halt.user_span,
                hint=HALT_HINT,
            )
    return True in said


def same(left: State, right: State) -> bool:
    """Whether two states are one: where no vocabulary says so, 1 is not True."""
    return [*map(_typed, left)] == [*map(_typed, right)]


def _typed(value: Atom) -> tuple[type, Atom]:
    return type(value), value
