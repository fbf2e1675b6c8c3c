"""Files within files: what `load` does."""

from __future__ import annotations

from pathlib import Path

from rasp.elaboration.files import Elaborator
from rasp.elaboration.library import file_scope
from rasp.elaboration.loader import Loader
from rasp.elaboration.statements import Loaded


def test_public_names_come_along(tmp_path: Path) -> None:
    """What begins with an underscore is the file's own; a mistake is skipped where that is asked for."""
    (tmp_path / "lib.rasp").write_text("_own = 1; shared = _own + 1; wrong = nothing; last = 3;")
    scope = file_scope()
    loaded = Elaborator(loader=Loader(tmp_path), skip_mistakes=True).run_file(
        "main", 'load "lib";', "main", scope
    )
    assert scope.names == {"shared": 2, "last": 3}
    [[inner]] = loaded.outcomes
    assert isinstance(inner, Loaded)
    assert inner.failed
