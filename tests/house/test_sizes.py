"""No model grows unnoticed: parameters of many programs, against tests/golden/sizes.txt.

After a change on purpose, `RASP_UPDATE_GOLDEN=1 pytest tests/house/test_sizes.py` writes the file anew: read
the difference before committing it.
"""

from __future__ import annotations

import os

from tests.support.complaints import SIZES, measured_sizes, recorded_sizes


def test_no_model_is_larger_than_recorded() -> None:
    measured = measured_sizes()
    if os.environ.get("RASP_UPDATE_GOLDEN"):
        SIZES.write_text("".join(f"{size} {name}\n" for name, size in measured.items()))
    recorded = recorded_sizes()
    assert measured.keys() == recorded.keys()
    assert all(size for name, size in measured.items() if recorded[name])
    grown = {name: (size, recorded[name]) for name, size in measured.items() if size > recorded[name] > 0}
    assert not grown, f"more parameters than recorded: {grown}"


def test_hardly_any_is_refused() -> None:
    assert sum(not size for size in recorded_sizes().values()) <= 5
