"""What every library program should answer, said independently in Python, and the settings it is tried at."""

from __future__ import annotations

import itertools
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from importlib import resources

from rasp.words import Atom
from tests.support import program_oracles as oracles
from tests.support.machines import wrapped
from tests.support.program_oracles import Tokens, comparable, number

Oracle = Callable[[Tokens], Sequence[Atom]]
Sampler = Callable[[random.Random, "Setting"], Tokens]


@dataclass(frozen=True)
class Setting:
    """A vocabulary and a maximum length."""

    vocab: tuple[Atom, ...]
    max_length: int

    def inputs(self) -> Iterator[Tokens]:
        """Every input there is."""
        for length in range(1, self.max_length + 1):
            for tokens in itertools.product(self.vocab, repeat=length):
                yield list(tokens)

    def count(self) -> int:
        """How many inputs there are."""
        return sum(len(self.vocab) ** length for length in range(1, self.max_length + 1))


@dataclass(frozen=True)
class Case:
    """A program, its oracle, a setting small enough to try every input, and a large one.

    The oracle speaks about `valid` inputs only; the sampler gives such. `closed`: no tokens but those of the
    large setting mean anything to the program.
    """

    name: str
    oracle: Oracle
    small: Setting
    large: Setting
    sample: Sampler
    causal: bool = False
    valid: Callable[[Tokens], bool] = lambda tokens: True
    closed: bool = False


def some_length(rng: random.Random, setting: Setting) -> int:
    """1 and the maximum come up often."""
    return rng.choice([1, setting.max_length, rng.randint(1, setting.max_length)])


def any_tokens(rng: random.Random, setting: Setting) -> Tokens:
    """Uniform tokens from all of the vocabulary, or from few of it so that tokens repeat."""
    few = rng.sample(setting.vocab, rng.randint(1, len(setting.vocab)))
    return rng.choices(few, k=some_length(rng, setting))


def distinct_tokens(rng: random.Random, setting: Setting) -> Tokens:
    """No token twice."""
    return rng.sample(setting.vocab, min(some_length(rng, setting), len(setting.vocab)))


