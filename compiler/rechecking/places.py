"""Shared places re-checked: what is cleared is an integer that the neuron can take away exactly.

That the neurons are there, and that nothing else touches a place at the wrong time, is known by then:
`runtime.places.apart` gives back the very weights when its result is put together again.
"""

from __future__ import annotations

from compiler.rechecking.report import Unproved
from compiler.rechecking.stream import Stream
from runtime.places import LARGEST, changes
from runtime.weights import Config


def check_places(stream: Stream, config: Config) -> None:
    """Every column that gives up its place, in the model as it is stored."""
    for change in changes(config):
        held = stream.owner[change.old]
        assert held is not None
        at_bos = float(stream.bos[change.old])
        uncertain = not held.whole or stream.lost[change.old]
        if uncertain or at_bos != round(at_bos) or max(held.bound, abs(at_bos)) >= LARGEST:
            raise Unproved(f"{stream.name(change.old)} cannot be cleared exactly")
        if float(stream.weights.token_embedding[0, change.new]) not in (0.0, -stream.snap):
            raise Unproved(f"the place of {stream.name(change.new)} is not cleared")
