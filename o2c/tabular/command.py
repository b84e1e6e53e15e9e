"""What every `manage.py import_...` does: a file in, counts and errors out, exit 1 if refused."""

import sys
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from o2c.core.actors import SystemActor
from o2c.tabular.imports import ImportResult
from o2c.tabular.reading import MAX_BYTES


class ImportCommand(BaseCommand, ABC):
    """Subclasses say what else they ask for (`add_kind`) and run the import (`run_import`)."""

    requires_migrations_checks = True
    #: Shown as the author in history: system:<job>.
    job = "import"
    max_bytes = MAX_BYTES

    def add_kind(self, parser: CommandParser) -> None:
        """Add the arguments before FILE."""

    @abstractmethod
    def run_import(
        self, file_name: str, data: bytes, *, dry_run: bool, actor: SystemActor, **options: Any
    ) -> ImportResult:
        """Import data; `options` are what `add_kind` asked for."""

    def add_arguments(self, parser: CommandParser) -> None:
        self.add_kind(parser)
        parser.add_argument("file", help="the file to import")
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would happen, store nothing"
        )
        parser.add_argument("--json", action="store_true", help="print the outcome as JSON")

    def handle(self, *args: Any, file: str, dry_run: bool, json: bool, **options: Any) -> None:
        path = Path(file)
        result = self.run_import(
            path.name,
            self._content(path),
            dry_run=dry_run,
            actor=SystemActor(self.job),
            **options,
        )
        if json:
            self.stdout.write(result.as_json())
        else:
            self._print(result)
        if result.refused:
            sys.exit(1)

    def _content(self, path: Path) -> bytes:
        try:
            with path.open("rb") as file:
                return file.read(self.max_bytes + 1)  # one more, so that the reader can refuse it
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from error

    def _print(self, result: ImportResult) -> None:
        for error in result.shown_errors:
            self.stderr.write(str(error))
        if result.hidden_errors:
            self.stderr.write(f"... and {result.hidden_errors} more")
        for note in result.notes:
            self.stdout.write(note)
        for name, amount in result.sums.items():
            self.stdout.write(f"sum of {name}: {amount:f}")
        self.stdout.write(result.summary)
