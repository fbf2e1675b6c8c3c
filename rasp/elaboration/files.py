"""Files within files: what `load` does."""

from __future__ import annotations

from pathlib import Path

from rasp.elaboration.library import file_scope
from rasp.elaboration.loader import Loader
from rasp.elaboration.scope import Scope
from rasp.elaboration.statements import Event, Failed, Loaded, Statements, leaves
from rasp.errors import CallSite, LoadError, RaspError
from rasp.syntax import tree
from rasp.syntax.parser import read_statements
from rasp.syntax.tree import Statement


class Elaborator(Statements):
    """One run of a program or dialogue, with the files that it loads."""

    def __init__(
        self,
        *,
        loader: Loader | None = None,
        skip_mistakes: bool = False,
        main_file: Path | None = None,
    ) -> None:
        """`skip_mistakes`: whether a loaded file goes on after a statement that fails."""
        super().__init__()
        self.loader = loader or Loader(Path())
        self.skip_mistakes = skip_mistakes
        self.loading: tuple[Path, ...] = (main_file,) if main_file else ()
        """The files being run, outermost first."""

    def load(self, statement: tree.Load, scope: Scope) -> Loaded:
        """Run a file in a fresh scope; its public names are assigned here as well."""
        try:
            path = self.loader.find(statement.name, self.loading)
            text = Loader.read(path)
        except LoadError as error:
            error.locate(statement.span, self.site)
            raise
        outside = (self.site, self.loading)
        self.site = CallSite(f"{path.name}", statement.span, self.site, verb="loaded")
        self.loading = (*self.loading, path)
        try:
            return self.run_file(statement.name, text, self.loader.shown(path), scope)
        finally:
            self.site, self.loading = outside

    def run_file(self, name: str, text: str, file: str, scope: Scope) -> Loaded:
        """Run a file's text; `name` is what its functions call their origin, `file` how messages call it."""
        outside = (self.origin, self.library)
        self.origin, self.library = name, False
        inner = file_scope(exports=scope)
        outcomes: list[tuple[Event, ...]] = []
        try:
            for item in read_statements(text, file):
                events = self._guarded(item, inner)
                outcomes.append(tuple(events))
                if leaves(events):
                    break
        finally:
            self.origin, self.library = outside
        return Loaded(name, tuple(outcomes))

    def _guarded(self, item: Statement | RaspError, scope: Scope) -> list[Event]:
        """Carry out a statement of a file; where mistakes are skipped, tell of it instead of raising."""
        try:
            if isinstance(item, RaspError):
                item.locate(None, self.site)
                raise item
            return self.execute(item, scope)
        except RaspError as error:
            if not self.skip_mistakes:
                raise
            return [Failed(error)]
