"""manage.py import_statement FILE [--account CODE] [--reinstate] [--dry-run] [--json]"""

from typing import Any

from django.core.management.base import CommandParser

from o2c.core.actors import SystemActor
from o2c.tabular.command import ImportCommand
from o2c.tabular.imports import ImportResult
from reconciliation.commands import import_statement


class Command(ImportCommand):
    help = (
        "Import the statements of a camt.053 or MT940 file into our accounts, whole or not at all. "
        "The file says whose they are; --json prints one object for each of them."
    )
    job = "import_statement"

    def add_kind(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--account", default="", help="code of the bank account it must be about"
        )
        parser.add_argument(
            "--reinstate",
            action="store_true",
            help="let a statement that was replaced take the place of its correction again",
        )

    def run_import(
        self, file_name: str, data: bytes, *, dry_run: bool, actor: SystemActor, **options: Any
    ) -> ImportResult:
        return import_statement(
            options["account"],
            file_name,
            data,
            dry_run=dry_run,
            reinstate=options["reinstate"],
            actor=actor,
        )
