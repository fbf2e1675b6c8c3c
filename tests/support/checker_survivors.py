"""Faults in the code of the checker that cannot change what it says, and those that nothing shows as yet."""

from __future__ import annotations

from collections.abc import Mapping

HASH = "a number for a combination of values: another one tells them apart as well"
WORK = "a limit of work, which is reached exactly or not at all"
BLOCKS = "how much is worked out at a time"
TWICE = "what is known is worked out again"
READ_BEFORE = "the same weights have been read as of the right sublayer before"
GUESS = "the factors are a guess, and what they leave over is looked at afterwards"
NOTHING = "what is asked about is 0 there, and adds nothing"
GRID = "all numbers are multiples of a power of two that is far larger than what this changes"
SOUGHT = "no bound is sought further than is enough; where it is, any is right"
CAP = "a cap on an exponent that only keeps a power of two finite"

EQUIVALENT: Mapping[str, str] = {
    f"rechecking.{place}": reason
    for place, reason in {
        "points:_applied:number:2": HASH,
        "points:_applied:number:3": HASH,
        "points:_applied:arithmetic:4": HASH,
        "points:_found_from:compare:2": WORK,
        "points:__init__:compare:1": WORK,
        "points:which:logic:1": TWICE,
        "points:_prepare:logic:1": TWICE,
        "neurons:_check_hidden:number:8": BLOCKS,
        "neurons:_check_hidden:number:9": BLOCKS,
        "neurons:_evaluate:arithmetic:11": WORK,
        "neurons:_evaluate:dropped check:1": WORK,
        "neurons:_check_gate:number:2": CAP,
        "neurons:_check_gate:arithmetic:1": READ_BEFORE,
        "attention:_selection:number:5": CAP,
        "attention:_part_margin:arithmetic:1": READ_BEFORE,
        "attention:_part_margin:arithmetic:2": READ_BEFORE,
        "attention:_least_margin:arithmetic:1": READ_BEFORE,
        "attention:_scores:compare:3": NOTHING,
        "branches:_multiples:number:13": "equations are solved for one more right side, which nothing reads",
        "branches:largest_error:number:1": SOUGHT,
        "branches:largest_error:sign:2": SOUGHT,
        "branches:largest_error:sign:9": SOUGHT,
        "branches:largest_error:number:2": GRID,
        "branches:within:compare:1": GRID,
        "branches:within:compare:3": GRID,
        "stream:_held:number:1": "of columns that are none nothing is read",
        "stream:_held:number:2": "zeros, of which only the largest is asked for",
        "stream:_solve:arithmetic:2": GUESS,
        "stream:lowest_bit:number:2": "the logarithm of 1 is the 0 that stands there already",
        "ends:check_output:number:1": "no column is written later: `runtime.weights.check`",
        "ends:_check_number:number:2": "one or two above the limit: above it",
    }.items()
}
"""No verdict depends on these: they are not planted."""

SURVIVORS: Mapping[str, str] = {}
"""These are, and nothing shows them."""
