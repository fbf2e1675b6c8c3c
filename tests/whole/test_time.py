"""How long compiling takes, and how much memory: little programs are compiled, or refused, in seconds."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import compiler
import rasp
from rasp.errors import CompileError

SECONDS, MEGABYTES = 10, 1_000
"""What no program of fewer than 100 lines takes more of, the start of Python counted in."""

WORDS = tuple(f"w{number:04}" for number in range(2_000))
MEASURED = """
import json, resource, sys
import compiler, rasp
source, vocab, length = json.loads(sys.stdin.read())
try:
    compiler.compile(rasp.parse(source).main, vocab=vocab, max_length=length)
except rasp.CompileError as error:
    print(error.message)
used = resource.getrusage(resource.RUSAGE_SELF)
status = open("/proc/self/status").read()  # getrusage also counts the process that this one was forked from
print(used.ru_utime + used.ru_stime, int(status.partition("VmHWM:")[2].split()[0]) // 1024)
"""

Case = tuple[str, tuple[object, ...], int]


def exclusive_or(name: str, order: list[int]) -> str:
    steps = [f"{name}0 = a{order[0]};"]
    for number, each in enumerate(order[1:]):
        before = f"{name}{number}"
        steps.append(f"{name}{number + 1} = ({before} and (not a{each})) or ((not {before}) and a{each});")
    return "\n".join(steps) + "\n"


def two_orders(count: int, reads: int, tight: bool = True) -> Case:
    """Two exclusive ors of the same selectors in opposite orders, of which one is and the other is not."""
    text = "tokens = tokens_asis;\n"
    text += "".join(f"a{i} = select(tokens + {i}, indices * {i + 2}, <);\n" for i in range(count))
    text += exclusive_or("s", list(range(count))) + exclusive_or("t", list(range(count))[::-1])
    last = count - 1
    text += (
        f"u = s{last} and (not t{last});\n" if tight else f"u = s{last} and not t{last} or a0 and not a1;\n"
    )
    reading = " + ".join(f"aggregate(u, indices * {i + 1}, 0)" for i in range(reads))
    return f"{text}x = {reading};", (0, 1, 2), 5


def long_sum(steps: int, length: int) -> Case:
    numbers = ", ".join(map(str, range(steps)))
    return f"x = 0; for i in [{numbers}] {{ x = x + (indices == i); }} x = x;", ("a", "b"), length


def fractions(steps: int, length: int) -> Case:
    return "x = indices;\n" + "x = x / 7 + 1 / (indices + 3);\n" * steps, ("a", "b"), length


def orders(count: int, joined: str) -> Case:
    each = (f'(tokens < "{WORDS[i * 150]}")' for i in range(1, count + 1))
    return f"x = {joined.join(each)};", WORDS, 8


def counts_by_order(count: int) -> Case:
    reads = (f"selector_width(select(tokens, tokens, <) and select(indices, {i}, ==))" for i in range(count))
    return f"x = {' + '.join(reads)};", WORDS, 16


def steps(count: int, first: str, step: str, vocab: int, length: int) -> Case:
    """A program whose lines build on one another; `{i}` is the number of a line."""
    lines = [step.replace("{i}", str(i)).replace("{other}", ("min", "max")[i % 2]) for i in range(count)]
    return "\n".join(["tokens = tokens_asis;", first, *lines, "x = x;"]), tuple(range(vocab)), length


COUNTS = "c = selector_width(select(tokens, tokens, ==)); d = selector_width(select(tokens, 1, ==)); x = 0;"
STEPS: dict[str, tuple[str, str, int, int]] = {
    "selectors doubled": (
        "s = select(tokens, tokens, ==);",
        "s = s and select(tokens, {i} % 5, ==) or not s and select(indices, {i}, <); x = selector_width(s);",
        5,
        20,
    ),
    "means of means": ("x = tokens;", "x = aggregate(select(indices, indices, <=), x);", 3, 16),
    "means rounded": ("x = tokens;", "x = round(10 * aggregate(select(indices, indices, <=), x));", 3, 16),
    "counts of counts": ("x = tokens;", "x = selector_width(select(x, x, ==));", 4, 64),
    "products": ("x = tokens;", "x = x * (tokens + indices) + 1;", 3, 8),
    "squares": ("x = tokens + 2;", "x = x * x;", 3, 8),
    "squares of remainders": ("x = tokens + indices;", "x = (x * x + indices) % 10007;", 30, 64),
    "choices": (COUNTS, "x = c + {i} if d * {i} < c + x else x - d;", 4, 32),
    "largest of smallest": (COUNTS, "x = {other}(x + c * {i}, {i} - x);", 4, 32),
    "exclusive or of truths": (
        "x = tokens == 0;",
        "x = x != (aggregate(select(indices, {i}, ==), tokens, 0) == 1);",
        3,
        100,
    ),
    "reads of reads": ("x = tokens;", "x = aggregate(select(indices, x, ==), tokens, 0) + x;", 8, 8),
}
"""Lines that build on one another: the first, each further one, the size of the vocabulary, the length."""

ALONE: dict[str, Case] = {
    "a power": ("x = indices ^ 100000;", ("a", "b"), 512),
    "a tower of powers": ("x = 2 ^ (2 ^ indices);", ("a", "b"), 64),
    "20,000 words in order": (
        "x = selector_width(select(tokens, tokens, <));",
        tuple(f"w{i:05}" for i in range(20_000)),
        64,
    ),
    "20,000 numbers times 64": ("tokens = tokens_asis; x = tokens * indices;", tuple(range(20_000)), 64),
    "counts so far, of 5,000": (
        "x = selector_width(select(tokens, tokens, ==) and select(indices, indices, <=));",
        ("a", "b"),
        5_000,
    ),
    "remainders of products": ("x = indices * length % 977;", ("a", "b"), 4_000),
    "two means multiplied": (
        "y = aggregate(select(indices, indices, <=), tokens_int); x = y * aggregate(full_s, tokens_int);",
        tuple("0123456789"),
        32,
    ),
}

FAMILIES: dict[str, Case] = {
    **{f"{name}, {n}": steps(n, *parts) for name, parts in STEPS.items() for n in (12, 40, 90)},
    **ALONE,
    **{f"two orders of {n}, {r} reads": two_orders(n, r) for n in (6, 10, 14, 20, 26) for r in (1, 3)},
    **{f"loose orders of {n}": two_orders(n, 2, tight=False) for n in (4, 6, 8, 12, 20)},
    **{f"a sum of {n} steps at {m}": long_sum(n, m) for n in (100, 1_000, 3_000) for m in (8, 512, 4_096)},
    **{f"fractions, {n} steps at {m}": fractions(n, m) for n in (3, 8, 15, 60) for m in (4, 8, 16, 64)},
    **{f"{n} words joined by{j}": orders(n, j) for n in (5, 10, 13) for j in (" and ", " or ", " + ")},
    **{f"{n} counts by order": counts_by_order(n) for n in (1, 5, 10, 16)},
}


def measured(case: Case) -> tuple[float, int]:
    """The seconds and the megabytes that compiling takes, or refusing."""
    root = Path(compiler.__file__).parents[1]
    given = json.dumps(case)
    ran = subprocess.run(
        [sys.executable, "-c", MEASURED], input=given, cwd=root, capture_output=True, text=True, check=True
    )
    seconds, megabytes = ran.stdout.splitlines()[-1].split()
    return float(seconds), int(megabytes)


LINUX = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the memory is read from /proc")


@LINUX
@pytest.mark.by_hand
@pytest.mark.parametrize("name", FAMILIES)
def test_families_of_programs(name: str) -> None:
    seconds, megabytes = measured(FAMILIES[name])
    print(f"{name}: {seconds:.1f} s, {megabytes} MB")
    assert seconds < SECONDS
    assert megabytes < MEGABYTES


@LINUX
@pytest.mark.slow
def test_the_longest_that_were_found() -> None:
    for case in (two_orders(10, 3), long_sum(3_000, 8), fractions(15, 8), FAMILIES["products, 90"]):
        seconds, megabytes = measured(case)
        assert seconds < SECONDS
        assert megabytes < MEGABYTES


def test_too_long_a_sum_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each step of it adds up one s-op more, so the parts of all of them grow with the square."""
    monkeypatch.setattr("compiler.values.inference.MAX_SUMMANDS", 1_000)
    source, _, length = long_sum(60, 100)
    with pytest.raises(CompileError, match=r"x adds up 4\d s-ops") as refused:
        compiler.compile(rasp.parse(source).main, vocab="ab", max_length=length)
    assert refused.value.span is not None
    assert "count" in (refused.value.hint or "")


@pytest.mark.parametrize(
    "source",
    ["indices * indices", "length * length", "indices * indices * indices", "indices * indices - indices"],
)
def test_the_same_operand_twice_is_one_operand(source: str) -> None:
    """As long as the square is small enough to be told apart, not only its combinations with itself."""
    sop = rasp.parse(f"x = {source};").main
    model = compiler.compile(sop, vocab="ab", max_length=1_000)
    assert compiler.recheck(model).problem is None
    for length in (1, 2, 77, 1_000):
        assert model("a" * length) == sop("a" * length)
