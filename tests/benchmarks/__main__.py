"""`python -m tests.benchmarks`: the one command that measures everything."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click
from rich.console import Console

from tests.benchmarks import felt, machine, report
from tests.benchmarks.comparison import Plan, rows
from tests.benchmarks.tasks import TASKS

SIZES = "5x5,8x8,10x10,26x32"


def parse_sizes(_context: click.Context, _option: click.Parameter, text: str) -> list[tuple[int, int]]:
    """ "5x5,26x32" as pairs of vocabulary and length."""
    try:
        sizes = [(int(v), int(n)) for v, n in (size.split("x") for size in text.split(","))]
    except ValueError:
        raise click.BadParameter(f"{text!r} is no list of sizes like {SIZES}") from None
    if any(not 2 <= v <= 26 or n < 1 for v, n in sizes):
        raise click.BadParameter("a vocabulary has 2 to 26 tokens, and a length is at least 1")
    return sizes


@click.command()
@click.option("--programs", default=",".join(TASKS), help="Programs to measure, separated by commas.")
@click.option(
    "--sizes",
    default=SIZES,
    show_default=True,
    callback=parse_sizes,
    help="Vocabulary and maximum length of each comparison (bracket programs have their own vocabularies).",
)
@click.option("--long/--no-long", default=True, help="Also lengths of 512 and 2048, this compiler only.")
@click.option("--tracr/--no-tracr", default=True, help="Measure Tracr too.")
@click.option(
    "--tracr-python",
    default=sys.executable,
    help="The Python that has Tracr (pip install tracr-pypi), if it is not this one: it runs in a process of "
    "its own, so its JAX and Haiku need not fit this project's.",
)
@click.option("--limit", default=60.0, show_default=True, help="Seconds for one program at one size.")
@click.option("--json", "as_json", is_flag=True, help="Print everything measured as JSON.")
@click.option("--plot", type=click.Path(path_type=Path), help="Draw size and time against N (extra [plot]).")
def main(
    programs: str,
    sizes: list[tuple[int, int]],
    long: bool,
    tracr: bool,
    tracr_python: str,
    limit: float,
    as_json: bool,
    plot: Path | None,
) -> None:
    """Measure this compiler and Tracr side by side, in one run.

    Compile times are those of a process that has compiled another program before; "again" is the same
    program compiled once more, when JAX has met all the shapes. Answers are compared with the reference
    meaning on 50 random inputs; numbers of Tracr's may be off by half a percent, as in its own tests.
    Parameters count every stored entry, unembedding included (Tracr's is code and counts for nothing).
    Speed is that of the jitted forward pass over inputs of the greatest length (long ones in smaller
    batches, that fit into memory), the fastest of many calls. Its matrix products are compared with what
    one plain float32 matrix product reaches on the same machine.
    """
    names = programs.split(",")
    if unknown := [name for name in names if name not in TASKS]:
        raise click.BadParameter(f"no such program: {', '.join(unknown)}; there are {', '.join(TASKS)}")
    plan = Plan(names, sizes, long, tracr_python if tracr else None, limit)
    console = Console(stderr=True)
    measured = []
    here = machine.description()
    for row in rows(plan):
        measured.append(row)
        console.print(*report.cells(row, here), highlight=False)
    # What the machine can do is the most that it was seen to do: at other times others had a share of it.
    here["product_flops"] = max(here["product_flops"], machine.product_speed())
    at_hand = felt.measured()
    if as_json:
        print(json.dumps({"machine": here, "rows": measured, "felt": at_hand}, indent=1))
    else:
        Console(width=None if sys.stdout.isatty() else 230).print(report.table(measured, here))
        print("\n".join([*report.summary(measured, here), *felt.summary(at_hand)]))
    if plot is not None:
        report.plot(measured, plot)


if __name__ == "__main__":
    main()
