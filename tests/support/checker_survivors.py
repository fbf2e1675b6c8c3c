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
NEVER = "it is never just that"
SHIFTED = "the same, up to how it is numbered"
ONE = "there is one value only, first and last"
SELECTOR = "of a count only the selector is looked at"
ANY_MULTIPLE = "of what is 0 at every position any multiple may be added"
CAP = "a cap on an exponent that only keeps a power of two finite"

LOOSER = "a bound that is only looser, or a need that is only larger, where no model tried comes near"
NEARLY = "a bound that is nearly the same, and no model tried lies between"
LEAST = "the least of what an order reads always has BOS far below it in the models tried"
CONST = "no model tried has a gate over an s-op that has turned out to have one value only"
SEARCH = "multiples of bounds that are sought worse prove less, and no gate tried needs the better ones"
OTHER = "no forgery tried comes as far as this, or needs it to be refused"
LISTED = "no model tried has too many values to list there"
PATH = "what this would find is found in another way in all models tried"
SAME = "what is read there is 0 in all models tried"

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
        "neurons:_evaluate:arithmetic:17": WORK,
        "neurons:_evaluate:dropped check:1": WORK,
        "neurons:_check_gate:number:2": CAP,
        "neurons:_check_gate:arithmetic:1": READ_BEFORE,
        "attention:_selection:number:4": CAP,
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
        "attention:_value:number:10": CAP,
        "stream:read:number:6": CAP,
        "branches:largest_error:compare:1": WORK,
        "branches:largest_error:number:5": SOUGHT,
        "branches:_corners:compare:1": "two rows are the two ends of the line on which they lie",
        "neurons:_unit:number:3": CAP,
        "literals:literal_margin:number:1": READ_BEFORE,
        "literals:_truth:number:1": "a string and a number, whichever",
        "branches:_corners:number:1": "three rows on one line are all looked at",
        "ends:check_output:number:2": "no column is written later: `runtime.weights.check`",
        "ends:check_output:number:1": "no column is written later: `runtime.weights.check`",
        "branches:_multiples:compare:3": "no determinant of numbers of few bits is just that",
        "branches:_multiples:compare:4": "with a multiple of 0 a bound is left out, which is tried by itself",
        "branches:largest_error:number:3": SOUGHT,
        "literals:literal_margin:number:10": BLOCKS,
        "literals:literal_margin:number:11": BLOCKS,
        "neurons:_axes:number:2": "an axis of a form and 1 is that of the form",
        "neurons:_check_gate:number:1": READ_BEFORE,
        "neurons:_unit:number:4": "the other number is no larger than 60 either",
        "points:_summed:compare:3": WORK,
        "points:form_axis:number:1": "there are s-ops in a form, and equal sums of them are one",
        "points:form_axis:number:3": WORK,
        "stream:_solve:compare:2": GUESS,
        "stream:lowest_bit:compare:1": "what is made of 0 is not looked at",
        "stream:lowest_bit:number:3": "a mantissa that is not 0 is at least 2^52 here",
        "branches:largest_error:compare:2": GRID,
        "branches:largest_error:sign:4": SOUGHT,
        "neurons:_evaluate:compare:2": WORK,
        "neurons:_unit:number:2": CAP,
        "ends:_check_number:number:2": "one or two above the limit: above it",
        "derivation.equations:_is_count_of:number:1": SELECTOR,
        "derivation.equations:_is_quotient:number:5": SELECTOR,
        "derivation.equations:questions:compare:2": "0 and False are equal",
        "derivation.inputs:__init__:compare:1": WORK,
        "derivation.inputs:__init__:number:4": WORK,
        "derivation.keys:_of_sum:number:2": "only the sign counts",
        "derivation.keys:_shown:number:1": WORK,
        "derivation.orders:__init__:compare:3": WORK,
        "derivation.pointwise:grid_of:compare:1": WORK,
        "derivation.values:_by_positions:compare:1": WORK,
        "claimed:sums:number:1": "all are 0, and so are multiples of anything",
        "derivation.containment:order:compare:2": NEVER,
        "derivation.containment:__init__:compare:1": WORK,
        "derivation.equations:_asks_for_none:number:1": SELECTOR,
        "derivation.equations:_mean_by_whole_numbers:number:1": SELECTOR,
        "derivation.found:_computed:number:2": "numbers larger than 1 are looked for",
        "derivation.found:_is_number:compare:2": NEVER,
        "derivation.found:_is_number:number:1": "no length tells these two limits apart",
        "derivation.found:_looked_up:number:2": "one more place, which nothing reads",
        "derivation.found:_order_here:compare:2": NEVER,
        "derivation.keys:_between:number:1": "three values order three things in all ways",
        "derivation.keys:_limits:compare:5": "no s-op is added up 0 times",
        "derivation.keys:_of_sum:compare:3": "no s-op is added up 0 times",
        "derivation.keys:_of_sum:number:3": "only the sign counts",
        "derivation.orders:__init__:arithmetic:4": SHIFTED,
        "derivation.orders:__init__:compare:2": WORK,
        "derivation.orders:__init__:compare:5": "what is noted first is replaced where there are levels",
        "derivation.pointwise:__init__:compare:6": "no product of twos and threes is just that",
        "derivation.pointwise:__init__:compare:7": WORK,
        "derivation.pointwise:__init__:number:1": "each size is replaced",
        "derivation.pointwise:__init__:number:3": "what has no value is not looked at",
        "derivation.pointwise:__init__:number:7": "a dimension of length 1 tells nothing",
        "derivation.pointwise:applied:arithmetic:3": HASH,
        "derivation.pointwise:applied:arithmetic:4": HASH,
        "derivation.pointwise:applied:number:1": HASH,
        "derivation.pointwise:applied:number:2": HASH,
        "derivation.pointwise:held:number:4": "the last row is padded anyway",
        "derivation.pointwise:held:number:6": "the last column is padded anyway",
        "derivation.pointwise:positions:number:3": "both sides are one there",
        "derivation.tallies:_nothing_by_orders:arithmetic:2": "0 is 0 with any sign",
        "derivation.unbeaten:are_unbeaten:compare:1": NEVER,
        "derivation.values:_as_fractions:number:3": ONE,
        "derivation.values:_as_fractions:number:6": ONE,
        "derivation.values:_by_one:compare:4": WORK,
        "derivation.values:_adds_up:compare:3": WORK,
        "derivation.values:_by_positions:number:1": "no token is looked at there",
        "derivation.values:_times:compare:2": NEVER,
        "derivation.values:_as_sums:compare:3": WORK,
        "derivation.tallies:_added:number:1": WORK,
        "derivation.values:_at_positions:number:1": "counts and indices have a value everywhere",
        "derivation.pointwise:__init__:number:4": "a dimension of length 1 tells nothing",
        "derivation.values:_by_one:sign:1": "all are tried, in whatever order",
        "derivation.inputs:__init__:number:1": WORK,
        "derivation.inputs:__init__:number:2": "inputs of more than 12 are never few",
        "derivation.inputs:tells:compare:3": WORK,
        "derivation.telling:_asked:arithmetic:2": "the halves between the ends are the same",
        "derivation.telling:_asked:number:12": "what lies beyond the ends is left out",
        "derivation.telling:_asked:number:14": "what lies beyond the ends is left out",
        "derivation.telling:_between:compare:1": "the ends are there anyway",
        "derivation.known:bits:number:1": "strings are refused before the bits of numbers are counted",
    }.items()
}
"""No verdict depends on these: they are not planted."""