def mirrored_tokens(rng: random.Random, setting: Setting) -> Tokens:
    """A palindrome, or one with a token replaced."""
    length = some_length(rng, setting)
    half = rng.choices(setting.vocab, k=(length + 1) // 2)
    tokens = half + half[: length // 2][::-1]
    if rng.random() < 0.5:
        tokens[rng.randrange(length)] = rng.choice(setting.vocab)
    return tokens


def mostly_balanced(rng: random.Random, setting: Setting) -> Tokens:
    """Brackets that match for the most part: what is open is closed correctly nine times out of ten."""
    pairs = [pair for pair in ("()", "[]") if pair[0] in setting.vocab]
    open_pairs: list[str] = []
    tokens: Tokens = []
    for _ in range(some_length(rng, setting)):
        if rng.random() < 0.08:
            tokens.append(rng.choice(setting.vocab))
        elif open_pairs and rng.random() < 0.5:
            tokens.append(open_pairs.pop()[1])
        else:
            open_pairs.append(rng.choice(pairs))
            tokens.append(open_pairs[-1][0])
    return tokens


def a_sum(rng: random.Random, setting: Setting) -> Tokens:
    """Two numbers and a "+" between them; half of the time with many columns that add up to 9."""
    length = max(3, some_length(rng, setting))
    left = rng.randint(1, length - 2)
    right = length - 1 - left
    first = [rng.randint(0, 9) for _ in range(left)]
    second = [rng.randint(0, 9) for _ in range(right)]
    if rng.random() < 0.5:
        for back in range(1, min(left, right) + 1):
            second[-back] = 9 - first[-back] if rng.random() < 0.8 else second[-back]
    return [*map(str, first), "+", *map(str, second)]


def a_reversal(rng: random.Random, setting: Setting) -> Tokens:
    """Letters, the sign "$" and a part of what should follow."""
    letters = [token for token in setting.vocab if token != "$"]
    word = rng.choices(letters, k=rng.randint(0, (setting.max_length - 1) // 2))
    whole = [*word, "$", *word[::-1]]
    return whole[: rng.randint(1, len(whole))]


def an_addition_prompt(rng: random.Random, setting: Setting) -> Tokens:
    """Two numbers of equal width, "=", and a part of what should follow."""
    width = rng.randint(1, (setting.max_length - 3) // 3)
    first, second = (rng.randint(0, 10**width - 1) for _ in range(2))
    digits = str(first + second).rjust(width + 1, "0")[::-1]
    whole = [*f"{first:0{width}}+{second:0{width}}={digits}$"]
    return list(whole[: rng.randint(1, min(len(whole), setting.max_length))])


def everywhere(answer: Callable[[Tokens], Atom]) -> Oracle:
    """The same answer at every position."""
    return lambda tokens: [answer(tokens)] * len(tokens)


def each_prefix(answer: Callable[[Tokens], Atom]) -> Oracle:
    """At each position, the answer for the input up to there."""
    return lambda tokens: [answer(tokens[: end + 1]) for end in range(len(tokens))]


def each_token(answer: Callable[[Atom, Tokens], Atom]) -> Oracle:
    """At each position, the answer for its token within the input."""
    return lambda tokens: [answer(token, tokens) for token in tokens]


def by_frequency(tokens: Tokens) -> Tokens:
    counts = Counter(tokens)
    return sorted(tokens, key=lambda token: -counts[token])


def most_frequent(tokens: Tokens) -> Tokens:
    distinct = [token for token, _ in Counter(tokens).most_common()]
    return distinct + ["_"] * (len(tokens) - len(distinct))


def ptf(prefix: Tokens) -> Atom:
    """T, P or F by a stack of what has to be closed, in both kinds of brackets."""
    closers = {"(": ")", "[": "]"}
    expected: list[str] = []
    for token in prefix:
        if token in closers:
            expected.append(closers[str(token)])
        elif token in closers.values() and (not expected or expected.pop() != token):
            return "F"
    return "P" if expected else "T"


def ptf_of_one_kind(prefix: Tokens) -> Atom:
    return ptf([token for token in prefix if token in ("(", ")")])


def shuffle_balanced(tokens: Tokens) -> bool:
    kinds = [[token for token in tokens if str(token) in pair] for pair in ("()", "[]")]
    return all(ptf(kind) == "T" and "F" not in map(ptf, prefixes(kind)) for kind in kinds)


def prefixes(tokens: Tokens) -> list[Tokens]:
    return [tokens[:end] for end in range(len(tokens) + 1)]


def added(tokens: Tokens) -> Sequence[Atom]:
    first, second = "".join(map(str, tokens)).split("+")
    return [int(digit) for digit in str(int(first) + int(second)).rjust(len(tokens), "0")]


def next_letter(token: Atom, _: Tokens) -> Atom:
    return chr((ord(str(token)) - ord("a") + 1) % 26 + ord("a"))


def window(tokens: Tokens) -> Sequence[Atom]:
    return [sum(map(number, tokens[max(0, end - 3) : end])) for end in range(1, len(tokens) + 1)]


def after_dollar(prefix: Tokens) -> Atom:
    if "$" not in prefix:
        return "$"
    place = prefix.index("$")
    source = 2 * place - len(prefix)
    return prefix[source] if source >= 0 else "$"


def next_digit(prefix: Tokens) -> Atom:
    text = "".join(map(str, prefix))
    if "=" not in text:
        return "$"
    numbers, written = text.split("=")
    first, second = numbers.split("+")
    digits = str(int(first) + int(second)).rjust(len(first) + 1, "0")[::-1]
    return digits[len(written)] if len(written) < len(digits) else "$"


def after_last_copy(prefix: Tokens) -> Atom:
    for place in range(len(prefix) - 2, -1, -1):
        if prefix[place] == prefix[-1]:
            return prefix[place + 1]
    return "_"


def next_of_trace(prefix: Tokens) -> Atom:
    """What follows in the trace of a run of SUBLEQ, which begins after the words of memory."""
    first = number(prefix[0]) + 1
    at = len(prefix) - 1
    if prefix[-1] == 512:
        return 512
    phase = (at - first) % 5 if at >= first else 5
    memory: dict[Atom, Atom] = {}
    for place, word in enumerate(prefix):
        if place < first:
            memory[place + 1] = word
        elif (place - first) % 5 == 4:
            memory[prefix[place - 2] if place > 1 else 0] = word
    counter, _, b, subtracted, written = [0, 0, 0, 0, 0, *prefix][-5:]
    match phase:
        case 0:
            return memory.get(prefix[-1], 0)
        case 1:
            return memory.get(number(prefix[-2] if at else 0) + 1, 0)
        case 3:
            word, to = number(prefix[-1]), subtracted
            return word if to == -1 else wrapped(number(memory.get(to, 0)) - word, 10)
        case 4:
            jumps = number(written) <= 0 and b != -1
            after = number(memory.get(number(counter) + 2, 0)) if jumps else wrapped(number(counter) + 3, 10)
            return 512 if after < 0 else after
    return memory.get(prefix[-2] if at else 0, 0)


def a_trace(rng: random.Random, setting: Setting) -> Tokens:
    """Words of memory, and then a part of the trace of a run on them."""
    words = rng.randint(1, setting.max_length - 2)
    few = [word for word in setting.vocab if -2 <= number(word) <= words + 2]
    tokens = [words, *rng.choices(few, k=words + 1)]
    while len(tokens) < setting.max_length and next_of_trace(tokens) in setting.vocab and rng.random() < 0.95:
        tokens.append(next_of_trace(tokens))
    return tokens


def closing_bracket(prefix: Tokens) -> Atom:
    closers = {"(": ")", "[": "]"}
    expected: list[str] = []
    for token in prefix:
        if token in closers:
            expected.append(closers[str(token)])
        elif token in closers.values():
            expected.pop()
    return expected[-1] if expected else "$"


def next_in_text(prefix: Tokens) -> Atom:
    """What most often follows the last two characters in auto_text.txt, or else the last one."""
    text = " ".join((resources.files("programs") / "auto_text.txt").read_text(encoding="utf-8").split()) + " "
    for context in ("".join(map(str, [" ", *prefix][-2:])), str(prefix[-1])):
        found = [end for end in range(len(text)) if (text + text)[: len(text) + end].endswith(context)]
        if found:
            counts = Counter(text[end] for end in found)
            return max(counts, key=lambda character: counts[character])
    raise AssertionError(f"{prefix[-1]} is not in the text")


def valid_brackets(rng: random.Random, setting: Setting) -> Tokens:
    """A prefix of a balanced sequence."""
    tokens = mostly_balanced(rng, setting)
    while "F" in map(ptf, prefixes(tokens)):
        tokens = tokens[:-1]
    return [token for token in tokens if token != "$"] or ["("]


def runs_of_tokens(rng: random.Random, setting: Setting) -> Tokens:
    """Tokens that often are repeated at once."""
    tokens: Tokens = []
    for _ in range(some_length(rng, setting)):
        tokens.append(tokens[-1] if tokens and rng.random() < 0.7 else rng.choice(setting.vocab))
    return tokens


def words_of_a_text(rng: random.Random, setting: Setting) -> Tokens:
    """Letters, and every fourth time a blank."""
    letters = [token for token in setting.vocab if token != " "]
    return [" " if rng.random() < 0.25 else rng.choice(letters) for _ in range(some_length(rng, setting))]


def with_blanks(rng: random.Random, setting: Setting) -> Tokens:
    """Any tokens, half of them replaced by "_"."""
    return [token if rng.random() < 0.5 else "_" for token in any_tokens(rng, setting)]


def nearly_anbncn(rng: random.Random, setting: Setting) -> Tokens:
    """As many "a" as "b" as "c"; half of the time two tokens are exchanged or one is replaced."""
    third = rng.randint(1, setting.max_length // 3)
    tokens: Tokens = [*"a" * third, *"b" * third, *"c" * third]
    one, other = rng.randrange(len(tokens)), rng.randrange(len(tokens))
    kind = rng.randrange(4)
    if kind == 0:
        tokens[one], tokens[other] = tokens[other], tokens[one]
    elif kind == 1:
        tokens[one] = rng.choice(setting.vocab)
    return tokens


def many_ones(rng: random.Random, setting: Setting) -> Tokens:
    """A binary number that often ends with many ones."""
    length = some_length(rng, setting)
    ones = rng.randint(0, length)
    return rng.choices(setting.vocab, k=length - ones) + [setting.vocab[-1]] * ones


def steps_of_a_stack(rng: random.Random, setting: Setting) -> Tokens:
    """Letters that are put on a stack, and "-" where there is something to take off."""
    letters = [token for token in setting.vocab if token != "-"]
    tokens: Tokens = []
    depth = 0
    for _ in range(some_length(rng, setting)):
        takes = depth > 0 and rng.random() < 0.5
        tokens.append("-" if takes else rng.choice(letters))
        depth += -1 if takes else 1
    return tokens


def a_machine(rng: random.Random, setting: Setting) -> Tokens:
    """Cells of which most are addresses of others."""
    length = some_length(rng, setting)
    addresses = [token for token in setting.vocab if -1 <= number(token) < length]
    return [rng.choice(addresses if rng.random() < 0.7 else setting.vocab) for _ in range(length)]


def setting(vocab: Sequence[Atom], max_length: int) -> Setting:
    return Setting(tuple(vocab), max_length)


BRACKETS, BRACKETS_AND_MORE = setting("()[]", 5), setting("()[]abcdef", 16)


def letters(name: str, oracle: Oracle, small: str = "abc", large: str = "abcdefghij") -> Case:
    return Case(name, oracle, setting(small, 6), setting(large, 16), any_tokens)


def numbers(name: str, oracle: Oracle) -> Case:
    return Case(name, oracle, setting(range(4), 5), setting(range(10), 16), any_tokens)


ALPHABET = "abcdefghijklmnopqrstuvwxyz"


def ordinary(
    name: str,
    oracle: Oracle,
    small: Setting,
    large: Sequence[Atom] = ALPHABET,
    sample: Sampler = any_tokens,
    valid: Callable[[Tokens], bool] = lambda tokens: True,
    closed: bool = False,
) -> Case:
    """A program that is tried at 32 positions."""
    return Case(name, oracle, small, setting(large, 32), sample, valid=valid, closed=closed)


ABC, BITS, DIGITS, NUMBERS = setting("abc", 4), setting("01", 6), setting(range(4), 4), range(26)

ORDINARY = [
    ordinary("swap_neighbours", oracles.neighbours_swapped, ABC),
    ordinary("rotate", lambda tokens: [*tokens[-1:], *tokens[:-1]], ABC),
    ordinary("dedupe", oracles.distinct, ABC),
    ordinary("slide_blanks", oracles.blanks_last, setting("ab_", 4), ALPHABET[:25] + "_", with_blanks),
    ordinary("fill_blanks", oracles.blanks_filled, setting("ab_", 4), ALPHABET[:25] + "_", with_blanks),
    ordinary(
        "reverse_words", oracles.words_reversed, setting("ab ", 4), ALPHABET[:25] + " ", words_of_a_text
    ),
    ordinary("sort_pairs", oracles.pairs_sorted, DIGITS, NUMBERS),
    ordinary("first_occurrences", each_prefix(oracles.is_new), ABC),
    ordinary("nth_occurrence", each_prefix(lambda prefix: prefix.count(prefix[-1])), ABC),
    ordinary("previous_same", each_prefix(lambda prefix: oracles.last_place(prefix[-1], prefix[:-1])), ABC),
    ordinary("distance_to_last_a", each_prefix(oracles.back_to_last_a), ABC),
    ordinary("run_starts", each_prefix(oracles.starts_run), ABC, sample=runs_of_tokens),
    ordinary("position_in_run", oracles.places_in_runs, ABC, sample=runs_of_tokens),
    ordinary("longest_run", everywhere(lambda t: max(oracles.run_lengths(t))), ABC, sample=runs_of_tokens),
    ordinary("word_frequencies", oracles.counts_of_words, setting(["the", "a", "cat"], 4)),
    ordinary("most_frequent_first", everywhere(oracles.mode), ABC),
    ordinary("bigram_counts", oracles.counts_of_bigrams, ABC),
    ordinary("peaks", oracles.larger_than_neighbours, DIGITS, NUMBERS),
    ordinary("running_maximum", each_prefix(lambda prefix: max(map(number, prefix))), DIGITS, NUMBERS),
    ordinary("median", everywhere(lambda t: sorted(t, key=comparable)[(len(t) - 1) // 2]), DIGITS, NUMBERS),
    ordinary("sum_mod_7", everywhere(lambda tokens: sum(map(number, tokens)) % 7), DIGITS, NUMBERS),
    ordinary("anbncn", everywhere(oracles.is_anbncn), setting("abc", 6), sample=nearly_anbncn),
    ordinary("binary_increment", oracles.incremented, BITS, "01", many_ones, closed=True),
    ordinary("gray_code", oracles.to_gray, setting([0, 1], 6), [0, 1], closed=True),
    ordinary("gray_decode", oracles.from_gray, setting([0, 1], 6), [0, 1], closed=True),
    ordinary("fizzbuzz", each_token(oracles.fizzed), setting(range(16), 2), range(31)),
    ordinary(
        "title_case", oracles.in_title_case, setting("ab ", 4), ALPHABET + " ", words_of_a_text, closed=True
    ),
    ordinary(
        "count_words",
        everywhere(lambda tokens: len("".join(map(str, tokens)).split())),
        setting("ab ", 4),
        ALPHABET[:25] + " ",
        words_of_a_text,
    ),
    ordinary(
        "greatest_depth",
        everywhere(oracles.depth_reached),
        setting("()", 6),
        "()abcdefgh",
        mostly_balanced,
    ),
    ordinary(
        "matching_bracket",
        oracles.partners,
        setting("()a", 5),
        "()abcdefgh",
        valid_brackets,
        valid=lambda tokens: "F" not in map(ptf, prefixes(tokens)),
    ),
    ordinary(
        "stack_top",
        each_prefix(oracles.top_of_stack),
        setting("ab-", 5),
        ALPHABET[:25] + "-",
        steps_of_a_stack,
        valid=lambda tokens: oracles.stack_after(tokens) is not None,
    ),
    ordinary("subleq_step", oracles.subleq, setting(range(-1, 4), 4), range(-32, 32), a_machine, closed=True),
    ordinary("rule110", oracles.next_by_rule_110, setting([0, 1], 6), [0, 1], closed=True),
    ordinary("maze_step", oracles.flooded, setting("~.#", 6), "~.#", closed=True),
]
"""The programs that a newcomer would write, with the oracles of `program_oracles`."""

CASES = [
    letters("identity", list),
    letters("first", everywhere(lambda tokens: tokens[0])),
    letters("length", everywhere(len)),
    letters("reverse", lambda tokens: tokens[::-1]),
    letters("shift_right", lambda tokens: ["_", *tokens[:-1]]),
    letters("count_a", everywhere(lambda tokens: tokens.count("a"))),
    letters("frac_prevs", each_prefix(lambda t: Fraction(t.count("x"), len(t))), "abx", "xabcdefghi"),
    letters("hist", each_token(lambda token, tokens: tokens.count(token))),
    letters(
        "hist2",
        each_token(lambda token, tokens: [*Counter(tokens).values()].count(tokens.count(token))),
    ),
    letters("majority", everywhere(lambda t: t.count("1") > t.count("0")), "01", "0123456789"),
    letters("detect_abc", each_prefix(lambda prefix: int(prefix[-3:] == ["a", "b", "c"]))),
    letters("caesar", each_token(next_letter), "xyz", "abcdefghijklmnopqrstuvwxyz"),
    numbers(
        "rank", each_token(lambda token, tokens: 1 + sum(map(number(token).__gt__, map(number, tokens))))
    ),
    numbers("maximum", everywhere(lambda tokens: max(tokens, key=comparable))),
    letters("running_count", each_prefix(lambda prefix: prefix.count("l")), "elo", "hijklmnopq"),
    Case(
        "palindrome",
        everywhere(lambda tokens: tokens == tokens[::-1]),
        setting("abc", 6),
        setting("abcdefghij", 16),
        mirrored_tokens,
    ),
    numbers("windowed_sum", window),
    Case(
        "sort_unique",
        lambda tokens: sorted(tokens, key=comparable),
        setting(range(4), 5),
        setting(range(-3, 14), 16),
        distinct_tokens,
        valid=lambda tokens: len(set(tokens)) == len(tokens),
    ),
    numbers("sort", lambda tokens: sorted(tokens, key=comparable)),
    letters("count_less_freq", everywhere(lambda t: sum(t.count(token) <= 2 for token in t))),
    letters("sort_freq", by_frequency),
    letters("most_freq", most_frequent),
    Case("dyck1_ptf", each_prefix(ptf_of_one_kind), setting("()", 9), BRACKETS_AND_MORE, mostly_balanced),
    Case("shuffle_dyck2", everywhere(shuffle_balanced), BRACKETS, BRACKETS_AND_MORE, mostly_balanced),
    Case("dyck2_ptf", each_prefix(ptf), BRACKETS, BRACKETS_AND_MORE, mostly_balanced),
    letters("parity", everywhere(lambda tokens: tokens.count("1") % 2), "01", "0123456789"),
    Case(
        "addition",
        added,
        setting("059+", 5),
        setting("0123456789+", 16),
        a_sum,
        valid=lambda tokens: re.fullmatch(r"\d+\+\d+", "".join(map(str, tokens))) is not None,
        closed=True,
    ),
    letters(
        "aab_next",
        each_prefix(lambda prefix: "b" if ["a", *prefix][-2:] == ["a", "a"] else "a"),
        "ab",
        "abcdefghij",
    ),
    Case(
        "auto_reverse",
        each_prefix(after_dollar),
        setting("ab$", 6),
        setting("abcdefghi$", 16),
        a_reversal,
        causal=True,
        valid=lambda tokens: tokens.count("$") <= 1,
    ),
    Case(
        "auto_addition",
        each_prefix(next_digit),
        setting("09+=", 5),
        setting("0123456789+=$", 16),
        an_addition_prompt,
        causal=True,
        valid=lambda tokens: re.fullmatch(r"(\d)\+\d=|(\d\d)\+\d\d=", "".join(map(str, tokens))) is not None,
        closed=True,
    ),
    Case(
        "auto_count",
        each_prefix(lambda prefix: number(prefix[-1]) + (number(prefix[-1]) < number(prefix[0]))),
        setting(range(4), 5),
        setting(range(10), 16),
        any_tokens,
        causal=True,
    ),
    Case(
        "auto_induction",
        each_prefix(after_last_copy),
        setting("ab_", 6),
        setting("abcdefghi_", 16),
        any_tokens,
        causal=True,
    ),
    Case(
        "auto_dyck",
        each_prefix(closing_bracket),
        setting("()[]$", 4),
        setting("()[]abcde$", 16),
        valid_brackets,
        causal=True,
        valid=lambda tokens: "$" not in tokens and "F" not in map(ptf, prefixes(tokens)),
    ),
    Case(
        "auto_subleq",
        each_prefix(next_of_trace),
        setting(range(-1, 4), 5),
        setting([*range(-3, 20), 512], 20),
        a_trace,
        causal=True,
    ),
    Case(
        "auto_text",
        each_prefix(next_in_text),
        setting("tre .", 5),
        setting(" .abcdefghilmnoprstuw", 32),
        any_tokens,
        causal=True,
    ),
    *ORDINARY,
]
