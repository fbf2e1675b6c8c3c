"""The checker alone: `python -m compiler.rechecking DIR` proves a saved model, or says what it cannot show.

Exits with 0 if all is proved, with 1 if not, with 2 if there is no model. `--steps` shows every bound.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from compiler.rechecking.proof import prove
from compiler.rechecking.saved import read
from rasp.errors import RaspError

USAGE = "usage: python -m compiler.rechecking [--steps] DIR"


def main(arguments: Sequence[str]) -> int:
    folders = [argument for argument in arguments if argument != "--steps"]
    if len(folders) != 1:
        print(USAGE, file=sys.stderr)
        return 2
    try:
        saved = read(Path(folders[0]))
    except RaspError as error:
        print(error.message, file=sys.stderr)
        return 2
    proved = prove(saved)
    print(proved if "--steps" in arguments else proved.summary())
    if proved.needs is not None and "--steps" not in arguments:
        print(proved.needed)
    return 0 if proved.ok else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