SURVIVORS: Mapping[str, str] = {
    f"rechecking.{place}": reason
    for place, reason in {
        "attention:_scores:number:3": NEARLY,
        "attention:_selection:arithmetic:9": LEAST,
        "attention:_value:arithmetic:5": NEARLY,
        "attention:_value:compare:14": NEARLY,
        "attention:_value:compare:8": NEARLY,
        "attention:_value:dropped check:4": OTHER,
        "attention:_value:logic:4": OTHER,
        "branches:__init__:compare:2": SEARCH,
        "branches:__init__:dropped check:1": "the same is said where the subject is added",
        "branches:_corners:arithmetic:2": SEARCH,
        "branches:_corners:arithmetic:3": SEARCH,
        "branches:_corners:number:2": SEARCH,
        "branches:_corners:number:4": SEARCH,
        "branches:_sum:dropped check:1": OTHER,
        "claimed:_ends:arithmetic:1": LOOSER,
        "derivation.keys:_holds:logic:1": PATH,
        "derivation.keys:_made_of:logic:3": PATH,
        "derivation.keys:_sum:sign:1": PATH,
        "derivation.pointwise:__init__:dropped check:2": PATH,
        "derivation.values:_by_one:arithmetic:1": "a limit of work: what is tried beyond it is right as well",
        "derivation.tallies:always_the_same:number:5": ANY_MULTIPLE,
        "derivation.tallies:always_the_same:number:6": ANY_MULTIPLE,
        "ends:_check_number:compare:3": "no output tried is wrong only where it is least",
        "literals:literal_margin:dropped check:1": LISTED,
        "neurons:_check_columns:compare:3": NEARLY,
        "neurons:_check_gate:arithmetic:4": SAME,
        "neurons:_check_gate:dropped check:1": OTHER,
        "neurons:_check_gate:logic:1": OTHER,
        "neurons:_check_gate:sign:3": CONST,
        "neurons:_check_gate:truth:1": CONST,
        "neurons:_check_gate:truth:2": CONST,
        "neurons:_check_hidden:dropped check:2": OTHER,
        "neurons:_update_bos:arithmetic:7": NEARLY,
        "neurons:_update_bos:number:3": LOOSER,
        "points:form_axis:dropped check:2": OTHER,
        "stream:_explain:compare:9": NEARLY,
        "stream:_explain:dropped check:1": OTHER,
        "stream:_shares:compare:2": PATH,
        "stream:along:compare:7": OTHER,
        "stream:along:dropped check:1": OTHER,
        "stream:read:compare:4": NEARLY,
    }.items()
}
"""These are, and nothing shows them: left of three samples of 300, each with what seems to be why."""
